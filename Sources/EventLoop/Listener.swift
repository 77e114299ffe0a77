import CLinux
import Glibc

/// What serves the connections of a listener.
public protocol ServerProtocol: Sendable {
  /// Serves one connection, in a coroutine of its own; the connection is closed when it returns or throws.
  func serve(_ connection: Connection) async throws
  /// Told when `serve` has thrown something else than a cancellation; does nothing by default.
  func serveFailed(_ error: any Error)
  /// Told on the loop when a client waits that can't be accepted, since the process has no descriptor or memory left;
  /// again every 100 ms while that is so. Does nothing by default.
  func acceptFailed()
}

extension ServerProtocol {
  public func serveFailed(_ error: any Error) {}
  public func acceptFailed() {}
}

/// What runs on a connection that a client has made.
public protocol ClientProtocol {
  associatedtype Output
  func run(_ connection: Connection) async throws -> Output
}

/// A listening socket. Belongs to the loop's thread.
///
/// When the process has no descriptor or memory left, accepting pauses for 100 ms, or until one of the listener's own
/// connections ends. At the limit of connections it pauses until one ends; the kernel's backlog holds the others.
public final class Listener: @unchecked Sendable {
  /// Where it listens, with the port that the system chose.
  public let address: SocketAddress
  public let connectionLimit: Int
  /// How many connections are served now.
  public var connectionCount: Int { serving.count }
  /// How often accepting had to pause because a descriptor or memory was missing.
  public private(set) var pauses = 0

  private let loop: EventLoop
  private let descriptor: Int32
  private let server: any ServerProtocol
  private let pathIdentity: FileIdentity?
  private let isPreferred: Bool
  private let interest: Interest
  private var watch: Watch?
  private var retry: DelayedCall?
  private var serving: [Int: Coroutine<Void>] = [:]
  private var acceptedCount = 0
  /// Those that wait until no connection is served.
  private var waiters: [Waiter] = []

  private static let acceptsPerTick = 64
  private static let retryDelay = Duration.milliseconds(100)

  init(
    descriptor: Int32, address: SocketAddress, connectionLimit: Int, isPreferred: Bool, server: any ServerProtocol,
    loop: EventLoop
  ) throws(EventLoopError) {
    self.descriptor = descriptor
    self.address = address
    self.connectionLimit = connectionLimit
    self.isPreferred = isPreferred
    self.server = server
    self.loop = loop
    if case .unix(let path) = address { pathIdentity = Self.identity(of: path) } else { pathIdentity = nil }
    interest = isPreferred ? [.readable, .preferred] : .readable
    watch = try loop.watch(descriptor, for: interest) { [unowned(unsafe) self] _ in accept() }
  }

  deinit {
    close()
  }

  /// Whether a Unix socket's path still leads to it: nobody has removed it, or put something else in its place. Always true
  /// of other addresses.
  public var hasItsPath: Bool {
    guard case .unix(let path) = address, let pathIdentity else { return true }
    return Self.identity(of: path) == pathIdentity
  }

  /// Stops accepting, closes the socket and removes a Unix socket's path, unless something else stands there by now.
  /// Connections are served on. Harmless when repeated.
  public func close() {
    guard let watch else { return }
    watch.cancel()
    self.watch = nil
    retry?.cancel()
    if case .unix(let path) = address, let pathIdentity, Self.identity(of: path) == pathIdentity { unlink(path) }
    _ = Glibc.close(descriptor)
  }

  /// Stops accepting, cancels the coroutines that serve, and waits until the last of them has ended.
  public func closeAll() async {
    close()
    for task in serving.values { task.cancel() }
    await waitUntilServed()
  }

  /// Waits until no connection is served.
  public func waitUntilServed() async {
    while connectionCount > 0 {
      let waiter = Waiter(.connections, loop: loop)
      waiters.append(waiter)
      await loop.waitUninterrupted(for: waiter)
    }
  }

  private func accept() {
    for _ in 0..<Self.acceptsPerTick {
      guard watch != nil else { return }
      guard connectionCount < connectionLimit else { return pause() }
      var storage = sockaddr_storage()
      var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
      let accepted = clinux_accept(descriptor, &storage, &length)
      switch -accepted {
      case ...0: serve(accepted, SocketAddress(storage, length: length) ?? address)
      case EAGAIN: return
      case EINTR, ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, ENETUNREACH, EPERM:
        continue  // that client has left: accept(2) reports its error as its own
      default:  // EMFILE, ENFILE, ENOBUFS, ENOMEM
        // accept(2) takes the descriptor before it looks for a client: there may be none.
        guard hasClient else { return }
        pauses += 1
        pause()
        resumeLater()
        server.acceptFailed()
        return
      }
    }
  }

  /// Whether somebody waits to be accepted.
  private var hasClient: Bool {
    var question = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&question, 1, 0) > 0
  }

  private func serve(_ accepted: Int32, _ peerAddress: SocketAddress) {
    Socket.setNoDelay(accepted, peerAddress)
    let connection = Connection(socket: accepted, peerAddress: peerAddress, loop: loop, isPreferred: isPreferred)
    acceptedCount += 1
    let number = acceptedCount
    let server = server
    // Not held by what it serves, so that it closes when it is dropped. No capture list: with one, the closure would begin
    // outside of the loop's actor.
    weak let listener = self
    serving[number] = loop.startTask(name: "serve \(address)") {
      defer {
        connection.close()
        listener?.ended(number)
      }
      do {
        try await server.serve(connection)
      } catch is CancellationError {
      } catch {
        server.serveFailed(error)
      }
    }
  }

  private func ended(_ number: Int) {
    serving[number] = nil
    resume()
    guard connectionCount == 0 else { return }
    for waiter in waiters { waiter.wake() }
    waiters = []
  }

  private struct FileIdentity: Equatable {
    let device: dev_t
    let number: ino_t
  }

  private static func identity(of path: String) -> FileIdentity? {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    return FileIdentity(device: status.st_dev, number: status.st_ino)
  }

  private func pause() {
    _ = try? watch?.modify([])
  }

  private func resume() {
    retry?.cancel()
    retry = nil
    // The kernel may be short of memory for the registration.
    do { try watch?.modify(interest) } catch { resumeLater() }
  }

  private func resumeLater() {
    retry = loop.callLater(Self.retryDelay) { [weak self] in self?.resume() }
  }
}
