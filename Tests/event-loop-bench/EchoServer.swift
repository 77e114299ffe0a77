import BenchmarkCounts
import EventLoop

/// An echo server that measures itself from its first message until its last client has gone.
final class EchoServer: ServerProtocol, @unchecked Sendable {
  static let messageSize = 64

  /// What the messages have cost.
  struct Result: Sendable {
    let messages: Int
    let spent: Meter
    /// System calls that read or write, successful or not.
    let transfers: Int
  }

  private let loop: EventLoop
  private var clients = 0
  private var bytes = 0
  private var begin: (meter: Meter, transfers: Int)?
  private var result: Result?
  private var waiting: CheckedContinuation<Void, Never>?

  private init(_ loop: EventLoop) {
    self.loop = loop
  }

  /// Serves at `address` until the last client has gone. `onReady` is told where the server listens.
  static func run(
    _ loop: EventLoop, on address: SocketAddress, onReady: (SocketAddress) -> Void
  ) async throws -> Result {
    let server = EchoServer(loop)
    let listener = try await loop.listen(on: address, backlog: 1_024, server)
    onReady(listener.address)
    await withCheckedContinuation { continuation in
      if server.result == nil { server.waiting = continuation } else { continuation.resume() }
    }
    await listener.closeAll()
    return server.result!
  }

  func serve(_ connection: Connection) async throws {
    clients += 1
    defer { leave() }
    while true {
      let message = try await connection.read(upTo: 4_096)
      if message.isEmpty { return }
      if begin == nil { begin = (Meter(loop), Kernel.transfers) }
      bytes += message.count
      try await connection.write(message)
    }
  }

  private func leave() {
    clients -= 1
    guard clients == 0, let begin else { return }
    result = Result(
      messages: bytes / Self.messageSize, spent: Meter(loop) - begin.meter,
      transfers: Kernel.transfers - begin.transfers)
    waiting?.resume()
  }
}
