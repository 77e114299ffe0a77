import EventLoop

/// Which handler answers which method. Filled once, before the server listens.
package struct HandlerTable: Sendable {
  /// Answers one request; its parameters are read already. Runs on the loop. What it throws becomes the reply's error.
  package typealias Handler<M: ControlMethod> = @Sendable (M.Parameters, ControlPeer) async throws -> M.Result

  private var entries: [String: Entry] = [:]

  /// Why a method is not answered at the moment; nil when it is. Asked on the loop's thread.
  let refusal: @Sendable (String) -> ControlError?

  package init(refusal: @escaping @Sendable (String) -> ControlError? = { _ in nil }) {
    self.refusal = refusal
  }

  /// The names of the methods, in alphabetical order.
  package var methods: [String] { entries.keys.sorted() }

  /// Adds a method. Traps when it has a handler already.
  package mutating func register<M: ControlMethod>(_: M.Type, _ handler: @escaping Handler<M>) {
    guard entries[M.name] == nil else { fatalError("the method \(M.name) has two handlers") }
    entries[M.name] = Entry { line in
      let parameters = try Self.parameters(of: M.self, line)
      return .once(M.answering) { peer in
        let result = try await handler(parameters, peer)
        return { id in try JSONLine.encode(Message.Success(id: id, result: result)) }
      }
    }
  }

  /// Adds a method whose reply is followed by notifications. Traps when it has a handler already.
  package mutating func register<M: ControlSubscription>(
    streaming _: M.Type, _ handler: @escaping @Sendable (M.Parameters, ControlPeer) async throws -> ControlStream<M>
  ) {
    guard entries[M.name] == nil else { fatalError("the method \(M.name) has two handlers") }
    entries[M.name] = Entry { line in
      let parameters = try Self.parameters(of: M.self, line)
      return .stream { peer in
        let stream = try await handler(parameters, peer)
        return Subscription(
          reply: { id in try JSONLine.encode(Message.Success(id: id, result: stream.reply)) },
          next: {
            let events = await stream.feed.next(limit: Self.eventsAtOnce)
            if events.isEmpty { return nil }
            return try await stream.feed.loop.runInThread {
              try events.flatMap { event in
                let message = Message.Notification(method: M.notification, params: event)
                return try JSONLine.encode(message) + [UInt8(ascii: "\n")]
              }
            }
          }, end: stream.end)
      }
    }
  }

  /// Events that become JSON, and are written, in one go.
  private static let eventsAtOnce = 100

  private static func parameters<M: ControlMethod>(of _: M.Type, _ line: [UInt8]) throws -> M.Parameters {
    do {
      return try JSONLine.decode(Message.RequestParameters<M.Parameters>.self, from: line).params
    } catch {
      throw ControlError(parametersOf: M.name, error)
    }
  }

  /// Reads a request's line: what is to be called, or why nothing is. O(bytes); takes any line.
  package func read(_ line: [UInt8], depth: Int) -> Request {
    let head: Message.RequestHead
    do {
      try JSONLine.check(line, depth: depth)
      head = try JSONLine.decode(Message.RequestHead.self, from: line)
    } catch {
      // Who asked cannot be told: JSON-RPC answers with a null id.
      return Request(id: .null, method: nil, outcome: .failure(ControlError(envelope: error)))
    }
    guard let entry = entries[head.method] else {
      let error = ControlError(
        .unknownMethod, "there is no method “\(head.method)”; known are \(methods.joined(separator: " "))",
        data: ControlError.Facts(methods: methods))
      return Request(id: head.id, method: nil, outcome: .failure(error))
    }
    do {
      return Request(id: head.id, method: head.method, outcome: .success(try entry.prepare(line)))
    } catch {
      let error = error as? ControlError ?? ControlError(parametersOf: head.method, error)
      return Request(id: head.id, method: head.method, outcome: .failure(error))
    }
  }

  /// Asks the handler; what comes back makes the reply's line.
  typealias Call = @Sendable (ControlPeer) async throws -> Reply
  /// Makes the reply's line for a request's id, on whatever thread.
  typealias Reply = @Sendable (RequestID) throws -> [UInt8]

  /// A subscription that has begun.
  struct Subscription: Sendable {
    let reply: Reply
    /// Waits for the next events: their lines. nil at the end. Called by one coroutine, and not after `end`.
    let next: @Sendable () async throws -> [UInt8]?
    let end: @Sendable () async -> Void
  }

  /// What a request asks for.
  enum Work: Sendable {
    case once(ControlAnswering, Call)
    case stream(@Sendable (ControlPeer) async throws -> Subscription)
  }

  /// A request's line, read.
  package struct Request: Sendable {
    /// None for a notification: it is carried out and gets no reply.
    let id: RequestID?
    let method: String?
    let outcome: Swift.Result<Work, ControlError>
  }

  private struct Entry: Sendable {
    let prepare: @Sendable ([UInt8]) throws -> Work
  }
}
