import EventLoop
import Fetch
import Glibc
import Testing
import WebURL

/// A server that sends faster than it is read.
@Suite struct FloodTests {
  /// Blocks of libcurl's buffer that one call of it reads.
  private static let blocksOfACall = 101
  private static let blockBytes = 16 << 10

  @Test func `other sockets get their turn while a server sends as fast as it is read`() throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    let port = try #require(Self.listen(on: listener))
    defer { close(listener) }
    let limit = 64 << 20
    try Stage.run { stage in
      let flood = stage.loop.startTask(name: "flood") { try await stage.loop.runInThread { Self.flood(listener) } }
      let before = stage.loop.statistics.ticks
      let request = FetchRequest(
        url: WebURL("http://127.0.0.1:\(port)/")!, userAgent: "test/1.0",
        progress: FetchProgress(now: stage.loop.now), gate: FetchGate())
      request.limits.bodyBytes = limit
      let response = await stage.fetcher.fetch(request)
      #expect(response.outcome == .tooLarge)
      // In a tick libcurl is called when the socket is readable, and again when it wants to read on.
      #expect(stage.loop.statistics.ticks - before >= limit / (2 * Self.blocksOfACall * Self.blockBytes))
      try await flood.value
    }
  }

  /// The port; nil when the system refuses.
  private static func listen(on listener: Int32) -> UInt16? {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return withUnsafeMutableBytes(of: &address) { bytes in
      let pointer = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
      guard bind(listener, pointer, length) == 0, Glibc.listen(listener, 1) == 0 else { return nil }
      guard getsockname(listener, pointer, &length) == 0 else { return nil }
      return UInt16(bigEndian: bytes.load(fromByteOffset: 2, as: UInt16.self))
    }
  }

  /// Answers one request with a body that ends when the client leaves.
  private static func flood(_ listener: Int32) {
    let connection = accept(listener, nil, nil)
    defer { close(connection) }
    let head = Array("HTTP/1.1 200 OK\r\n\r\n".utf8)
    var bytes = [UInt8](repeating: 0x78, count: 1 << 20)
    guard recv(connection, &bytes, bytes.count, 0) > 0 else { return }
    guard send(connection, head, head.count, 0) == head.count else { return }
    while send(connection, bytes, bytes.count, 0) > 0 {}
  }
}
