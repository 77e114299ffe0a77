package import Control
import Units

/// What `run` shows of a task while it runs: pure, so `now` (monotonic microseconds) is an argument.
package struct Progress {
  /// What was known and what was done of it in the last minute, oldest first; at most 121.
  private var samples: [(at: Int64, known: Int, done: Int)] = []
  /// Since when it has run without a break, as far as it was watched.
  private var runningSince: Int64?

  /// The figures that a fetch moves, and since when they are what they are.
  private var figures: (fetches: Int, inFlight: Int, wire: Int64)?
  private var stillSince: Int64 = 0

  /// How long nothing may move before it is asked why.
  private static let patience: Int64 = 5_000_000

  // Rates are those of the last third of the time that the task was watched, within these bounds, and of as many URLs.
  private static let longest: Int64 = 60_000_000
  private static let shortest: Int64 = 2_000_000
  private static let fewest = 10

  package init() {}

  /// Takes note of the task's figures, at most twice a second.
  package mutating func note(_ task: TaskReport, now: Int64) {
    let latest = (fetches: task.counts.fetches, inFlight: task.counts.inFlight, wire: task.bytes.wire)
    if figures.map({ $0 != latest }) ?? true { stillSince = now }
    figures = latest
    guard task.state == "running" else {
      runningSince = nil
      return samples.removeAll()
    }
    if runningSince == nil { runningSince = now }
    if let last = samples.last, now - last.at < 450_000 { return }
    let (known, done) = Self.extent(of: task.counts)
    samples.append((now, known, done))
    samples.removeAll { now - $0.at > Self.longest }
  }

  /// What is to be visited, and what has been. What a rule excludes was never to be visited.
  private static func extent(of counts: TaskCounts) -> (known: Int, done: Int) {
    let known = max(0, counts.known &- counts.excluded)
    return (known, max(0, known &- counts.queued))
  }

  /// Whether nothing has moved for so long that the reason is worth a question.
  package func isStill(now: Int64) -> Bool { now - stillSince >= Self.patience }

  /// What a task that does not move is waiting for: of the answer to why, what comes behind the state.
  package static func reason(in answer: TaskWhy.Result, now: Int64) -> String? {
    guard let line = answer.lines.first(where: { $0.kind != answer.state }) ?? answer.lines.first else { return nil }
    return line.text + (line.until.map { ", until \(Text.blockEnd($0, now: now))" } ?? "")
  }

  /// Microseconds until the queue is empty, if URLs go on being done as fast as lately, and new ones are found ever more
  /// rarely, none in the end: a crawl comes to an end because it has found all that there is. So half of the growth is set
  /// against the rate. Nil while it grows as fast as it shrinks, and before there is a rate: no guess is shown.
  package func remaining() -> Int64? {
    guard let last = samples.last, let runningSince else { return nil }
    let window = min(max((last.at - runningSince) / 3, Self.shortest), Self.longest)
    let isEnough = { (sample: (at: Int64, known: Int, done: Int)) in
      last.at - sample.at >= window && last.done - sample.done >= Self.fewest
    }
    guard let first = samples.last(where: isEnough) ?? samples.first, last.at - first.at >= Self.shortest,
      last.done > first.done
    else { return nil }
    let (done, found) = (Double(last.done) - Double(first.done), max(0, Double(last.known) - Double(first.known)))
    if found >= done { return nil }
    let estimate = Double(last.known - last.done) / (done - found / 2) * Double(last.at - first.at)
    return estimate < 1e15 ? Int64(estimate) : nil
  }

  /// One line, with a bar when the terminal's width is given, never wider than that; of a task that does not move with the
  /// reason instead of the bar.
  ///
  /// - Parameter place: what comes before the name: which of several tasks it is.
  package func line(
    _ task: TaskReport, elapsed: Int64, width: Int?, reason: String? = nil, place: String = ""
  ) -> String {
    let counts = task.counts
    let (wanted, visited) = Self.extent(of: counts)
    var parts = [
      "\(Text.count(visited))/\(Text.count(wanted)) URLs", "queue \(Text.count(counts.queued))",
      Text.rate(task.rate), "failed \(Text.count(counts.failed))", ByteCount.format(task.bytes.wire),
      Text.duration(elapsed / 1_000_000 * 1_000_000),
    ]
    let estimate = remaining().map { ["about \(Text.duration(max(1, $0 / 1_000_000) * 1_000_000)) left"] } ?? []
    var facts: String { (parts.filter { !$0.isEmpty } + estimate).joined(separator: "  ") }
    var head = TerminalText.escape("\(place)\(task.name)  \(Text.state(task))")
    let cause = reason.map { "  " + TerminalText.escape($0) } ?? ""
    guard let width else { return "\(head)  \(facts)\(cause)" }
    if reason != nil { return TextWidth.cut("\(head)  \(facts)\(cause)", to: max(1, width - 1)) }
    // The last column stays free: some terminals wrap when it is written to.
    let room = width - 1
    var columns: Int { TextWidth.columns(of: head) + 2 + TextWidth.columns(of: facts) }
    let short = TextWidth.cut(head, to: 16)
    // Where it is narrow, what says least gives way to a bar, or at least to the estimate: bytes, elapsed time, queue,
    // failed; the rate to a bar alone.
    let needs = TextWidth.columns(of: short) + Self.barColumns(of: 10)
    let all = parts
    for index in [4, 5, 1, 3, 2] where needs + 2 + TextWidth.columns(of: facts) > room { parts[index] = "" }
    var hasBar = needs + 2 + TextWidth.columns(of: facts) <= room
    if !hasBar {
      parts = all
      for index in [4, 5, 1, 3] where columns > room { parts[index] = "" }
    }
    let forBar = hasBar ? Self.barColumns(of: 10) : 0
    head = TextWidth.cut(head, to: max(16, room - forBar - 2 - TextWidth.columns(of: facts)))
    hasBar = hasBar || columns + Self.barColumns(of: 10) <= room
    let cells = min(30, room - columns - Self.barColumns(of: 0))
    let bar = hasBar ? "  [\(Self.bar(visited, of: wanted, columns: cells))]" : ""
    return TextWidth.cut("\(head)\(bar)  \(facts)", to: max(1, room))
  }

  /// Columns of a bar, with what parts it from the text before it.
  private static func barColumns(of cells: Int) -> Int { cells + 4 }

  private static func bar(_ part: Int, of whole: Int, columns: Int) -> String {
    let filled = whole > 0 ? min(columns, Int(Double(part) / Double(whole) * Double(columns))) : 0
    return String(repeating: "#", count: filled) + String(repeating: "-", count: columns - filled)
  }
}
