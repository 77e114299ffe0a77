/// A walk by id over the rows that some tasks have in `urls`, a part at a time. It begins at the first of them, which is a seed's
/// and so found by an index, and ends with the last, since `task_counters` says how many there are. Rows of other tasks that lie
/// between are passed by.
package struct URLWalk: Sendable {
  /// The rows up to this id are behind it.
  private var position: Int64
  /// How many rows of the tasks are still to come.
  private var rest: Int

  package var isAtEnd: Bool { rest <= 0 }

  init(over taskIDs: [Int64], _ database: Database) throws {
    let first = try database.statement(
      "SELECT min(id) FROM urls INDEXED BY urls_seeds WHERE via_url_id IS NULL AND task_id = ?")
    let known = try database.statement("SELECT known FROM task_counters WHERE task_id = ?")
    position = .max
    rest = 0
    for taskID in taskIDs {
      defer {
        first.reset()
        known.reset()
      }
      first.bind(1, taskID)
      known.bind(1, taskID)
      if try first.step(), let id = first.integerOrNil(0) { position = min(position, id - 1) }
      if try known.step() { rest += known.count(0) }
    }
  }

  /// Over the whole table: rows of the tasks may be gone, their seeds among them.
  init() {
    position = 0
    rest = .max
  }

  /// Reads the next rows of `urls`, `limit` at most, and returns what `element` makes of those of the tasks.
  ///
  /// - Parameter row: takes the id after which to begin and the limit as its first parameters, and has the id, and whether the
  ///   row is one of the tasks', as its first columns. It is reset at the end.
  mutating func read<Element>(_ row: Statement, limit: Int, _ element: (Statement) -> Element?) throws -> [Element] {
    defer { row.reset() }
    row.bind(1, position)
    row.bind(2, limit)
    var elements: [Element] = []
    var passed = 0
    while !isAtEnd, try row.step() {
      passed += 1
      position = row.integer(0)
      guard row.integer(1) == 1 else { continue }
      rest -= 1
      if let element = element(row) { elements.append(element) }
    }
    if passed < limit { rest = 0 }
    return elements
  }
}

extension Store {
  /// A walk over the rows that tasks have now; no row of theirs may have been removed.
  package func walk(over taskIDs: [Int64]) async throws -> URLWalk {
    try await read { database in try URLWalk(over: taskIDs, database) }
  }
}
