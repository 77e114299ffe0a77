/// A figure that does not drift, and whether it keeps its threshold.
package struct Count {
  package let name: String
  package let value: Double
  /// Nil when there is no threshold of this name.
  package let limit: Double?

  package init(name: String, value: Double, limits: [String: Double]) {
    self.name = name
    self.value = value
    limit = limits[name]
  }

  package var isKept: Bool { limit.map { value <= $0 } ?? false }

  /// One row of the table for people, or one JSON object.
  package func line(json: Bool) -> String {
    let limit = limit.map(Self.text) ?? "none"
    if json {
      return "{\"count\":\"\(name)\",\"value\":\(Self.text(value)),\"limit\":\(limit == "none" ? "null" : limit),"
        + "\"kept\":\(isKept)}"
    }
    return Self.padded(name, 34) + Self.padded(Self.text(value), 14, right: true) + Self.padded(limit, 14, right: true)
      + "   \(isKept ? "kept" : "EXCEEDED")"
  }

  package static let heading = padded("count", 34) + padded("value", 14, right: true) + padded("limit", 14, right: true)

  /// Prints counts as they come, below their heading; whether all are kept.
  package static func report(_ counts: some Sequence<Count>, json: Bool) -> Bool {
    if !json { print(heading) }
    return counts.reduce(true) { areKept, count in
      print(count.line(json: json))
      return areKept && count.isKept
    }
  }

  /// Prints the count that the words `name value` give, as a script that counts by other means does; whether it is kept.
  /// Nil when they are no such words.
  package static func judge(_ words: [String], limits: [String: Double], json: Bool) -> Bool? {
    guard words.count == 2, let value = Double(words[1]) else { return nil }
    let count = Count(name: words[0], value: value, limits: limits)
    print(count.line(json: json))
    return count.isKept
  }

  /// Three digits after the point, without trailing zeros.
  private static func text(_ value: Double) -> String {
    let thousandths = Int((value * 1_000).rounded())
    let digits = String(1_000 + abs(thousandths) % 1_000).dropFirst()
    var text = "\(thousandths < 0 ? "-" : "")\(abs(thousandths) / 1_000).\(digits)"
    while text.hasSuffix("0") { text.removeLast() }
    return text.hasSuffix(".") ? String(text.dropLast()) : text
  }

  private static func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.count))
    return right ? blanks + text : text + blanks
  }
}
