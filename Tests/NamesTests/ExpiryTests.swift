import Address
import EventLoop
import Names
import TestWeb
import Testing

/// How long answers are believed, by a clock that jumps.
@Suite struct ExpiryTests {
  /// How often the name server was asked when the same name was looked up at these times.
  private func questions(
    askedAt times: [Duration], reply: NameServer.Reply,
    _ change: @escaping @Sendable (inout ResolverConfiguration) -> Void
  ) throws -> [Int] {
    try EventLoop.run(clock: .virtual) {
      let loop = EventLoop.current!
      let server = try NameServer(loop: loop) { _ in reply }
      var configuration = ResolverConfiguration()
      configuration.families = .ipv4
      configuration.servers = "127.0.0.1:\(server.port)"
      change(&configuration)
      let resolver = try Resolver(loop: loop, configuration: configuration)
      let began = loop.now
      var counts: [Int] = []
      for time in times {
        try await loop.sleep(until: began + time)
        _ = await resolver.resolve("www.example")
        counts.append(server.questions.count)
      }
      await resolver.close()
      await server.close()
      return counts
    }
  }

  @Test func `an address is believed for its time to live, and asked for again after it`() throws {
    let times: [Duration] = [.zero, .milliseconds(59_999), .seconds(60), .milliseconds(119_999), .seconds(120)]
    let counts = try questions(askedAt: times, reply: .addresses([ResolverTests.one], seconds: 60)) { _ in }
    #expect(counts == [1, 1, 2, 2, 3])
  }

  @Test func `a name that does not exist is asked for again after the time that is set for that`() throws {
    let times: [Duration] = [.zero, .milliseconds(6_999), .seconds(7), .milliseconds(13_999), .seconds(14)]
    let counts = try questions(askedAt: times, reply: .noSuchName) { $0.negativeTimeToLive = .seconds(7) }
    #expect(counts == [1, 1, 2, 2, 3])
  }
}
