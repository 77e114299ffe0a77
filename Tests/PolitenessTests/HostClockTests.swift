import Politeness
import Testing

private let second: Int64 = 1_000_000

@Suite struct HostClockTests {
  private func answered(_ clock: inout HostClock, at now: Int64, _ observation: FetchObservation) {
    clock.start(now: now)
    clock.finish(now: now, observation: observation)
  }

  /// Whether the clock lets a request out.
  private func sends(_ clock: inout HostClock, at now: Int64, isAgain: Bool = false) -> Bool {
    clock.send(now: now, isAgain: isAgain)
  }

  @Test func startsAreTheDelayApart() {
    var clock = HostClock(delay: second, concurrency: 2, now: 5 * second)
    #expect(clock.readyTime() == 5 * second)
    clock.start(now: 5 * second)
    #expect(sends(&clock, at: 5 * second))
    #expect(clock.readyTime() == 6 * second)
    clock.start(now: 6 * second)
    #expect(clock.readyTime() == nil)
    clock.finish(now: 6 * second + 1, observation: FetchObservation(.ok))
    #expect(clock.readyTime() == 7 * second)
    #expect(clock.inFlight == 1)
  }

  @Test func firstStartMayBeLater() {
    let clock = HostClock(delay: second, concurrency: 1, now: 0, notBefore: second)
    #expect(clock.readyTime() == second)
    #expect(clock.wait(now: 0) == .delay(until: second))
  }

  @Test func firstStartIsTheDelayOfNowAfterOneOfAnEarlierDaemon() {
    var clock = HostClock(delay: 0, concurrency: 1, now: 9 * second)
    clock.noteEarlierStart(10 * second)
    #expect(clock.readyTime() == 10 * second)
    clock.configure(delay: 5 * second, concurrency: 1, crawlDelay: nil)
    #expect(clock.readyTime() == 15 * second && !clock.hasStarted)
    answered(&clock, at: 15 * second, FetchObservation(.ok))
    #expect(clock.readyTime() == 20 * second && clock.hasStarted)
  }

  @Test func delayCountsFromTheRequestWhenItLeftLate() {
    var clock = HostClock(delay: second, concurrency: 1, now: 0)
    clock.start(now: 0)
    #expect(sends(&clock, at: 900_000))
    clock.finish(now: second, observation: FetchObservation(.ok, latency: 1, isSent: true))
    #expect(clock.readyTime() == 1_900_000)
  }

  @Test func nothingStartsBeforeItIsKnownWhenTheRequestBeforeIsSent() {
    var clock = HostClock(delay: second, concurrency: 3, now: 0)
    clock.start(now: 0)
    #expect(clock.readyTime() == nil)
    #expect(clock.wait(now: 5 * second) == .request)
    #expect(sends(&clock, at: 5 * second))
    #expect(clock.readyTime() == 6 * second)
    clock.start(now: 6 * second)
    clock.finish(now: 7 * second, observation: FetchObservation(.ok, isSent: true))
    #expect(clock.readyTime() == nil, "the end of one tells nothing of the other's request")
    clock.finish(now: 8 * second, observation: FetchObservation(.aborted))
    #expect(clock.readyTime() == 7 * second, "one that was never sent counts from its start")
    clock.start(now: 8 * second)
    #expect(sends(&clock, at: 8 * second))
    #expect(sends(&clock, at: 9 * second, isAgain: true))
    #expect(clock.readyTime() == 10 * second, "the last time counts")
  }

  @Test func withoutADelayRequestsAreNotWaitedFor() {
    var clock = HostClock(delay: 0, concurrency: 3, now: 0)
    clock.start(now: 0)
    clock.start(now: 0)
    #expect(clock.wait(now: 0) == .nothing)
    clock.configure(delay: second, concurrency: 3, crawlDelay: nil)
    #expect(sends(&clock, at: 0))
    #expect(clock.readyTime() == nil, "both were started before the delay was set")
    #expect(sends(&clock, at: 1))
    #expect(clock.readyTime() == second + 1)
  }

  @Test func whatWasStartedIsNotSentOnceTheHostIsToBeLeftAlone() {
    var clock = HostClock(delay: 0, concurrency: 3, now: 0)
    for _ in 0..<3 { clock.start(now: 0) }
    #expect(sends(&clock, at: 1))
    clock.finish(now: 2, observation: FetchObservation(.rateLimited(retryAfter: second), isSent: true))
    #expect(!sends(&clock, at: 3))
    #expect(sends(&clock, at: 2 + second), "its time is over")
    clock.block(until: 5 * second, reason: .user)
    #expect(!sends(&clock, at: 4 * second, isAgain: true))
  }

