package import ArgumentParser
import Control

/// `crawlctl pause TASK…`
package struct Pause: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Pauses tasks: when it answers, no new request starts. They stay paused over a restart.")

  @OptionGroup var selection: SelectionOptions
  @Flag(help: "Abort the fetches in flight instead of letting them end.") var now = false
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    try selection.change(TaskPause.self, now: now, daemon)
  }
}
