internal import Fetch

/// Which events somebody wants: those that have every property which is asked for. What is nil is not asked for.
package struct EventFilter: Sendable {
  package var kinds: Set<CrawlEvent.Kind>?
  package var taskIDs: Set<Int64>?
  /// `name`, `name:port` or `scheme://name:port`.
  package var hosts: Set<String>?
  /// Of fetches. Then nothing else is admitted, but for `admitsTrouble`.
  package var outcomes: Set<String>?
  /// Whether what else went wrong is admitted beside fetches with one of `outcomes`.
  package var admitsTrouble = false

  package init(
    kinds: Set<CrawlEvent.Kind>? = nil, taskIDs: Set<Int64>? = nil, hosts: Set<String>? = nil,
    outcomes: Set<String>? = nil, admitsTrouble: Bool = false
  ) {
    self.kinds = kinds
    self.taskIDs = taskIDs
    self.hosts = hosts
    self.outcomes = outcomes
    self.admitsTrouble = admitsTrouble
  }

  /// Costs the same however many tasks, hosts and outcomes are asked for.
  package func admits(_ event: CrawlEvent) -> Bool {
    if let kinds, !kinds.contains(event.kind) { return false }
    if let taskIDs, !(event.taskID.map(taskIDs.contains) ?? false) { return false }
    if let hosts {
      guard let origin = event.host, Self.names(hosts, origin) else { return false }
    }
    if let outcomes {
      if case .fetch(let fetch) = event.change { return outcomes.contains(fetch.outcome) }
      return admitsTrouble && event.isTrouble
    }
    return true
  }

  /// Whether one of the places is the host of this origin (always with its port).
  private static func names(_ hosts: Set<String>, _ origin: String) -> Bool {
    if hosts.contains(origin) { return true }
    let authority = String(origin.drop { $0 != "/" }.drop { $0 == "/" })
    if hosts.contains(authority) { return true }
    return authority.lastIndex(of: ":").map { hosts.contains(String(authority[..<$0])) } ?? false
  }

  /// Whether events of a kind that have to do with the task may be among them: saves making them.
  func mayAdmit(_ kind: CrawlEvent.Kind, ofTask id: Int64) -> Bool {
    kinds?.contains(kind) != false && taskIDs?.contains(id) != false
  }

  /// The outcomes of fetches, by name.
  package static let allOutcomes = FetchOutcome.allCases.map(\.rawValue)
  /// Those without a good answer.
  package static let errorOutcomes = FetchOutcome.allCases.filter {
    $0 != .ok && $0 != .notModified && $0 != .redirected
  }.map(\.rawValue)
}
