internal import EventLoop
internal import Logging
internal import Store
internal import Units

// What time it is. What has happened is dated by the clock. What is to come (retries, next fetches, blocks, the end of a
// task's time) waits by the loop's clock, which nobody sets, and is kept in the database by the calendar: when the clock is
// set, those times are set with it, so that everything takes as long as it was to. The loop's clock stands still while the
// machine sleeps. That time counts, too, from when it is noticed: within a minute, since no timer of these is set for longer.
extension Crawler {
  /// Microseconds of the loop's monotonic clock and of what the machine has slept: the time that frontier and politeness know.
  var now: Int64 { time(at: loop.now) }

  /// An instant of the loop's clock as `now` counts.
  func time(at instant: EventLoop.Instant) -> Int64 { instant.nanoseconds / 1_000 &+ calendar.slept }

  /// The longest time, in microseconds, for which a timer is set without a look at the clocks: it does not count what the
  /// machine sleeps meanwhile.
  static let longestTimer: Int64 = 60_000_000

  /// Microseconds since 1970 UTC by the clock: for what has happened.
  var wallNow: Int64 { Timestamp.now().microseconds }

  /// Microseconds since 1970 UTC by the calendar that the database's times to come are kept by: it follows the clock when
  /// `noteClock` is called, and goes on steadily in between.
  var dueNow: Int64 { calendar.now }

  /// A time to come of the database as `now` counts.
  func loopTime(ofDue time: Int64) -> Int64 { now &+ (time &- dueNow) }

  /// A time as `now` counts by the calendar, to be shown.
  func wallTime(ofLoop time: Int64) -> Int64 { wallNow &+ (time &- now) }

  /// Follows the clock if it was set, and moves every time to come that is written down by as much; and the machine if it has
  /// slept. Costs four looks at clocks.
  func noteClock() {
    if isStopping { return }
    let (jump, sleep) = calendar.follow()
    if let sleep { noteSleep(sleep) }
    if let jump { noteJump(jump) }
  }

  /// `now` is later by that. Timers are not, and are set anew: `armWakeUp` does so after each look at the clocks.
  private func noteSleep(_ sleep: Int64) {
    wakeUp?.cancel()
    wakeUp = nil
    needsPump()
    promotionSignal.set()
    let sentence =
      "the machine has slept for \(DurationText.format(.microseconds(sleep))): what was due meanwhile is done now"
    logger.notice("\(sentence)")
    announce(.daemon(sentence))
  }

  private func noteJump(_ jump: Int64) {
    clockJumps &+= jump
    var record = VisitRecord(taskID: 0)
    var shift = ClockShift(microseconds: jump)
    for task in tasks.values where !task.state.isFinal {
      task.retriedAt = task.retriedAt.map { $0 &+ jump }
      guard let startedAt = task.startedAt else { continue }
      task.startedAt = startedAt &+ jump
      shift.startedAt[task.id] = startedAt &+ jump
    }
    for id in scheduled { if let task = tasks[id] { task.nextRunAt = task.nextRunAt.map { $0 &+ jump } } }
    noteSchedule()
    record.clockShift = shift
    // In its place among the visits: those before it were dated by the old setting, those after it by the new one.
    lastSequence = store.append(record)
    promotionDue = promotionDue.map { $0 &+ jump }
    let sentence =
      "the clock was set \(jump > 0 ? "forward" : "back") by \(DurationText.format(.microseconds(abs(jump)))): "
      + "delays, retries, blocks and max_time take as long as they were to"
    logger.notice("\(sentence)")
    announce(.daemon(sentence))
  }
}
