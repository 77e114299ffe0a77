package import Control
import Units

/// What `run` shows of a task while it runs: pure, so `now` (monotonic microseconds) is an argument.
package struct Progress {
  /// Lengths of the queue in the last minute, oldest first; at most 61.
  private var samples: [(at: Int64, queued: Int)] = []

  /// The figures that a fetch moves, and since when they are what they are.
  private var figures: (fetches: Int, inFlight: Int, wire: Int64)?
  private var stillSince: Int64 = 0

  /// How long nothing may move before it is asked why.
  private static let patience: Int64 = 5_000_000

  private static let window: Int64 = 60_000_000
  private static let shortest: Int64 = 5_000_000

  package init() {}

  /// Takes note of the queue's length, at most once a second.
  package mutating func note(_ task: TaskReport, now: Int64) {
    let latest = (fetches: task.counts.fetches, inFlight: task.counts.inFlight, wire: task.bytes.wire)
    if figures.map({ $0 != latest }) ?? true { stillSince = now }
    figures = latest
    guard task.state == "running" else { return samples.removeAll() }
    if let last = samples.last, now - last.at < 1_000_000 { return }
    samples.append((now, task.counts.queued))
    samples.removeAll { now - $0.at > Self.window }
  }

  /// Whether nothing has moved for so long that the reason is worth a question.
  package func isStill(now: Int64) -> Bool { now - stillSince >= Self.patience }

  /// What a task that does not move is waiting for: of the answer to why, what comes behind the state.
  package static func reason(in answer: TaskWhy.Result, now: Int64) -> String? {
    guard let line = answer.lines.first(where: { $0.kind != answer.state }) ?? answer.lines.first else { return nil }
    return line.text + (line.until.map { ", until \(Text.blockEnd($0, now: now))" } ?? "")
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

  /// One line, with a bar when the terminal's width is given, never wider than that; of a task that does not move with the
  /// reason instead of the bar.
  package func line(_ task: TaskReport, elapsed: Int64, width: Int?, reason: String? = nil) -> String {
    let counts = task.counts
    // What a rule excludes was never to be visited.
    let wanted = max(0, counts.known &- counts.excluded)
    let visited = max(0, wanted &- counts.queued)
    var parts = [
      "\(Text.count(visited))/\(Text.count(wanted)) URLs", "queue \(Text.count(counts.queued))",
      Text.rate(task.rate), "failed \(Text.count(counts.failed))", ByteCount.format(task.bytes.wire),
      Text.duration(elapsed / 1_000_000 * 1_000_000),
    ]
    let estimate = remaining().map { ["about \(Text.duration(max(1, $0 / 1_000_000) * 1_000_000)) left"] } ?? []
    var facts: String { (parts.filter { !$0.isEmpty } + estimate).joined(separator: "  ") }
    var head = TerminalText.escape("\(task.name)  \(Text.state(task))")
    let cause = reason.map { "  " + TerminalText.escape($0) } ?? ""
    guard let width else { return "\(head)  \(facts)\(cause)" }
    if reason != nil { return TextWidth.cut("\(head)  \(facts)\(cause)", to: max(1, width - 1)) }
    // Where it is narrow, what says least gives way to the estimate: bytes, elapsed time, queue, failed.
    for index in [4, 5, 1, 3] where TextWidth.columns(of: head) + TextWidth.columns(of: facts) + 3 > width {
      parts[index] = ""
    }
    head = TextWidth.cut(head, to: max(16, width - 3 - TextWidth.columns(of: facts)))
    // The last column stays free: some terminals wrap when it is written to.
    let rest = width - 1 - TextWidth.columns(of: head) - TextWidth.columns(of: facts) - 6
    let bar = rest >= 10 ? "  [\(Self.bar(visited, of: wanted, columns: min(rest, 30)))]" : ""
    return TextWidth.cut("\(head)\(bar)  \(facts)", to: max(1, width - 1))
  }

  private static func bar(_ part: Int, of whole: Int, columns: Int) -> String {
    let filled = whole > 0 ? min(columns, Int(Double(part) / Double(whole) * Double(columns))) : 0
    return String(repeating: "#", count: filled) + String(repeating: "-", count: columns - filled)
  }
}
