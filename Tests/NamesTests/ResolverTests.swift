import Address
import EventLoop
import Names
import TestWeb
import Testing

@Suite struct ResolverTests {
  static let one = Address("192.0.2.1")!
  static let two = Address("192.0.2.2")!
  static let six = Address("2001:db8::6")!

  /// Runs a resolver against a name server of its own.
  static func run(
    hostsFile: String? = nil, clock: EventLoop.Clock = .monotonic,
    _ change: (inout ResolverConfiguration) -> Void = { _ in },
    reply: @escaping @Sendable (_ name: String, _ isIPv6: Bool) -> NameServer.Reply,
    _ body: @escaping @Sendable (Resolver, NameServer) async throws -> Void
  ) throws {
    var configuration = ResolverConfiguration()
    configuration.families = .ipv4
    change(&configuration)
    let changed = configuration
    try EventLoop.run(clock: clock) {
      let loop = EventLoop.current!
      let server = try NameServer(loop: loop) { reply($0.name, $0.isIPv6) }
      var configuration = changed
      configuration.servers = "127.0.0.1:\(server.port)"
      let resolver = try Resolver(loop: loop, hostsFile: hostsFile, configuration: configuration)
      try await body(resolver, server)
      await resolver.close()
      await server.close()
    }
  }

  @Test func `a name is looked up with its time to live`() throws {
    try ResolverTests.run(reply: { _, _ in .addresses([ResolverTests.one, ResolverTests.two], seconds: 77) }) {
      resolver, server in
      let resolution = await resolver.resolve("www.example")
      #expect(resolution == .addresses([ResolverTests.one, ResolverTests.two], timeToLive: .seconds(77)))
      #expect(server.questions == ["www.example A"])
    }
  }

  @Test func `an answer is kept, whatever the spelling of the name`() throws {
    try ResolverTests.run(reply: { _, _ in .addresses([ResolverTests.one], seconds: 60) }) { resolver, server in
      for name in ["www.example", "WWW.Example", "www.example.", "www.example"] {
        #expect(await resolver.resolve(name) == .addresses([ResolverTests.one], timeToLive: .seconds(60)))
      }
      #expect(server.questions.count == 1)
      let statistics = await resolver.statistics
      #expect(statistics.cacheHits == 3)
      #expect(statistics.cached == 1)
    }
  }

  @Test func `an answer without time to live is not kept`() throws {
    try ResolverTests.run(reply: { _, _ in .addresses([ResolverTests.one], seconds: 0) }) { resolver, server in
      _ = await resolver.resolve("www.example")
      _ = await resolver.resolve("www.example")
      #expect(server.questions.count == 2)
    }
  }

  /// In virtual time, which goes on when nothing is left to do; so a deadline may fall due while an answer is under way.
  @Test(arguments: [true, false]) func `a name is asked for again when its time is over`(exists: Bool) throws {
    try ResolverTests.run(
      clock: .virtual,
      {
        $0.deadline = .seconds(86_400)
        $0.negativeTimeToLive = .seconds(30)
      },
      reply: { _, _ in
        exists ? .addresses([ResolverTests.one], seconds: 30) : .noSuchNameFor(minimum: 900, seconds: 3_600)
      }
    ) { resolver, server in
      let loop = resolver.loop
      for questions in 1...3 {
        #expect(await resolver.resolve("www.example").failure == (exists ? nil : .notFound))
        try await loop.sleep(for: .milliseconds(29_999))
        #expect(await resolver.resolve("www.example").failure == (exists ? nil : .notFound))
        #expect(server.questions.count == questions)
        try await loop.sleep(for: .milliseconds(1))
      }
    }
  }

  @Test func `a name that had addresses is not believed to be gone for long`() throws {
    nonisolated(unsafe) var exists = true
    try ResolverTests.run(
      clock: .virtual, { $0.deadline = .seconds(86_400) },
      reply: { _, _ in
        exists ? .addresses([ResolverTests.one], seconds: 10) : .noSuchNameFor(minimum: 900, seconds: 900)
      }
    ) { resolver, server in
      #expect(await resolver.resolve("www.example").failure == nil)
      exists = false
      try await resolver.loop.sleep(for: .seconds(10))
      for questions in 2...3 {
        #expect(await resolver.resolve("www.example").failure == .notFound)
        try await resolver.loop.sleep(for: .milliseconds(4_999))
        #expect(await resolver.resolve("www.example").failure == .notFound)
        #expect(server.questions.count == questions)
        try await resolver.loop.sleep(for: .milliseconds(1))
      }
      exists = true
      #expect(await resolver.resolve("www.example").failure == nil)
    }
  }

