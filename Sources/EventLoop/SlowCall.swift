import CLinux

/// One stretch of work that kept everything else on the loop waiting.
public struct SlowCall: Sendable, Hashable, CustomStringConvertible {
  /// The coroutine's name in the task table, or what kind of callback it was and where it was registered.
  public let name: String
  /// How long it held the loop; right to the tick of the machine's coarse clock (1–10 ms).
  public let duration: Duration

  /// A sentence.
  public var description: String { "\(name) held the event loop for \(duration)" }
}

/// Watches for slow calls. Belongs to the loop's thread.
///
/// The clock is read after every job and callback. It is the kernel's coarse one, which costs a fifth of the exact one
/// and moves on every few milliseconds: enough to find what takes tens of them.
final class SlowCallWatch {
  private let limit: Int64
  private let report: (SlowCall) -> Void
  /// The coroutine that was last seen to begin or end a wait during the present call.
  private var touched: RunningTask?
  private var began = clinux_monotonic_coarse()

  init(limit: Int64, report: @escaping (SlowCall) -> Void) {
    self.limit = limit
    self.report = report
  }

  /// A row of calls begins.
  @inline(__always)
  func begin() {
    began = clinux_monotonic_coarse()
  }

  func touch(_ record: RunningTask) {
    touched = record
  }

  /// A call has ended; true when it was slow. The next one begins.
  @inline(__always)
  func end(name: (RunningTask?) -> String) -> Bool {
    let now = clinux_monotonic_coarse()
    let duration = now &- began
    began = now
    defer { touched = nil }
    guard duration >= limit else { return false }
    report(SlowCall(name: name(touched), duration: .nanoseconds(duration)))
    // The time that the report took is not the next call's.
    began = clinux_monotonic_coarse()
    return true
  }
}

extension EventLoop {
  /// Calls `report` after every job or callback that held the loop for `limit` or longer, and counts it in
  /// `statistics.slowCalls`; nil ends the reports.
  ///
  /// The report is made on the loop's thread and has to be short. Costs one reading of a coarse clock for each job
  /// (about 10 ns); a limit below 20 ms asks more of that clock than it can tell. On the loop's thread.
  public func reportSlowCalls(over limit: Duration, _ report: ((SlowCall) -> Void)?) {
    assertConfined("reportSlowCalls")
    slowCalls = report.map { SlowCallWatch(limit: max(1, Instant.nanoseconds(of: limit)), report: $0) }
  }

  /// What a report calls the item that has just run. O(number of coroutines) for a coroutine's.
  func name(of origin: ReadyItem.Origin, at place: SourcePlace?, touched: RunningTask?) -> String {
    switch origin {
    case .job(let job):
      if let record = tasks.record(runBy: TaskReference(job)) ?? touched { return "coroutine “\(record.name)”" }
      return "a coroutine without a name of its own"
    case .call(let place): return "the call of \(place)"
    case .delayed(let place): return "the delayed call of \(place)"
    case .wake: return "the end of a sleep"
    case .event: return place.map { "the watch of \($0)" } ?? "a watch that was cancelled before"
    }
  }
}
