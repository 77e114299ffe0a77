/// What a user wants of a host, whatever tasks ask it; nil: what the tasks say.
package struct HostSettings: Sendable, Equatable {
  /// From the start of a fetch to the start of the next, in microseconds; a longer Crawl-delay counts all the same.
  package var delay: Int64?
  /// Fetches at once.
  package var concurrency: Int?
  /// URLs that each task may take there.
  package var budget: Int?

  package init(delay: Int64? = nil, concurrency: Int? = nil, budget: Int? = nil) {
    self.delay = delay
    self.concurrency = concurrency
    self.budget = budget
  }
}

extension Frontier {
  /// Effective at once, in memory or not. What was taken above a budget stays.
  package func set(_ settings: HostSettings, hostID: Int64, now: Int64) {
    hostSettings[hostID] = settings == HostSettings() ? nil : settings
    guard let host = hosts[hostID] else { return }
    configureClock(host)
    schedule(host, now: now)
  }

  package func settings(ofHost hostID: Int64) -> HostSettings { hostSettings[hostID] ?? HostSettings() }

  /// Whether a host has a budget of its own: then tasks count what they take.
  package var hasHostBudgets: Bool { hostSettings.values.contains { $0.budget != nil } }

  func hostBudget(_ hostID: Int64, _ task: FrontierTask) -> Int? {
    if !hostSettings.isEmpty, let budget = hostSettings[hostID]?.budget { return budget }
    return task.settings.hostBudget
  }
}