  private static let denials: [(UInt32?, UInt32?, Int)] = [
    (900, 20, 20), (20, 900, 20), (0, 900, 0), (UInt32.max, 900, 0), (900, 900, 60), (nil, nil, 5),
  ]

  /// RFC 2308, section 5.
  @Test(arguments: denials)
  func `"does not exist" holds for as long as the answer says`(minimum: UInt32?, seconds: UInt32?, held: Int) throws {
    try ResolverTests.run(
      clock: .virtual, { $0.deadline = .seconds(86_400) },
      reply: { _, _ in
        minimum.flatMap { minimum in seconds.map { .noSuchNameFor(minimum: minimum, seconds: $0) } } ?? .noSuchName
      }
    ) { resolver, server in
      #expect(await resolver.resolve("www.example").failure == .notFound)
      if held > 0 {
        try await resolver.loop.sleep(for: .seconds(held) - .milliseconds(1))
        #expect(await resolver.resolve("www.example").failure == .notFound)
        #expect(server.questions.count == 1)
        try await resolver.loop.sleep(for: .milliseconds(1))
      }
      #expect(await resolver.resolve("www.example").failure == .notFound)
      #expect(server.questions.count == 2)
    }
  }

  @Test func `an alias lives no longer than its shortest link`() throws {
    try ResolverTests.run(reply: { _, _ in .alias(of: "cdn.example", [ResolverTests.one], seconds: 30) }) {
      resolver, _ in
      #expect(await resolver.resolve("www.example") == .addresses([ResolverTests.one], timeToLive: .seconds(30)))
    }
  }

  @Test func `both families are asked and given in turn`() throws {
    let reply: @Sendable (String, Bool) -> NameServer.Reply = { _, isIPv6 in
      isIPv6
        ? .addresses([ResolverTests.six], seconds: 60)
        : .addresses([ResolverTests.one, ResolverTests.two], seconds: 90)
    }
    try ResolverTests.run({ $0.families = .both }, reply: reply) { resolver, server in
      let resolution = await resolver.resolve("www.example")
      let expected = [ResolverTests.one, ResolverTests.six, ResolverTests.two]
      #expect(resolution == .addresses(expected, timeToLive: .seconds(60)))
      #expect(server.questions.sorted() == ["www.example A", "www.example AAAA"])
    }
  }

  @Test func `a family that nobody answers for is not waited for`() throws {
    let reply: @Sendable (String, Bool) -> NameServer.Reply = { _, isIPv6 in
      isIPv6 ? .silence : .addresses([ResolverTests.one], seconds: 60)
    }
    try ResolverTests.run(
      {
        $0.families = .both
        $0.patience = .milliseconds(5)
      }, reply: reply
    ) { resolver, _ in
      #expect(await resolver.resolve("www.example") == .addresses([ResolverTests.one], timeToLive: .seconds(60)))
    }
  }

  @Test func `the other family's addresses are enough`() throws {
    let reply: @Sendable (String, Bool) -> NameServer.Reply = { _, isIPv6 in
      isIPv6 ? .addresses([ResolverTests.six], seconds: 60) : .nothing
    }
    try ResolverTests.run({ $0.families = .both }, reply: reply) { resolver, _ in
      #expect(await resolver.resolve("www.example") == .addresses([ResolverTests.six], timeToLive: .seconds(60)))
    }
  }

  @Test func `a name that does not exist is not found, and not asked for again`() throws {
    try ResolverTests.run(reply: { _, _ in .noSuchName }) { resolver, server in
      for _ in 0..<3 {
        guard case .failure(.notFound, let message) = await resolver.resolve("none.example") else {
          Issue.record("it was found")
          return
        }
        #expect(message.contains("none.example"))
      }
      #expect(server.questions.count == 1)
    }
  }

  @Test func `a name without addresses is not found`() throws {
    try ResolverTests.run({ $0.families = .both }, reply: { _, _ in .nothing }) { resolver, _ in
      #expect(await resolver.resolve("mail.example").failure == .notFound)
    }
  }

