import ArgumentParser

/// What verbs take that show tables.
package struct TableOptions: ParsableArguments, Sendable {
  @Flag(name: .customLong("no-trunc"), help: "Cut no cell, however narrow the terminal.")
  package var noTrunc = false

  package init() {}

  /// Columns that a table on stdout may have; nil: as many as it needs.
  var width: Int? { noTrunc ? nil : Output.width }
}
