import Address
import EventLoop
import Names
import TestWeb
import Testing

/// What the attempts of a race did, in order. Confined to the loop of its test.
private final class Course: @unchecked Sendable {
  var lines: [String] = []
}

private struct Refused: Error {}

@Suite struct ConnectTests {
  private static let addresses = (1...4).map { SocketAddress.ipv4(address: UInt32($0), port: 80) }

  /// A race of addresses 1 to 4 whose attempts take the given milliseconds; negative ones fail after that time.
  private static func race(_ times: [Int]) throws -> (course: [String], end: Duration) {
    let course = Course()
    let end = try EventLoop.run(clock: .virtual) { () -> Duration in
      let loop = EventLoop.current!
      let start = loop.now
      @Sendable func note(_ text: String) { course.lines.append("\((loop.now - start) / .milliseconds(1)) \(text)") }
      let race = AddressRace<UInt32>(
        loop: loop, delay: .milliseconds(250),
        attempt: { address in
          guard case .ipv4(let number, _) = address else { throw Refused() }
          note("start \(number)")
          let time = times[Int(number) - 1]
          do { try await loop.sleep(for: .milliseconds(abs(time))) } catch {
            note("cancel \(number)")
            throw error
          }
          if time < 0 { throw Refused() }
          return number
        }, discard: { note("discard \($0)") })
      switch await race.run(Array(addresses.prefix(times.count))) {
      case .success(let number): note("won \(number)")
      case .failure(let error): note("failed: \(error)")
      }
      return loop.now - start
    }
    return (course.lines, end)
  }

  @Test func `an address that answers in time has no rival`() throws {
    let result = try Self.race([200, 1])
    #expect(result.course == ["0.0 start 1", "200.0 won 1"])
  }

  @Test func `a silent address gets a rival after its head start, and loses`() throws {
    let result = try Self.race([60_000, 60_000, 100, 1])
    #expect(
      result.course == [
        "0.0 start 1", "250.0 start 2", "500.0 start 3", "600.0 cancel 1", "600.0 cancel 2", "600.0 won 3",
      ])
    #expect(result.end == .milliseconds(600))
  }

  @Test func `a refused address is followed at once, and the next one has its whole head start`() throws {
    let result = try Self.race([-10, 300, 400])
    #expect(result.course == ["0.0 start 1", "10.0 start 2", "260.0 start 3", "310.0 cancel 3", "310.0 won 2"])
  }

  @Test func `the first address may still win after its rival has started`() throws {
    let result = try Self.race([300, 60_000])
    #expect(result.course == ["0.0 start 1", "250.0 start 2", "300.0 cancel 2", "300.0 won 1"])
  }

  @Test func `what a loser brings in the winner's instant is discarded`() throws {
    let result = try Self.race([500, 250])
    #expect(result.course == ["0.0 start 1", "250.0 start 2", "500.0 discard 2", "500.0 won 1"])
  }

  @Test func `when all are refused, the error names them all, and nothing is waited for`() throws {
    let result = try Self.race([-1, -2])
    #expect(
      result.course == [
        "0.0 start 1", "1.0 start 2", "3.0 failed: 0.0.0.1:80: Refused(); 0.0.0.2:80: Refused()",
      ])
    #expect(result.end == .milliseconds(3))
  }

  @Test func `a cancelled race cancels what is under way and starts no more`() throws {
    let course = Course()
    try EventLoop.run(clock: .virtual) {
      let loop = EventLoop.current!
      let race = AddressRace<Int>(
        loop: loop, delay: .milliseconds(250),
        attempt: { address in
          course.lines.append("start \(address)")
          try await loop.sleep(for: .seconds(60))
          return 1
        }, discard: { course.lines.append("discard \($0)") })
      let caller = loop.startTask(name: "caller") { await race.run(Self.addresses) }
      loop.callLater(.milliseconds(300)) { caller.cancel() }
      guard case .failure(.unreachable(let attempts)) = try await caller.value else {
        Issue.record("a cancelled race has been won")
        return
      }
      #expect(attempts.allSatisfy { $0.error is CancellationError })
      #expect(loop.now.nanoseconds == 300_000_000)
    }
    #expect(course.lines == ["start 0.0.0.1:80", "start 0.0.0.2:80"])
  }

  private struct Greeting: ServerProtocol {
    func serve(_ connection: Connection) async throws { try await connection.write("hello\n") }
  }

  @Test func `a name is connected to by the address that answers`() throws {
    // Of the two addresses on 127.0.0.0/8 only the second one listens.
    try ResolverTests.run(
      reply: { _, _ in .addresses([Address("127.0.0.77")!, Address("127.0.0.1")!], seconds: 9) },
      { resolver, _ in
        let loop = resolver.loop
        let listener = try await loop.listen(on: .loopback(), Greeting())
        let connection = try await resolver.connect(to: "greeter.example", port: listener.address.port!)
        #expect(connection.peerAddress == listener.address)
        #expect(try await connection.readLine(limit: 99) == Array("hello".utf8))
        connection.close()
        await listener.closeAll()
      })
  }

  @Test func `IPv6 comes first, and IPv4 in its place when IPv6 is refused`() throws {
    try ResolverTests.run(
      { $0.families = .both },
      reply: { _, isIPv6 in .addresses([Address(isIPv6 ? "::1" : "127.0.0.1")!], seconds: 9) },
      { resolver, _ in
        let loop = resolver.loop
        let six = try await loop.listen(on: .ipv6(high: 0, low: 1, port: 0, scope: 0), Greeting())
        let port = six.address.port!
        let first = try await resolver.connect(to: "both.example", port: port)
        #expect(first.peerAddress == six.address)
        first.close()
        await six.closeAll()
        let four = try await loop.listen(on: .loopback(port: port), Greeting())
        let second = try await resolver.connect(to: "both.example", port: port)
        #expect(second.peerAddress == four.address)
        second.close()
        await four.closeAll()
      })
  }

  @Test func `a name without an address, and one that nobody listens at, are told apart`() throws {
    try ResolverTests.run(
      reply: { name, _ in name == "none.example" ? .noSuchName : .addresses([Address("127.0.0.1")!], seconds: 9) },
      { resolver, _ in
        let listener = try await resolver.loop.listen(on: .loopback(), Greeting())
        let port = listener.address.port!
        await listener.closeAll()
        let noName = await #expect(throws: ConnectionError.self) {
          try await resolver.connect(to: "none.example", port: port)
        }
        #expect(noName?.description == "the name none.example does not exist")
        let nobody = await #expect(throws: ConnectionError.self) {
          try await resolver.connect(to: "some.example", port: port)
        }
        #expect(nobody?.description == "127.0.0.1:\(port): connect failed: Connection refused")
      })
  }

  @Test func `a cancelled caller is cancelled`() throws {
    try ResolverTests.run(
      reply: { name, _ in name == "silent.example" ? .silence : .addresses([Address("127.0.0.1")!], seconds: 9) },
      { resolver, server in
        let loop = resolver.loop
        let looking = loop.startTask(name: "looking") { try await resolver.connect(to: "silent.example", port: 1) }
        while server.questions.isEmpty { try await loop.sleep(for: .zero) }
        looking.cancel()
        await #expect(throws: CancellationError.self) { try await looking.value }
      })
  }
}
