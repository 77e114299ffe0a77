package import Control
import Units

/// What `run` shows of a task while it runs: pure, so `now` (monotonic microseconds) is an argument.
package struct Progress {
  /// Lengths of the queue in the last minute, oldest first; at most 61.
  private var samples: [(at: Int64, queued: Int)] = []

  private static let window: Int64 = 60_000_000
  private static let shortest: Int64 = 5_000_000

  package init() {}

  /// Takes note of the queue's length, at most once a second.
  package mutating func note(_ task: TaskReport, now: Int64) {
    guard task.state == "running" else { return samples.removeAll() }
    if let last = samples.last, now - last.at < 1_000_000 { return }
    samples.append((now, task.counts.queued))
    samples.removeAll { now - $0.at > Self.window }
  }

  /// Microseconds until the queue is empty if it goes on shrinking as it did; nil while it does not shrink, and in the
  /// first seconds: an estimate that would be a guess is not shown.
  package func remaining() -> Int64? {
    guard let first = samples.first, let last = samples.last, last.at - first.at >= Self.shortest,
      last.queued < first.queued
    else { return nil }
    let perMicrosecond = (Double(first.queued) - Double(last.queued)) / Double(last.at - first.at)
    let estimate = Double(last.queued) / perMicrosecond
    return estimate < 1e15 ? Int64(estimate) : nil
  }

  /// One line, with a bar when the terminal's width is given, never wider than that.
  package func line(_ task: TaskReport, elapsed: Int64, width: Int?) -> String {
    let counts = task.counts
    // What a rule excludes was never to be visited.
    let wanted = max(0, counts.known &- counts.excluded)
    let visited = max(0, wanted &- counts.queued)
    var parts = [
      "\(Text.count(visited))/\(Text.count(wanted)) URLs", "queue \(Text.count(counts.queued))",
      Text.rate(task.rate), "failed \(Text.count(counts.failed))", ByteCount.format(task.bytes.wire),
      Text.duration(elapsed / 1_000_000 * 1_000_000),
    ]
    if let remaining = remaining() {
      parts.append("about \(Text.duration(max(1, remaining / 1_000_000) * 1_000_000)) left")
    }
    let facts = parts.joined(separator: "  ")
    let head = TerminalText.escape("\(task.name)  \(Text.state(task))")
    guard let width else { return "\(head)  \(facts)" }
    // The last column stays free: some terminals wrap when it is written to.
    let rest = width - 1 - TextWidth.columns(of: head) - TextWidth.columns(of: facts) - 6
    let bar = rest >= 5 ? "  [\(Self.bar(visited, of: wanted, columns: min(rest, 30)))]" : ""
    return TextWidth.cut("\(head)\(bar)  \(facts)", to: max(1, width - 1))
  }

  private static func bar(_ part: Int, of whole: Int, columns: Int) -> String {
    let filled = whole > 0 ? min(columns, Int(Double(part) / Double(whole) * Double(columns))) : 0
    return String(repeating: "#", count: filled) + String(repeating: "-", count: columns - filled)
  }
}
