import Control
import Glibc
import Testing
import crawlctl

/// What `run` shows, and when it dares to estimate.
struct ProgressTests {
  private func task(_ state: String = "running", known: Int = 100, ready: Int = 40) -> TaskReport {
    TaskReport(
      id: 1, name: "docs", state: state, desiredState: "running", createdAt: 0,
      counts: TaskCounts(known: known + 900, ready: ready, done: known - ready, failed: 2, excluded: 900),
      bytes: TaskBytes(wire: 2048),
      rate: 12.34)
  }

  private func remaining(_ queue: [(second: Int64, ready: Int)]) -> Int64? {
    var progress = Progress()
    for (second, ready) in queue { progress.note(task(known: 1_000, ready: ready), now: second * 1_000_000) }
    return progress.remaining().map { $0 / 1_000_000 }
  }

  @Test func aTaskThatDoesNotMoveSaysWhatItWaitsFor() {
    var progress = Progress()
    progress.note(task(), now: 0)
    progress.note(task(), now: 4_999_999)
    #expect(!progress.isStill(now: 4_999_999))
    #expect(progress.isStill(now: 5_000_000))
    let answer = TaskWhy.Result(
      kind: "task", subject: "docs", state: "running",
      lines: [
        TaskWhy.Line(kind: "running", text: "it is running"),
        TaskWhy.Line(kind: "host_delay", text: "waiting for the delay\u{1B}", until: 1_800_000_005_000_000),
      ])
    let reason = Progress.reason(in: answer, now: 1_800_000_000_000_000)
    #expect(reason == "waiting for the delay\u{1B}, until 2027-01-15T08:00:05Z (in 5 s)")
    let line = progress.line(task(), elapsed: 6_000_000, width: nil, reason: reason)
    #expect(line.contains("waiting for the delay") && !line.contains("\u{1B}"), "\(line)")
    #expect(progress.line(task(), elapsed: 6_000_000, width: 60, reason: reason).count <= 59)
    var moved = task()
    moved.counts.fetches += 1
    progress.note(moved, now: 5_000_000)
    #expect(!progress.isStill(now: 9_000_000))
  }

  @Test func aGrowingQueueHasNoEstimate() {
    #expect(remaining([(0, 10), (10, 20), (20, 30)]) == nil)
    #expect(remaining([(0, 10), (10, 10)]) == nil)
    #expect(remaining([]) == nil)
  }

  @Test func aShrinkingQueueHasOne() {
    #expect(remaining([(0, 100), (10, 50)]) == 10)
    #expect(remaining([(0, 100), (20, 80), (40, 20)]) == 6, "as of late")
  }

  @Test func theFirstSecondsHaveNone() {
    #expect(remaining([(0, 100), (1, 50)]) == nil)
    #expect(remaining([(0, 100), (2, 50)]) == 2)
  }

  /// Crawls find fewer new URLs the more they have done. In their second half the estimate is right within a factor of 2.
  @Test(arguments: [(4_597, 47.0), (1_200, 12.0), (20_000, 900.0), (300, 290.0)], [2.5, 4.0, 8.0])
  func theEstimateIsHonest(crawl: (total: Int, seconds: Double), appetite: Double) {
    let total = Double(crawl.total)
    // What is done at each half second: between half and one and a half times the rate.
    var state: UInt32 = 1
    var (sum, done) = (0.0, [0.0])
    while sum < total {
      state = state &* 1_664_525 &+ 1_013_904_223
      sum += total / crawl.seconds / 2 * (0.5 + Double(state >> 8) / Double(1 << 24))
      done.append(min(sum, total - 1))
    }
    let seconds = Double(done.count) / 2
    var progress = Progress()
    for (tick, done) in done.enumerated() {
      let left = seconds - Double(tick) / 2
      let found = total * (1 - exp(-appetite * done / total)) / (1 - exp(-appetite))
      let (known, visited) = (max(Int(found), Int(done) + 1), Int(done))
      progress.note(task(known: known, ready: known - visited), now: Int64(tick) * 500_000)
      guard let estimate = progress.remaining() else {
        #expect(left > seconds * 0.45, "nothing with \(left) s left")
        continue
      }
      let ratio = Double(estimate) / 1_000_000 / left
      if left <= seconds / 2, left > seconds / 50 + 2 {
        #expect(ratio > 0.5 && ratio < 2, "\(ratio) with \(left) s left")
      }
    }
  }

  @Test(arguments: [("docs", 40, false), ("a-long-name-of-a-task", 1_234_567, false), ("docs", 1_234_567, true)])
  func thereIsABarAt80Columns(name: String, ready: Int, hasEstimate: Bool) {
    var progress = Progress()
    var long = task(known: 2_345_678, ready: ready)
    long.name = name
    if hasEstimate {
      progress.note(task(known: 2_345_678, ready: ready + 1_000), now: 0)
      progress.note(long, now: 10_000_000)
    }
    let line = progress.line(long, elapsed: 123_456_000_000, width: 80)
    let bar = line.drop { $0 != "[" }.dropFirst().prefix { $0 == "#" || $0 == "-" }
    #expect(bar.count >= 10 && TextWidth.columns(of: line) <= 79, "\(line)")
    #expect(line.hasSuffix("left") == hasEstimate, "\(line)")
  }

  @Test func onlyTheLastMinuteCounts() {
    // It grew for an hour, and shrinks since half a minute.
    let growing = (0..<60).map { (second: Int64($0 * 60), ready: Int($0) * 10) }
    #expect(remaining(growing + [(3_601, 500), (3_611, 490), (3_631, 470), (3_651, 450)]) == 450)
  }

  @Test func aPauseForgetsTheRate() {
    var progress = Progress()
    progress.note(task(ready: 100), now: 0)
    progress.note(task("paused", ready: 100), now: 1_000_000)
    progress.note(task(ready: 50), now: 10_000_000)
    #expect(progress.remaining() == nil)
  }

  @Test func theLine() {
    let progress = Progress()
    #expect(
      progress.line(task(), elapsed: 65_400_000, width: nil)
        == "docs  running  60/100 URLs  queue 40  12.3/s  failed 2  2 KiB  1m 5s")
    let line = progress.line(task(), elapsed: 65_400_000, width: 100)
    #expect(line.contains("[") && line.contains("#####") && TextWidth.columns(of: line) < 100)
    for width in 1...120 {
      #expect(TextWidth.columns(of: progress.line(task(), elapsed: 0, width: width)) <= max(1, width - 1))
    }
  }

  @Test func theEstimateStaysWhereItIsNarrow() {
    var progress = Progress()
    for (second, ready) in [(Int64(0), 2_000), (10, 1_000)] {
      progress.note(task(known: 3_000, ready: ready), now: second * 1_000_000)
    }
    for width in [60, 80, 100] {
      let line = progress.line(task(known: 3_000, ready: 1_000), elapsed: 700_000_000, width: width)
      #expect(line.hasSuffix("about 10 s left") && TextWidth.columns(of: line) < width, "\(line)")
    }
    var long = task(known: 3_000, ready: 1_000)
    long.name = String(repeating: "long", count: 20)
    let line = progress.line(long, elapsed: 700_000_000, width: 80)
    #expect(
      line.hasSuffix("about 10 s left") && line.hasPrefix("longlong") && TextWidth.columns(of: line) < 80, "\(line)")
  }

  @Test func nothingKnownIsNoDivisionByZero() {
    #expect(Progress().line(task(known: 0, ready: 0), elapsed: 0, width: 120).contains("[---"))
  }
}
