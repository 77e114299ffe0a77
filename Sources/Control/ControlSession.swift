import EventLoop

/// One client's connection: reads its requests, answers them in order, and lets long polls go on meanwhile.
/// A client that ends its sending direction still gets the replies to what it asked before, but its long polls and
/// subscriptions end: a client that is gone looks the same.
actor ControlSession: LoopActor {
  nonisolated let loop: EventLoop
  private let connection: Connection
  private let peer: ControlPeer
  private let handlers: HandlerTable
  private let limits: ControlLimits
  private var lines: LineReader
  /// Requests that are answered `later`, by their ids; notifications among them count without one.
  private var waiting: Set<RequestID> = []
  private var waitingCount = 0
  /// Those among them that are streams.
  private var subscriptions = 0
  private var turn = Turn.free
  /// When the first byte of the line that is being received came.
  private var lineBegan: EventLoop.Instant
  /// A request is being read on a thread, or answered in order; and since when its reply is being written.
  private var isAnswering = false
  private var writing: EventLoop.Instant?
  /// When the last request was answered, or when the client came.
  private(set) var lastAnswered: EventLoop.Instant

  /// Whether it is sending a request, or the daemon owes it an answer. False when it takes too long to finish the request
  /// or to take the answer.
  var isAsking: Bool {
    if waitingCount > 0 { return true }
    if !lines.isEmpty, loop.now - lineBegan < limits.patience { return true }
    return isAnswering && (writing.map { loop.now - $0 < limits.patience } ?? true)
  }

  /// Whose reply is being written. Replies are written whole, one after the other.
  private enum Turn {
    case free
    case taken(queue: [CheckedContinuation<Void, Never>])
  }

  init(_ connection: Connection, peer: ControlPeer, handlers: HandlerTable, limits: ControlLimits) {
    loop = connection.loop
    self.connection = connection
    self.peer = peer
    self.handlers = handlers
    self.limits = limits
    lines = LineReader(limit: limits.lineBytes)
    lastAnswered = connection.loop.now
    lineBegan = lastAnswered
  }

  /// Serves until the client ends its requests, breaks a limit, or takes no reply. Returns when all is answered.
  func run() async throws {
    try await withThrowingDiscardingTaskGroup { group in
      try await serve(in: &group)
      group.cancelAll()
    }
  }

  /// Ends the session from outside; says why, unless a reply is being written.
  func end(_ error: ControlError) async {
    if case .free = turn, let line = try? JSONLine.encode(Message.Failure(id: .null, error: error)) {
      turn = .taken(queue: [])
      try? await loop.withTimeout(limits.partingTime) { [connection] in
        try await connection.write(line + [UInt8(ascii: "\n")])
      }
      passTurn()
    }
    connection.close()
  }

  private func serve(in group: inout ThrowingDiscardingTaskGroup<any Error>) async throws {
    while let next = try await nextLine() {
      switch next {
      case .line(let line):
        if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { continue }
        try await answer(line, in: &group)
      case .tooLong:
        try await send(ControlError(.limit, "a request's line is longer than \(limits.lineBytes) bytes"), to: .null)
      case .tooSlow:
        let limit = limits.lineTime.components.seconds
        return try await send(ControlError(.limit, "a request's line was not finished within \(limit) s"), to: .null)
      }
      // A client that never pauses takes turns with everything else on the loop.
      await Task.yield()
    }
  }

  // MARK: Requests

  private enum NextLine {
    case line([UInt8])
    case tooLong
    case tooSlow
  }

  /// The next line; nil at the end of the stream. Waits for ever for its first byte, and `lineTime` for the rest.
  private func nextLine() async throws -> NextLine? {
    lineBegan = loop.now
    while true {
      switch lines.next() {
      case .line(let line): return .line(line)
      case .tooLong: return .tooLong
      case .incomplete: break
      }
      let received: [UInt8]
      if lines.isEmpty {
        received = try await connection.read(upTo: LineReader.chunk)
        lineBegan = loop.now
      } else {
        let rest = lineBegan + limits.lineTime - loop.now
        guard rest > .zero else { return .tooSlow }
        do {
          received = try await loop.withTimeout(rest) { try await connection.read(upTo: LineReader.chunk) }
        } catch EventLoopError.timedOut {
          return .tooSlow
        }
      }
      if received.isEmpty { return lines.takeRest().map(NextLine.line) }
      lines.append(received)
    }
  }

  private func answer(_ line: [UInt8], in group: inout ThrowingDiscardingTaskGroup<any Error>) async throws {
    let request = try await read(line)
    if let method = request.method, let refusal = handlers.refusal(method) {
      if let id = request.id { try await send(refusal, to: id) }
      return
    }
    switch request.outcome {
    case .failure(let error):
      if let id = request.id { try await send(error, to: id) }
    case .success(.once(.later, let call)):
      if try await reserve(request) {
        group.addTask { try await self.named(request) { try await self.answerLater(request, call) } }
      }
    case .success(.stream(let begin)):
      if subscriptions >= limits.subscriptions {
        let error = ControlError(.limit, "this connection has \(limits.subscriptions) subscriptions already")
        if let id = request.id { try await send(error, to: id) }
      } else if try await reserve(request) {
        subscriptions += 1
        group.addTask { try await self.named(request) { try await self.stream(request, begin) } }
      }
    case .success(.once(let answering, let call)):
      isAnswering = true
      defer { isAnswering = false }
      let reply = await reply(to: request, call)
      writing = loop.now
      defer { writing = nil }
      if let id = request.id { try await send(reply, to: id, isLong: answering == .inOrderLong) }
      lastAnswered = loop.now
    }
  }

  /// Reads a request; a long one on a pool thread, so that a megabyte of seeds does not hold up the loop.
  private func read(_ line: [UInt8]) async throws -> HandlerTable.Request {
    let (handlers, depth) = (handlers, limits.depth)
    if line.count <= limits.longLineBytes { return handlers.read(line, depth: depth) }
    isAnswering = true
    defer { isAnswering = false }
    return try await loop.runInThread { handlers.read(line, depth: depth) }
  }

  /// Asks the handler. Whatever it throws is the answer, but for its cancellation: then the session is over.
  private func reply(to request: HandlerTable.Request, _ call: HandlerTable.Call) async -> HandlerTable.Reply {
    do { return try await call(peer) } catch { return failure(request, error) }
  }

  private func failure(_ request: HandlerTable.Request, _ error: any Error) -> HandlerTable.Reply {
    let error = error as? ControlError ?? ControlError(.internalError, "\(request.method ?? "request"): \(error)")
    return { id in try JSONLine.encode(Message.Failure(id: id, error: error)) }
  }

  // MARK: Requests answered later

  /// Gives the child that answers a request its own row in the task table.
  private func named(_ request: HandlerTable.Request, _ body: () async throws -> Void) async throws {
    try await loop.named("\(request.method ?? "request") for process \(peer.process)", body)
  }

  /// Makes room for a request that is answered later, or tells its client why there is none.
  private func reserve(_ request: HandlerTable.Request) async throws -> Bool {
    guard let refusal = refusal(of: request.id) else { return true }
    if let id = request.id { try await send(refusal, to: id) }
    return false
  }

  private func refusal(of id: RequestID?) -> ControlError? {
    guard waitingCount < limits.waitingRequests else {
      return ControlError(.limit, "\(limits.waitingRequests) requests of this connection wait already")
    }
    if let id, id != .null, !waiting.insert(id).inserted {
      return ControlError(.invalidRequest, "a request with this id waits already; its reply could not be told apart")
    }
    waitingCount += 1
    return nil
  }

  private func answerLater(_ request: HandlerTable.Request, _ call: HandlerTable.Call) async throws {
    let reply = await reply(to: request, call)
    waitingCount -= 1
    guard let id = request.id else { return }
    waiting.remove(id)
    if !Task.isCancelled { try await send(reply, to: id) }
    lastAnswered = loop.now
  }

  /// Replies, and goes on with the events of a subscription as they come, as long as the client is there.
  private func stream(
    _ request: HandlerTable.Request, _ begin: @Sendable (ControlPeer) async throws -> HandlerTable.Subscription
  ) async throws {
    let subscription: HandlerTable.Subscription
    do {
      subscription = try await begin(peer)
    } catch {
      let reply = failure(request, error)
      subscriptions -= 1
      return try await answerLater(request) { _ in reply }
    }
    do {
      if let id = request.id { try await send(subscription.reply, to: id) }
      while let lines = try await loop.waiting(for: "events", subscription.next) { try await write(lines) }
    } catch {
      await subscription.end()
      if Task.isCancelled { return }
      throw error
    }
    await subscription.end()
  }

  // MARK: Replies

  private func send(_ error: ControlError, to id: RequestID) async throws {
    try await send({ id in try JSONLine.encode(Message.Failure(id: id, error: error)) }, to: id)
  }

  /// Writes a reply's line; see `write`.
  private func send(_ reply: @escaping HandlerTable.Reply, to id: RequestID, isLong: Bool = false) async throws {
    var line = try await encode(reply, to: id, isLong: isLong)
    line.append(UInt8(ascii: "\n"))
    try await write(line)
  }

  /// Waits until the client has taken the bytes, for `lineTime` at most; one with a subscription may take longer, unless it
  /// takes nothing for that long. A client that does not take them is disconnected.
  private func write(_ bytes: [UInt8]) async throws {
    await takeTurn()
    defer { passTurn() }
    do {
      if subscriptions > 0 {
        for start in stride(from: 0, to: bytes.count, by: Self.pieceBytes) {
          let piece = Array(bytes[start..<min(start + Self.pieceBytes, bytes.count)])
          try await connection.write(piece, stall: limits.lineTime)
        }
      } else {
        try await loop.withTimeout(limits.lineTime) { try await connection.write(bytes) }
      }
    } catch {
      // Wakes the coroutine that waits for this client's next request.
      connection.close()
      throw error
    }
  }

  /// What a subscriber is sent at once. The kernel counts such a piece as taken when it was read whole.
  private static let pieceBytes = 1_024

  private func encode(_ reply: @escaping HandlerTable.Reply, to id: RequestID, isLong: Bool) async throws -> [UInt8] {
    do {
      return isLong ? try await loop.runInThread { try reply(id) } : try reply(id)
    } catch let error as EncodingError {
      let failure = ControlError(.internalError, "the reply cannot be written as JSON: \(error)")
      return try JSONLine.encode(Message.Failure(id: id, error: failure))
    }
  }

  private func takeTurn() async {
    guard case .taken = turn else {
      turn = .taken(queue: [])
      return
    }
    await withCheckedContinuation { continuation in
      guard case .taken(var queue) = turn else {
        turn = .taken(queue: [])
        return continuation.resume()
      }
      queue.append(continuation)
      turn = .taken(queue: queue)
    }
  }

  private func passTurn() {
    guard case .taken(var queue) = turn else { fatalError("a reply ended that nobody was writing") }
    if queue.isEmpty {
      turn = .free
    } else {
      let next = queue.removeFirst()
      turn = .taken(queue: queue)
      next.resume()
    }
  }
}
