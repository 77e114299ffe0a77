import CLinux
import Glibc

/// A stream of bytes in both directions: a TCP or Unix-domain connection, or the pipes of a child process.
///
/// One coroutine may read while another writes; to read while another waits to read, or to write while another waits to
/// write, is a programming error and traps. A stream that is always ready suspends its coroutine after each MiB or 64
/// pieces, for the others' sake and for a cancellation's. Belongs to the loop's thread.
///
/// Whoever runs the protocol closes it: it is closed when the protocol's coroutine ends.
public final class Connection: @unchecked Sendable {
  public let loop: EventLoop
  /// The peer's address; nil for pipes.
  public let peerAddress: SocketAddress?
  private let input: Endpoint?
  private var output: Endpoint?
  @exclusivity(unchecked) private var buffer: [UInt8] = []
  private var consumed = 0

  private static let chunk = 65_536
  /// How soon a peer that is slow to take bytes is tried again.
  private static let retryTime = Duration.milliseconds(500)

  /// A connected socket; the connection owns the descriptor from now on.
  init(socket descriptor: Int32, peerAddress: SocketAddress?, loop: EventLoop, isPreferred: Bool = false) {
    self.loop = loop
    self.peerAddress = peerAddress
    let endpoint = Endpoint(descriptor: descriptor, loop: loop, isPreferred: isPreferred)
    input = endpoint
    output = endpoint
  }

  /// A pair of pipes, either of which may be missing.
  init(input: Int32?, output: Int32?, loop: EventLoop) {
    self.loop = loop
    peerAddress = nil
    self.input = input.map { Endpoint(descriptor: $0, loop: loop) }
    self.output = output.map { Endpoint(descriptor: $0, loop: loop) }
  }

  /// The user at the other end of a Unix-domain connection; nil for any other kind.
  public var peer: PeerCredentials? {
    guard case .unix = peerAddress, let input, !input.isClosed else { return nil }
    var uid: uid_t = 0
    var gid: gid_t = 0
    var pid: pid_t = 0
    guard clinux_peer_credentials(input.descriptor, &uid, &gid, &pid) == 0 else { return nil }
    return PeerCredentials(uid: uid, gid: gid, pid: pid)
  }

  /// Whether this end was closed.
  public var isClosed: Bool { input?.isClosed ?? true && output?.isClosed ?? true }

  /// Reads at least one byte and at most `limit` or 65,536, whatever is less; an empty result is the end of the stream.
  ///
  /// - Throws: `CancellationError`; `EventLoopError.connectionClosed` after `close`; `.system` (ECONNRESET and others).
  public func read(upTo limit: Int) async throws -> [UInt8] {
    mustHold(limit > 0, "a read needs room for at least one byte")
    if let input {
      input.expectNoReader()
      if input.isTurnOver { try await input.endReadingTurn() }
    }
    if consumed < buffer.count { return take(min(limit, buffer.count - consumed)) }
    return try await receive(upTo: limit)
  }

  /// Reads up to and including the next line feed and returns the line without it (a carriage return stays).
  ///
  /// Bytes after the last line feed are returned as a last line. Nil is the end of the stream. O(length of the line).
  ///
  /// - Throws: `EventLoopError.lineTooLong` when no line feed is among the first `limit` + 1 bytes (they stay in the
  ///   buffer); what `read` throws.
  public func readLine(limit: Int) async throws -> [UInt8]? {
    var scanned = 0
    input?.expectNoReader()
    while true {
      if let input, input.isTurnOver { try await input.endReadingTurn() }
      let start = consumed + scanned
      if let end = buffer[start...].firstIndex(of: 0x0A) {
        guard end - consumed <= limit else { throw EventLoopError.lineTooLong(limit: limit) }
        let line = take(end - consumed)
        consumed += 1
        return line
      }
      scanned = buffer.count - consumed
      guard scanned <= limit else { throw EventLoopError.lineTooLong(limit: limit) }
      let received = try await receive(upTo: loop.readBuffer.count)
      if received.isEmpty { return scanned > 0 ? take(scanned) : nil }
      if consumed > 0 {
        buffer.removeFirst(consumed)
        consumed = 0
      }
      buffer.append(contentsOf: received)
    }
  }

  /// Writes all bytes; returns when the kernel has taken the last of them. A slow reader slows the writer down.
  ///
  /// - Throws: `CancellationError` (a part may have been sent); `EventLoopError.connectionClosed` after `close` or
  ///   `closeWrite`; `.system` (EPIPE, ECONNRESET and others).
  public func write(_ bytes: [UInt8]) async throws {
    if let output, output.isTurnOver { try await output.endWritingTurn() }
    let sent = try bytes.withUnsafeBytes { try send($0) }
    if sent < bytes.count { try await writeRest(bytes, from: sent) }
  }