  @Test func `a server that fails is a failure, and is asked again next time`() throws {
    try ResolverTests.run(reply: { _, _ in .serverFailure }) { resolver, server in
      #expect(await resolver.resolve("www.example").failure == .failed)
      let asked = server.questions.count
      #expect(await resolver.resolve("www.example").failure == .failed)
      #expect(server.questions.count > asked)
      #expect(await resolver.statistics.failed == 2)
    }
  }

  @Test func `silence ends at the deadline`() throws {
    try ResolverTests.run({ $0.deadline = .milliseconds(20) }, reply: { _, _ in .silence }) { resolver, _ in
      #expect(await resolver.resolve("www.example").failure == .timeout)
      #expect(await resolver.statistics.inFlight == 0)
    }
  }

  @Test func `bytes that are no message are no answer`() throws {
    try ResolverTests.run({ $0.deadline = .milliseconds(20) }, reply: { _, _ in .garbage }) { resolver, _ in
      #expect(await resolver.resolve("www.example").failure == .timeout)
    }
  }

  @Test func `many callers of one name share one question`() throws {
    try ResolverTests.run(reply: { _, _ in .addresses([ResolverTests.one], seconds: 60) }) { resolver, server in
      await withTaskGroup(of: Resolution.self) { group in
        for _ in 0..<100 { group.addTask { await resolver.resolve("www.example") } }
        for await resolution in group {
          #expect(resolution == .addresses([ResolverTests.one], timeToLive: .seconds(60)))
        }
      }
      #expect(server.questions.count == 1)
      #expect(await resolver.statistics.shared == 99)
    }
  }

  @Test func `two thousand names at once are all answered`() throws {
    try ResolverTests.run(reply: { _, _ in .addresses([ResolverTests.one], seconds: 60) }) { resolver, _ in
      await withTaskGroup(of: Bool.self) { group in
        for number in 0..<2_000 {
          group.addTask { await resolver.resolve("h\(number).example").failure == nil }
        }
        for await isFound in group { #expect(isFound) }
      }
    }
  }

  @Test func `a cancelled caller goes, and the others get their answer`() throws {
    try ResolverTests.run(reply: { _, _ in .addresses([ResolverTests.one], seconds: 60) }) { resolver, server in
      let loop = resolver.loop
      server.holds = true
      let first = loop.startTask(name: "first") { await resolver.resolve("www.example") }
      let second = loop.startTask(name: "second") { await resolver.resolve("www.example") }
      server.onQuestion = { _ in first.cancel() }
      let cancelled = try await first.value
      #expect(cancelled.failure == .cancelled)
      server.release()
      let answered = try await second.value
      #expect(answered == .addresses([ResolverTests.one], timeToLive: .seconds(60)))
    }
  }

  @Test func `close ends what is waited for`() throws {
    try ResolverTests.run(reply: { _, _ in .silence }) { resolver, server in
      let loop = resolver.loop
      let task = loop.startTask(name: "look-up") { await resolver.resolve("www.example") }
      server.onQuestion = { _ in
        // Not inside of the answer: c-ares may be under way.
        loop.callSoon { resolver.assumeIsolated { $0.close() } }
      }
      let closed = try await task.value
      #expect(closed.failure == .failed)
      #expect(await resolver.resolve("other.example").failure == .failed)
    }
  }

  @Test(arguments: ["192.0.2.1", "[2001:db8::6]", "2001:db8::6"])
  func `an address needs no look-up`(literal: String) throws {
    try ResolverTests.run(reply: { _, _ in .noSuchName }) { resolver, server in
      guard case .addresses(let addresses, _) = await resolver.resolve(literal) else {
        Issue.record("it is an address")
        return
      }
      #expect(addresses == [literal.contains(":") ? ResolverTests.six : ResolverTests.one])
      #expect(server.questions.isEmpty)
    }
  }

  @Test(arguments: [
    "", ".", "a..b", ".example", String(repeating: "x", count: 64) + ".example",
    String(repeating: "abcdefg.", count: 32) + "example",
  ])
  func `a name that no message can carry is not found, unasked`(name: String) throws {
    try ResolverTests.run(reply: { _, _ in .addresses([ResolverTests.one], seconds: 60) }) { resolver, server in
      #expect(await resolver.resolve(name).failure == .notFound)
      #expect(server.questions.isEmpty)
    }
  }
}

extension Resolution {
  var failure: FailureKind? {
    if case .failure(let kind, _) = self { kind } else { nil }
  }
}
