import Crawl
import Testing

@Suite struct SteadyCalendarTests {
  private static let day: Int64 = 86_400_000_000

  @Test func itGoesOnSteadilyUntilItFollowsTheClock() {
    var calendar = SteadyCalendar(now: 10 * Self.day, sinceStart: 5, awake: 5)
    #expect(calendar.time(at: 105) == 10 * Self.day + 100)
    #expect(calendar.follow(11 * Self.day + 100, at: 105) == Self.day)
    #expect(calendar.time(at: 205) == 11 * Self.day + 200)
    #expect(calendar.follow(9 * Self.day + 200, at: 205) == -2 * Self.day)
    #expect(calendar.time(at: 205) == 9 * Self.day + 200)
    #expect(calendar.follow(9 * Self.day + 300, at: 305) == nil)
  }

  @Test func smallStepsAreFollowedWithoutAWord() {
    var calendar = SteadyCalendar(now: 0, sinceStart: 0, awake: 0)
    for step in Int64(1)...100 {
      #expect(calendar.follow(-step * (SteadyCalendar.tolerance - 1), at: 0) == nil)
      #expect(calendar.time(at: 0) == -step * (SteadyCalendar.tolerance - 1))
    }
    #expect(calendar.follow(-101 * SteadyCalendar.tolerance - 2, at: 0) == -SteadyCalendar.tolerance - 102)
  }

  /// Of the time since the machine's start, the 1,000 are from before, too.
  @Test func itIsLaterByWhatTheMachineHasSlept() {
    var calendar = SteadyCalendar(now: 10 * Self.day, sinceStart: 1_000 + 5, awake: 5)
    #expect(calendar.followSleep(sinceStart: 1_000 + 105, awake: 105) == nil)
    #expect(calendar.time(at: 105) == 10 * Self.day + 100)
    // Nobody has followed yet: it stands still.
    #expect(calendar.time(at: 205) == 10 * Self.day + 200)
    #expect(calendar.followSleep(sinceStart: Self.day + 1_000 + 205, awake: 205) == Self.day)
    #expect(calendar.slept == Self.day)
    #expect(calendar.time(at: 205) == 11 * Self.day + 200)
    #expect(calendar.followSleep(sinceStart: Self.day + 1_000 + 305, awake: 305) == nil)
    // The clock went on meanwhile: it was not set.
    #expect(calendar.follow(11 * Self.day + 300, at: 305) == nil)
    let short = SteadyCalendar.tolerance - 1
    #expect(calendar.followSleep(sinceStart: Self.day + short + 1_000 + 405, awake: 405) == nil)
    #expect(calendar.followSleep(sinceStart: Self.day + 2 * short + 1_000 + 505, awake: 505) == 2 * short)
  }
}
