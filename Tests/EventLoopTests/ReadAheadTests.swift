import EventLoop
import Glibc
import Testing

/// The messages that the kernel has reported together are read before the first of the coroutines that wait for them goes on.
@Suite struct ReadAheadTests {
  /// Two connections of a Unix-domain socket, each with a coroutine that reads one message after another. Confined to the
  /// loop of its test.
  private final class Pair: ServerProtocol, @unchecked Sendable {
    var clients: [Int32] = []
    var servers: [Connection] = []
    var readers: [Coroutine<Void>] = []
    /// What each coroutine has read, piece by piece, and at last how it has ended.
    var read: [[String]] = [[], []]
    /// Called with the other's number by the coroutine that has read a piece.
    var onPiece: (_ other: Int) -> Void = { _ in }

    func serve(_ connection: Connection) async throws {
      let number = servers.count
      servers.append(connection)
      let reader = connection.loop.startTask(name: "reader \(number)") { [self] in
        do {
          while true {
            let bytes = try await connection.read(upTo: 65_536)
            if bytes.isEmpty { return }
            read[number].append(text(bytes)!)
            onPiece(1 - number)
          }
        } catch {
          read[number].append("\(error)")
        }
      }
      readers.append(reader)
      try await reader.value
    }

    /// Sends the message on both connections at once.
    func send(_ message: String) async throws {
      for client in clients { #expect(Glibc.write(client, message, message.utf8.count) == message.utf8.count) }
      try await nextRounds(3)
    }

    /// Whether what was sent on a connection has been read.
    func hasRead(_ number: Int) -> Bool {
      typealias Control = @convention(c) (Int32, UInt, UnsafeMutablePointer<Int32>) -> Int32
      let ioctl = unsafeBitCast(dlsym(nil, "ioctl"), to: Control.self)
      var count: Int32 = 0
      // SIOCOUTQ
      precondition(ioctl(clients[number], 0x5411, &count) == 0)
      return count == 0
    }
  }

  private static func withPair(_ body: @escaping @Sendable (Pair) async throws -> Void) throws {
    try withSocketPath { path in
      try EventLoop.run {
        let loop = try #require(EventLoop.current)
        let pair = Pair()
        let listener = try await loop.listen(on: .unix(path: path), pair)
        for _ in 0..<2 {
          pair.clients.append(try connectedSocket(path))
          try await nextRounds(3)
        }
        try await body(pair)
        pair.onPiece = { _ in }
        for client in pair.clients { close(client) }
        await listener.closeAll()
      }
    }
  }

  @Test func `short messages are read before any of their coroutines goes on`() throws {
    try Self.withPair { pair in
      let isRead = Slot<[Bool]>([])
      pair.onPiece = { isRead.value.append(pair.hasRead($0)) }
      try await pair.send("one")
      try await pair.send("two")
      #expect(isRead.value == [true, true, true, true])
      #expect(pair.read == [["one", "two"], ["one", "two"]])
    }
  }

  @Test func `after a long message the next is read by its coroutine`() throws {
    try Self.withPair { pair in
      // Longer than what is read before a coroutine goes on.
      let long = String(repeating: "x", count: 5_000)
      try await pair.send(long)
      #expect(pair.read.map { $0.joined() } == [long, long])
      let isRead = Slot<[Bool]>([])
      pair.onPiece = { isRead.value.append(pair.hasRead($0)) }
      try await pair.send("two")
      #expect(isRead.value == [false, true])
      try await pair.send("three")
      #expect(isRead.value == [false, true, true, true])
      #expect(pair.read.map { $0.suffix(2) } == [["two", "three"], ["two", "three"]])
    }
  }

  @Test func `what was read ahead is not lost by a cancellation, and is dropped by a close`() throws {
    try Self.withPair { pair in
      let isFirst = Slot(true)
      pair.onPiece = { other in
        if isFirst.value { pair.readers[other].cancel() }
        isFirst.value = false
      }
      try await pair.send("one")
      #expect(pair.read.contains(["one"]))
      #expect(pair.read.contains(["one", "\(CancellationError())"]))
    }
    try Self.withPair { pair in
      pair.onPiece = { pair.servers[$0].close() }
      try await pair.send("one")
      #expect(pair.read.contains(["one"]))
      #expect(pair.read.contains(["\(EventLoopError.connectionClosed)"]))
    }
  }
}

/// A blocking socket that is connected to the listener at `path`.
private func connectedSocket(_ path: String) throws -> Int32 {
  let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  let result = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  try #require(result == 0)
  return descriptor
}
