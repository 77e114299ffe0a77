package import EventLoop
import Glibc

/// Serves the control socket: every connection in a coroutine of its own, every request by its handler.
package actor ControlServer: LoopActor, ServerProtocol {
  package nonisolated let loop: EventLoop
  private let handlers: HandlerTable
  private let limits: ControlLimits
  private let admits: @Sendable (ControlPeer) -> Bool
  /// Connections that are served now.
  package private(set) var clients = 0

  /// - Parameter admits: who is heard; by default the daemon's own user and root.
  package init(
    loop: EventLoop, handlers: HandlerTable, limits: ControlLimits = ControlLimits(),
    admits: @escaping @Sendable (ControlPeer) -> Bool = { $0.maySteer(daemonOf: geteuid()) }
  ) {
    self.loop = loop
    self.handlers = handlers
    self.limits = limits
    self.admits = admits
  }

  /// Serves one connection until its client ends it or breaks a rule; then it has been told which.
  package func serve(_ connection: Connection) async throws {
    let peer = connection.peer.map { ControlPeer(user: $0.uid, process: $0.pid) }
    guard let peer, admits(peer) else {
      let who = peer.map { "user \($0.user)" } ?? "this peer"
      let error = ControlError(.permission, "\(who) may not steer this daemon: only its own user and root may")
      return try await refuse(connection, error)
    }
    guard clients < limits.clients else {
      let error = ControlError(.limit, "\(limits.clients) clients are connected, and no more are taken")
      return try await refuse(connection, error)
    }
    clients += 1
    defer { clients -= 1 }
    let session = ControlSession(connection, peer: peer, handlers: handlers, limits: limits)
    try await session.run()
  }

  /// How many connections the listener is to take: some more than are served, so that the others are told.
  var connectionLimit: Int { limits.clients + 8 }

  private func refuse(_ connection: Connection, _ error: ControlError) async throws {
    let line = try JSONLine.encode(Message.Failure(id: .null, error: error))
    try await connection.write(line + [UInt8(ascii: "\n")])
  }
}
