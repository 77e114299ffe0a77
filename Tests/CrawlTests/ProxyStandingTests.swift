import Crawl
import Testing

private let second: Int64 = 1_000_000

/// What requests through a proxy tell of it, and of the hosts behind it.
struct ProxyStandingTests {
  @Test func aHostThatItIsSilentAboutWhileItServesOthersIsToBlame() {
    var proxy = ProxyStanding()
    #expect(proxy.noteServed(1, now: 5 * second) == false)
    let verdict = proxy.noteUnserved(2, silentSince: 4 * second)
    #expect(verdict.isHosts && verdict.isCertain && proxy.failures == 0)
  }

  @Test func whatItServedBeforeItsSilenceSaysNothing() {
    var proxy = ProxyStanding()
    _ = proxy.noteServed(1, now: 3 * second)
    #expect(!proxy.noteUnserved(2, silentSince: 4 * second).isHosts)
    #expect(proxy.noteFailure(pause: second, now: 14 * second) && proxy.until == 15 * second)
    // All hosts that it is silent about at the same time are one failure.
    #expect(!proxy.noteUnserved(3, silentSince: 4 * second).isHosts)
    #expect(!proxy.noteFailure(pause: second, now: 14 * second) && proxy.failures == 1)
    #expect(proxy.unservedHosts == [2, 3])
    // Then it serves another, and is silent about the first again.
    #expect(proxy.noteServed(1, now: 16 * second) && proxy.failures == 0)
    #expect(proxy.noteUnserved(2, silentSince: 20 * second).isCertain)
    _ = proxy.noteServed(3, now: 31 * second)
    #expect(proxy.unservedHosts == [2])
  }

  /// Or because it has hung: nobody can tell, so that each costs a host an attempt, and few are made.
  @Test func aProxyThatIsSilentForLongMayBeSoBecauseOnlySuchHostsAreLeft() {
    var proxy = ProxyStanding()
    var now: Int64 = 0
    for failure in 0..<8 {
      let verdict = proxy.noteUnserved(Int64(failure), silentSince: now)
      #expect(verdict.isHosts == (failure >= ProxyStanding.mostFailures) && !verdict.isCertain)
      #expect(proxy.noteFailure(pause: second, now: now) == (failure == 0))
      #expect(proxy.until == now + second << Int64(min(failure, 6)) || proxy.until == now + 60 * second)
      now = proxy.until
    }
  }

  /// Such as one that speaks something else.
  @Test func aProxyThatEndsEveryConnectionIsToBlameAsLongAsItHasServedNobody() {
    var proxy = ProxyStanding()
    for failure in 0..<20 {
      #expect(!proxy.noteUnserved(Int64(failure % 3), silentSince: nil).isHosts)
      _ = proxy.noteFailure(pause: second, now: proxy.until == .min ? 0 : proxy.until)
    }
  }
}
