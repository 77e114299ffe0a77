internal import Units

/// The calendar's time, which goes on steadily however the clock is set until it is told to follow it. What is to come is
/// kept by it.
package struct SteadyCalendar {
  /// What the clock may be put right by, in microseconds, without a word about it: that happens all the time.
  package static let tolerance: Int64 = 1_000_000

  private var offset: Int64

  package init(now: Int64 = Timestamp.now().microseconds, sinceStart: Int64 = Timestamp.sinceStart()) {
    offset = now - sinceStart
  }

  /// Microseconds since 1970 UTC.
  var now: Int64 { time(at: Timestamp.sinceStart()) }

  /// The same when so many microseconds have passed since the machine's start.
  package func time(at sinceStart: Int64) -> Int64 { offset &+ sinceStart }

  /// Follows the clock.
  ///
  /// - Returns: by how many microseconds it was set, back when negative; nil when that is less than `tolerance`.
  mutating func follow() -> Int64? {
    let before = Timestamp.sinceStart()
    let wall = Timestamp.now().microseconds
    // If this process did not run between the two, they tell nothing about each other.
    guard Timestamp.sinceStart() - before < Self.tolerance / 10 else { return nil }
    return follow(wall, at: before)
  }

  /// Follows a clock that says `wall` when so many microseconds have passed since the machine's start.
  package mutating func follow(_ wall: Int64, at sinceStart: Int64) -> Int64? {
    let difference = wall &- time(at: sinceStart)
    offset &+= difference
    return difference.magnitude < Self.tolerance.magnitude ? nil : difference
  }
}
