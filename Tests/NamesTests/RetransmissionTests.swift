import Address
import EventLoop
import Names
import TestWeb
import Testing

/// Questions that got no answer are asked again, each in its own time. (The times are c-ares's own, and so real ones.)
@Suite struct RetransmissionTests {
  @Test func `a lost question is asked again in its own time, not in that of an older one`() throws {
    try ResolverTests.run({ $0.retransmission = .milliseconds(50) }, reply: { _, _ in .silence }) { resolver, server in
      let loop = resolver.loop
      @Sendable func count(_ name: String) -> Int { server.questions.count { $0 == "\(name) A" } }
      // The older name is asked for at 0, 50 and 150 ms, the younger one at 50 and 100 ms. A machine that stands still
      // until the older one's third question is due tells nothing; then the same once more with other names.
      for round in 1...10 {
        let (older, younger) = ("older\(round).example", "younger\(round).example")
        let callers = [older, younger].map { name in
          loop.startTask(name: name) {
            while name == younger, count(older) < 2 { try await loop.sleep(for: .zero) }
            return await resolver.resolve(name)
          }
        }
        while count(younger) < 2 { try await loop.sleep(for: .zero) }
        let isInTime = count(older) == 2
        for caller in callers { caller.cancel() }
        if isInTime { return }
      }
      Issue.record("the younger name was asked for again only with the older one")
    }
  }

  @Test func `a question is asked again until the deadline`() throws {
    final class Count: @unchecked Sendable { var asked = 0 }
    let count = Count()
    try ResolverTests.run(
      { $0.retransmission = .milliseconds(5) },
      reply: { _, _ in
        count.asked += 1
        return count.asked < 5 ? .silence : .addresses([ResolverTests.one], seconds: 60)
      },
      { resolver, _ in
        #expect(await resolver.resolve("www.example") == .addresses([ResolverTests.one], timeToLive: .seconds(60)))
      })
  }
}
