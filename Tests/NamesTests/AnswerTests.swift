import Address
import EventLoop
import Names
import TestWeb
import Testing

/// The two answers of one name, one for each family: what they come to, in whatever order they come.
@Suite struct AnswerTests {
  private static let one = ResolverTests.one
  private static let six = ResolverTests.six

  /// Runs a resolver that asks for both families. The server holds the answers of one of them until it is told to
  /// release them.
  private static func run(
    holding family: String, _ change: @escaping (inout ResolverConfiguration) -> Void = { _ in },
    reply: @escaping @Sendable (_ isIPv6: Bool) -> NameServer.Reply,
    _ body: @escaping @Sendable (Resolver, NameServer) async throws -> Void
  ) throws {
    try ResolverTests.run(
      {
        $0.families = .both
        change(&$0)
      }, reply: { _, isIPv6 in reply(isIPv6) },
      { resolver, server in
        server.onQuestion = { server.holds = $0.hasSuffix(" \(family)") }
        try await body(resolver, server)
      })
  }

  @Test(arguments: ["A", "AAAA"]) func `a name that does not exist is not found, whichever answer comes late`(
    late family: String
  ) throws {
    try Self.run(holding: family, reply: { _ in .noSuchName }) { resolver, server in
      let loop = resolver.loop
      let looking = loop.startTask(name: "look-up") { await resolver.resolve("none.example") }
      while server.questions.count < 2 { try await loop.sleep(for: .zero) }
      // IPv4's answer is enough.
      if family == "A" { server.release() }
      #expect(
        try await looking.value == .failure(kind: .notFound, message: "the name none.example does not exist"))
      server.release()
      #expect(await resolver.resolve("none.example").failure == .notFound)
      #expect(server.questions.count == 2)
    }
  }

  @Test func `a name that does not exist is not found, though IPv6's answer is a failure`() throws {
    try Self.run(holding: "A", reply: { $0 ? .serverFailure : .noSuchName }) { resolver, server in
      let loop = resolver.loop
      let looking = loop.startTask(name: "look-up") { await resolver.resolve("none.example") }
      // Tried three times, then given up.
      while server.questions.count(where: { $0.hasSuffix(" AAAA") }) < 3 { try await loop.sleep(for: .zero) }
      server.release()
      #expect(try await looking.value.failure == .notFound)
    }
  }

  @Test func `IPv6's "does not exist" says nothing of IPv4`() throws {
    try Self.run(holding: "A", reply: { $0 ? .noSuchName : .addresses([Self.one], seconds: 60) }) { resolver, server in
      let loop = resolver.loop
      let looking = loop.startTask(name: "look-up") { await resolver.resolve("www.example") }
      while server.questions.count < 2 { try await loop.sleep(for: .zero) }
      server.release()
      let found = try await looking.value
      #expect(found == .addresses([Self.one], timeToLive: .seconds(60)))
    }
  }

  @Test func `the family that comes late completes what is kept`() throws {
    try Self.run(
      holding: "A", { $0.patience = .milliseconds(1) }, reply: { .addresses([$0 ? Self.six : Self.one], seconds: 60) }
    ) { resolver, server in
      #expect(await resolver.resolve("www.example") == .addresses([Self.six], timeToLive: .seconds(60)))
      #expect(await resolver.resolve("www.example") == .addresses([Self.six], timeToLive: .seconds(60)))
      server.release()
      while await resolver.statistics.queries > 0 { try await resolver.loop.sleep(for: .zero) }
      #expect(await resolver.resolve("www.example") == .addresses([Self.one, Self.six], timeToLive: .seconds(60)))
      #expect(server.questions.count == 2)
    }
  }

  @Test func `an answer that comes after the deadline is kept`() throws {
    try Self.run(
      holding: "A", { $0.deadline = .milliseconds(1) }, reply: { $0 ? .nothing : .addresses([Self.one], seconds: 60) }
    ) { resolver, server in
      #expect(await resolver.resolve("www.example").failure == .timeout)
      while server.questions.count < 2 { try await resolver.loop.sleep(for: .zero) }
      server.release()
      while await resolver.statistics.queries > 0 { try await resolver.loop.sleep(for: .zero) }
      #expect(await resolver.resolve("www.example") == .addresses([Self.one], timeToLive: .seconds(60)))
      #expect(server.questions.count == 2)
    }
  }

  @Test(arguments: [true, false]) func `one family is kept for long only if the other one is known to have none`(
    isKnown: Bool
  ) throws {
    try ResolverTests.run(
      {
        $0.families = .both
        $0.negativeTimeToLive = .zero
      }, reply: { _, isIPv6 in isIPv6 ? .addresses([Self.six], seconds: 60) : isKnown ? .nothing : .serverFailure }
    ) { resolver, server in
      for _ in 1...3 {
        #expect(await resolver.resolve("www.example") == .addresses([Self.six], timeToLive: .seconds(60)))
      }
      #expect(server.questions.count { $0.hasSuffix(" AAAA") } == (isKnown ? 1 : 3))
    }
  }
}