  @Test func crawlDelayRaisesTheDelayUpToItsMaximum() {
    var clock = HostClock(delay: second, concurrency: 1, now: 0)
    answered(&clock, at: 0, FetchObservation(.ok))
    clock.configure(delay: second, concurrency: 1, crawlDelay: 10 * second)
    #expect(clock.readyTime() == 10 * second)
    #expect(clock.wait(now: second) == .crawlDelay(until: 10 * second))
    clock.configure(delay: second, concurrency: 1, crawlDelay: .max)
    #expect(clock.readyTime() == HostClock.maximumCrawlDelay)
    clock.configure(delay: second, concurrency: 1, crawlDelay: second / 2)
    #expect(clock.effectiveDelay == second)
  }

  @Test func newSettingsCountFromTheLastStart() {
    var clock = HostClock(delay: second, concurrency: 3, now: 0)
    clock.start(now: 0)
    clock.configure(delay: 4 * second, concurrency: 1, crawlDelay: nil)
    #expect(clock.readyTime() == nil)
    #expect(clock.wait(now: 0) == .slots(inFlight: 1, concurrency: 1))
    clock.finish(now: 1, observation: FetchObservation(.ok))
    #expect(clock.readyTime() == 4 * second)
    clock.configure(delay: -5, concurrency: 0, crawlDelay: -7)
    #expect(clock.readyTime() == 0)
    #expect(clock.concurrency == 1)
  }

  @Test func rateLimitDoublesTheDelayAndSuccessesLowerIt() {
    var clock = HostClock(delay: 2 * second, concurrency: 1, now: 0)
    answered(&clock, at: 0, FetchObservation(.rateLimited(retryAfter: nil)))
    #expect(clock.effectiveDelay == 4 * second)
    #expect(clock.wait(now: 0) == .throttle(until: 4 * second))
    answered(&clock, at: 4 * second, FetchObservation(.ok))
    #expect(clock.effectiveDelay == 3_500_000)
    for step in 1...10 { answered(&clock, at: Int64(step) * 100 * second, FetchObservation(.ok)) }
    #expect(clock.throttleDelay == 0)
    #expect(clock.effectiveDelay == 2 * second)
  }

  @Test func throttleEndsAtAMinuteButALongerDelayHolds() {
    var clock = HostClock(delay: second, concurrency: 1, now: 0)
    var slow = HostClock(delay: 300 * second, concurrency: 1, now: 0)
    for step in 0..<20 {
      answered(&clock, at: Int64(step) * 1_000 * second, FetchObservation(.rateLimited(retryAfter: nil)))
      answered(&slow, at: Int64(step) * 1_000 * second, FetchObservation(.rateLimited(retryAfter: nil)))
    }
    #expect(clock.effectiveDelay == HostClock.maximumThrottle)
    #expect(slow.effectiveDelay == 300 * second)
  }

  @Test func withoutADelayOnlyRateLimitsThrottle() {
    var clock = HostClock(delay: 0, concurrency: 1, now: 0)
    answered(&clock, at: 0, FetchObservation(.ok, latency: 1_000))
    for _ in 0..<50 { answered(&clock, at: 0, FetchObservation(.ok, latency: 30 * second)) }
    answered(&clock, at: 0, FetchObservation(.networkError))
    answered(&clock, at: 0, FetchObservation(.serverError))
    #expect(clock.effectiveDelay == 0)
    answered(&clock, at: 0, FetchObservation(.rateLimited(retryAfter: nil)))
    #expect(clock.effectiveDelay == HostClock.firstThrottle)
    for step in 1...60 { answered(&clock, at: Int64(step) * 2 * second, FetchObservation(.ok)) }
    #expect(clock.effectiveDelay == 0)
  }

  @Test func risingLatencyThrottlesAndAnswersThatAreSlowFromTheStartDoNot() {
    var clock = HostClock(delay: second, concurrency: 1, now: 0)
    for step in 0..<20 { answered(&clock, at: Int64(step) * 100 * second, FetchObservation(.ok, latency: 50_000)) }
    #expect(clock.throttleDelay == 0)
    var longest: Int64 = 0
    for step in 20..<60 {
      answered(&clock, at: Int64(step) * 100 * second, FetchObservation(.ok, latency: 3 * second))
      longest = max(longest, clock.effectiveDelay)
    }
    #expect(longest > second)
    #expect(longest < 2 * second, "once for each time that it has doubled")
    #expect(clock.throttleDelay == 0, "later than before, but no later than the last")
    var slow = HostClock(delay: second, concurrency: 1, now: 0)
    for step in 0..<20 { answered(&slow, at: Int64(step) * 100 * second, FetchObservation(.ok, latency: 3 * second)) }
    #expect(slow.throttleDelay == 0)
  }

