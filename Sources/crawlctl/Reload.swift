package import ArgumentParser
import Control

/// `crawlctl reload`
package struct Reload: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Has the daemon read its configuration file again. A wrong file changes nothing and says the line.")

  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    let result = try Session.ask(DaemonReload.self, NoParameters(), daemon)
    if daemon.json { try Output.json(result) } else { Output.write(result.message + "\n") }
  }
}
