import Address
import EventLoop
import Names
import TestWeb
import Testing

/// What the resolver holds at most.
@Suite struct BoundTests {
  @Test func `no more names are asked for at once than the bound says`() throws {
    try ResolverTests.run({ $0.maximumInFlight = 4 }, reply: { _, _ in .addresses([ResolverTests.one], seconds: 60) }) {
      resolver, server in
      server.holds = true
      // Held questions are answered once the bound is reached; a fifth one before that would be an excess.
      var mostUnanswered = 0
      server.onQuestion = { _ in
        mostUnanswered = max(mostUnanswered, resolver.assumeIsolated { $0.statistics.inFlight })
        if server.questions.count == 4 { resolver.loop.callSoon { server.release() } }
      }
      await withTaskGroup(of: Bool.self) { group in
        for number in 0..<50 {
          group.addTask { await resolver.resolve("h\(number).example").failure == nil }
        }
        for await isFound in group { #expect(isFound) }
      }
      #expect(mostUnanswered == 4)
      #expect(server.questions.count == 50)
      #expect(await resolver.statistics.waiting == 0)
    }
  }

  @Test func `questions of names that are not waited for count, too`() throws {
    try ResolverTests.run(
      {
        $0.families = .both
        $0.maximumInFlight = 2
        $0.patience = .milliseconds(1)
        $0.deadline = .seconds(1)
        $0.retransmission = .milliseconds(100)
      }, reply: { _, isIPv6 in isIPv6 ? .silence : .addresses([ResolverTests.one], seconds: 60) }
    ) { resolver, server in
      var most = 0
      server.onQuestion = { _ in most = max(most, resolver.assumeIsolated { $0.statistics.queries }) }
      await withTaskGroup(of: Bool.self) { group in
        for number in 0..<10 {
          group.addTask { await resolver.resolve("h\(number).example").failure == nil }
        }
        for await isFound in group { #expect(isFound) }
      }
      #expect(most == 8)
    }
  }

  @Test func `a name that nobody waits for any more is not asked for`() throws {
    try ResolverTests.run({ $0.maximumInFlight = 1 }, reply: { _, _ in .addresses([ResolverTests.one], seconds: 60) }) {
      resolver, server in
      let loop = resolver.loop
      server.holds = true
      let callers = ["first", "left", "last", "left", "last"].map { name in
        loop.startTask(name: name) { await resolver.resolve("\(name).example").failure }
      }
      while server.questions.isEmpty { try await loop.sleep(for: .zero) }
      #expect(await resolver.statistics.waiting == 2)
      callers[1].cancel()
      callers[2].cancel()
      #expect(try await callers[1].value == .cancelled)
      #expect(try await callers[2].value == .cancelled)
      #expect(await resolver.statistics.waiting == 2)
      callers[3].cancel()
      #expect(try await callers[3].value == .cancelled)
      #expect(await resolver.statistics.waiting == 1)
      server.release()
      #expect(try await callers[0].value == nil)
      #expect(try await callers[4].value == nil)
      #expect(server.questions == ["first.example A", "last.example A"])
      // It may be asked for later.
      #expect(await resolver.resolve("left.example").failure == nil)
    }
  }

  @Test func `the cache has a bound, and the oldest give way`() throws {
    try ResolverTests.run({ $0.cacheEntries = 10 }, reply: { _, _ in .addresses([ResolverTests.one], seconds: 60) }) {
      resolver, server in
      for number in 0..<100 { _ = await resolver.resolve("h\(number).example") }
      #expect(await resolver.statistics.cached == 10)
      _ = await resolver.resolve("h99.example")
      #expect(server.questions.count == 100)
      _ = await resolver.resolve("h0.example")
      #expect(server.questions.count == 101)
    }
  }

  /// In virtual time. A server may say 68 years; by then the address is somebody else's.
  @Test func `no address is believed for longer than a day`() throws {
    try ResolverTests.run(
      clock: .virtual, { $0.deadline = .seconds(200_000) },
      reply: { _, _ in .addresses([ResolverTests.one], seconds: 2_147_483_647) }
    ) { resolver, server in
      let loop = resolver.loop
      let day = ResolverConfiguration.maximumTimeToLive
      #expect(await resolver.resolve("www.example") == .addresses([ResolverTests.one], timeToLive: day))
      try await loop.sleep(for: day - .milliseconds(1))
      #expect(await resolver.resolve("www.example").failure == nil)
      #expect(server.questions.count == 1)
      try await loop.sleep(for: .milliseconds(1))
      #expect(await resolver.resolve("www.example").failure == nil)
      #expect(server.questions.count == 2)
    }
  }

  @Test func `a cache for no name keeps none`() throws {
    try ResolverTests.run({ $0.cacheEntries = 0 }, reply: { _, _ in .addresses([ResolverTests.one], seconds: 60) }) {
      resolver, server in
      for _ in 1...3 { #expect(await resolver.resolve("www.example").failure == nil) }
      #expect(server.questions.count == 3)
      #expect(await resolver.statistics.cached == 0)
    }
  }
}