  @Test func errorsMultiplyTheDelay() {
    var clock = HostClock(delay: 4 * second, concurrency: 1, now: 0)
    answered(&clock, at: 0, FetchObservation(.serverError))
    #expect(clock.effectiveDelay == 5 * second)
    answered(&clock, at: 5 * second, FetchObservation(.networkError))
    #expect(clock.effectiveDelay == 7_500_000)
    answered(&clock, at: 20 * second, FetchObservation(.aborted))
    #expect(clock.effectiveDelay == 7_500_000)
  }

  @Test func aSilentHostIsLeftAloneAndThenTriedByOneFetch() {
    var clock = HostClock(delay: 0, concurrency: 4, now: 0)
    for _ in 1..<HostClock.failuresOfOutage { answered(&clock, at: 0, FetchObservation(.silent)) }
    answered(&clock, at: 0, FetchObservation(.ok))
    for _ in 1..<HostClock.failuresOfOutage { answered(&clock, at: 0, FetchObservation(.silent)) }
    #expect(clock.wait(now: 0) == .nothing, "an answer in between begins the count anew")
    for _ in 0..<4 { clock.start(now: 0) }
    for _ in 0..<4 { clock.finish(now: second, observation: FetchObservation(.silent)) }
    let first = second + HostClock.firstOutage
    #expect(clock.wait(now: second) == .blocked(until: first, .outage), "four that were in flight are one outage")
    clock.start(now: first)
    #expect(clock.readyTime() == nil, "one at a time")
    #expect(clock.wait(now: first) == .slots(inFlight: 1, concurrency: 1))
    clock.finish(now: first, observation: FetchObservation(.silent))
    #expect(clock.wait(now: first) == .blocked(until: first + HostClock.maximumOutage, .outage))
    let second = first + HostClock.maximumOutage
    answered(&clock, at: second, FetchObservation(.networkError))
    #expect(clock.wait(now: second) == .nothing, "what came was no answer, but not silence")
    answered(&clock, at: second, FetchObservation(.silent))
    #expect(clock.readyTime() == second + HostClock.maximumOutage)
    clock.endOutage()
    for _ in 0..<4 { clock.start(now: second) }
    #expect(clock.inFlight == 4, "an answer, or somebody who asks, ends it")
  }

  @Test func silenceBehindAProxySaysNothingOfOtherWays() {
    var clock = HostClock(delay: second, concurrency: 1, now: 0)
    for step in 0..<20 {
      answered(&clock, at: Int64(step) * 100 * second, FetchObservation(.silent, proxy: "office"))
    }
    #expect(clock.blockedUntil == nil)
    #expect(clock.effectiveDelay == HostClock.maximumThrottle, "but it is asked less often")
  }

  @Test func theEndOfAnOutageLeavesWhatTheHostHasAskedFor() {
    var clock = HostClock(delay: 0, concurrency: 7, now: 0)
    for _ in 0..<7 { clock.start(now: 0) }
    clock.finish(now: 0, observation: FetchObservation(.rateLimited(retryAfter: 20 * second)))
    for _ in 0..<HostClock.failuresOfOutage { clock.finish(now: second, observation: FetchObservation(.silent)) }
    #expect(clock.wait(now: second) == .blocked(until: 31 * second, .outage))
    let lasting = clock.lastingBlock(now: second)
    #expect(lasting?.until == 20 * second && lasting?.reason == .retryAfter, "what a later daemon must know")
    clock.finish(now: 2 * second, observation: FetchObservation(.ok))
    #expect(clock.wait(now: 2 * second) == .blocked(until: 20 * second, .retryAfter))
    clock.unblock()
    #expect(clock.blockedUntil == nil && clock.lastingBlock(now: 0) == nil)
  }

  @Test func oneBurstOfRateLimitsRaisesTheThrottleOnce() {
    var clock = HostClock(delay: 0, concurrency: 8, now: 0)
    for _ in 0..<8 { clock.start(now: 0) }
    for _ in 0..<8 { clock.finish(now: 1, observation: FetchObservation(.rateLimited(retryAfter: nil))) }
    #expect(clock.throttleDelay == HostClock.firstThrottle)
    answered(&clock, at: 2 * second, FetchObservation(.rateLimited(retryAfter: nil)))
    #expect(clock.throttleDelay == 2 * HostClock.firstThrottle)
  }

  @Test func retryAfterBlocksTheHostForAnHourAtMost() {
    var clock = HostClock(delay: second, concurrency: 1, now: 0)
    answered(&clock, at: 0, FetchObservation(.rateLimited(retryAfter: 30 * second)))
    #expect(clock.readyTime() == 30 * second)
    #expect(clock.wait(now: 0) == .blocked(until: 30 * second, .retryAfter))
    answered(&clock, at: 30 * second, FetchObservation(.rateLimited(retryAfter: .max)))
    #expect(clock.blockedUntil == 3_630 * second)
    answered(&clock, at: 3_630 * second, FetchObservation(.rateLimited(retryAfter: .min)))
    #expect(clock.readyTime() == 3_638 * second)
  }

