import EventLoop
import TestWeb
import Testing

/// The judge finds a violation of each rule, and no other in a crawl that keeps them.
@Suite struct PolitenessJudgeTests {
  private func instant(_ milliseconds: Int64) -> Instant { Instant(nanoseconds: milliseconds * 1_000_000) }

  private func entry(_ arrived: Int64, _ target: String, for open: Int64? = 1, status: Int = 200) -> RequestLog.Entry {
    RequestLog.Entry(
      arrived: instant(arrived), answered: open.map { instant(arrived + $0) }, host: "h0.test", target: target,
      status: status)
  }

  private func judge(delay: Int = 0, concurrency: Int = 9, _ change: (inout PolitenessJudge.Host) -> Void = { _ in })
    -> PolitenessJudge
  {
    var judge = PolitenessJudge(tolerance: .milliseconds(10))
    var host = PolitenessJudge.Host()
    host.note(.init(delay: .milliseconds(delay), concurrency: concurrency), at: instant(0))
    change(&host)
    judge.hosts["h0.test"] = host
    return judge
  }

  private func broken(_ judge: PolitenessJudge, _ entries: [RequestLog.Entry]) -> [PolitenessJudge.Rule] {
    judge.verdict(on: RequestLog([entry(0, "/robots.txt")] + entries)).violations.map(\.rule)
  }

  @Test func delays() {
    #expect(broken(judge(delay: 100), [entry(95, "/"), entry(200, "/a")]) == [])
    #expect(broken(judge(delay: 100), [entry(80, "/"), entry(200, "/a")]) == [.delay])
    // What holds when the later request is begun counts.
    let faster = judge(delay: 100) { $0.note(.init(delay: .zero, concurrency: 9), at: instant(210)) }
    #expect(broken(faster, [entry(100, "/"), entry(200, "/a"), entry(220, "/b")]) == [])
    #expect(broken(faster, [entry(100, "/"), entry(150, "/a"), entry(220, "/b")]) == [.delay])
    let slower = judge { $0.note(.init(delay: .milliseconds(100), concurrency: 9), at: instant(50)) }
    #expect(broken(slower, [entry(1, "/"), entry(55, "/a"), entry(120, "/b")]) == [.delay])
    #expect(judge(delay: 100).verdict(on: RequestLog([entry(0, "/"), entry(100, "/a")])).judged[.delay] == 1)
  }

  @Test func aStallOfTheServerIsNoHurryOfTheClient() {
    var judge = judge(delay: 100)
    let entries = [entry(150, "/"), entry(200, "/a")]
    #expect(broken(judge, entries) == [.delay])
    judge.stalls = [instant(100)..<instant(149)]
    #expect(broken(judge, entries) == [])
  }

  @Test func concurrency() {
    let entries = [entry(100, "/", for: 100), entry(110, "/a", for: 100), entry(150, "/b", for: 100)]
    #expect(broken(judge(concurrency: 3), entries) == [])
    #expect(broken(judge(concurrency: 2), entries) == [.concurrency])
    #expect(broken(judge(concurrency: 1), [entry(100, "/", for: 100), entry(195, "/a")]) == [])
    #expect(broken(judge(concurrency: 1), [entry(100, "/", for: nil), entry(195, "/a")]) == [.concurrency])
    // A request ends with its daemon.
    var killed = judge(concurrency: 1)
    killed.kills = [.init(at: instant(150))]
    #expect(broken(killed, [entry(100, "/", for: nil), entry(195, "/a")]) == [])
  }

  @Test func crawlDelays() {
    var slow = judge { $0.crawlDelay = .milliseconds(500) }
    #expect(broken(slow, [entry(500, "/"), entry(1_000, "/a")]) == [])
    #expect(broken(slow, [entry(100, "/"), entry(1_000, "/a")]) == [.crawlDelay])
    // It outlives a kill when it is stored; if it is not, it is unknown until robots.txt is answered again.
    let entries = [entry(500, "/"), entry(700, "/robots.txt"), entry(1_200, "/a")]
    slow.kills = [.init(at: instant(600))]
    #expect(broken(slow, entries) == [.crawlDelay])
    slow.kills[0].forgottenRobots = ["h0.test"]
    #expect(broken(slow, entries) == [])
    #expect(broken(slow, entries + [entry(1_300, "/b")]) == [.crawlDelay])
  }

  @Test func retryAfter() {
    var limited = judge { $0.retryAfter = .seconds(1) }
    let answer = entry(100, "/", status: 429)
    // What was on its way already does not count.
    #expect(broken(limited, [answer, entry(105, "/a"), entry(1_100, "/")]) == [])
    #expect(broken(limited, [answer, entry(900, "/")]) == [.retryAfter])
    #expect(broken(limited, [entry(100, "/", status: 404), entry(900, "/")]) == [])
    limited.kills = [.init(at: instant(200))]
    #expect(broken(limited, [answer, entry(900, "/")]) == [.retryAfter])
    limited.kills[0].forgottenRetryAfter = ["h0.test"]
    #expect(broken(limited, [answer, entry(900, "/")]) == [])
    #expect(broken(limited, [answer, entry(150, "/a"), entry(900, "/")]) == [.retryAfter])
  }

  @Test func robots() {
    let forbidding = judge { $0.forbidden = ["/private/"] }
    #expect(broken(forbidding, [entry(100, "/")]) == [])
    #expect(broken(forbidding, [entry(100, "/private/1")]) == [.robots])
    #expect(
      forbidding.verdict(on: RequestLog([entry(0, "/robots.txt", status: 503), entry(50, "/")])).violations.map(\.rule)
        == [.robots])
    // It was asked for, and not answered yet.
    let slow = [entry(0, "/robots.txt", for: 300), entry(100, "/")]
    #expect(judge().verdict(on: RequestLog(slow)).violations.map(\.rule) == [.robots])
  }

  @Test func rests() {
    let resting = judge { $0.rests = [instant(100)..<instant(200)] }
    #expect(broken(resting, [entry(99, "/"), entry(105, "/a"), entry(200, "/b")]) == [])
    #expect(broken(resting, [entry(150, "/")]) == [.rest])
  }
}
