import ArgumentParser
import Control
package import Store
import Units

/// How rows are shown.
package enum RowFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
  case table, csv, json, markdown

  /// Writes rows under their columns' names.
  ///
  /// - Parameter width: columns that a table may have; nil: as many as it needs.
  package func show(
    _ columns: [String], _ rows: [[QueryValue]], width: Int? = nil, _ write: @escaping ([UInt8]) -> Void
  ) throws {
    var printer = printer(write, width: width)
    printer.begin(columns)
    for row in rows { try printer.row(row) }
    printer.end()
  }

  /// - Parameter write: takes pieces of the text.
  func printer(_ write: @escaping ([UInt8]) -> Void, width: Int?) -> any RowPrinter {
    switch self {
    case .table: TableRowPrinter(write, width: width)
    case .csv: CSVRowPrinter(write)
    case .json: JSONRowPrinter(write)
    case .markdown: MarkdownRowPrinter(write)
    }
  }
}

/// Comma-separated values (RFC 4180, lines end with LF): a headline, then the rows. Control characters are escaped as in
/// tables, so a row is a line; what a spreadsheet would take for the beginning of a formula, at a text's beginning or after a
/// semicolon in it, has an apostrophe before it, and a text with anything at which some program might split it stands in
/// quotes. A row is never an empty line, which separates results.
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

  func row(_ values: [QueryValue]) {
    write(Self.line(values.map { $0.isText ? Self.cell($0.cell) : $0.cell }))
  }

  mutating func end() {}

  private static func line(_ cells: [String]) -> [UInt8] {
    let isEmpty = cells.count == 1 && cells[0].isEmpty
    return Array((isEmpty ? "\"\"\n" : cells.joined(separator: ",") + "\n").utf8)
  }

  /// What spreadsheets take for the beginning of a formula, in full width as well. Scalars: an accent that follows makes
  /// another character of one, and no text of a formula.
  private static let formulaBeginnings = Set("=+-@|%＝＋－＠".unicodeScalars)
  /// What no program splits at, beside letters and digits.
  private static let plain = Set("-._~:/?#@!$&()*+%='".utf8)

  /// A text as one inert cell.
  package static func cell(_ text: String) -> String {
    let text = defused(TerminalText.escape(text))
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: plain.contains(byte)
      }
    }
    if isPlain { return text }
    return "\"" + text.replacingScalars { $0 == "\"" ? "\"\"" : nil } + "\""
  }

  /// An apostrophe before what begins a formula, also behind blanks and quotes. A program that splits at semicolons sees no
  /// quotes around such a cell; at commas, tabs and line breaks none splits it, since it is quoted, or they are escaped.
  private static func defused(_ text: String) -> String {
    let first = text.unicodeScalars.first { !isSkipped($0) }
    if !text.utf8.contains(UInt8(ascii: ";")), !(first.map(formulaBeginnings.contains) ?? false) { return text }
    var result = String.UnicodeScalarView()
    var isBeginning = true
    for scalar in text.unicodeScalars {
      if isBeginning, formulaBeginnings.contains(scalar) { result.append("'") }
      isBeginning = scalar == ";" || (isBeginning && isSkipped(scalar))
      result.append(scalar)
    }
    return String(result)
  }

  /// What programs may skip at the beginning of a cell.
  private static func isSkipped(_ scalar: Unicode.Scalar) -> Bool {
    scalar == " " || scalar == "\"" || scalar == "\u{A0}" || scalar == "\u{3000}"
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

  func row(_ values: [QueryValue]) { line(values.map { Self.cell($0.cell) }) }

  mutating func end() {}

  private func line(_ cells: [String]) { write(Array(("| " + cells.joined(separator: " | ") + " |\n").utf8)) }

  private static func cell(_ text: String) -> String {
    TerminalText.escape(text).replacingScalars { scalar in
      switch scalar {
      case "<": "&lt;"
      case "&": "&amp;"
      case "\\", "`", "*", "_", "[", "]", "|", "~": "\\\(scalar)"
      default: nil
      }
    }
  }
}
