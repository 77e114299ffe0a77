package import ArgumentParser
import Control

/// What every verb that talks to the daemon takes.
package struct DaemonOptions: ParsableArguments, Sendable {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "The daemon's control socket (default: $CRAWLD_SOCKET, else where the daemon has it by default).",
      valueName: "path"), completion: .file())
  package var socket: String?

  @Flag(name: .long, help: "Answer in JSON, one object per line.")
  package var json = false

  package init() {}

  /// The socket to connect to.
  var path: String { socket ?? ControlSocket.pathForClients() }

  /// `--socket PATH` as this command line has it, for commands to type next; empty when it has none.
  var hint: String {
    guard let socket else { return "" }
    return " --socket \(ShellText.quote(socket))"
  }
}
