import CLinux
import Glibc

/// One non-blocking descriptor of a stream, and the coroutines that wait for it: at most one that reads and one that
/// writes. Owns the descriptor. Belongs to the loop's thread.
///
/// System calls are tried first. Only when one would block is its direction registered, edge-triggered and for good;
/// afterwards a direction is tried again only when the kernel has reported it. Most streams never wait for room to
/// write, and the kernel would report each time that the peer has read something.
/// When a coroutine waits for a short message, the message is read as soon as the kernel reports it, before the coroutine
/// runs. So the messages that the kernel reports together are read one after the other, and then their coroutines run.
/// The answers follow each other more closely, and a peer that takes all of them seldom falls asleep between two: the
/// writer would have to wake it each time (a tenth of an echo over 1,000 connections).
///
/// A stream that never has to wait would hold the loop for as long as its peer keeps up, so it takes turns: who has moved
/// `turnBytes` since the last wait suspends once, until the kernel was asked for everybody.
final class Endpoint {
  /// What one system call has brought.
  enum Progress {
    case bytes(Int)
    case wouldBlock
    case failed(Int32)
  }

  private enum State {
    case unregistered
    case registered(Watch)
    case closed
  }

  let descriptor: Int32
  private let loop: EventLoop
  private let isPreferred: Bool
  private var state = State.unregistered
  /// What the kernel reports.
  private var watched: Interest = []
  private var mayRead = true
  private var mayWrite = true
  /// The peer has ended: every read finds something (bytes, the end, or an error) without waiting.
  private var hasEnded = false
  /// The stream has ended where a read would have to wait.
  private var endsWhenEmpty = false
  /// What the coroutine that reads is parked with, or the last one was: one serves for many waits.
  private var reader: Waiter?
  private var isReading = false
  /// That one, from before a coroutine parks with it until the coroutine goes on.
  private var parkedReader: Unmanaged<Waiter>?
  /// What was read for the coroutine that waits, before it goes on.
  @exclusivity(unchecked) private var arrived: [UInt8]?
  /// The error number of a read that has failed, until it is thrown.
  private var readError: Int32 = 0
  /// How many bytes that coroutine takes. 0 when the last message was a long one: a long one is read when its coroutine
  /// runs.
  private var awaited = 0
  /// What the first read after the last wait has brought.
  private var firstRead = 0
  private var writer: Waiter?
  private var isWriting = false
  /// What was moved in either direction since a coroutine has waited here.
  private var moved = 0

  /// What a turn may move; a transfer of few bytes counts as one of `leastBytes`, so 64 of them are a turn.
  private static let turnBytes = 1 << 20
  private static let leastBytes = turnBytes / 64
  /// The longest message that is read before its coroutine goes on.
  private static let messageBytes = 4_096

  init(descriptor: Int32, loop: EventLoop, isPreferred: Bool = false) {
    self.descriptor = descriptor
    self.isPreferred = isPreferred
    self.loop = loop
  }

  deinit {
    close()
  }

  var isClosed: Bool {
    if case .closed = state { true } else { false }
  }

  /// Whether a coroutine has moved so much without a wait that it is the others' turn.
  var isTurnOver: Bool { moved >= Self.turnBytes }

  /// Counts what was moved, or taken from what was read before.
  @inline(__always)
  func charge(_ bytes: Int) {
    moved &+= max(bytes, Self.leastBytes)
  }

  /// Traps while another coroutine waits to read, or for its turn to do so.
  @inline(__always)
  func expectNoReader() {
    mustHold(!isReading, "two coroutines read one connection at the same time")
  }

  @inline(__always)
  func expectNoWriter() {
    mustHold(!isWriting, "two coroutines write one connection at the same time")
  }

  /// Returns at least one byte and at most `limit`; an empty array is the end of the stream, nil that a read would block.
  @inline(__always)
  func receive(upTo limit: Int) throws(EventLoopError) -> [UInt8]? {
    if isClosed { throw .connectionClosed }
    if let bytes = arrived.take() { return bytes }
    if readError == 0 {
      guard mayRead else { return nil }
      if let bytes = read(upTo: limit) { return bytes }
    }
    if readError == 0 { return nil }
    defer { readError = 0 }
    throw .system(call: "read", code: readError)
  }

  /// Asks the kernel; nil when it has nothing, or an error, which is noted.
  @inline(never)
  private func read(upTo limit: Int) -> [UInt8]? {
    // By way of the loop's buffer, so that the result holds no more memory than its bytes need.
    let buffer = UnsafeMutableRawBufferPointer(rebasing: loop.readBuffer.prefix(limit))
    while true {
      let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 {
        // A short read has emptied a stream; new bytes make a new edge. The kernel ends a read early at two marks as well,
        // TCP's urgent byte and descriptors that are sent over a Unix-domain socket, and what follows those is read when
        // more comes: no protocol of ours knows either, and to ask again after every message would cost a call each.
        if count < buffer.count, count > 0, !hasEnded { mayRead = false }
        if moved == 0 { firstRead = count }
        charge(count)
        return Array(UnsafeRawBufferPointer(start: buffer.baseAddress, count: count))
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        if endsWhenEmpty { return [] }
        mayRead = false
      case let code: readError = code
      }
      return nil
    }
  }

