import ArgumentParser
package import Store

/// `--param name=value`, repeatable, as values for a statement's `:name`.
package enum QueryParameters {
  /// What a number prints as binds as that number, everything else as text: `1.10` and `007` may be names.
  package static func read(_ assignments: [String]) throws -> [String: QueryValue] {
    var values: [String: QueryValue] = [:]
    for assignment in assignments {
      guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
        throw ValidationError(
          "--param: “\(assignment)” is no parameter; say it as name=value, for :name in the statement")
      }
      let (name, text) = (String(assignment[..<equals]), String(assignment[assignment.index(after: equals)...]))
      guard values[name] == nil else { throw ValidationError("--param \(name) is given twice") }
      values[name] = value(text)
    }
    return values
  }

  private static func value(_ text: String) -> QueryValue {
    if let integer = Int64(text), String(integer) == text { return .integer(integer) }
    if text.contains("."), let real = Double(text), String(real) == text { return .real(real) }
    return .text(text)
  }
}
