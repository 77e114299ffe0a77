/// A fetch whose messages are stored, as `crawlctl export --format warc` reads it. Times are microseconds since 1970 UTC.
package struct StoredFetch: Sendable, Equatable {
  package var id: Int64
  package var task: String
  package var startedAt: Int64
  package var outcome: String
  package var error: String?
  package var attempt: Int64
  package var change: String?
  package var isTruncated: Bool
  /// Microseconds.
  package var duration: Int64?
  package var remoteAddress: String?
  package var proxy: String?
  package var httpVersion: String?
  package var isTLS: Bool
  package var requestHeaders: [UInt8]
  package var responseHeaders: [UInt8]
  package var bodyHash: [UInt8]?
  package var earlierFetchID: Int64?
  /// The page on which the URL was found first.
  package var via: String?
  package var depth: Int64?
}

extension QuerySession {
  /// The key that tells this database from others.
  package func databaseKey() throws -> [UInt8] {
    try first("SELECT fingerprint_key FROM database", [:]) { $0[0].bytes } ?? []
  }

  /// The fetches with stored messages whose ids are in (after, until], of the task of this name or of all. O(ids).
  ///
  /// - Parameter damaged: is called for each whose header sections can't be read, which is not among them.
  package func storedFetches(
    after: Int64, until: Int64, task: String?, damaged: (_ id: Int64) -> Void = { _ in }
  ) throws -> [StoredFetch] {
    var fetches: [StoredFetch] = []
    try each(
      "WHERE f.id > :after AND f.id <= :until AND (:task IS NULL OR t.name = :task) ORDER BY f.id",
      ["after": .integer(after), "until": .integer(until), "task": task.map(QueryValue.text) ?? .null],
      damaged: damaged
    ) { fetches.append($0) }
    return fetches
  }

  /// Whether a fetch is there with its messages, and its task is not being removed.
  package func hasMessages(fetch id: Int64) throws -> Bool {
    try first(
      """
      SELECT 1 FROM fetches f JOIN tasks t ON t.id = f.task_id AND t.state <> 'removing'
      WHERE f.id = :id AND f.response_headers IS NOT NULL
      """, ["id": .integer(id)]
    ) { $0[0].integer } != nil
  }

  /// The first whole fetch of a body whose id is in (after, before), of the task of this name or of all. Cost: O(fetches of
  /// the body by other tasks).
  package func firstFetch(
    ofBody hash: [UInt8], task: String?, after: Int64 = 0, before: Int64 = .max
  ) throws -> StoredFetch? {
    var fetch: StoredFetch?
    try each(
      """
      WHERE f.body_hash = :hash AND f.id > :after AND f.id < :before AND f.truncated = 0
        AND (:task IS NULL OR t.name = :task) ORDER BY f.id LIMIT 1
      """,
      [
        "hash": .blob(hash), "after": .integer(after), "before": .integer(before),
        "task": task.map(QueryValue.text) ?? .null,
      ]
    ) { fetch = $0 }
    return fetch
  }

  /// The first whole fetch of the body that a fetch has, if that is one before it: of the same task, or of all. None of an empty
  /// body.
  package func firstFetch(ofBodyOf id: Int64, ofSameTask: Bool) throws -> StoredFetch? {
    var fetch: StoredFetch?
    try each(
      """
      WHERE f.truncated = 0 AND f.body_hash = (SELECT body_hash FROM fetches WHERE id = :id AND truncated = 0)
        AND f.id < :id AND (NOT :same OR f.task_id = (SELECT task_id FROM fetches WHERE id = :id))
        AND (SELECT size FROM bodies WHERE hash = f.body_hash) > 0 ORDER BY f.id LIMIT 1
      """, ["id": .integer(id), "same": .integer(ofSameTask ? 1 : 0)]
    ) { fetch = $0 }
    return fetch
  }

