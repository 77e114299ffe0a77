import ArgumentParser
package import Store

/// `--param name=value`, repeatable, as values for a statement's `:name`.
package enum QueryParameters {
  /// Numbers bind as numbers, everything else as text.
  package static func read(_ assignments: [String]) throws -> [String: QueryValue] {
    var values: [String: QueryValue] = [:]
    for assignment in assignments {
      guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
        throw ValidationError(
          "--param '\(assignment)' is no parameter; say it as name=value, for :name in the statement")
      }
      let (name, text) = (String(assignment[..<equals]), String(assignment[assignment.index(after: equals)...]))
      guard values[name] == nil else { throw ValidationError("--param \(name) is given twice") }
      values[name] = value(text)
    }
    return values
  }

  private static func value(_ text: String) -> QueryValue {
    if let integer = Int64(text), String(integer) == text { return .integer(integer) }
    let isDecimal = text.contains(".") && text.allSatisfy { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }
    if isDecimal, let real = Double(text) { return .real(real) }
    return .text(text)
  }
}
