import Control
import Store

/// Shows the rows of queries.
protocol RowPrinter {
  /// Begins a statement's result.
  mutating func begin(_ columns: [String])
  /// Throws a `Failure` when there is too much for this format.
  mutating func row(_ values: [QueryValue]) throws
  /// Shows what is left. Harmless when repeated.
  mutating func end()
}

/// A table per statement. Rows are kept until the statement's end, since the widest decides; 64 MiB at most.
struct TableRowPrinter: RowPrinter {
  private static let limit = 64 << 20

  private let write: ([UInt8]) -> Void
  private let width: Int?
  private var columns: [String] = []
  private var rows: [[QueryValue]] = []
  /// Bytes of the cells.
  private var bytes = 0
  /// The longest cell of each column, in bytes, and all of the last column, which is not filled up with blanks.
  private var longest: [Int] = []
  private var lastColumn = 0

  /// - Parameter width: columns that the table may have; nil: as many as it needs.
  init(_ write: @escaping ([UInt8]) -> Void, width: Int?) {
    self.write = write
    self.width = width
  }

  mutating func begin(_ columns: [String]) {
    if !self.columns.isEmpty {
      end()
      write([0x0A])
    }
    self.columns = columns
    longest = columns.map(\.utf8.count)
  }

  mutating func row(_ values: [QueryValue]) throws {
    for (index, value) in values.enumerated() {
      let count = value.cellBytes
      bytes += count
      if index == values.count - 1 { lastColumn += count } else { longest[index] = max(longest[index], count) }
    }
    rows.append(values)
    let filled = width == nil ? rows.count * longest.dropLast().reduce(0, +) + lastColumn : 0
    if max(bytes, filled) <= Self.limit { return }
    clear()
    throw Failure(
      .failed, "crawlctl: the table would have more than 64 MiB; --json, and --format csv of query, have no such limit")
  }

  private mutating func clear() {
    (columns, rows, longest, bytes, lastColumn) = ([], [], [], 0, 0)
  }

  mutating func end() {
    guard !columns.isEmpty else { return }
    var table = TextTable(
      columns.enumerated().map { index, name in
        let isText = rows.contains { $0[index].isText }
        return TextTable.Column(name, isText || rows.isEmpty ? .left : .right, givesWay: isText)
      })
    for row in rows { table.append(row.map(\.cell)) }
    write(Array(table.rendered(width: width).utf8))
    clear()
  }
}

/// A JSON object per row, keys in the columns' order; a name that is there already gets `_2`, `_3` …
struct JSONRowPrinter: RowPrinter {
  private let write: ([UInt8]) -> Void
  private var keys: [[UInt8]] = []
  private var text: [UInt8] = []

  private static let chunk = 1 << 16

  init(_ write: @escaping ([UInt8]) -> Void) {
    self.write = write
  }

  mutating func begin(_ columns: [String]) {
    keys = Self.unique(columns).map { JSONLine.quoted($0) + [UInt8(ascii: ":")] }
  }

  mutating func row(_ values: [QueryValue]) {
    text.append(UInt8(ascii: "{"))
    for (index, value) in values.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      text += keys[index]
      text += value.json
    }
    text += [UInt8(ascii: "}"), UInt8(ascii: "\n")]
    if text.count >= Self.chunk { end() }
  }

  mutating func end() {
    if !text.isEmpty { write(text) }
    text.removeAll(keepingCapacity: true)
  }

  private static func unique(_ names: [String]) -> [String] {
    var taken: Set<String> = []
    return names.map { name in
      var candidate = name
      var number = 2
      while !taken.insert(candidate).inserted {
        candidate = "\(name)_\(number)"
        number += 1
      }
      return candidate
    }
  }
}

extension QueryValue {
  var isText: Bool {
    switch self {
    case .text, .blob: true
    case .null, .integer, .real: false
    }
  }

  /// Bytes of `cell`, or a few more.
  var cellBytes: Int {
    switch self {
    case .null: 0
    case .integer, .real: 24
    case .text(let text): text.utf8.count
    case .blob(let bytes): 2 * bytes.count + 3
    }
  }

  /// As a table shows it; NULL is empty.
  var cell: String {
    switch self {
    case .null: ""
    case .integer(let integer): String(integer)
    case .real(let real): String(real)
    case .text(let text): text
    case .blob(let bytes): "x'\(Self.hexadecimal(bytes))'"
    }
  }

  /// As JSON: a blob is a text of hexadecimal digits; what JSON has no number for is null.
  var json: [UInt8] {
    switch self {
    case .null: Array("null".utf8)
    case .integer(let integer): Array(String(integer).utf8)
    case .real(let real): Array((real.isFinite ? String(real) : "null").utf8)
    case .text(let text): JSONLine.quoted(text)
    case .blob(let bytes): JSONLine.quoted(Self.hexadecimal(bytes))
    }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
