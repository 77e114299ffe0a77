import ArgumentParser
import Control
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

  /// What to say when the parameter `task` names none of the database's tasks, which looks like a task without results.
  static func hint(_ parameters: [String: QueryValue], rows: Int, _ session: QuerySession) throws -> String? {
    guard let value = parameters["task"] else { return nil }
    var tasks: [(id: Int64, name: String)] = []
    _ = try session.run(
      "SELECT id, name FROM tasks", limits: QueryLimits(rows: .max), begin: { _ in },
      row: { row in if case .integer(let id) = row[0], case .text(let name) = row[1] { tasks.append((id, name)) } })
    return hint(value.cell, rows: rows, among: tasks)
  }

  /// A number may be meant as an id, if that brought something.
  package static func hint(_ task: String, rows: Int, among tasks: [(id: Int64, name: String)]) -> String? {
    if tasks.contains(where: { $0.name == task || (rows > 0 && String($0.id) == task) }) { return nil }
    let meant = (try? TaskSelector.resolve(task, among: tasks)).flatMap { id in tasks.first { $0.id == id }?.name }
    let advice = meant.map { "; is it --param \(ShellText.quote("task=\($0)"))?" } ?? " (crawlctl ls lists them)"
    return "crawlctl: no task has the name “\(task)”\(advice)"
  }

  private static func value(_ text: String) -> QueryValue {
    if let integer = Int64(text), String(integer) == text { return .integer(integer) }
    if text.contains("."), let real = Double(text), String(real) == text { return .real(real) }
    return .text(text)
  }
}
