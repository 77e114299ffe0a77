import EventLoop

/// Serves one connection of HTTP/2 without understanding it: each header section of a client is answered by the steps
/// for its stream.
struct HTTP2Service: ServerProtocol {
  let steps: @Sendable (_ stream: UInt32) -> [WireStep]

  /// The client's first bytes (RFC 9113, section 3.4).
  private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)

  func serve(_ connection: Connection) async throws {
    var buffer: [UInt8] = []
    var isBegun = false
    while true {
      let received = try await connection.read(upTo: 65_536)
      if received.isEmpty { return }
      buffer += received
      if !isBegun {
        guard buffer.count >= HTTP2Service.preface.count else { continue }
        guard buffer.starts(with: HTTP2Service.preface) else { return }
        buffer.removeFirst(HTTP2Service.preface.count)
        isBegun = true
      }
      while buffer.count >= 9 {
        let length = Int(buffer[0]) << 16 | Int(buffer[1]) << 8 | Int(buffer[2])
        guard buffer.count >= 9 + length else { break }
        let kind = buffer[3]
        let stream = buffer[5..<9].reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        buffer.removeFirst(9 + length)
        guard kind == HTTP2Frame.Kind.headers.rawValue else { continue }
        for step in steps(stream) where step != .hold {
          guard try await step.take(on: connection) else { return }
        }
      }
    }
  }
}

/// Takes its steps when the first bytes of a client are there, whatever they are.
struct BytesService: ServerProtocol {
  let steps: [WireStep]

  func serve(_ connection: Connection) async throws {
    if try await connection.read(upTo: 65_536).isEmpty { return }
    for step in steps {
      if step == .hold {
        while try await !connection.read(upTo: 65_536).isEmpty {}
        return
      }
      guard try await step.take(on: connection) else { return }
    }
  }
}

extension WireStep {
  /// Takes the step; false when the connection is over. A hold is the business of whoever serves.
  func take(on connection: Connection) async throws -> Bool {
    switch self {
    case .send(let bytes): try await connection.write(bytes)
    case .sendForever(let bytes):
      // Ends when the client has left: the write throws, which ends the connection.
      while true { try await connection.write(bytes) }
    case .trickle(let bytes, let pause):
      for byte in bytes {
        try await connection.loop.sleep(for: pause)
        try await connection.write([byte])
      }
    case .trickleForever(let bytes, let pause):
      while true {
        try await connection.loop.sleep(for: pause)
        try await connection.write(bytes)
      }
    case .hold: fatalError("a hold is no step that a connection can take by itself")
    case .close: return false
    case .reset:
      connection.abort()
      return false
    }
    return true
  }
}
