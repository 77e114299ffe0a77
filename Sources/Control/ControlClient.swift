package import EventLoop
import Glibc

/// A client's connection to the daemon. Asks one question at a time.
package actor ControlClient: LoopActor {
  package nonisolated let loop: EventLoop
  /// The daemon's process, as the kernel says.
  package nonisolated let peer: ControlPeer
  private let path: String
  private let connection: Connection
  private let patience: Duration
  private var nextID: Int64 = 1
  private var isAsking = false

  /// Bytes that a reply may have at most; lists come in pages, far below it.
  private static let longestReply = 64 << 20

  private init(_ connection: Connection, path: String, peer: ControlPeer, patience: Duration) {
    loop = connection.loop
    self.connection = connection
    self.path = path
    self.peer = peer
    self.patience = patience
  }

  /// Connects, runs `body` with the client, and disconnects.
  ///
  /// - Parameter patience: how long a reply is waited for (beyond what a long poll asks for itself).
  /// - Throws: `ControlError.unreachable` when no daemon listens at the path; `.permission` when it may not be
  ///   connected to, or when its daemon is another user's; what `body` throws.
  package static func connect<T: Sendable>(
    to path: String, on loop: EventLoop, patience: Duration = .seconds(30),
    _ body: @escaping @Sendable (ControlClient) async throws -> T
  ) async throws -> T {
    let connection: Connection
    do {
      connection = try await loop.withTimeout(patience) { try await loop.connect(to: .unix(path: path)) }
    } catch let error as EventLoopError {
      throw failure(toConnect: path, error)
    }
    defer { connection.close() }
    let credentials = connection.peer
    let peer = ControlPeer(user: credentials?.uid ?? .max, process: credentials?.pid ?? 0)
    let user = geteuid()
    guard user == 0 || peer.maySteer(daemonOf: user) else {
      throw ControlError(.permission, "the daemon at \(path) belongs to another user (\(peer.user))")
    }
    return try await body(ControlClient(connection, path: path, peer: peer, patience: patience))
  }

  /// Asks and awaits the reply.
  ///
  /// - Throws: the daemon's `ControlError`; `.timedOut` without a reply in time, after which the client cannot be used;
  ///   `.unreachable` when the daemon ends the connection.
  package func call<M: ControlMethod>(_ method: M.Type, _ parameters: M.Parameters) async throws -> M.Result {
    guard !isAsking else { fatalError("a control client asks one question at a time") }
    isAsking = true
    defer { isAsking = false }
    let id = nextID
    nextID += 1
    let request = Message.Request(id: .number(id), method: M.name, params: parameters)
    let line = try JSONLine.encode(request) + [UInt8(ascii: "\n")]
    guard line.count <= ControlLimits().lineBytes + 1 else {
      throw ControlError(
        .limit,
        "\(M.name) with \(line.count) bytes is too long for one request: \(ControlLimits().lineBytes) are possible")
    }
    var limit = patience
    if let poll = parameters as? TaskWait.Parameters { limit += poll.timeout }
    do {
      let reply = try await loop.withTimeout(limit) { try await self.exchange(line, id: id) }
      return try await read(reply, M.self)
    } catch EventLoopError.timedOut {
      connection.close()
      throw ControlError(
        .timedOut, "the daemon at \(path) did not answer \(M.name) within \(limit.components.seconds) s")
    } catch let error as EventLoopError {
      throw ControlError(.unreachable, "the daemon at \(path) broke off: \(error)")
    }
  }

  /// Subscribes, and hands over each event until `event` answers false.
  ///
  /// - Parameter begun: called with the reply, before the first event.
  /// - Throws: as `call`; `.unreachable` when the daemon ends the connection; what `event` throws.
  package func follow<M: ControlSubscription>(
    _ method: M.Type, _ parameters: M.Parameters, begun: @Sendable (M.Result) throws -> Void,
    event: @Sendable (M.Event) throws -> Bool
  ) async throws {
    try begun(try await call(method, parameters))
    do {
      var lines = LineReader(limit: Self.longestReply)
      while let line = try await nextLine(of: &lines) {
        guard (try? JSONLine.decode(Message.NotificationHead.self, from: line).method) == M.notification else {
          continue
        }
        let received: Message.ReceivedNotification<M.Event>
        do {
          received = try JSONLine.decode(Message.ReceivedNotification<M.Event>.self, from: line)
        } catch {
          throw ControlError(.failed, "an event of the daemon has another form than this program knows: \(error)")
        }
        if try !event(received.params) { return }
      }
    } catch let error as EventLoopError {
      throw ControlError(.unreachable, "the daemon at \(path) broke off: \(error)")
    }
    throw ControlError(.unreachable, "the daemon at \(path) ended the connection")
  }

  /// The next line of a subscription; nil at the end. Little is read ahead of what has been handed over: a daemon ends the
  /// connection of who takes nothing for long.
  private func nextLine(of lines: inout LineReader) async throws -> [UInt8]? {
    while true {
      switch lines.next() {
      case .line(let line): return line
      case .tooLong: throw EventLoopError.lineTooLong(limit: Self.longestReply)
      case .incomplete: break
      }
      let received = try await connection.read(upTo: 4_096)
      if received.isEmpty { return lines.takeRest() }
      lines.append(received)
    }
  }

  /// Waits until the daemon has ended the connection.
  package func waitForEnd() async {
    while let bytes = try? await connection.read(upTo: 4_096), !bytes.isEmpty {}
  }

  /// Sends a request and waits for the reply with its id; a reply without an id ends the exchange too: it tells why the
  /// daemon does not read the request.
  private func exchange(_ line: [UInt8], id: Int64) async throws -> [UInt8] {
    do {
      try await connection.write(line)
    } catch EventLoopError.system(_, EPIPE) {
      // The daemon has closed; it may have said why.
    }
    while let reply = try await connection.readLine(limit: Self.longestReply) {
      guard let head = try? JSONLine.decode(Message.ReplyHead.self, from: reply) else {
        throw ControlError(.failed, "what answers at \(path) does not speak the control protocol")
      }
      if head.id == .number(id) || head.id == .null { return reply }
    }
    throw ControlError(.unreachable, "the daemon at \(path) ended the connection without an answer")
  }

  private func read<M: ControlMethod>(_ line: [UInt8], _ method: M.Type) async throws -> M.Result {
    let outcome: Swift.Result<M.Result, ControlError>
    do {
      outcome = try JSONLine.decode(Message.Reply<M.Result>.self, from: line).outcome
    } catch {
      throw ControlError(.failed, "the daemon's reply to \(M.name) has another form than this program knows: \(error)")
    }
    return try outcome.get()
  }

  private static func failure(toConnect path: String, _ error: EventLoopError) -> ControlError {
    switch error {
    case .system(_, ENOENT), .system(_, ENOTDIR):
      ControlError(
        .unreachable, "no daemon can be reached: there is no socket \(path) (crawld makes it when it starts)")
    case .system(_, ECONNREFUSED):
      ControlError(.unreachable, "no daemon is running: nobody answers at \(path) (crawld starts one)")
    case .system(_, EACCES), .system(_, EPERM):
      ControlError(.permission, "the socket \(path) belongs to another user")
    case .unusableAddress:
      ControlError(
        .invalidParameters, "the socket's path has 1 to \(ControlSocket.longestPath) bytes: \(path)")
    case .timedOut:
      ControlError(.timedOut, "the daemon at \(path) takes no connection")
    default:
      ControlError(.unreachable, "the daemon at \(path) cannot be reached: \(error)")
    }
  }
}
