internal import Frontier
package import Store

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
  func toCome(_ start: Int64) -> Int64? { start == .max || start <= wallNow ? nil : start }

  /// When a URL of a task that runs may be tried again at the earliest that is due then: its host may be left alone for longer.
  func dueTime(_ due: Int64?, hostID: Int64?, taskID: Int64) -> Int64? {
    guard let due, let hostID, let start = frontier.earliestStart(hostID: hostID, task: taskID, now: now) else {
      return due
    }
    return max(due, wallTime(ofLoop: start))
  }

  /// When a URL may be fetched at the earliest, if it waits for a time; microseconds since 1970 UTC.
  package func dueTime(of record: URLRecord) -> Int64? {
    guard record.state == .delayed, tasks[record.taskID]?.state == .running else { return record.dueAt }
    return dueTime(record.dueAt, hostID: record.hostID, taskID: record.taskID)
  }
}