  /// Writes all bytes to a peer that may take as long as it likes, but not nothing for as long as `stall`.
  ///
  /// The kernel tells of room in a Unix-domain socket only when three quarters of it are free, which takes a slow reader a
  /// minute or more, but takes bytes before. So who waits tries again twice a second.
  ///
  /// - Throws: `EventLoopError.timedOut` (a part may have been sent); what `write` throws.
  public func write(_ bytes: [UInt8], stall: Duration) async throws {
    var sent = 0
    var deadline = loop.now + stall
    while true {
      if let output, output.isTurnOver { try await output.endWritingTurn() }
      let count = try bytes.withUnsafeBytes { try send(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
      sent += count
      if sent == bytes.count { return }
      if count > 0 { deadline = loop.now + stall }
      guard let output else { throw EventLoopError.connectionClosed }
      let rest = deadline - loop.now
      guard rest > .zero else { throw EventLoopError.timedOut(limit: stall) }
      do {
        try await loop.withTimeout(min(rest, Self.retryTime)) { try await output.waitWritable() }
      } catch EventLoopError.timedOut {
        output.tryWriting()
      }
    }
  }

  /// Writes all bytes of a collection.
  public func write(_ bytes: some Collection<UInt8>) async throws {
    if let output, output.isTurnOver { try await output.endWritingTurn() }
    let direct = try bytes.withContiguousStorageIfAvailable { try send(UnsafeRawBufferPointer($0)) }
    let sent = direct ?? 0
    if sent < bytes.count { try await writeRest(Array(bytes), from: sent) }
  }

  /// Writes a text as UTF-8.
  public func write(_ text: String) async throws {
    try await write(text.utf8)
  }

  /// Ends the sending direction: the peer reads the end of the stream, and may still answer.
  public func closeWrite() throws(EventLoopError) {
    guard let output else { throw .connectionClosed }
    if output === input {
      try output.shutdownWrite()
    } else {
      output.close()
    }
    self.output = nil
  }

  /// Closes both directions and wakes the coroutines that wait for them. Harmless when repeated.
  public func close() {
    input?.close()
    output?.close()
    output = nil
  }

  /// Closes both directions at once, as `close` does, and tells the peer of a TCP connection so by a reset (RFC 9293,
  /// section 3.5.2): what was sent and not yet delivered is lost. Harmless when repeated.
  public func abort() {
    if let input, !input.isClosed, peerAddress?.port != nil { Socket.discardWhenClosed(input.descriptor) }
    close()
  }

  /// Nobody counts any more who holds the other ends of the pipes: what has come is read, and then the stream has ended.
  func endWithPeer() {
    output?.close()
    output = nil
    input?.endWhenEmpty()
  }

  private func take(_ count: Int) -> [UInt8] {
    let taken = Array(buffer[consumed..<consumed + count])
    consumed += count
    input?.charge(count)
    if consumed == buffer.count {
      buffer.removeAll(keepingCapacity: buffer.count <= Self.chunk)
      consumed = 0
    }
    return taken
  }

  /// Each return from one coroutine to another costs as much as a tenth of a read, so this and what it waits by are inlined.
  @inline(__always)
  private func receive(upTo limit: Int) async throws -> [UInt8] {
    guard let input else { return [] }
    while true {
      if let bytes = try input.receive(upTo: limit) { return bytes }
      try await input.waitReadable(upTo: limit)
    }
  }

  /// Sends what fits now.
  private func send(_ bytes: UnsafeRawBufferPointer) throws(EventLoopError) -> Int {
    guard let output, !output.isClosed else { throw .connectionClosed }
    output.expectNoWriter()
    guard bytes.count > 0 else { return 0 }
    switch output.write(bytes) {
    case .bytes(let count): return count
    case .wouldBlock: return 0
    case .failed(let code): throw .system(call: "write", code: code)
    }
  }

  private func writeRest(_ bytes: [UInt8], from start: Int) async throws {
    var sent = start
    while true {
      sent += try bytes.withUnsafeBytes { try send(UnsafeRawBufferPointer(rebasing: $0[sent...])) }
      if sent == bytes.count { return }
      guard let output else { throw EventLoopError.connectionClosed }
      if output.isTurnOver { try await output.endWritingTurn() } else { try await output.waitWritable() }
    }
  }
}
