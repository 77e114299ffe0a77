import ArgumentParser
import Control
package import Store
import Units

/// How rows are shown.
package enum RowFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case table, csv, json, markdown

  /// Writes rows under their columns' names.
  package func show(_ columns: [String], _ rows: [[QueryValue]], _ write: @escaping ([UInt8]) -> Void) {
    var printer = printer(write)
    printer.begin(columns)
    for row in rows { printer.row(row) }
    printer.end()
  }

  /// - Parameter write: takes pieces of the text.
  func printer(_ write: @escaping ([UInt8]) -> Void) -> any RowPrinter {
    switch self {
    case .table: TableRowPrinter(write)
    case .csv: CSVRowPrinter(write)
    case .json: JSONRowPrinter(write)
    case .markdown: MarkdownRowPrinter(write)
    }
  }
}

/// Comma-separated values (RFC 4180, lines end with LF): a headline, then the rows. Control characters are escaped as in
/// tables, so a row is a line; a text that a spreadsheet would take for a formula begins with an apostrophe.
struct CSVRowPrinter: RowPrinter {
  private let write: ([UInt8]) -> Void
  private var hasBegun = false

  init(_ write: @escaping ([UInt8]) -> Void) {
    self.write = write
  }

  mutating func begin(_ columns: [String]) {
    if hasBegun { write([0x0A]) }
    hasBegun = true
    write(Self.line(columns.map(Self.cell)))
  }

  mutating func row(_ values: [QueryValue]) {
    write(Self.line(values.map { $0.isText ? Self.cell($0.cell) : $0.cell }))
  }

  mutating func end() {}

  private static func line(_ cells: [String]) -> [UInt8] { Array((cells.joined(separator: ",") + "\n").utf8) }

  /// A text as one inert cell.
  package static func cell(_ text: String) -> String {
    var text = TerminalText.escape(text)
    // What spreadsheets take for the beginning of a formula, in full width as well.
    if let first = text.first, "=+-@|%＝＋－＠".contains(first) { text = "'" + text }
    guard text.utf8.contains(where: { $0 == 0x2C || $0 == 0x22 }) || text.first == " " || text.last == " " else {
      return text
    }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}

/// A table of GitHub's Markdown per statement. What Markdown or HTML would make something of is escaped.
struct MarkdownRowPrinter: RowPrinter {
  private let write: ([UInt8]) -> Void
  private var hasBegun = false

  init(_ write: @escaping ([UInt8]) -> Void) {
    self.write = write
  }

  mutating func begin(_ columns: [String]) {
    if hasBegun { write([0x0A]) }
    hasBegun = true
    line(columns.map(Self.cell))
    line(columns.map { _ in "---" })
  }

  mutating func row(_ values: [QueryValue]) { line(values.map { Self.cell($0.cell) }) }

  mutating func end() {}

  private func line(_ cells: [String]) { write(Array(("| " + cells.joined(separator: " | ") + " |\n").utf8)) }

  private static func cell(_ text: String) -> String {
    var result = ""
    for character in TerminalText.escape(text) {
      switch character {
      case "<": result += "&lt;"
      case "&": result += "&amp;"
      case "\\", "`", "*", "_", "[", "]", "|", "~": result += "\\\(character)"
      default: result.append(character)
      }
    }
    return result
  }
}
