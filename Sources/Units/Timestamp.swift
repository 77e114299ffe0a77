private import Glibc

/// A point in time: microseconds since 1970-01-01 00:00 UTC, as the database and the control protocol hold it.
package struct Timestamp: Comparable, Hashable, Sendable, Codable, CustomStringConvertible {
  package var microseconds: Int64

  package init(microseconds: Int64) {
    self.microseconds = microseconds
  }

  /// The system's clock (CLOCK_REALTIME); it may jump.
  package static func now() -> Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000)
  }

  /// Microseconds since the machine's start, with the time that it slept (CLOCK_BOOTTIME): nobody sets that clock.
  package static func sinceStart() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }

  /// The same without the time that it slept (CLOCK_MONOTONIC), as the event loop counts it.
  package static func sinceStartAwake() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }

  package init(from decoder: any Decoder) throws {
    microseconds = try decoder.singleValueContainer().decode(Int64.self)
  }

  /// A bare number of microseconds.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(microseconds)
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

  package var description: String { iso8601() }
}
