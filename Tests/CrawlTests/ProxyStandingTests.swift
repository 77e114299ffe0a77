import Crawl
import Testing

private let second: Int64 = 1_000_000

/// What requests through a proxy tell of it, and of the hosts behind it.
struct ProxyStandingTests {
  @Test func aHostThatItIsSilentAboutWhileItServesOthersIsToBlame() {
    var proxy = ProxyStanding()
    #expect(proxy.noteServed(1, url: 1, now: 5 * second) == false)
    let verdict = proxy.noteUnserved(2, silentSince: 4 * second)
    #expect(verdict.isHosts && verdict.isCertain && proxy.failures == 0)
  }

  @Test func whatItServedBeforeItsSilenceSaysNothing() {
    var proxy = ProxyStanding()
    _ = proxy.noteServed(1, url: 1, now: 3 * second)
    #expect(!proxy.noteUnserved(2, silentSince: 4 * second).isHosts)
    #expect(proxy.noteFailure(pause: second, now: 14 * second) && proxy.until == 15 * second)
    // All hosts that it is silent about at the same time are one failure.
    #expect(!proxy.noteUnserved(3, silentSince: 4 * second).isHosts)
    #expect(!proxy.noteFailure(pause: second, now: 14 * second) && proxy.failures == 1)
    #expect(proxy.unservedHosts == [2, 3])
    // Then it serves another, and is silent about the first again.
    #expect(proxy.noteServed(1, url: 1, now: 16 * second) && proxy.failures == 0)
    #expect(proxy.noteUnserved(2, silentSince: 20 * second).isCertain)
    _ = proxy.noteServed(3, url: 3, now: 31 * second)
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

  /// As when its password has expired: nothing tells that from servers that answer so, but that it served them before.
  @Test func aProxyThatAnswers407ToAllIsToBlame() {
    var proxy = ProxyStanding()
    for host in Int64(1)...3 { _ = proxy.noteServed(host, url: 0, now: 0) }
    for failure in 0..<3 * ProxyStanding.mostRefusals {
      // Two that it has served, and one that it has not.
      let host = Int64(2 + failure % 3)
      #expect(!proxy.noteRefused(host, url: 1).isHosts)
      fail(&proxy)
    }
    // Not for ever, however: nobody can tell.
    let verdict = proxy.noteRefused(2, url: 1)
    #expect(verdict.isHosts && !verdict.isCertain)
    #expect(!proxy.noteRefused(2, url: 2).isHosts, "it is a matter of each URL")
  }

  @Test func aProxyThatAnswers407AndHasServedNobodyIsToBlame() {
    var proxy = ProxyStanding()
    for _ in 0..<200 {
      #expect(!proxy.noteRefused(1, url: 1).isHosts)
      fail(&proxy)
    }
  }

  @Test func aPageThatIs407WheneverOthersAreServedIsItsServers() {
    var proxy = ProxyStanding()
    _ = proxy.noteServed(1, url: 2, now: 0)
    for turn in 0..<8 {
      let verdict = proxy.noteRefused(1, url: 1)
      #expect(verdict.isHosts == (turn >= ProxyStanding.mostFailures) && verdict.isCertain == verdict.isHosts)
      if !verdict.isCertain { fail(&proxy) }
      _ = proxy.noteServed(1, url: 2, now: 0)
    }
    // Others of that host need no such proof.
    #expect(proxy.noteRefused(1, url: 3).isCertain)
    #expect(!proxy.noteRefused(1, url: 4).isHosts, "nothing was served since")
  }

  @Test func a407ThatIsFollowedByThePageIsTheProxys() {
    var proxy = ProxyStanding()
    for _ in 0..<20 {
      _ = proxy.noteServed(1, url: 1, now: 0)
      _ = proxy.noteServed(2, url: 2, now: 0)
      #expect(!proxy.noteRefused(1, url: 1).isHosts)
      fail(&proxy)
    }
  }

  @Test func aHostThatIsLeftAloneAndWasNeverServedIsToBlameForIts407() {
    var (one, two) = (ProxyStanding(), ProxyStanding())
    _ = one.noteServed(1, url: 1, now: 0)
    _ = two.noteServed(1, url: 1, now: 0)
    for failure in 0..<20 {
      let verdict = one.noteRefused(2, url: failure)
      #expect(verdict.isHosts == (failure >= ProxyStanding.mostFailures) && !verdict.isCertain)
      fail(&one)
      #expect(!two.noteRefused(Int64(2 + failure % 2), url: failure).isHosts, "with another it is the proxy")
      fail(&two)
    }
  }

  /// It is out of order, once more.
  private func fail(_ proxy: inout ProxyStanding) {
    _ = proxy.noteFailure(pause: second, now: max(0, proxy.until))
  }
}
