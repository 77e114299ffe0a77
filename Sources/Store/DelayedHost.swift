/// A host of which URLs wait for another try.
package struct DelayedHost: Sendable, Equatable {
  package var id: Int64
  /// `scheme://name:port`.
  package var origin: String
  /// Tasks that such URLs are of.
  package var taskIDs: [Int64]
  package var count: Int
  /// When the first of them is tried; microseconds since 1970 UTC. nil: their tasks try none.
  package var due: Int64?
}

extension Store {
  /// Of how many URLs `delayedHosts` tells.
  package static let delayedHostsLimit = 10_000

  /// The hosts of the delayed URLs of some tasks, by id: those of the `delayedHostsLimit` URLs that are due first.
  ///
  /// Cost: O(delayed URLs of others that are due before, and the limit), by their own index.
  /// - Parameter trying: those of the tasks that try what is due.
  package func delayedHosts(taskIDs: [Int64], trying: [Int64]) async throws -> [DelayedHost] {
    try await answer { database in
      let row = try database.statement(
        """
        WITH waiting AS MATERIALIZED (
          SELECT host_id, task_id, due_at FROM urls INDEXED BY urls_delayed
          WHERE state = 'delayed' AND task_id IN (SELECT value FROM json_each(?1)) ORDER BY due_at LIMIT ?2)
        SELECT h.id, h.scheme || '://' || h.name || ':' || h.port, group_concat(DISTINCT w.task_id), count(*),
          min(CASE WHEN w.task_id IN (SELECT value FROM json_each(?3)) THEN w.due_at END)
        FROM waiting w JOIN hosts h ON h.id = w.host_id GROUP BY h.id ORDER BY h.id
        """)
      defer { row.reset() }
      row.bind(1, "[\(taskIDs.map(String.init).joined(separator: ","))]")
      row.bind(2, Self.delayedHostsLimit)
      row.bind(3, "[\(trying.map(String.init).joined(separator: ","))]")
      var hosts: [DelayedHost] = []
      while try row.step() {
        hosts.append(
          DelayedHost(
            id: row.integer(0), origin: row.text(1),
            taskIDs: row.text(2).split(separator: ",").compactMap { Int64($0) }.sorted(), count: row.count(3),
            due: row.integerOrNil(4)))
      }
      return hosts
    }
  }
}
