import CLinux
import Glibc

extension EventLoop {
  /// Listens and serves every connection in a coroutine of its own until the listener is closed or dropped.
  ///
  /// A Unix socket is created under the process's umask, and its path must not exist.
  ///
  /// - Parameters:
  ///   - address: where; with port 0 the system chooses one, see `Listener.address`.
  ///   - backlog: how many connections the kernel holds that are not accepted yet.
  ///   - connectionLimit: how many are served at once.
  ///   - isPreferred: when more is ready than a tick takes, its clients come before others, see `Interest.preferred`.
  ///   - proto: what serves each of them.
  /// - Throws: `EventLoopError.system` (EADDRINUSE, EACCES and others); `.unusableAddress`.
  public func listen(
    on address: SocketAddress, backlog: Int32 = 128, connectionLimit: Int = 16_384, isPreferred: Bool = false,
    _ proto: some ServerProtocol
  ) async throws -> Listener {
    checkCoroutine()
    let (descriptor, bound) = try Socket.listening(on: address, backlog: backlog)
    do {
      return try Listener(
        descriptor: descriptor, address: bound, connectionLimit: connectionLimit, isPreferred: isPreferred,
        server: proto, loop: self)
    } catch {
      _ = Glibc.close(descriptor)
      throw error
    }
  }

  /// Connects and runs the protocol in the current coroutine; the connection is closed when it returns or throws.
  ///
  /// - Throws: what the protocol throws; `EventLoopError.system` (ECONNREFUSED and others); `CancellationError`.
  public nonisolated(nonsending) func connect<P: ClientProtocol>(
    to address: SocketAddress, _ proto: P
  ) async throws -> P.Output {
    checkCoroutine()
    let connection = try await connect(to: address)
    defer { connection.close() }
    return try await proto.run(connection)
  }

  /// Connects; the caller closes the connection.
  public func connect(to address: SocketAddress) async throws -> Connection {
    checkCoroutine()
    let descriptor = try Socket.open(for: address)
    do {
      try await finishConnecting(descriptor, to: address)
    } catch {
      _ = Glibc.close(descriptor)
      throw error
    }
    return Connection(socket: descriptor, peerAddress: address, loop: self)
  }

  private func finishConnecting(_ descriptor: Int32, to address: SocketAddress) async throws {
    while true {
      let code = try Socket.beginConnect(descriptor, to: address)
      switch code {
      case 0, EISCONN: return
      case EAGAIN where address.port == nil:
        // The backlog of a Unix socket is full, and its kernel queue cannot be watched: ask again later.
        try await sleep(for: .milliseconds(10))
      case EINPROGRESS, EALREADY, EINTR:
        let waiter = Waiter(.writable(descriptor), loop: self)
        let watch = try watch(descriptor, for: .writable) { _ in waiter.wake() }
        defer { watch.cancel() }
        try await waiting(for: "connection to \(address)") { try await wait(for: waiter) }
        let pending = Socket.pendingError(descriptor)
        if pending != 0 { throw EventLoopError.system(call: "connect", code: pending) }
        return
      default: throw EventLoopError.system(call: "connect", code: code)
      }
    }
  }
}
