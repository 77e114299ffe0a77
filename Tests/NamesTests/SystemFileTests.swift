import Address
import EventLoop
import Glibc
import Names
import TestWeb
import Testing

/// The system names its servers in a file, and names others later.
@Suite struct SystemFileTests {
  /// A file of the system, and a resolver that reads it. One name server listens, at 127.0.0.1; nobody does at 127.0.0.2.
  private static func run(
    clock: EventLoop.Clock = .monotonic, _ change: @escaping @Sendable (inout ResolverConfiguration) -> Void = { _ in },
    _ body: @escaping @Sendable (Resolver, NameServer, SystemFileText) async throws -> Void
  ) throws {
    let file = try SystemFileText()
    try EventLoop.run(clock: clock) {
      let loop = EventLoop.current!
      let server = try NameServer(loop: loop) { _ in .addresses([ResolverTests.one], seconds: 60) }
      try file.set("nameserver 127.0.0.2\n")
      var configuration = ResolverConfiguration()
      configuration.families = .ipv4
      configuration.systemFile = file.path
      configuration.port = server.port
      // In virtual time an answer may be under way when it goes on.
      configuration.deadline = .seconds(86_400)
      change(&configuration)
      let resolver = try Resolver(loop: loop, configuration: configuration)
      try await body(resolver, server, file)
      await resolver.close()
      await server.close()
    }
  }

  @Test func `servers that fail are replaced as soon as the system names others`() throws {
    try SystemFileTests.run { resolver, server, file in
      #expect(await resolver.resolve("first.example").failure == .failed)
      try file.set("# another network\nnameserver 127.0.0.1\n")
      // The last one to learn from its failure, unless a second has passed.
      _ = await resolver.resolve("second.example")
      #expect(await resolver.resolve("third.example").failure == nil)
      #expect(server.questions.last == "third.example A")
    }
  }

  @Test func `servers that answer are replaced within a second`() throws {
    try SystemFileTests.run(clock: .virtual) { resolver, server, file in
      try await resolver.loop.sleep(for: .seconds(1))
      try file.set("# another network\nnameserver 127.0.0.1\n")
      #expect(await resolver.resolve("first.example").failure == nil)
      try file.set("nameserver 127.0.0.2\n")
      #expect(await resolver.resolve("second.example").failure == nil)
      try await resolver.loop.sleep(for: .seconds(1))
      #expect(await resolver.resolve("third.example").failure == .failed)
      #expect(server.questions == ["first.example A", "second.example A"])
    }
  }

  @Test func `a file that is gone changes nothing`() throws {
    try SystemFileTests.run(clock: .virtual) { resolver, _, file in
      try file.set("# another network\nnameserver 127.0.0.1\n")
      try await resolver.loop.sleep(for: .seconds(1))
      #expect(await resolver.resolve("first.example").failure == nil)
      file.remove()
      try await resolver.loop.sleep(for: .seconds(1))
      #expect(await resolver.resolve("second.example").failure == nil)
    }
  }

  @Test func `questions under way are answered by those who were asked`() throws {
    try SystemFileTests.run(clock: .virtual) { resolver, server, file in
      try file.set("# another network\nnameserver 127.0.0.1\n")
      try await resolver.loop.sleep(for: .seconds(1))
      server.holds = true
      let first = resolver.loop.startTask(name: "first") { await resolver.resolve("first.example") }
      while server.questions.isEmpty { try await resolver.loop.sleep(for: .zero) }
      try file.set("nameserver 127.0.0.2\n")
      try await resolver.loop.sleep(for: .seconds(1))
      #expect(await resolver.resolve("second.example").failure == .failed)
      #expect(await resolver.statistics.queries == 1)
      server.release()
      #expect(try await first.value.failure == nil)
      #expect(await resolver.statistics.queries == 0)
    }
  }

  /// As while a network is away: to 255.255.255.255 nothing can be sent, so that a question has failed before its asker waits.
  @Test func `a file that changes while questions fail at once is followed`() throws {
    let change: @Sendable (inout ResolverConfiguration) -> Void = {
      $0.maximumInFlight = 1
      $0.retransmission = .seconds(3)
    }
    try SystemFileTests.run(clock: .virtual, change) { resolver, server, file in
      let loop = resolver.loop
      server.holds = true
      try file.set("# another network\nnameserver 127.0.0.1\n")
      try await loop.sleep(for: .seconds(1))
      let third = loop.startTask(name: "third") {
        try await resolver.resolve("third.example", in: .seconds(3)) { try file.set("nameserver 127.0.0.1\n") }
      }
      try await loop.sleep(for: .zero)
      let first = loop.startTask(name: "first") { await resolver.resolve("first.example") }
      try await loop.sleep(for: .seconds(1))
      try file.set("nameserver 255.255.255.255\n")
      // It waits for the place of the first, whose silence is noted when the third is asked for.
      let second = loop.startTask(name: "second") { await resolver.resolve("second.example") }
      #expect(try await second.value.failure == .failed)
      server.release()
      #expect(try await first.value.failure == nil)
      #expect(try await third.value.failure == nil)
      #expect(server.questions == ["first.example A", "third.example A"])
    }
  }
}

extension Resolver {
  /// Asks as soon as so much time has passed and the change is made.
  fileprivate func resolve(
    _ name: String, in delay: Duration, after change: @Sendable () throws -> Void
  ) async throws -> Resolution {
    try await loop.sleep(for: delay)
    try change()
    return await resolve(name)
  }
}

private final class SystemFileText: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/names-test-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    try #require(descriptor >= 0)
    close(descriptor)
  }

  /// In place of what was there.
  func set(_ text: String) throws {
    let new = "\(path).new"
    let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    try #require(write(descriptor, bytes, bytes.count) == bytes.count)
    try #require(rename(new, path) == 0)
  }

  func remove() { unlink(path) }

  deinit {
    unlink(path)
  }
}