  /// What ends first is not what is waited for.
  @Test func aBlockThatEndsBeforeThePaceIsNotWaitedFor() {
    var clock = HostClock(delay: 25 * second, concurrency: 1, now: 0)
    answered(&clock, at: 0, FetchObservation(.ok))
    clock.block(until: 5 * second, reason: .user)
    #expect(clock.wait(now: second) == .delay(until: 25 * second) && clock.readyTime() == 25 * second)
    clock.block(until: 25 * second, reason: .user)
    #expect(clock.wait(now: second) == .blocked(until: 25 * second, .user))
    clock.configure(delay: 25 * second, concurrency: 1, crawlDelay: 40 * second)
    #expect(clock.wait(now: second) == .crawlDelay(until: 40 * second))
    clock.start(now: 40 * second)
    clock.block(until: 45 * second, reason: .retryAfter)
    #expect(clock.wait(now: 41 * second) == .slots(inFlight: 1, concurrency: 1))
    clock.finish(now: 46 * second, observation: FetchObservation(.rateLimited(retryAfter: 10 * second)))
    #expect(clock.wait(now: 47 * second) == .throttle(until: 100 * second), "the throttle asks for more")
  }

  @Test func retryAfterOfARedirectIsObeyedAndNoSignOfTrouble() {
    var clock = HostClock(delay: second, concurrency: 1, now: 0)
    answered(&clock, at: 0, FetchObservation(.postponed(retryAfter: 30 * second)))
    #expect(clock.wait(now: 0) == .blocked(until: 30 * second, .retryAfter))
    #expect(clock.effectiveDelay == second)
    answered(&clock, at: 30 * second, FetchObservation(.postponed(retryAfter: .max)))
    #expect(clock.blockedUntil == 3_630 * second)
  }

  @Test func theLongerBlockStaysUntilItIsLifted() {
    var clock = HostClock(delay: 0, concurrency: 1, now: 0)
    clock.block(until: .max, reason: .user)
    clock.block(until: second, reason: .retryAfter)
    #expect(clock.readyTime() == .max)
    #expect(clock.blockReason == .user)
    // One does not take the place of the other, whatever the order.
    clock.block(until: 3 * second, reason: .retryAfter)
    clock.block(until: 2 * second, reason: .user)
    #expect(clock.blockReason == .retryAfter && clock.blockedUntil == 3 * second)
    clock.block(until: 4 * second, reason: .user)
    #expect(clock.blockReason == .user && clock.blockedUntil == 4 * second)
    clock.block(until: second, reason: .user)
    #expect(clock.blockReason == .retryAfter && clock.blockedUntil == 3 * second)
    #expect(clock.lastingBlock(now: 0)?.until == 3 * second, "the user's is not the clock's to keep")
    #expect(clock.pacedTime == 0, "a block is no pace")
    clock.unblock()
    #expect(clock.readyTime() == 0)
    #expect(clock.blockReason == nil)
    #expect(clock.wait(now: 0) == .nothing)
  }

  @Test func aStoredThrottleIsClamped() {
    let clock = HostClock(delay: 0, concurrency: 1, now: 0, throttleDelay: .max)
    #expect(clock.effectiveDelay == HostClock.maximumThrottle)
  }

  @Test func statusTellsTheKind() {
    #expect(FetchObservation.kind(status: 429, retryAfter: 5) == .rateLimited(retryAfter: 5))
    #expect(FetchObservation.kind(status: 503, retryAfter: nil) == .rateLimited(retryAfter: nil))
    #expect(FetchObservation.kind(status: 502, retryAfter: 5) == .serverError)
    #expect(FetchObservation.kind(status: 404, retryAfter: 5) == .ok)
    #expect(FetchObservation.kind(status: 200, retryAfter: 5) == .ok)
    for status in [301, 307, 413] {
      #expect(FetchObservation.kind(status: status, retryAfter: 5) == .postponed(retryAfter: 5))
      #expect(FetchObservation.kind(status: status, retryAfter: nil) == .ok)
    }
  }

  @Test func tooEarlyAStartTraps() async {
    await #expect(processExitsWith: .failure) {
      var clock = HostClock(delay: 1_000_000, concurrency: 2, now: 0)
      clock.start(now: 0)
      _ = clock.send(now: 0)
      clock.start(now: 999_999)
    }
    await #expect(processExitsWith: .failure) {
      var clock = HostClock(delay: 0, concurrency: 1, now: 0)
      clock.start(now: 0)
      clock.start(now: 0)
    }
    await #expect(processExitsWith: .failure) {
      var clock = HostClock(delay: 0, concurrency: 1, now: 0)
      clock.finish(now: 0, observation: FetchObservation(.ok))
    }
  }
}