  /// Writes what fits.
  func write(_ buffer: UnsafeRawBufferPointer) -> Progress {
    guard mayWrite else { return .wouldBlock }
    while true {
      let count = Glibc.write(descriptor, buffer.baseAddress, buffer.count)
      if count >= 0 {
        charge(count)
        return .bytes(count)
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        mayWrite = false
        return .wouldBlock
      case let code: return .failed(code)
      }
    }
  }

  /// Suspends the current coroutine, which takes at most `limit` bytes, until a read will not block, or the endpoint is
  /// closed.
  @inline(__always)
  func waitReadable(upTo limit: Int) async throws {
    guard let waiter = try newReader(upTo: limit) else { return }
    await loop.park(with: waiter)
    isReading = false
    parkedReader = nil
    if waiter.isCancelled { throw CancellationError() }
  }

  /// Suspends the current coroutine until a write will not block, or the endpoint is closed.
  func waitWritable() async throws {
    guard let waiter = try newWriter() else { return }
    await loop.park(with: waiter)
    writer = nil
    isWriting = false
    if waiter.isCancelled { throw CancellationError() }
  }

  /// Has the next write ask the kernel, which has not reported room.
  func tryWriting() {
    mayWrite = true
  }

  /// Suspends the current coroutine until the loop has asked the kernel for everybody: its turn to read is over.
  @inline(never)
  func endReadingTurn() async throws {
    expectNoReader()
    isReading = true
    defer { isReading = false }
    try await endTurn()
  }

  @inline(never)
  func endWritingTurn() async throws {
    expectNoWriter()
    isWriting = true
    defer { isWriting = false }
    try await endTurn()
  }

  private func endTurn() async throws {
    loop.checkCoroutine()
    moved = 0
    let waiter = Waiter(.turn, loop: loop)
    loop.timers.schedule(waiter, at: loop.now.nanoseconds)
    await loop.park(with: waiter)
    loop.timers.remove(waiter)
    if waiter.isCancelled { throw CancellationError() }
  }

  /// What a reader parks with; nil when it need not. Out of line, and so out of the coroutine's frame.
  @inline(never)
  private func newReader(upTo limit: Int) throws(EventLoopError) -> Waiter? {
    loop.checkCoroutine()
    try register(.readable)
    if mayRead { return nil }
    // One that somebody else still knows may be woken by him late.
    if isKnownUniquelyReferenced(&reader) {
      reader?.reset()
    } else {
      reader = Waiter(.readable(descriptor), loop: loop)
    }
    isReading = true
    moved = 0
    awaited = firstRead < Self.messageBytes ? min(limit, Self.messageBytes) : 0
    parkedReader = reader.map { .passUnretained($0) }
    return reader
  }

  @inline(never)
  private func newWriter() throws(EventLoopError) -> Waiter? {
    loop.checkCoroutine()
    try register(.writable)
    if mayWrite { return nil }
    let waiter = Waiter(.writable(descriptor), loop: loop)
    writer = waiter
    isWriting = true
    moved = 0
    return waiter
  }

  /// Closes the descriptor and wakes who waits. Harmless when repeated.
  func close() {
    switch state {
    case .closed: return
    case .registered(let watch): watch.cancel()
    case .unregistered: break
    }
    state = .closed
    _ = Glibc.close(descriptor)
    mayRead = true
    mayWrite = true
    arrived = nil
    wakeReader()
    writer?.wake()
  }

  /// Reads for the coroutine that waits. One that was cancelled before does not take it.
  private func readAhead() {
    guard awaited > 0, parkedReader?._withUnsafeGuaranteedRef({ $0.isParked }) == true else { return }
    arrived = read(upTo: awaited)
  }

  private func wakeReader() {
    _ = parkedReader?._withUnsafeGuaranteedRef { $0.wake() }
  }

  /// Has the stream end with what has come, though others could write more.
  func endWhenEmpty() {
    (endsWhenEmpty, hasEnded, mayRead) = (true, true, true)
    wakeReader()
  }

  /// Ends the sending direction of a socket.
  func shutdownWrite() throws(EventLoopError) {
    guard !isClosed else { throw .connectionClosed }
    guard shutdown(descriptor, Int32(SHUT_WR)) == 0 || errno == ENOTCONN else {
      throw .system(call: "shutdown", code: errno)
    }
  }

  private func register(_ direction: Interest) throws(EventLoopError) {
    switch state {
    case .closed: throw .connectionClosed
    case .registered(let watch):
      if watched.contains(direction) { return }
      try watch.modify(watch.interest.union(direction))
      watched.insert(direction)
    case .unregistered:
      let interest: Interest = isPreferred ? [.edgeTriggered, .preferred] : .edgeTriggered
      let target = Watch.Target.endpoint(.passUnretained(self))
      state = .registered(try loop.watch(descriptor, for: interest.union(direction), target))
      watched = direction
    }
  }

  /// The kernel has reported this: wakes who waits for it. No code of others runs within.
  func becameReady(_ readiness: Readiness) {
    if !readiness.isDisjoint(with: [.peerClosed, .hangUp, .error]) { hasEnded = true }
    if hasEnded || readiness.contains(.readable) {
      mayRead = true
      readAhead()
      wakeReader()
    }
    if readiness.contains(.writable) || !readiness.isDisjoint(with: [.hangUp, .error]) {
      mayWrite = true
      writer?.wake()
    }
  }
}
