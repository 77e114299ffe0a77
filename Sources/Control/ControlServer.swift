package import EventLoop
import Glibc

/// Serves the control socket: every connection in a coroutine of its own, every request by its handler.
package actor ControlServer: LoopActor, ServerProtocol {
  package nonisolated let loop: EventLoop
  private let handlers: HandlerTable
  private let limits: ControlLimits
  private let admits: @Sendable (ControlPeer) -> Bool
  private let freeDescriptors: @Sendable () -> Bool
  private var sessions: [Int: ControlSession] = [:]
  private var nextSession = 0

  /// Connections that are served now.
  package var clients: Int { sessions.count }

  /// - Parameters:
  ///   - admits: who is heard; by default the daemon's own user and root.
  ///   - freeDescriptors: called on the loop when none is left for a new client; true when some are again, so that no other
  ///     client has to make room.
  package init(
    loop: EventLoop, handlers: HandlerTable, limits: ControlLimits = ControlLimits(),
    admits: @escaping @Sendable (ControlPeer) -> Bool = { $0.maySteer(daemonOf: geteuid()) },
    freeDescriptors: @escaping @Sendable () -> Bool = { false }
  ) {
    self.loop = loop
    self.handlers = handlers
    self.limits = limits
    self.admits = admits
    self.freeDescriptors = freeDescriptors
  }

  /// Serves one connection until its client ends it or breaks a rule; then it has been told which.
  /// When as many clients are connected as may be, one that asks nothing at the moment makes room: the one whose last
  /// answer (or arrival) is longest ago. The new one is refused only when all of them ask something or wait for answers.
  package func serve(_ connection: Connection) async throws {
    let peer = connection.peer.map { ControlPeer(user: $0.uid, process: $0.pid) }
    guard let peer, admits(peer) else {
      let who = peer.map { "user \($0.user)" } ?? "this peer"
      let error = ControlError(.permission, "\(who) may not steer this daemon: only its own user and root may")
      return try await refuse(connection, error)
    }
    guard clients < limits.clients || makeRoom("\(limits.clients) clients are connected") else {
      let error = ControlError(.limit, "\(limits.clients) clients wait for answers, and no more are taken")
      return try await refuse(connection, error)
    }
    let session = ControlSession(connection, peer: peer, handlers: handlers, limits: limits)
    let number = nextSession
    nextSession += 1
    sessions[number] = session
    defer { sessions[number] = nil }
    try await session.run()
  }

  /// No descriptor or memory is left for a new client: the session that deserves its place least is ended, unless there are
  /// descriptors that nobody needs.
  package nonisolated func acceptFailed() {
    if freeDescriptors() { return }
    assumeIsolated { _ = $0.makeRoom("the daemon has no descriptor or memory left") }
  }

  /// Ends the session that deserves its place least; false when none can be ended. O(clients).
  private func makeRoom(_ reason: String) -> Bool {
    let idle = sessions.compactMap { number, session in
      session.assumeIsolated { $0.isAsking ? nil : (number: number, since: $0.lastAnswered) }
    }
    guard let least = idle.min(by: { ($0.since, $0.number) < ($1.since, $1.number) }),
      let session = sessions.removeValue(forKey: least.number)
    else { return false }
    let error = ControlError(.limit, "\(reason); this one makes room for another")
    loop.startTask(name: "control: makes room") { await session.end(error) }
    return true
  }

  /// How many connections the listener is to take: some more than are served, for the clients that are told why they are
  /// not.
  var connectionLimit: Int { limits.clients + limits.parting }

  private func refuse(_ connection: Connection, _ error: ControlError) async throws {
    let line = try JSONLine.encode(Message.Failure(id: .null, error: error))
    try await connection.write(line + [UInt8(ascii: "\n")])
  }
}
