import EventLoop
import Glibc
import Testing

/// Answers with what it reads until the client has ended.
struct Echo: ServerProtocol {
  func serve(_ connection: Connection) async throws {
    while true {
      let bytes = try await connection.read(upTo: 1_000)
      if bytes.isEmpty { return }
      try await connection.write(bytes)
    }
  }
}

/// Runs a closure on the server's side of each connection.
struct Serving: ServerProtocol {
  let body: @Sendable (Connection) async throws -> Void
  var failed: @Sendable (any Error) -> Void = { _ in }
  var notAccepted: @Sendable () -> Void = {}

  func serve(_ connection: Connection) async throws { try await body(connection) }
  func serveFailed(_ error: any Error) { failed(error) }
  func acceptFailed() { notAccepted() }
}

/// Runs a closure on the client's side.
struct Using<Output>: ClientProtocol {
  let body: (Connection) async throws -> Output

  func run(_ connection: Connection) async throws -> Output { try await body(connection) }
}

@Suite struct ConnectionTests {
  static func addresses(_ path: String) -> [SocketAddress] {
    [.unix(path: path), .loopback(), .ipv6(high: 0, low: 1, port: 0, scope: 0)]
  }

  @Test(arguments: 0..<3) func `an echo server answers, and half a close ends the stream`(_ family: Int) throws {
    try withSocketPath { path in
      try EventLoop.run {
        let loop = try #require(EventLoop.current)
        let listener = try await loop.listen(on: Self.addresses(path)[family], Echo())
        let answer = try await loop.connect(
          to: listener.address,
          Using { connection in
            try await connection.write("hello ")
            try await connection.write(Array("world".utf8))
            try connection.closeWrite()
            var answer: [UInt8] = []
            while true {
              let bytes = try await connection.read(upTo: 4)
              if bytes.isEmpty { return answer }
              answer += bytes
            }
          })
        #expect(text(answer) == "hello world")
        await listener.closeAll()
      }
    }
  }

