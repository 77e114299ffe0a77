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
  /// The work of the last tick that ended.
  public var lastTick = Duration.zero
  /// Ticks that worked longer than the limit (10 ms unless set otherwise).
  public var slowTicks = 0
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
  private var lastTick: Int64 = 0
  private var slowTicks = 0
  private var busy: Int64 = 0

  func countJobs(_ count: Int) {
    jobs &+= count
  }

  func countTick(nanoseconds: Int64) {
    ticks &+= 1
    busy &+= nanoseconds
    lastTick = nanoseconds
    if nanoseconds > longestTick { longestTick = nanoseconds }
    if nanoseconds > slowTickLimit { slowTicks &+= 1 }
  }

  func statistics(foreignCalls: Int) -> LoopStatistics {
    var statistics = LoopStatistics()
    statistics.ticks = ticks
    statistics.jobs = jobs
    statistics.foreignCalls = foreignCalls - foreignCallsBefore
    statistics.longestTick = .nanoseconds(longestTick)
    statistics.lastTick = .nanoseconds(lastTick)
    statistics.slowTicks = slowTicks
    statistics.busy = .nanoseconds(busy)
    return statistics
  }

  func reset(foreignCalls: Int) {
    (ticks, jobs, longestTick, lastTick, slowTicks, busy) = (0, 0, 0, 0, 0, 0)
    foreignCallsBefore = foreignCalls
  }
}
