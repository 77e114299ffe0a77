/// How a user names a task: its exact id, else its exact name, else the beginning of one name alone. For what can't be taken
/// back a beginning is not enough: once the task is gone, its name may be the beginning of another's. Nor are digits alone: the
/// task may be gone whose id they were.
package enum TaskSelector {
  /// The id of the task that `text` names. O(tasks).
  ///
  /// - Parameter isWhole: whether a beginning is refused; those that begin so are listed.
  ///
  /// Throws `notFound` when no task has that id or name or begins so, and when several begin so (they are listed).
  package static func resolve(
    _ text: String, among tasks: some Sequence<(id: Int64, name: String)>, isWhole: Bool = false
  ) throws(ControlError) -> Int64 {
    let number = Int64(text)
    var named: Int64?
    var beginning: [(id: Int64, name: String)] = []
    for task in tasks {
      if task.id == number { return task.id }
      if task.name == text { named = task.id }
      if task.name.hasPrefix(text) { beginning.append(task) }
    }
    if let named { return named }
    if text.isEmpty { throw noName }
    guard let first = beginning.first else { throw unknown(text) }
    let names = beginning.map(\.name).sorted().prefix(longestList)
    try check(text, begins: beginning.count, Array(names), isWhole: isWhole)
    return first.id
  }

  /// Names that an error lists.
  fileprivate static let longestList = 10

  /// Whether the beginning of so many names, the first of which are these, is enough to name one.
  fileprivate static func check(
    _ text: String, begins count: Int, _ names: [String], isWhole: Bool
  ) throws(ControlError) {
    let more = count > names.count ? " …" : ""
    let isNumber = text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    if isWhole || isNumber {
      let rule =
        isNumber ? "Digits alone are an id or a whole name" : "What cannot be taken back needs a whole name"
      throw ControlError(
        .notFound,
        "no task has the id or name “\(text)”; did you mean \(names.joined(separator: " "))\(more)? \(rule)",
        data: ControlError.Facts(candidates: names))
    }
    guard count == 1 else {
      throw ControlError(
        .notFound, "“\(text)” is the beginning of \(count) names: \(names.joined(separator: " "))\(more)",
        data: ControlError.Facts(candidates: names))
    }
  }

  fileprivate static let noName = ControlError(
    .notFound, "a task is named by its id, its name, or the beginning of its name")

  fileprivate static func unknown(_ text: String) -> ControlError {
    ControlError(.notFound, "no task has the id or name “\(text)”")
  }
}

/// The tasks that there are, in an order that finds many of them fast. Made in O(tasks × log tasks).
package struct TaskDirectory: Sendable {
  private let ids: Set<Int64>
  /// By name, in the order of `String`, in which those with one beginning stand together.
  private let tasks: [(id: Int64, name: String)]

  package init(_ tasks: [(id: Int64, name: String)]) {
    ids = Set(tasks.map(\.id))
    self.tasks = tasks.sorted { $0.name < $1.name }
  }

  /// As `TaskSelector.resolve`. O(log tasks).
  package func resolve(_ text: String, isWhole: Bool = false) throws(ControlError) -> Int64 {
    if let number = Int64(text), ids.contains(number) { return number }
    if text.isEmpty { throw TaskSelector.noName }
    let start = firstPlace { $0 >= text }
    let end = firstPlace { $0 >= text && !$0.hasPrefix(text) }
    guard start < end else { throw TaskSelector.unknown(text) }
    if tasks[start].name == text { return tasks[start].id }
    let names = tasks[start..<end].prefix(TaskSelector.longestList).map(\.name)
    try TaskSelector.check(text, begins: end - start, names, isWhole: isWhole)
    return tasks[start].id
  }

  /// The first place from which on all names are so.
  private func firstPlace(_ isSo: (String) -> Bool) -> Int {
    var (low, high) = (0, tasks.count)
    while low < high {
      let middle = (low + high) / 2
      if isSo(tasks[middle].name) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
