import Control
import Store

/// Shows the rows of queries.
protocol RowPrinter {
  /// Begins a statement's result.
  mutating func begin(_ columns: [String])
  mutating func row(_ values: [QueryValue])
  /// Shows what is left. Harmless when repeated.
  mutating func end()
}

/// A table per statement. Rows are kept until the statement's end, since the widest decides.
struct TableRowPrinter: RowPrinter {
  private let write: ([UInt8]) -> Void
  private var columns: [String] = []
  private var rows: [[QueryValue]] = []

  init(_ write: @escaping ([UInt8]) -> Void) {
    self.write = write
  }

  mutating func begin(_ columns: [String]) {
    if !self.columns.isEmpty {
      end()
      write([0x0A])
    }
    self.columns = columns
  }

  mutating func row(_ values: [QueryValue]) {
    rows.append(values)
  }

  mutating func end() {
    guard !columns.isEmpty else { return }
    var table = TextTable(
      columns.enumerated().map { index, name in
        let isText = rows.contains { $0[index].isText }
        return TextTable.Column(name, isText || rows.isEmpty ? .left : .right, givesWay: isText)
      })
    for row in rows { table.append(row.map(\.cell)) }
    write(Array(table.rendered(width: Output.width).utf8))
    columns = []
    rows = []
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
