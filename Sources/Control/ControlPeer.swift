/// Who is at the other end of a control connection, as the kernel says.
package struct ControlPeer: Sendable, Hashable {
  package var user: UInt32
  package var process: Int32

  package init(user: UInt32, process: Int32) {
    self.user = user
    self.process = process
  }

  /// Whether a daemon of user `owner` listens to this peer: its own user, and root.
  package func maySteer(daemonOf owner: UInt32) -> Bool {
    user == owner || user == 0
  }
}
