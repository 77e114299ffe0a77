package import ArgumentParser
import Control

/// `crawlctl rm TASK…`
package struct Remove: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Removes ended tasks with everything that they found.",
    discussion: """
      The rows go in the background, also over a restart; the file does not shrink, its space is used again. Exports and \
      backups come first: there is no way back, and so the beginning of a name is not enough.
      """)

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    try selection.change(TaskRemove.self, daemon)
  }
}
