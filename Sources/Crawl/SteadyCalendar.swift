internal import Units

/// The calendar's time, which goes on steadily however the clock is set, and while the machine sleeps stands still, until it
/// is told to follow. What is to come is kept by it.
package struct SteadyCalendar {
  /// What the clock may be put right by, in microseconds, without a word about it: that happens all the time.
  package static let tolerance: Int64 = 1_000_000

  /// For how long the machine has slept since this was made, as far as that is followed; microseconds.
  package private(set) var slept: Int64 = 0
  /// By how much the time since the machine's start is ahead of that in which it was awake, as far as that is followed.
  private var lead: Int64
  private var offset: Int64

  package init(
    now: Int64 = Timestamp.now().microseconds, sinceStart: Int64 = Timestamp.sinceStart(),
    awake: Int64 = Timestamp.sinceStartAwake()
  ) {
    lead = sinceStart - awake
    offset = now - awake
  }

  /// Microseconds since 1970 UTC.
  var now: Int64 { time(at: Timestamp.sinceStartAwake()) }

  /// The same when the machine has been awake for so many microseconds since its start.
  package func time(at awake: Int64) -> Int64 { offset &+ slept &+ awake }

  /// Follows the clocks.
  ///
  /// - Returns: by how many microseconds the clock was set, back when negative, and how long the machine has slept; nil when
  ///   that is less than `tolerance`.
  mutating func follow() -> (jump: Int64?, sleep: Int64?) {
    let before = Timestamp.sinceStart()
    let awake = Timestamp.sinceStartAwake()
    let wall = Timestamp.now().microseconds
    // If this process did not run between them, they tell nothing about each other.
    guard Timestamp.sinceStart() - before < Self.tolerance / 10 else { return (nil, nil) }
    let sleep = followSleep(sinceStart: before, awake: awake)
    return (follow(wall, at: awake), sleep)
  }

  /// Follows a machine that was awake for `awake` of the `sinceStart` microseconds since its start.
  package mutating func followSleep(sinceStart: Int64, awake: Int64) -> Int64? {
    let sleep = sinceStart &- awake &- lead
    guard sleep >= Self.tolerance else { return nil }
    lead &+= sleep
    slept &+= sleep
    return sleep
  }

  /// Follows a clock that says `wall` when the machine has been awake for so many microseconds since its start.
  package mutating func follow(_ wall: Int64, at awake: Int64) -> Int64? {
    let difference = wall &- time(at: awake)
    offset &+= difference
    return difference.magnitude < Self.tolerance.magnitude ? nil : difference
  }
}
