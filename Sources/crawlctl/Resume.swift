package import ArgumentParser
import Control

/// `crawlctl resume TASK…`
package struct Resume: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Lets paused tasks go on exactly where they stopped.")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    try selection.change(TaskResume.self, daemon)
  }
}
