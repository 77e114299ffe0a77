/// What a loop has done, and how long it kept others waiting.
public struct LoopStatistics: Sendable, Hashable {
  /// Ticks: times that the kernel was asked.
  public var ticks = 0
  /// Jobs and calls that ran.
  public var jobs = 0
  /// Items that other threads handed over.
  public var foreignCalls = 0
  /// The longest work of one tick: what a socket or a deadline had to wait at worst.
  public var longestTick: Duration = .zero
  /// Ticks that worked longer than the limit (10 ms unless set otherwise).
  public var slowTicks = 0
  /// Time spent at work, without the waiting.
  public var busy: Duration = .zero

  public init() {}
}
