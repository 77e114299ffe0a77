package import ArgumentParser
import Control

/// `crawlctl cancel TASK…`
package struct Cancel: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Ends tasks for good: fetches in flight are aborted, results stay.",
    discussion: "Nothing takes it back, and so the beginning of a name is not enough.")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    try selection.change(TaskCancel.self, daemon)
  }
}
