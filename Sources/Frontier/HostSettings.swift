/// What a user wants of a host, whatever tasks ask it; nil: what the tasks say.
package struct HostSettings: Sendable, Equatable {
  /// Microseconds from request to request; a longer Crawl-delay counts all the same.
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
  /// Effective at once, in memory or not. What was fetched above a budget stays.
  package func set(_ settings: HostSettings, hostID: Int64) {
    hostSettings[hostID] = settings == HostSettings() ? nil : settings
    if let host = hosts[hostID] { configureClock(host) }
  }

  package func settings(ofHost hostID: Int64) -> HostSettings { hostSettings[hostID] ?? HostSettings() }

  /// Whether a host has a budget of its own: then tasks count what they take.
  package var hasHostBudgets: Bool { hostSettings.values.contains { $0.budget != nil } }

  func hostBudget(_ hostID: Int64, _ task: FrontierTask) -> Int? {
    if !hostSettings.isEmpty, let budget = hostSettings[hostID]?.budget { return budget }
    return task.settings.hostBudget
  }

  /// Whether nothing can follow this entry, which is being fetched, on its host: no other URL waits there or is in
  /// flight, and its page will add none, since its links are too deep or the host's budget is used up. Its own redirects
  /// and further tries may follow all the same. O(1).
  package func isLastOfHost(_ entry: FrontierEntry) -> Bool {
    guard entry.kind == .url, entry.sitemapLevel == nil, let host = hosts[entry.hostID], host.queues.count == 1,
      let queue = host.queue(of: entry.taskID), queue.hasNothing(but: entry.id)
    else { return false }
    if let maxDepth = queue.task.settings.maxDepth, entry.depth >= maxDepth { return true }
    return hostBudget(host.id, queue.task).map { queue.task.hostBudgetUsed[host.id]?.accepted ?? 0 >= $0 } ?? false
  }
}
