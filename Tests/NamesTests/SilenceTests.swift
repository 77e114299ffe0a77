import Address
import EventLoop
import Names
import TestWeb
import Testing

/// Names for which nobody answers.
@Suite struct SilenceTests {
  private static let reply: @Sendable (String, Bool) -> NameServer.Reply = { name, _ in
    name.hasSuffix("evil.example") ? .silence : .addresses([ResolverTests.one], seconds: 60)
  }

  @Test func `silent names hold up no others`() throws {
    try ResolverTests.run(
      {
        $0.maximumInFlight = 4
        $0.deadline = .seconds(3_600)
        $0.retransmission = .milliseconds(20)
      }, reply: SilenceTests.reply
    ) { resolver, server in
      let loop = resolver.loop
      let silent = (0..<40).map { number in
        loop.startTask(name: "silent") { await resolver.resolve("h\(number).evil.example", site: { "evil.example" }) }
      }
      while server.questions.count < 4 { try await loop.sleep(for: .zero) }
      // These stand behind all of them.
      for number in 0..<20 { #expect(await resolver.resolve("h\(number).good.example").failure == nil) }
      // As many as may be were asked for first, and as many again when they were silent.
      let statistics = await resolver.statistics
      #expect(statistics.inFlight == 8)
      #expect(statistics.waiting == 32)
      #expect(Set(server.questions.filter { $0.hasSuffix("evil.example A") }).count == 8)
      // Those that wait apart may be given up, too.
      for task in silent { task.cancel() }
      for task in silent { #expect(try await task.value.failure == .cancelled) }
      #expect(await resolver.statistics.waiting == 0)
    }
  }

  /// Names of it that were put apart do not wait behind those of others that are silent still.
  @Test func `a site that is heard of again waits no longer`() throws {
    final class Health: @unchecked Sendable { var isGood = false }
    let health = Health()
    try ResolverTests.run(
      {
        $0.maximumInFlight = 2
        $0.deadline = .seconds(3_600)
        $0.retransmission = .milliseconds(20)
      },
      reply: { question, _ in
        health.isGood && question.hasPrefix("g") ? .addresses([ResolverTests.one], seconds: 60) : .silence
      }
    ) { resolver, server in
      let loop = resolver.loop
      func lookUp(_ name: String, _ site: String) -> Coroutine<Resolution> {
        loop.startTask(name: name) { await resolver.resolve(name, site: { site }) }
      }
      let bad = (0..<20).map { lookUp("b\($0).bad", "bad") }
      while Set(server.questions).count < 4 { try await loop.sleep(for: .zero) }
      let good = (0..<20).map { lookUp("g\($0).good", "good") }
      while server.questions.filter({ $0.hasPrefix("g") }).count < 2 { try await loop.sleep(for: .zero) }
      while await resolver.statistics.waiting < 16 + 18 { try await loop.sleep(for: .zero) }
      health.isGood = true
      for task in good { #expect(try await task.value.failure == nil) }
      for task in bad { task.cancel() }
      for task in bad { #expect(try await task.value.failure == .cancelled) }
    }
  }

  @Test func `of the silent sites the oldest are forgotten`() {
    var sites = SilentSites(limit: 10)
    for number in 0..<100 {
      sites.insert("\(number).example")
      #expect(sites.count <= 10)
    }
    #expect(sites.contains("99.example") && sites.contains("95.example"))
    #expect(!sites.contains("80.example"))
    sites.remove("99.example")
    #expect(!sites.contains("99.example"))
  }
}
