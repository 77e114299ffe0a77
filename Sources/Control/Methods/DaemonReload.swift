/// `daemon.reload`: the daemon reads its configuration file again, as after SIGHUP. A wrong file changes nothing and is
/// an error with its line.
package enum DaemonReload: ControlMethod {
  package static let name = "daemon.reload"

  package typealias Parameters = NoParameters

  package struct Result: Codable, Sendable, Equatable {
    /// What holds from now on, and what from the next start.
    package var message: String

    package init(message: String) {
      self.message = message
    }
  }
}
