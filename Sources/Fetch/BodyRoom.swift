import EventLoop

/// The bodies that are in memory, and who may read on when there are as many as may be.
/// Above the bound a socket within a body, or a long header section, is not read: the kernel's buffer fills, and the
/// server has to wait. The first socket that would read on may do so all the same, so that there is always one whose body
/// comes to its end. Each second one more may, since a server may be slow. Confined to the loop's thread.
final class BodyRoom {
  private let loop: EventLoop
  private let limit: Int
  /// Decoded bytes that fetches in flight have, and what their header sections take.
  @exclusivity(unchecked) var buffered = 0
  /// Bytes of bodies that were handed on and are not read to their end.
  var elsewhere = 0 {
    didSet { if elsewhere < oldValue { makeRoom() } }
  }
  private var waiting = SocketQueue()
  private var favoured = 0
  private var timer: DelayedCall?

  /// From a favour to the next.
  private static let patience: Duration = .seconds(1)

  init(loop: EventLoop, limit: Int) {
    self.loop = loop
    self.limit = limit
  }

  private var isFull: Bool { buffered + elsewhere >= limit }

  /// Whether a socket within a body may be read now; if not, it is resumed when it may.
  func mayRead(_ socket: FetchSocket) -> Bool {
    if !isFull || socket.isFavoured { return true }
    guard favoured > 0 else {
      favour(socket)
      return true
    }
    waiting.append(socket)
    if timer == nil { wait() }
    return false
  }

  /// A socket has no body any more, or is closed.
  func leave(_ socket: FetchSocket) {
    if socket.isFavoured {
      socket.isFavoured = false
      favoured -= 1
    }
    if socket.isWaiting {
      waiting.remove(socket)
      socket.resume()
    }
    makeRoom()
  }

  /// All of them go on when an eighth is free. While less is free, one of them does.
  func makeRoom() {
    guard !waiting.isEmpty else { return }
    if buffered + elsewhere < limit - limit / 8 {
      while let socket = waiting.popFirst() { socket.resume() }
    } else if favoured == 0 {
      favourNext()
    }
  }

  private func favourNext() {
    guard let socket = waiting.popFirst() else { return }
    favour(socket)
    socket.resume()
  }

  private func favour(_ socket: FetchSocket) {
    socket.isFavoured = true
    favoured += 1
  }

  private func wait() {
    timer = loop.callLater(Self.patience) { [unowned self] in
      timer = nil
      guard !waiting.isEmpty else { return }
      favourNext()
      wait()
    }
  }

  func close() {
    timer?.cancel()
    timer = nil
  }
}

/// Sockets, first in, first out, of which any can leave. Amortised O(1): there may be thousands, and all end together.
private struct SocketQueue {
  private var sockets: [Int: FetchSocket] = [:]
  private var first = 0
  private var next = 0

  var isEmpty: Bool { sockets.isEmpty }

  mutating func append(_ socket: FetchSocket) {
    socket.queueNumber = next
    sockets[next] = socket
    next += 1
  }

  mutating func remove(_ socket: FetchSocket) { sockets[socket.queueNumber] = nil }

  mutating func popFirst() -> FetchSocket? {
    guard !sockets.isEmpty else { return nil }
    while true {
      defer { first += 1 }
      if let socket = sockets.removeValue(forKey: first) { return socket }
    }
  }
}