  /// When a fetch began, and its request if its messages are stored; nil when there is none of this id, or it has
  /// no content itself.
  package func start(ofFetch id: Int64) throws -> (startedAt: Int64, request: [UInt8]?, isTLS: Bool)? {
    try first(
      """
      SELECT started_at, CASE WHEN response_headers IS NOT NULL THEN request_headers END, tls_verified IS NOT NULL
      FROM fetches WHERE id = :id AND (outcome <> 'not_modified' OR body_hash IS NOT NULL)
      """, ["id": .integer(id)]
    ) { row in
      row[0].integer.map { ($0, row[1].bytes.flatMap { Zstd.decompressed($0) }, row[2].integer == 1) }
    }
  }

  /// A body, decoded; nil when it is not there any more, or damaged: not what its hash says. Linear in its bytes.
  package func body(_ hash: [UInt8]) throws -> [UInt8]? {
    try first("SELECT codec, bytes FROM bodies WHERE hash = :hash", ["hash": .blob(hash)]) { row in
      guard let codec = row[0].string.flatMap(BodyCodec.init), let bytes = row[1].bytes,
        let body = codec.decoded(bytes), body.withUnsafeBytes(Digest.sha256) == hash
      else { return nil }
      return body
    }
  }

  /// Answers whose messages are not stored, of the task of this name or of all.
  package func answersWithoutMessages(task: String?) throws -> Int64 {
    try first(
      """
      SELECT count(*) FROM fetches f JOIN tasks t ON t.id = f.task_id WHERE f.status IS NOT NULL
        AND f.response_headers IS NULL AND (:task IS NULL OR t.name = :task)
      """, ["task": task.map(QueryValue.text) ?? .null]
    ) { $0[0].integer } ?? 0
  }

  private func each(
    _ condition: String, _ parameters: [String: QueryValue], damaged: (Int64) -> Void = { _ in },
    _ body: (StoredFetch) -> Void
  ) throws {
    let sql = """
      SELECT f.id, t.name, f.started_at, f.outcome, f.error, f.attempt, f.change, f.truncated, f.time_total,
        f.remote_address, f.proxy, f.http_version, f.tls_verified IS NOT NULL, f.request_headers, f.response_headers,
        f.body_hash, f.earlier_fetch_id, via.url, u.depth
      FROM fetches f
      JOIN tasks t ON t.id = f.task_id AND t.state <> 'removing' AND f.response_headers IS NOT NULL
      LEFT JOIN urls u ON u.id = f.url_id
      LEFT JOIN urls via ON via.id = u.via_url_id
      \(condition)
      """
    _ = try run(sql, limits: Self.long, parameters: parameters, begin: { _ in }) { row in
      guard let id = row[0].integer, let startedAt = row[2].integer else { return }
      guard let request = row[13].bytes.flatMap({ Zstd.decompressed($0) }),
        let response = row[14].bytes.flatMap({ Zstd.decompressed($0) })
      else { return damaged(id) }
      body(
        StoredFetch(
          id: id, task: row[1].string ?? "", startedAt: startedAt, outcome: row[3].string ?? "", error: row[4].string,
          attempt: row[5].integer ?? 1, change: row[6].string, isTruncated: row[7].integer == 1,
          duration: row[8].integer, remoteAddress: row[9].string, proxy: row[10].string, httpVersion: row[11].string,
          isTLS: row[12].integer == 1, requestHeaders: request, responseHeaders: response, bodyHash: row[15].bytes,
          earlierFetchID: row[16].integer, via: row[17].string, depth: row[18].integer))
    }
  }

  private func first<Value>(
    _ sql: String, _ parameters: [String: QueryValue], _ value: ([QueryValue]) -> Value?
  ) throws -> Value? {
    var found: Value?
    _ = try run(sql, limits: Self.long, parameters: parameters, begin: { _ in }, row: { found = value($0) })
    return found
  }

  private static let long = QueryLimits(time: .seconds(600), rows: .max)
}

extension QueryValue {
  fileprivate var integer: Int64? { if case .integer(let integer) = self { integer } else { nil } }
  fileprivate var string: String? { if case .text(let text) = self { text } else { nil } }
  fileprivate var bytes: [UInt8]? { if case .blob(let bytes) = self { bytes } else { nil } }
}
