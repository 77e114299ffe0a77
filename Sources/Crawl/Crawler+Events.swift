internal import Frontier
internal import Store
internal import WebURL

// What happens, told to those who watch. A fetch is told of when its row is committed, a task's change likewise, so
// whoever hears of something can look it up. Without a watch none of this costs more than a look at an empty table.
extension Crawler {
  /// From now on, events that the filter admits are handed to `deliver`, in order, on the loop's thread. It must not wait.
  /// - Returns: the id with which to `unwatch`.
  package func watch(_ filter: EventFilter, _ deliver: @escaping @Sendable (CrawlEvent) -> Void) -> Int64 {
    let id = nextWaiterID
    nextWaiterID += 1
    watches[id] = (filter, deliver)
    return id
  }

  package func unwatch(_ id: Int64) {
    watches[id] = nil
    if watches.isEmpty { unannounced.removeAll() }
  }

  /// Tells of what is on disk, or is to be told at once.
  func announce(_ change: CrawlEvent.Change, host: String? = nil) {
    guard !watches.isEmpty else { return }
    announce(CrawlEvent(at: wallNow, host: host, change: change))
  }

  func announce(_ record: TaskEventRecord, of task: CrawlTask, _ changes: [SettingChange] = []) {
    guard !watches.isEmpty else { return }
    let change = CrawlEvent.Change.task(
      action: record.action, from: record.fromState, to: record.toState, reason: record.reason, actor: record.actor,
      settingsRevision: record.settingsRevision, changes: changes)
    announce(CrawlEvent(at: record.at, taskID: task.id, taskName: task.name, change: change))
  }

  private func announce(_ event: CrawlEvent) {
    for (filter, deliver) in watches.values where filter.admits(event) { deliver(event) }
  }

  /// Keeps the fetches of a visit that was just handed to the store, and the blocks that they led to, until it is committed.
  func announce(_ record: VisitRecord, of entry: FrontierEntry, _ task: CrawlTask) {
    let tellsOfFetches = watches.values.contains { $0.filter.mayAdmit(.fetch, ofTask: task.id) }
    let tellsOfHosts = watches.values.contains { $0.filter.mayAdmit(.host, ofTask: task.id) }
    guard tellsOfFetches || tellsOfHosts && !record.hostUpdates.isEmpty else { return }
    let host = Frontier.origin(of: entry.url)
    var event = CrawlEvent(at: wallNow, taskID: task.id, taskName: task.name, host: host, change: .daemon(""))
    for row in record.fetches where tellsOfFetches {
      event.change = .fetch(
        CrawlEvent.Fetch(
          id: row.id, url: entry.url.href, isRobots: entry.kind == .robots, attempt: row.attempt, outcome: row.outcome,
          status: row.status, error: row.error, redirectTo: row.redirectTo, change: row.change?.rawValue,
          bodyBytes: row.bodyBytes, duration: row.timeTotal))
      unannounced.append((lastSequence, event))
    }
    for update in record.hostUpdates where tellsOfHosts {
      guard let until = update.blockedUntil, until > event.at else { continue }
      event.change = .block(until: until, reason: update.blockReason, actor: "daemon")
      // A robots.txt may have redirected to another one.
      if update.id != entry.hostID { event.host = frontier.origin(ofHost: update.id) }
      unannounced.append((lastSequence, event))
    }
  }

  func announceCommitted(through sequence: Int64) {
    guard !unannounced.isEmpty else { return }
    let count = unannounced.firstIndex { $0.sequence > sequence } ?? unannounced.count
    for (_, event) in unannounced[..<count] { announce(event) }
    unannounced.removeFirst(count)
  }
}
