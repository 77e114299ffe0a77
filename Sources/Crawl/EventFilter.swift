internal import Fetch
internal import Frontier

/// Which events somebody wants: those that have every property which is asked for. What is nil is not asked for.
package struct EventFilter: Sendable {
  package var kinds: Set<CrawlEvent.Kind>?
  package var taskIDs: Set<Int64>?
  /// `name`, `name:port` or `scheme://name:port`.
  package var hosts: [String]?
  /// Of fetches.
  package var outcomes: Set<String>?

  package init(
    kinds: Set<CrawlEvent.Kind>? = nil, taskIDs: Set<Int64>? = nil, hosts: [String]? = nil,
    outcomes: Set<String>? = nil
  ) {
    self.kinds = kinds
    self.taskIDs = taskIDs
    self.hosts = hosts
    self.outcomes = outcomes
  }

  package func admits(_ event: CrawlEvent) -> Bool {
    if let kinds, !kinds.contains(event.kind) { return false }
    if let taskIDs, !(event.taskID.map(taskIDs.contains) ?? false) { return false }
    if let hosts {
      guard let host = event.host, hosts.contains(where: { Frontier.means($0, origin: host) }) else { return false }
    }
    if let outcomes {
      guard case .fetch(let fetch) = event.change, outcomes.contains(fetch.outcome) else { return false }
    }
    return true
  }

  /// Whether fetches of the task may be among them: saves making their events.
  func mayAdmitFetches(ofTask id: Int64) -> Bool {
    kinds?.contains(.fetch) != false && taskIDs?.contains(id) != false
  }

  /// The outcomes of fetches, by name.
  package static let allOutcomes = FetchOutcome.allCases.map(\.rawValue)
  /// Those without a good answer.
  package static let errorOutcomes = FetchOutcome.allCases.filter {
    $0 != .ok && $0 != .notModified && $0 != .redirected
  }.map(\.rawValue)
}