  @Test func `a read within a name of its own is shown and cancelled by that name, also after other reads`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let serving = Serving(body: { connection in
        try await connection.write("a")
        _ = try await connection.read(upTo: 1)
      })
      let listener = try await loop.listen(on: .loopback(), serving)
      let outer = loop.startTask(name: "outer") {
        try await loop.connect(
          to: listener.address,
          Using { connection in
            #expect(try await connection.read(upTo: 1) == [UInt8(ascii: "a")])
            try await loop.named("inner") { _ = try await connection.read(upTo: 1) }
          })
      }
      var inner: TaskSnapshot?
      while inner?.waitingFor == nil {
        try await nextRounds()
        inner = loop.snapshotTasks().first { $0.name == "inner" }
      }
      #expect(loop.snapshotTasks().first { $0.name == "outer" }?.waitingFor == nil)
      #expect(loop.cancelTask(id: try #require(inner).id))
      await #expect(throws: CancellationError.self) { try await outer.value }
      await listener.closeAll()
    }
  }

  @Test func `a server knows who has connected`() throws {
    try withSocketPath { path in
      try EventLoop.run {
        let loop = try #require(EventLoop.current)
        let peers = Slot<[PeerCredentials?]>([])
        let serving = Serving(body: { peers.value.append($0.peer) })
        for address in [SocketAddress.unix(path: path), .loopback()] {
          let listener = try await loop.listen(on: address, serving)
          _ = try await loop.connect(to: listener.address, Using { try await $0.read(upTo: 1) })
          await listener.closeAll()
        }
        #expect(peers.value == [PeerCredentials(uid: getuid(), gid: getgid(), pid: getpid()), nil])
      }
    }
  }

  @Test func `lines are split, the last one needs no line feed, and an empty line is a line`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let long = String(repeating: "x", count: 40_000)
      let listener = try await loop.listen(
        on: .loopback(),
        Serving(body: { connection in
          for piece in ["first\nse", "cond\r\n", "\n", long + "\n", "last"] {
            try await connection.write(piece)
            try await nextRounds(2)
          }
        }))
      let lines = try await loop.connect(
        to: listener.address,
        Using { connection -> [String] in
          var lines: [String] = []
          while let line = text(try await connection.readLine(limit: 40_000)) { lines.append(line) }
          #expect(try await connection.readLine(limit: 10) == nil)
          return lines
        })
      #expect(lines == ["first", "second\r", "", long, "last"])
      await listener.closeAll()
    }
  }

  @Test func `a line at the limit is a line, one byte more is an error`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let listener = try await loop.listen(
        on: .loopback(), Serving(body: { try await $0.write("12345\n123456\n") }))
      try await loop.connect(
        to: listener.address,
        Using { connection in
          let first = text(try await connection.readLine(limit: 5))
          #expect(first == "12345")
          await #expect(throws: EventLoopError.lineTooLong(limit: 5)) { try await connection.readLine(limit: 5) }
          let rest = text(try await connection.read(upTo: 100))
          #expect(rest == "123456\n")
        })
      await listener.closeAll()
    }
  }

  @Test func `an endless line is refused after the limit, not gathered`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let sent = Slot(0)
      let listener = try await loop.listen(
        on: .loopback(),
        Serving(body: { connection in
          let bytes = [UInt8](repeating: 120, count: 65_536)
          while true {
            try await connection.write(bytes)
            sent.value += bytes.count
          }
        }))
      await #expect(throws: EventLoopError.lineTooLong(limit: 1_000)) {
        _ = try await loop.connect(to: listener.address, Using { try await $0.readLine(limit: 1_000) })
      }
      await listener.closeAll()
    }
  }

  @Test func `a writer waits for a slow reader`() throws {
    try withSocketPath { path in
      try EventLoop.run {
        let loop = try #require(EventLoop.current)
        let total = 4 << 20
        let isWritten = Slot(false)
        let listener = try await loop.listen(
          on: .unix(path: path),
          Serving(body: { connection in
            var bytes = [UInt8](repeating: 0, count: total)
            for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index &* 31 >> 3) }
            try await connection.write(bytes)
            isWritten.value = true
          }))
        let received = try await loop.connect(
          to: listener.address,
          Using { connection -> Int in
            try await nextRounds(20)
            // The socket's buffer is far smaller than what is to be sent.
            #expect(!isWritten.value)
            var received = 0
            while true {
              let bytes = try await connection.read(upTo: 50_000)
              if bytes.isEmpty { return received }
              for byte in bytes {
                guard byte == UInt8(truncatingIfNeeded: received &* 31 >> 3) else { return -received }
                received += 1
              }
            }
          })
        #expect(received == total)
        #expect(isWritten.value)
        await listener.closeAll()
      }
    }
  }

  @Test func `one coroutine may read while another writes`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let listener = try await loop.listen(on: .loopback(), Echo())
      let total = 2 << 20
      let received = try await loop.connect(
        to: listener.address,
        Using { connection -> Int in
          let writer = loop.startTask(name: "writer") {
            try await connection.write([UInt8](repeating: 9, count: total))
            try connection.closeWrite()
          }
          var received = 0
          while true {
            let count = try await connection.read(upTo: 65_536).count
            if count == 0 { break }
            received += count
          }
          try await writer.value
          return received
        })
      #expect(received == total)
      await listener.closeAll()
    }
  }

  @Test func `bytes and the end that come together are both seen`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let listener = try await loop.listen(on: .loopback(), Serving(body: { try await $0.write("bye") }))
      for _ in 0..<50 {
        let pieces = try await loop.connect(
          to: listener.address,
          Using { connection -> [String?] in
            var pieces: [String?] = []
            repeat { pieces.append(text(try await connection.read(upTo: 100))) } while pieces.last != ""
            return pieces
          })
        #expect(pieces == ["bye", ""])
      }
      await listener.closeAll()
    }
  }

  @Test func `a cancellation that comes after the kernel's report is seen by the next wait`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let gate = Gate(loop)
      let reader = Slot<Coroutine<Bool>?>(nil)
      let serving = Serving(body: { connection in
        await gate.pass()
        // The kernel has the event of the thread's call before that of the bytes.
        try OwnThread { loop.callSoonThreadSafe { reader.value?.cancel() } }.join()
        try await connection.write("hello")
        try await loop.sleep(for: .seconds(60))
      })
      let listener = try await loop.listen(on: .loopback(), serving)
      let connection = try await loop.connect(to: listener.address)
      reader.value = loop.startTask(name: "reader") {
        let isWhole = try await connection.read(upTo: 5) == Array("hello".utf8)
        await #expect(throws: CancellationError.self) { try await connection.read(upTo: 1) }
        return isWhole
      }
      try await nextRounds(2)
      await gate.open()
      #expect(try await reader.value?.value == true)
      connection.close()
      await listener.closeAll()
    }
  }

  @Test func `reading is cancelled, and closing wakes who reads`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let listener = try await loop.listen(on: .loopback(), Echo())
      let connection = try await loop.connect(to: listener.address)
      let cancelled = loop.startTask(name: "cancelled") { try await connection.read(upTo: 1) }
      try await nextRounds(2)
      #expect(loop.snapshotTasks().contains { $0.waitingFor?.hasPrefix("bytes to read") == true })
      cancelled.cancel()
      await #expect(throws: CancellationError.self) { try await cancelled.value }
      // The connection is as it was.
      try await connection.write("still there")
      #expect(text(try await connection.read(upTo: 100)) == "still there")
      let woken = loop.startTask(name: "woken") { try await connection.read(upTo: 1) }
      try await nextRounds(2)
      connection.close()
      connection.close()
      #expect(connection.isClosed)
      await #expect(throws: EventLoopError.connectionClosed) { try await woken.value }
      await #expect(throws: EventLoopError.connectionClosed) { try await connection.write("x") }
      #expect(throws: EventLoopError.connectionClosed) { try connection.closeWrite() }
      await listener.closeAll()
    }
  }

  @Test func `a write after closeWrite, and one to a peer that is gone, are errors`() throws {
    try withSocketPath { path in
      try EventLoop.run {
        let loop = try #require(EventLoop.current)
        let listener = try await loop.listen(on: .unix(path: path), Serving(body: { _ in }))
        let connection = try await loop.connect(to: listener.address)
        #expect(try await connection.read(upTo: 1).isEmpty)
        let error = await #expect(throws: EventLoopError.self) {
          for _ in 0..<1_000 { try await connection.write([UInt8](repeating: 0, count: 10_000)) }
        }
        #expect(error?.code == EPIPE)
        connection.close()
        let second = try await loop.connect(to: listener.address)
        try second.closeWrite()
        await #expect(throws: EventLoopError.connectionClosed) { try await second.write("x") }
        second.close()
        await listener.closeAll()
      }
    }
  }

  @Test func `an abort is a reset to a TCP peer, and the end of the stream to one of a Unix-domain socket`() throws {
    try withSocketPath { path in
      try EventLoop.run {
        let loop = try #require(EventLoop.current)
        for address in Self.addresses(path) {
          let aborting = Serving(body: { connection in
            _ = try await connection.read(upTo: 1)
            connection.abort()
            connection.abort()
            #expect(connection.isClosed)
          })
          let listener = try await loop.listen(on: address, aborting)
          let connection = try await loop.connect(to: listener.address)
          try await connection.write("x")
          if address.port == nil {
            #expect(try await connection.read(upTo: 1).isEmpty)
          } else {
            let error = await #expect(throws: EventLoopError.self) { try await connection.read(upTo: 1) }
            #expect(error?.code == ECONNRESET)
          }
          connection.close()
          await listener.closeAll()
        }
      }
    }
  }

  @Test func `connecting to nobody is refused, and to a path that is none is unusable`() throws {
    try withSocketPath { path in
      try EventLoop.run {
        let loop = try #require(EventLoop.current)
        let listener = try await loop.listen(on: .loopback(), Echo())
        let address = listener.address
        listener.close()
        let refused = await #expect(throws: EventLoopError.self) { try await loop.connect(to: address) }
        #expect(refused?.code == ECONNREFUSED)
        let missing = await #expect(throws: EventLoopError.self) { try await loop.connect(to: .unix(path: path)) }
        #expect(missing?.code == ENOENT)
        for bad in ["", String(repeating: "x", count: 108), "a\0b"] {
          await #expect(throws: EventLoopError.unusableAddress(.unix(path: bad))) {
            try await loop.connect(to: .unix(path: bad))
          }
        }
      }
    }
  }

  @Test func `addresses read well`() {
    #expect(SocketAddress.ipv4(address: 0xC000_0201, port: 80).description == "192.0.2.1:80")
    #expect(
      SocketAddress.ipv6(high: 0x2001_0DB8_0000_0000, low: 1, port: 443, scope: 2).description
        == "[2001:db8:0:0:0:0:0:1%2]:443")
    #expect(SocketAddress.unix(path: "/run/x").description == "/run/x")
    #expect(SocketAddress.loopback(port: 5).port == 5)
  }
}
