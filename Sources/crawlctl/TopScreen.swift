package import Control
import Units

/// What `top` shows, as lines of text: pure, so times are arguments.
package struct TopScreen {
  /// What the daemon said last.
  package struct Sample: Codable, Sendable {
    /// Microseconds since 1970 UTC.
    package var at: Int64
    package var status: DaemonStatus.Result
    package var tasks: [TaskReport]
    package var hosts: [HostReport]
    package var coroutines: [CoroutineReport]

    package init(
      at: Int64, status: DaemonStatus.Result, tasks: [TaskReport], hosts: [HostReport], coroutines: [CoroutineReport]
    ) {
      self.at = at
      self.status = status
      self.tasks = tasks
      self.hosts = hosts
      self.coroutines = coroutines
    }
  }

  /// Per second, between the last two samples.
  private struct Rates {
    var answers = 0.0
    var errors = 0.0
    var bytes = 0.0
  }

  private var sample: Sample?
  private var rates: Rates?
  /// Why there is no newer sample.
  private var problem: String?

  package init() {}

  package mutating func take(_ next: Sample) {
    if let last = sample, last.status.pid == next.status.pid, next.at > last.at {
      let seconds = Double(next.at - last.at) / 1_000_000
      let sum = { (tasks: [TaskReport], figure: (TaskReport) -> Int64) in tasks.reduce(0) { $0 &+ figure($1) } }
      let perSecond = { (figure: (TaskReport) -> Int64) in
        max(0, Double(sum(next.tasks, figure) &- sum(last.tasks, figure)) / seconds)
      }
      rates = Rates(
        answers: perSecond { Int64($0.counts.finalAnswers) }, errors: perSecond { Int64($0.counts.failed) },
        bytes: perSecond { $0.bytes.wire })
    } else {
      rates = nil
    }
    (sample, problem) = (next, nil)
  }

  /// The daemon does not answer; what it said last stays.
  package mutating func lose(_ sentence: String) { problem = sentence }

  /// At most `height` lines of at most `width` columns, without control characters.
  package func lines(width: Int, height: Int) -> [String] {
    var lines: [String] = []
    guard let sample else { return cut([problem ?? "waiting for the daemon …"], width, height) }
    let status = sample.status
    lines.append(
      "crawld \(status.version)  pid \(status.pid)  up \(Text.duration(sample.at &- status.startedAt))  "
        + "lag \(Text.duration(status.loopLag))  memory \(ByteCount.format(status.residentBytes))  "
        + "database \(ByteCount.format(status.databaseBytes &+ status.walBytes))")
    // There is no rate before the second sample.
    let speed = rates.map { rates in
      "\(Text.rate(rates.answers)) answers  \(Text.rate(rates.errors)) failed  "
        + "\(ByteCount.format(Int64(min(rates.bytes, 1e15))))/s  "
    }
    lines.append(
      "\(Text.count(status.fetching, "fetch"))  \(Text.count(status.openSockets, "socket"))  \(speed ?? "")"
        + "\(Text.count(status.knownURLs, "URL")) known")
    lines.append(problem.map { "NOT CONNECTED: \($0)" } ?? status.warnings.first.map { "WARNING: \($0)" } ?? "")
    let blocks = [
      block(ListTasks.table(of: Self.order(sample.tasks), now: sample.at), "no task", width),
      block(
        ListHosts.table(of: Self.order(sample.hosts), now: sample.at, isShort: width < ListHosts.roomy),
        "no host has work",
        width),
      block(ListCoroutines.table(of: sample.coroutines), "no fetch is in progress", width),
    ]
    for (block, rows) in zip(blocks, Self.share(height - lines.count - 1, among: blocks.map(\.count))) where rows > 0 {
      if rows < block.count, rows > 1 {
        lines += block.prefix(rows - 1) + ["… and \(block.count - rows + 1) more"]
      } else {
        lines += block.prefix(rows)
      }
    }
    return cut(lines, width, max(1, height - 1)) + cut(["q quits"], width, height > 1 ? 1 : 0)
  }

  private func cut(_ lines: [String], _ width: Int, _ height: Int) -> [String] {
    lines.prefix(max(0, height)).map { TextWidth.cut(TerminalText.escape($0), to: max(1, width)) }
  }

  private func block(_ table: TextTable, _ none: String, _ width: Int) -> [String] {
    if table.isEmpty { return ["", none] }
    return [""] + table.rendered(width: width).split(separator: "\n").map(String.init)
  }

  /// Divides rows among blocks: none gets more than it has, and what one leaves goes to the others.
  package static func share(_ rows: Int, among wanted: [Int]) -> [Int] {
    var shares = wanted.map { _ in 0 }
    var rest = max(0, rows)
    while rest > 0 {
      let hungry = wanted.indices.filter { shares[$0] < wanted[$0] }
      if hungry.isEmpty { break }
      let step = max(1, rest / hungry.count)
      for index in hungry where rest > 0 {
        let more = min(step, wanted[index] - shares[index], rest)
        shares[index] += more
        rest -= more
      }
    }
    return shares
  }

  /// Those that do something first.
  private static func order(_ tasks: [TaskReport]) -> [TaskReport] {
    let rank = { (task: TaskReport) in
      switch task.state {
      case "running": 0
      case "pausing", "cancelling", "removing": 1
      case "queued", "paused": 2
      default: 3
      }
    }
    return tasks.sorted { (rank($0), -$0.id) < (rank($1), -$1.id) }
  }

  private static func order(_ hosts: [HostReport]) -> [HostReport] {
    hosts.sorted { ($1.inFlight, $1.ready, $0.id) < ($0.inFlight, $0.ready, $1.id) }
  }
}
