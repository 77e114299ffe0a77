/// What a recrawl asks about the crawls before it, all of which have ended: their rows don't change any more.
extension Store {
  /// Delivers the URLs of which some tasks know what is there, by id, in chunks of at most 10,000, on the caller's
  /// isolation: those whose visit ended in a success, a 304, a redirect, a 404 or a 410. Other endings, such as a
  /// timeout, say nothing about the page that a crawl before may have. Cost: reads the table once.
  package func scanVisitedURLs(taskIDs: [Int64], _ deliver: ([KnownURL]) throws -> Void) async throws {
    let tasks = Self.json(taskIDs)
    var position: Int64? = 0
    while let from = position {
      let (chunk, reached) = try await read { database in
        try Self.rows(after: from, limit: 10_000, database, sql: Self.visited, tasks: tasks) { row in
          row.integer(1) == 1 ? KnownURL(fingerprint: row.bits(2), id: row.integer(0)) : nil
        }
      }
      position = reached
      if !chunk.isEmpty { try deliver(chunk) }
    }
  }

  /// The pages that some tasks have, by id, among the next 1,000 URLs after one of them (0: from the beginning), and the
  /// id after which to go on; nil at the end.
  package func earlierPages(
    taskIDs: [Int64], after urlID: Int64
  ) async throws -> (pages: [EarlierPage], next: Int64?) {
    let tasks = Self.json(taskIDs)
    return try await read { database in
      try Self.rows(after: urlID, limit: 1_000, database, sql: Self.withPage, tasks: tasks) { row in
        guard row.integer(1) == 1 else { return nil }
        return EarlierPage(
          id: row.integer(0), fingerprint: row.bits(2), url: row.text(3), depth: row.count(4), priority: row.count(5))
      }
    }
  }

  /// What is there by the latest fetch of a URL; nil when that was no success and no 304. Cost: a few look-ups by index.
  package func earlierFetch(urlID: Int64) async throws -> EarlierFetch? {
    try await read { database in
      let row = try database.statement(
        """
        SELECT u.url, f.run_id, f.id, f.outcome, f.earlier_fetch_id, f.etag, f.last_modified, f.content_hash,
          (SELECT text_hash FROM pages p WHERE p.url_id = f.url_id AND p.run_id = f.run_id)
        FROM fetches f JOIN urls u ON u.id = f.url_id WHERE f.url_id = ? ORDER BY f.id DESC LIMIT 1
        """)
      defer { row.reset() }
      row.bind(1, urlID)
      guard try row.step() else { return nil }
      let isNotModified = row.text(3) == "not_modified"
      guard isNotModified || row.text(3) == "ok" else { return nil }
      return EarlierFetch(
        urlID: urlID, url: row.text(0), runID: row.integer(1),
        contentFetchID: isNotModified ? row.integerOrNil(4) ?? row.integer(2) : row.integer(2),
        etag: row.textOrNil(5), lastModified: row.textOrNil(6), contentHash: row.bitsOrNil(7),
        textHash: row.bitsOrNil(8))
    }
  }

  /// The page and the links that a run has of a URL; nil when the URL is not there any more. Cost: O(links).
  package func earlierContents(urlID: Int64, runID: Int64) async throws -> EarlierContents? {
    try await read { database in
      let page = try database.statement(
        """
        SELECT p.fetch_id, title, description, canonical_url, language, charset, charset_source, robots, h1, word_count,
          text_hash, simhash, link_count, fetched_at, fields
        FROM urls u LEFT JOIN pages p ON p.url_id = u.id AND p.run_id = ?2 WHERE u.id = ?1
        """)
      defer { page.reset() }
      page.bind(1, urlID)
      page.bind(2, runID)
      guard try page.step() else { return nil }
      var contents = EarlierContents()
      if let fetchID = page.integerOrNil(0) {
        contents.page = PageRecord(
          urlID: urlID, runID: runID, fetchID: fetchID, title: page.textOrNil(1), description: page.textOrNil(2),
          canonicalURL: page.textOrNil(3), language: page.textOrNil(4), charset: page.textOrNil(5),
          charsetSource: page.textOrNil(6), robots: page.textOrNil(7), h1: page.textOrNil(8),
          wordCount: page.countOrNil(9), textHash: page.bitsOrNil(10), simhash: page.bitsOrNil(11),
          linkCount: page.count(12), fetchedAt: page.integer(13))
        contents.page?.fields = page.textOrNil(14)
      }
      let link = try database.statement(
        """
        SELECT target_url_id, kind, rel, anchor, position, count, u.url, u.priority, u.reason
        FROM links JOIN urls u ON u.id = target_url_id WHERE source_url_id = ? ORDER BY position, kind
        """)
      defer { link.reset() }
      link.bind(1, urlID)
      while try link.step() {
        contents.links.append(
          EarlierContents.Link(
            record: LinkRecord(
              targetURLID: link.integer(0), kind: link.text(1), rel: link.textOrNil(2), anchor: link.textOrNil(3),
              position: link.count(4), count: link.count(5)),
            target: link.text(6), targetPriority: link.count(7), targetReason: link.textOrNil(8)))
      }
      return contents
    }
  }

  // MARK: Reading the table of URLs once

  /// Of a 4xx only the fetch knows whether it was the 404.
  private static let visited = """
    SELECT id, task_id IN (SELECT value FROM json_each(?3)) AND state = 'done' AND (reason IS NULL
        OR reason IN ('not_modified', 'redirected', 'gone') OR reason = 'client_error'
        AND (SELECT status FROM fetches WHERE url_id = urls.id ORDER BY id DESC LIMIT 1) = 404), fingerprint
    FROM urls WHERE id > ?1 ORDER BY id LIMIT ?2
    """

  private static let withPage = """
    SELECT id, task_id IN (SELECT value FROM json_each(?3)) AND state = 'done' AND (reason IS NULL
        OR reason = 'not_modified'), fingerprint, url, depth, priority
    FROM urls WHERE id > ?1 ORDER BY id LIMIT ?2
    """

  private static func json(_ ids: [Int64]) -> String { "[\(ids.map(String.init).joined(separator: ","))]" }

  /// What `element` makes of the next rows of any task, and the id that they reach; nil when there are no more.
  private static func rows<Element>(
    after position: Int64, limit: Int, _ database: Database, sql: String, tasks: String,
    _ element: (Statement) -> Element?
  ) throws -> ([Element], Int64?) {
    let row = try database.statement(sql)
    defer { row.reset() }
    row.bind(1, position)
    row.bind(2, limit)
    row.bind(3, tasks)
    var elements: [Element] = []
    var seen = 0
    var reached = position
    while try row.step() {
      seen += 1
      reached = row.integer(0)
      if let element = element(row) { elements.append(element) }
    }
    return (elements, seen < limit ? nil : reached)
  }
}
