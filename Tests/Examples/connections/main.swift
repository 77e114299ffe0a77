import EventLoop

/// Sends every line back.
struct Echo: ServerProtocol {
  func serve(_ connection: Connection) async throws {
    // Without a limit a client could fill the memory with one endless line.
    while let line = try await connection.readLine(limit: 100_000) {
      // Waits while the client does not read. Meanwhile nothing is read from it either: the client has to wait too.
      try await connection.write(line + [0x0A])
    }
    // The end of serving closes the connection.
  }

  func serveFailed(_ error: any Error) {
    print("server: \(error)")
  }
}

struct Greeting: ClientProtocol {
  func run(_ connection: Connection) async throws {
    try await connection.write("hello\nworld")
    // Half a close: the server reads the end, and this end still reads the answers.
    try connection.closeWrite()
    while let line = try await connection.readLine(limit: 80) {
      print("client: \(String(decoding: line, as: UTF8.self))")
    }
  }
}

/// Sends ten megabytes, so it reads while it writes: otherwise both ends could wait for each other for ever.
struct Flood: ClientProtocol {
  func run(_ connection: Connection) async throws -> Int {
    async let sending: Void = send(100, to: connection)
    var lines = 0
    while try await connection.readLine(limit: 100_000) != nil { lines += 1 }
    try await sending
    return lines
  }

  private func send(_ lines: Int, to connection: Connection) async throws {
    let line = [UInt8](repeating: 120, count: 99_999) + [0x0A]
    for _ in 0..<lines { try await connection.write(line) }
    try connection.closeWrite()
  }
}

/// Sends a line that no server has to bear.
struct Rude: ClientProtocol {
  func run(_ connection: Connection) async throws -> Bool {
    try await connection.write([UInt8](repeating: 120, count: 100_001))
    return try await connection.readLine(limit: 80) == nil
  }
}

try EventLoop.run {
  guard let loop = EventLoop.current else { return }
  // Port 0: the system chooses one, and the listener tells which.
  let listener = try await loop.listen(on: .loopback(), Echo())
  try await loop.connect(to: listener.address, Greeting())
  print("\(try await loop.connect(to: listener.address, Flood())) lines came back")
  print("the server has hung up: \(try await loop.connect(to: listener.address, Rude()))")
  await listener.closeAll()
}
