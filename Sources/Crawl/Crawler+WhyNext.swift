internal import Frontier
internal import Politeness
package import Store
internal import Units

// When the next fetch starts, as far as time decides: when the first of the hosts may be asked, and nothing holds the whole
// task or the daemon up any more.
extension WhyLine {
  /// It holds every fetch up until its time; without one, until something has happened.
  var holding: WhyLine {
    var line = self
    line.holdsUntil = until ?? .max
    return line
  }

  /// A fetch may start at its time; without one, at any moment.
  var starting: WhyLine {
    var line = self
    line.startsAt = until ?? .min
    return line
  }
}

extension [WhyLine] {
  /// Until when all is held up: `.min` when nothing is, `.max` when nobody knows.
  var holdEnd: Int64 { compactMap(\.holdsUntil).max() ?? .min }

  /// When the first fetch may start that is told of: `.min` at any moment, `.max` when none is, or nobody knows.
  var nextStart: Int64 { Swift.max(holdEnd, compactMap(\.startsAt).min() ?? .max) }
}

extension Crawler {
  /// The time to show; nil when it is none, or has come.
  func toCome(_ start: Int64) -> Int64? { start == .max || start <= wallNow || isEndless(start) ? nil : start }

  /// Says that a task is paused before a fetch of it could start; nil when it is not.
  func line(_ task: CrawlTask, endsBefore start: Int64) -> WhyLine? {
    guard start != .max, let end = task.timeQuotaEnd, end < start else { return nil }
    return line("max_time", "no fetch of it may start before its max_time is used up", until: end)
  }

  /// Whether a time is that of a block which a user set without an end.
  func isEndless(_ time: Int64) -> Bool { time &- wallNow > HostClock.maximumBlock / 2 }

  /// What ends only when a user says so has no time.
  func withoutEndlessTimes(_ report: WhyReport) -> WhyReport {
    var report = report
    for index in report.lines.indices {
      guard let until = report.lines[index].until, isEndless(until) else { continue }
      report.lines[index].text += ", until crawlctl unblock"
      report.lines[index].until = nil
    }
    return report
  }

  /// When a URL of a task that runs may be tried again at the earliest that is due then; and what leaves its host alone for
  /// longer, if anything does. Less than a second is none: the two times are told by different clocks.
  func nextTry(due: Int64?, hostID: Int64?, taskID: Int64) -> (start: Int64?, reason: Blocking.Reason?) {
    guard let due, let hostID, let wait = frontier.earliestStart(hostID: hostID, task: taskID, now: now) else {
      return (due, nil)
    }
    let start = max(due, wallTime(ofLoop: wait.time))
    return (start, start &- due < 1_000_000 ? nil : wait.reason)
  }

  /// When a URL may be fetched at the earliest, if it waits for a time; microseconds since 1970 UTC. Nil when no time is known.
  package func dueTime(of record: URLRecord) -> Int64? {
    guard record.state == .delayed, tasks[record.taskID]?.state == .running else { return record.dueAt }
    let start = nextTry(due: record.dueAt, hostID: record.hostID, taskID: record.taskID).start
    return start.flatMap { isEndless($0) ? nil : $0 }
  }

  /// The URLs of a task that wait for another try, and what leaves their hosts alone for longer.
  /// - Parameter first: when the first of them is due on each host.
  func delayedLines(_ task: CrawlTask, _ first: [(due: Int64, hostID: Int64?)]) -> [WhyLine] {
    var again = line(delayed: task.counters.delayed, until: first.map(\.due).min())
    var start = first.isEmpty ? Int64.min : .max
    var held: [Blocking.Reason: (hosts: Int, until: Int64)] = [:]
    for (due, hostID) in first {
      let next = nextTry(due: due, hostID: hostID, taskID: task.id)
      start = min(start, next.start ?? due)
      guard let reason = next.reason, let until = next.start, let hostID,
        frontier.blocking(task: task.id, hostID: hostID, now: now)?.reason != reason
      else { continue }
      held[reason] = ((held[reason]?.hosts ?? 0) + 1, min(held[reason]?.until ?? .max, until))
    }
    again.startsAt = start
    let hosts = Blocking.Reason.allCases.compactMap { reason in
      held[reason].map { host in
        let text = "\(reason.words): \(PluralText.count(host.hosts, "host")) of URLs that wait for another try"
        return line(reason, text, until: host.until)
      }
    }
    return [again] + hosts
  }
}
