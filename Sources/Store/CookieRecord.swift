/// A row of `cookies`. Times are microseconds since 1970 UTC.
package struct CookieRecord: Sendable, Equatable {
  /// What tells it from the other cookies of its task.
  package struct Key: Sendable, Equatable {
    package var domain: String
    package var isHostOnly: Bool
    package var path: String
    package var name: String

    package init(domain: String, isHostOnly: Bool, path: String, name: String) {
      self.domain = domain
      self.isHostOnly = isHostOnly
      self.path = path
      self.name = name
    }

    fileprivate var approximateBytes: Int { 128 &+ domain.utf8.count &+ path.utf8.count &+ name.utf8.count }
  }

  /// What becomes of a row: it is written, or goes.
  package enum Change: Sendable, Equatable {
    case put(CookieRecord)
    case removed(Key)

    var approximateBytes: Int {
      switch self {
      case .put(let cookie): cookie.key.approximateBytes &+ cookie.value.utf8.count
      case .removed(let key): key.approximateBytes
      }
    }
  }

  package var key: Key
  package var value: String
  package var isSecure: Bool
  package var expiresAt: Int64?
  package var createdAt: Int64

  package init(key: Key, value: String, isSecure: Bool, expiresAt: Int64?, createdAt: Int64) {
    self.key = key
    self.value = value
    self.isSecure = isSecure
    self.expiresAt = expiresAt
    self.createdAt = createdAt
  }
}

/// The statements that write cookies, compiled when the first one comes. Used by the writer thread alone.
final class CookieStatements {
  private let put: Statement
  private let remove: Statement

  init(_ database: Database) throws(StoreError) {
    put = try database.statement(
      """
      INSERT OR REPLACE INTO cookies (task_id, domain, path, name, host_only, value, secure, expires_at, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    remove = try database.statement(
      "DELETE FROM cookies WHERE task_id = ? AND domain = ? AND path = ? AND name = ? AND host_only = ?")
  }

  func write(_ change: CookieRecord.Change, taskID: Int64) throws(StoreError) {
    switch change {
    case .put(let cookie):
      bind(cookie.key, taskID, to: put)
      put.bind(6, cookie.value)
      put.bind(7, cookie.isSecure)
      put.bind(8, cookie.expiresAt)
      put.bind(9, cookie.createdAt)
      try put.run()
    case .removed(let key):
      bind(key, taskID, to: remove)
      try remove.run()
    }
  }

  private func bind(_ key: CookieRecord.Key, _ taskID: Int64, to row: Statement) {
    row.bind(1, taskID)
    row.bind(2, key.domain)
    row.bind(3, key.path)
    row.bind(4, key.name)
    row.bind(5, key.isHostOnly)
  }
}

extension Store {
  /// A task's cookies, the oldest first, as they are after everything that was appended so far.
  package func cookies(taskID: Int64) async throws -> [CookieRecord] {
    try await orderedRead { database in
      let row = try database.statement(
        """
        SELECT domain, path, name, host_only, value, secure, expires_at, created_at FROM cookies WHERE task_id = ?
        ORDER BY created_at, domain, path, name, host_only
        """)
      defer { row.reset() }
      row.bind(1, taskID)
      var cookies: [CookieRecord] = []
      while try row.step() {
        let key = CookieRecord.Key(
          domain: row.text(0), isHostOnly: row.integer(3) != 0, path: row.text(1), name: row.text(2))
        cookies.append(
          CookieRecord(
            key: key, value: row.text(4), isSecure: row.integer(5) != 0, expiresAt: row.integerOrNil(6),
            createdAt: row.integer(7)))
      }
      return cookies
    }
  }
}
