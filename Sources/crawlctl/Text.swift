import Control
import Units

/// Figures of replies as people read them.
enum Text {
  /// `12,345`.
  static func count(_ number: Int) -> String {
    let digits = String(number.magnitude)
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
      result.append(digit)
    }
    return number < 0 ? "-" + result : result
  }

  /// `1 page`, `12,345 pages`, `2 fetches`.
  static func count(_ number: Int, _ noun: String) -> String {
    if number == 1 { return "1 \(noun)" }
    return "\(count(number)) \(PluralText.of(noun))"
  }

  /// `97.2%`, or a dash before the first answer.
  static func percent(_ share: Double?) -> String {
    guard let share else { return "-" }
    return "\(decimal(share))%"
  }

  /// ` (97.2% ok)`, or nothing before the first answer.
  static func ok(_ task: TaskReport) -> String {
    task.okPercent.map { " (\(percent($0)) ok)" } ?? ""
  }

  /// `3.4/s`.
  static func rate(_ perSecond: Double) -> String { "\(decimal(perSecond))/s" }

  /// One decimal, without a locale.
  static func decimal(_ number: Double) -> String {
    guard number.isFinite, abs(number) < 1e15 else { return "-" }
    let tenths = Int64((abs(number) * 10).rounded())
    return "\(number < 0 && tenths > 0 ? "-" : "")\(tenths / 10).\(tenths % 10)"
  }

  /// Microseconds as a duration in two parts at most: `85 µs`, `850 ms`, `12.5 s`, `3m 20s`, `2h 5m`, `3d 4h`.
  static func duration(_ microseconds: Int64) -> String {
    let value = max(microseconds, 0)
    let seconds = value / 1_000_000
    switch seconds {
    case ..<60:
      if value > 0, value < 1_000 { return "\(value) µs" }
      return DurationText.format(.milliseconds(value / 1_000))
    case ..<3_600:
      return "\(seconds / 60)m \(seconds % 60)s"
    case ..<86_400:
      return "\(seconds / 3_600)h \(seconds % 3_600 / 60)m"
    default:
      return "\(seconds / 86_400)d \(seconds % 86_400 / 3_600)h"
    }
  }

  /// `2026-01-31T13:45:00Z`.
  static func time(_ microseconds: Int64) -> String {
    Timestamp(microseconds: microseconds).iso8601()
  }

  /// `2026-01-31T13:45:00Z (in 12 s)`, or `(3m 2s ago)`. What has been is told without the parts of its second, as the log
  /// does; what is to come to the nearest second, since it goes by another clock than the calendar, and the two differ by
  /// microseconds.
  static func until(_ microseconds: Int64, now: Int64) -> String {
    let (distance, overflow) = microseconds.subtractingReportingOverflow(now)
    let rounded = microseconds.addingReportingOverflow(500_000)
    guard !overflow, !rounded.overflow else { return time(microseconds) }
    let relation = distance >= 0 ? "in \(duration(distance))" : "\(duration(-max(distance, -.max))) ago"
    return "\(time(distance < 0 ? microseconds : rounded.partialValue)) (\(relation))"
  }

  /// When a block ends; one that a user set without an end has a time so far away that it says nothing.
  static func blockEnd(_ microseconds: Int64, now: Int64) -> String {
    isEndless(microseconds, now: now) ? "crawlctl unblock" : until(microseconds, now: now)
  }

  /// How long a block lasts: `1m 0s`, `endless`.
  static func rest(_ until: Int64, now: Int64) -> String {
    isEndless(until, now: now) ? "endless" : duration(max(0, until &- now))
  }

  /// Whether a time is so far away, fifty years and more, that it stands for the end of a block without one.
  static func isEndless(_ microseconds: Int64, now: Int64) -> Bool {
    let (distance, overflow) = microseconds.subtractingReportingOverflow(now)
    return overflow ? microseconds > now : distance > 50 * 31_557_600_000_000
  }

  /// `ok 1,200 · client_error 30`, the most frequent first.
  static func counts(_ counts: [String: Int]) -> String {
    counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.key) \(count($0.value))" }
      .joined(separator: " · ")
  }

  /// What a recrawl found so far; nil for another task.
  static func changes(_ task: TaskReport) -> String? {
    guard let changes = task.changes else { return nil }
    let found = changes.filter { $0.value > 0 }
    return found.isEmpty ? "none so far" : counts(found)
  }

  /// `3 URLs ended in a server's error, 2 failed (crawlctl retry 7)`; nil when neither did.
  ///
  /// - Parameter hint: what `crawlctl` needs to reach the daemon; nil leaves the command out.
  static func inVain(_ task: TaskReport, hint: String?) -> String? {
    let errors = (task.reasons ?? []).reduce(0) { $1.state == "done" ? $0 &+ $1.count : $0 }
    let failed = task.counts.failed
    var parts: [String] = []
    if errors > 0 { parts.append("\(count(errors)) \(errors == 1 ? "URL" : "URLs") ended in a server's error") }
    if failed > 0 { parts.append("\(count(failed)) \(errors > 0 ? "" : failed == 1 ? "URL " : "URLs ")failed") }
    if parts.isEmpty { return nil }
    let isPossible = hint != nil && task.actions.contains("retry")
    return parts.joined(separator: ", ") + (isPossible ? " (crawlctl retry \(task.id)\(hint ?? ""))" : "")
  }

  /// `running`, `running(disk)`, `paused(user)`, `finished(again in 5h)`, `finished(again is due)`.
  static func state(_ task: TaskReport, now: Int64 = Timestamp.now().microseconds) -> String {
    let next = task.nextRunAt.map { $0 <= now ? "again is due" : "again in \(duration($0 &- now))" }
    guard let reason = task.reason ?? task.hold ?? next else { return task.state }
    return "\(task.state)(\(reason)\(task.waitingSchedule == nil ? "" : ", every waits"))"
  }
}

extension TaskReport {
  /// How often a paused task is to be crawled again, which has to wait for its end.
  var waitingSchedule: String? {
    guard state == "paused", let every = settings["every"], every != "none" else { return nil }
    return every
  }
}

extension TaskCounts {
  /// URLs that still have to be visited.
  var queued: Int { ready &+ delayed &+ inFlight }
}
