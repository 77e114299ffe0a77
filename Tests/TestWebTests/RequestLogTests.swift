import EventLoop
import TestWeb
import Testing

@Suite struct RoutesTests {
  private let routes = Routes(site: Site(hosts: 2, pages: 10))

  private func text(_ target: String, on host: String = "h0.test", visit: Int = 1) -> String {
    guard case .send(let bytes)? = routes.steps(host: host, target: target, visit: visit).first else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func pagesAndWhatIsNone() {
    #expect(text("/").hasPrefix("HTTP/1.1 200 "))
    #expect(text("/p/9").contains("<title>Page 9 of host 0</title>"))
    #expect(text("/p/10").hasPrefix("HTTP/1.1 404 "))
    #expect(text("/", on: "elsewhere.test").hasPrefix("HTTP/1.1 404 "))
    #expect(text("/robots.txt").hasSuffix(routes.robots(host: "h0.test")))
  }

  @Test func redirects() {
    #expect(text("/redirect/2").contains("Location: /redirect/1\r\n"))
    #expect(text("/redirect/0").hasPrefix("HTTP/1.1 200 "))
    #expect(text("/loop/a").contains("Location: /loop/b\r\n"))
    #expect(text("/to/1/3").contains("Location: http://h1.test/p/3\r\n"))
  }

  @Test func thePageOfFaultsNamesEachOfThem() {
    let page = text("/faults")
    for fault in Fault.answers {
      #expect(page.contains("\"\(fault.target)\""))
      #expect(!routes.steps(host: "h0.test", target: fault.target, visit: 1).isEmpty)
    }
  }

  @Test func aFaultThatPasses() {
    #expect(text("/fault/unavailable/2", visit: 1).hasPrefix("HTTP/1.1 503 "))
    #expect(text("/fault/unavailable/2", visit: 2).hasPrefix("HTTP/1.1 503 "))
    #expect(text("/fault/unavailable/2", visit: 3).hasPrefix("HTTP/1.1 200 "))
    #expect(text("/fault/rate-limited/7").contains("Retry-After: 7\r\n"))
  }
}

@Suite struct RequestLogTests {
  private func entry(_ milliseconds: Int64, _ target: String, answeredAfter: Int64 = 1, connection: Int = 1)
    -> RequestLog.Entry
  {
    let arrived = Instant(nanoseconds: milliseconds * 1_000_000)
    return RequestLog.Entry(
      arrived: arrived, answered: arrived + .milliseconds(answeredAfter), host: "h0.test", target: target, status: 200,
      connection: connection)
  }

  @Test func statisticsCountWhatTheyName() {
    let log = RequestLog([
      entry(0, "/robots.txt"), entry(10, "/"), entry(14, "/p/1", answeredAfter: 10, connection: 2),
      entry(20, "/p/2", answeredAfter: 3), entry(30, "/p/1"), entry(40, "/private/1"),
    ])
    let statistics = log.statistics()
    #expect(statistics.requests == 6)
    #expect(statistics.robotsRequests == 1)
    #expect(statistics.distinct == 4)
    #expect(statistics.duplicates == 1)
    #expect(statistics.robotsViolations == 1)
    #expect(statistics.connections == 2)
    #expect(statistics.hosts["h0.test"]?.minimumSpacing == .milliseconds(4))
    #expect(statistics.hosts["h0.test"]?.span == .milliseconds(40))
    #expect(statistics.hosts["h0.test"]?.maximumConcurrency == 2)
  }

  @Test func aLineHoldsNoControlCharacters() {
    let line = RequestLog([entry(0, "/a\tb\nc")]).entries[0].line
    #expect(line.split(separator: "\t", omittingEmptySubsequences: false).count == 7)
    #expect(line.contains("/a?b?c"))
  }
}
