/// What a recrawl asks about the crawls before it, all of which have ended: their rows don't change any more.
extension Store {
  /// Delivers the URLs of which a task knows what is there, by id, in chunks of at most 10,000, on the caller's isolation:
  /// those whose visit ended in a success, a 304, a redirect, a 404 or a 410. Other endings, such as a timeout, say nothing
  /// about the page that a crawl before may have. Cost: reads the rows of all tasks from the first of this one to its last.
  package func scanVisitedURLs(taskID: Int64, _ deliver: ([VisitedURL]) throws -> Void) async throws {
    var walk = try await walk(over: [taskID])
    while !walk.isAtEnd {
      let from = walk
      let (chunk, reached) = try await read { database in
        let row = try database.statement(Self.visited)
        row.bind(3, taskID)
        var walk = from
        let chunk = try walk.read(row, limit: 10_000) { row in
          row.integer(2) == 1
            ? VisitedURL(fingerprint: row.bits(3), id: row.integer(0), hasPage: row.integer(4) == 1)
            : nil
        }
        return (chunk, walk)
      }
      walk = reached
      if !chunk.isEmpty { try deliver(chunk) }
    }
  }

  /// The pages that a task has, by id, among the next 1,000 rows of a walk over it.
  package func earlierPages(taskID: Int64, _ walk: inout URLWalk) async throws -> [EarlierPage] {
    let from = walk
    let (pages, reached) = try await read { database in
      let row = try database.statement(Self.withPage)
      row.bind(3, taskID)
      var walk = from
      let pages = try walk.read(row, limit: 1_000) { row in
        row.integer(2) == 1
          ? EarlierPage(
            id: row.integer(0), fingerprint: row.bits(3), url: row.text(4), depth: row.count(5), priority: row.count(6))
          : nil
      }
      return (pages, walk)
    }
    walk = reached
    return pages
  }

  /// What is there by the latest fetch of a URL; nil when that was no success and no 304. Cost: a few look-ups by index.
  ///
  /// - Parameter wantsBody: it has no etag and no date unless its body is stored and stays: who asked with these would get none.
  ///   That of a task that is being removed goes, unless this fetch takes it over.
  package func earlierFetch(urlID: Int64, wantsBody: Bool = false) async throws -> EarlierFetch? {
    try await read { database in
      let row = try database.statement(
        """
        SELECT u.url, f.run_id, f.id, f.outcome, f.etag, f.last_modified, f.content_hash, p.text_hash,
          f.body_hash IS NOT NULL OR EXISTS (
            SELECT 1 FROM fetches content JOIN tasks t ON t.id = content.task_id
            WHERE f.outcome = 'not_modified' AND content.id = f.earlier_fetch_id AND content.body_hash IS NOT NULL
              AND (t.state <> 'removing' OR f.response_headers IS NOT NULL)),
          p.text_id IS NOT NULL, f.settings_revision, p.url_id IS NOT NULL, f.error,
          (SELECT product_token FROM agents WHERE first_fetch_id <= f.id ORDER BY id DESC LIMIT 1), f.content_encoding,
          (SELECT group_concat(DISTINCT handler) FROM handler_failures
            WHERE task_id = f.task_id AND url_id = f.url_id AND kind = 'on-page')
        FROM fetches f JOIN urls u ON u.id = f.url_id LEFT JOIN pages p ON p.url_id = f.url_id AND p.run_id = f.run_id
        WHERE f.url_id = ? ORDER BY f.id DESC LIMIT 1
        """)
      defer { row.reset() }
      row.bind(1, urlID)
      guard try row.step() else { return nil }
      guard ["ok", "not_modified"].contains(row.text(3)) else { return nil }
      let holds = !wantsBody || row.integer(8) == 1
      return EarlierFetch(
        urlID: urlID, url: row.text(0), runID: row.integer(1), fetchID: row.integer(2),
        etag: holds ? row.textOrNil(4) : nil, lastModified: holds ? row.textOrNil(5) : nil,
        contentEncoding: row.textOrNil(14), error: row.textOrNil(12), contentHash: row.bitsOrNil(6),
        textHash: row.bitsOrNil(7), isPage: row.integer(11) == 1, hasText: row.integer(9) == 1,
        failedHandlers: row.textOrNil(15)?.split(separator: ",").map(String.init) ?? [],
        settingsRevision: row.count(10), productToken: row.textOrNil(13))
    }
  }

  /// The page and the links that a run has of a URL; nil when the URL is not there any more. Cost: O(links).
  package func earlierContents(urlID: Int64, runID: Int64) async throws -> EarlierContents? {
    try await read { database in
      let page = try database.statement(
        """
        SELECT p.fetch_id, title, description, canonical_url, language, charset, charset_source, robots, h1, word_count,
          text_hash, simhash, link_count, fetched_at, fields, links_truncated
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
        contents.page?.linksTruncated = page.integerOrNil(15).map { $0 != 0 }
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

  // MARK: Statements of walks

  /// Of a 4xx only the fetch knows whether it was the 404.
  private static let visited = """
    SELECT id, task_id = ?3, task_id = ?3 AND state = 'done' AND (reason IS NULL
        OR reason IN ('not_modified', 'redirected', 'gone') OR reason = 'client_error'
        AND (SELECT status FROM fetches WHERE url_id = urls.id ORDER BY id DESC LIMIT 1) = 404), fingerprint, \(hasPage)
    FROM urls WHERE id > ?1 ORDER BY id LIMIT ?2
    """

  private static let withPage = """
    SELECT id, task_id = ?3, state = 'done' AND \(hasPage), fingerprint, url, depth, priority
    FROM urls WHERE id > ?1 ORDER BY id LIMIT ?2
    """

  /// Of a row that is done.
  private static let hasPage = "(reason IS NULL OR reason = 'not_modified')"
}
