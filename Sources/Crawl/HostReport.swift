package import Frontier
package import Politeness
internal import Store

/// A host that has work: its clock and queues if it is in memory, and what of it waits for another try.
package struct HostReport: Sendable {
  package var id: Int64
  package var origin: String
  /// nil: it is not in memory, since no URL of it is ready. Times are wall times.
  package var status: Frontier.HostStatus?
  package var taskIDs: [Int64]
  /// URLs that are to be tried again, and when the first of them is, unless its task does not run: microseconds since 1970
  /// UTC.
  package var delayed: Int
  package var nextTryAt: Int64?
  /// Until when it is left alone, and why, if it is not in memory: microseconds since 1970 UTC.
  package var absentBlock: (until: Int64, reason: BlockReason)?
}

extension Crawler {
  /// Hosts that have work, of one task or of all, with larger ids, smallest first. Of URLs that wait for another try those
  /// count that are due first, `Store.delayedHostsLimit` of them.
  /// - Throws: `.store` when the database does not answer in time.
  package func hostReports(task id: Int64?, after: Int64, limit: Int) async throws(CrawlError) -> [HostReport] {
    let delaying = tasks.values.filter { !$0.state.isFinal && $0.counters.delayed > 0 && (id == nil || $0.id == id) }
    var waiting: [Int64: DelayedHost] = [:]
    if !delaying.isEmpty {
      let (ids, trying) = (delaying.map(\.id), delaying.filter { $0.state == .running }.map(\.id))
      for host in try await asked({ try await $0.delayedHosts(taskIDs: ids, trying: trying) }) where host.id > after {
        waiting[host.id] = host
      }
    }
    let offset = wallNow &- now
    let holdEnds = running.mapValues { holdLines($0).holdEnd }
    /// When the first of the tasks that run may start something that may start then; nil when nobody knows.
    func start(_ time: Int64?, of taskIDs: [Int64]) -> Int64? {
      guard let time, let end = taskIDs.compactMap({ holdEnds[$0] }).min(), end != .max else { return nil }
      return isEndless(time) ? nil : max(time, end)
    }
    var reports: [HostReport] = []
    let statuses = frontier.hostStatuses(after: after, limit: limit, task: id, others: Set(waiting.keys), now: now)
    for var status in statuses {
      let delayed = waiting.removeValue(forKey: status.id)
      status.readyTime = start(status.readyTime.map { $0 &+ offset }, of: status.taskIDs)
      status.blockedUntil = status.blockedUntil.map { $0 &+ offset }
      let taskIDs = status.taskIDs + (delayed?.taskIDs ?? []).filter { !status.taskIDs.contains($0) }
      reports.append(
        HostReport(
          id: status.id, origin: status.origin, status: status, taskIDs: taskIDs, delayed: delayed?.count ?? 0,
          nextTryAt: delayed.flatMap { start(nextTry(of: $0), of: $0.taskIDs) }
        ))
    }
    reports += waiting.values.map {
      HostReport(
        id: $0.id, origin: $0.origin, taskIDs: $0.taskIDs, delayed: $0.count,
        nextTryAt: start(nextTry(of: $0), of: $0.taskIDs),
        absentBlock: frontier.blockOfAbsentHost($0.id, now: now).map { ($0.until &+ offset, $0.reason) })
    }
    return Array(reports.sorted { $0.id < $1.id }.prefix(limit))
  }

  /// How many of all tasks, or whether that one, have ready URLs and are not in memory, so that `hostReports` lacks those hosts
  /// of theirs on which no other task has work. O(tasks).
  package func unloadedTasks(_ id: Int64?) -> Int {
    tasks.values.count { task in
      (id == nil || task.id == id) && !task.state.isFinal && task.counters.ready > 0 && !frontier.hasTask(task.id)
    }
  }

  /// When the first of its URLs may be tried again, as its pace is for any of their tasks that run.
  private func nextTry(of host: DelayedHost) -> Int64? {
    let times = host.taskIDs.filter { running[$0] != nil }.map { nextTry(due: host.due, hostID: host.id, taskID: $0) }
    return times.compactMap(\.start).min()
  }
}
