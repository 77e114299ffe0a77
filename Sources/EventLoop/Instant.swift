import CLinux

extension EventLoop {
  /// A point on the loop's monotonic time line, in nanoseconds; it says nothing about the calendar.
  ///
  /// Arithmetic saturates at the ends of the line (292 years) and never traps.
  public struct Instant: InstantProtocol, Comparable, Hashable, Sendable, CustomStringConvertible {
    /// Nanoseconds since the line's zero: the machine's start, or 0 of a virtual clock.
    public var nanoseconds: Int64

    public init(nanoseconds: Int64) {
      self.nanoseconds = nanoseconds
    }

    /// The machine's monotonic time now. Coroutines use `EventLoop.now` instead, which a virtual clock can move.
    public static var monotonicNow: Instant { Instant(nanoseconds: clinux_monotonic()) }

    public static func < (left: Instant, right: Instant) -> Bool { left.nanoseconds < right.nanoseconds }

    public static func + (instant: Instant, duration: Duration) -> Instant { instant.advanced(by: duration) }

    public static func - (instant: Instant, duration: Duration) -> Instant {
      let (result, overflow) = instant.nanoseconds.subtractingReportingOverflow(nanoseconds(of: duration))
      return Instant(nanoseconds: overflow ? (duration < .zero ? .max : .min) : result)
    }

    public static func - (left: Instant, right: Instant) -> Duration { right.duration(to: left) }

    public static func += (instant: inout Instant, duration: Duration) { instant = instant.advanced(by: duration) }

    public func advanced(by duration: Duration) -> Instant {
      let (result, overflow) = nanoseconds.addingReportingOverflow(Self.nanoseconds(of: duration))
      return Instant(nanoseconds: overflow ? (duration < .zero ? .min : .max) : result)
    }

    public func duration(to other: Instant) -> Duration {
      let (result, overflow) = other.nanoseconds.subtractingReportingOverflow(nanoseconds)
      return .nanoseconds(overflow ? (other < self ? .min : .max) : result)
    }

    public var description: String { "\(Duration.nanoseconds(nanoseconds))" }

    /// The duration in nanoseconds, saturated to the range of `Int64`.
    static func nanoseconds(of duration: Duration) -> Int64 {
      Int64(clamping: duration.attoseconds / 1_000_000_000)
    }
  }

  /// Where a loop takes its time from.
  public enum Clock: Sendable, Hashable {
    /// The machine's monotonic clock.
    case monotonic
    /// For tests: time starts at 0 and stands still while anything can run; when nothing is ready and no call runs on
    /// another thread, it jumps to the next deadline. Sockets that are ready come before the jump. When there is no
    /// deadline, no watch and no such call either, the run throws `.deadlocked` instead of waiting for ever.
    case virtual
  }
}

/// A point on an event loop's time line.
public typealias Instant = EventLoop.Instant
