/// What a loop has done, and how long it kept others waiting.
public struct LoopStatistics: Sendable, Hashable {
  /// Ticks: times that the kernel was asked.
  public var ticks = 0
  /// Jobs and calls that ran.
  public var jobs = 0
  /// Items that other threads handed over.
  public var foreignCalls = 0
  /// The longest work of one tick: what a socket or a deadline had to wait at worst.
  public var longestTick = Duration.zero
  /// The longest work of one tick within the last 10 to 20 seconds: the loop's lag at present.
  public var recentLongestTick = Duration.zero
  /// Ticks that worked longer than the limit (10 ms unless set otherwise).
  public var slowTicks = 0
  /// Jobs and callbacks that held the loop for the limit of `reportSlowCalls` or longer.
  public var slowCalls = 0
  /// Delayed calls and sleeping coroutines, now.
  public var pendingDeadlines = 0
  /// Descriptors that are watched, now: sockets, pipes, processes, signals.
  public var watches = 0
  /// Time spent at work, without the waiting.
  public var busy = Duration.zero

  public init() {}
}

/// The same figures while they are counted, in plain nanoseconds: two clock reads and a few additions per tick.
final class LoopCounters {
  var slowTickLimit: Int64 = 10_000_000
  private var ticks = 0
  private var jobs = 0
  private var foreignCallsBefore = 0
  private var longestTick: Int64 = 0
  private var recentTicks = RecentMaximum()
  private var slowTicks = 0
  private var slowCalls = 0
  private var busy: Int64 = 0

  func countJobs(_ count: Int) {
    jobs &+= count
  }

  func countSlowCall() {
    slowCalls &+= 1
  }

  func countTick(from began: Int64, to ended: Int64) {
    let nanoseconds = ended &- began
    ticks &+= 1
    busy &+= nanoseconds
    recentTicks.note(nanoseconds, at: ended)
    if nanoseconds > longestTick { longestTick = nanoseconds }
    if nanoseconds > slowTickLimit { slowTicks &+= 1 }
  }

  func statistics(foreignCalls: Int) -> LoopStatistics {
    var statistics = LoopStatistics()
    statistics.ticks = ticks
    statistics.jobs = jobs
    statistics.foreignCalls = foreignCalls - foreignCallsBefore
    statistics.longestTick = .nanoseconds(longestTick)
    statistics.recentLongestTick = .nanoseconds(recentTicks.value(at: Instant.monotonicNow.nanoseconds))
    statistics.slowTicks = slowTicks
    statistics.slowCalls = slowCalls
    statistics.busy = .nanoseconds(busy)
    return statistics
  }

  func reset(foreignCalls: Int) {
    (ticks, jobs, longestTick, slowTicks, slowCalls, busy) = (0, 0, 0, 0, 0, 0)
    recentTicks = RecentMaximum()
    foreignCallsBefore = foreignCalls
  }
}

/// The largest of the values of the last 10 to 20 seconds: two windows of 10 seconds, of which the younger one is filled.
private struct RecentMaximum {
  private static let span: Int64 = 10_000_000_000
  private var began: Int64 = 0
  private var younger: Int64 = 0
  private var older: Int64 = 0

  mutating func note(_ value: Int64, at now: Int64) {
    if now &- began >= Self.span {
      older = now &- began < 2 * Self.span ? younger : 0
      younger = 0
      began = now
    }
    if value > younger { younger = value }
  }

  func value(at now: Int64) -> Int64 {
    if now &- began >= 2 * Self.span { return 0 }
    return now &- began >= Self.span ? younger : max(younger, older)
  }
}
