/// How a user names a task: its exact id, else its exact name, else a prefix that one name alone begins with. For what can't
/// be taken back a prefix is not enough: once the task is gone, its name may be the beginning of another's.
package enum TaskSelector {
  /// The id of the task that `text` names. O(tasks).
  ///
  /// - Parameter isWhole: whether a prefix is refused; those that begin so are listed.
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
    if text.isEmpty {
      throw ControlError(.notFound, "a task is named by its id, its name, or the beginning of its name")
    }
    guard let first = beginning.first else { throw ControlError(.notFound, "no task has the id or name “\(text)”") }
    let names = Array(beginning.map(\.name).sorted().prefix(10))
    let more = beginning.count > names.count ? " …" : ""
    if isWhole {
      throw ControlError(
        .notFound,
        "no task has the id or name “\(text)”; did you mean \(names.joined(separator: " "))\(more)? What cannot be taken "
          + "back needs a whole name", data: ControlError.Facts(candidates: names))
    }
    guard beginning.count == 1 else {
      throw ControlError(
        .notFound, "“\(text)” is the beginning of \(beginning.count) names: \(names.joined(separator: " "))\(more)",
        data: ControlError.Facts(candidates: names))
    }
    return first.id
  }
}
