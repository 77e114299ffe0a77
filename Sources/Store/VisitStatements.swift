internal import WebURL

/// The statements that write a visit, compiled once. Used by the writer thread alone.
final class VisitStatements {
  private let insertHost: Statement
  private let updateHost: Statement
  private let updateClock: Statement
  private let insertURL: Statement
  private let insertURLs: Statement
  private let settleURL: Statement
  private let updateURL: Statement
  private let insertFetch: Statement
  private let findContent: Statement
  private let insertPage: Statement
  private let deleteLinks: Statement
  /// Of so many rows each, the most first.
  private let insertLinks: [(rows: Int, statement: Statement)]
  private let addCounters: Statement
  private let database: Database
  private var cookies: CookieStatements?
  private var handlers: HandlerStatements?
  private var texts: TextStatements?
  private var contents: ContentStatements?
  private var hasTexts: Bool

  init(_ database: Database) throws(StoreError) {
    self.database = database
    hasTexts = try TextStatements.areIn(database)
    insertHost = try database.statement(
      """
      INSERT INTO hosts (id, scheme, name, port, registrable_domain, crawl_delay, next_fetch_at, blocked_until, \
      block_reason, robots_state, robots_fetched_at, robots_expires_at, robots_text)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    updateHost = try database.statement(
      """
      UPDATE hosts SET crawl_delay = ?2, next_fetch_at = ?3, blocked_until = ?4, block_reason = ?5, \
      throttle_delay = ?6, robots_state = ?7, robots_fetched_at = ?8, robots_expires_at = ?9, robots_text = ?10, \
      robots_agent_id = ?11 \
      WHERE id = ?1
      """)
    updateClock = try database.statement(
      """
      UPDATE hosts SET crawl_delay = ?2, next_fetch_at = ?3, blocked_until = ?4, block_reason = ?5, \
      throttle_delay = ?6 WHERE id = ?1
      """)
    insertURL = try database.statement(Self.insertURLs(1))
    insertURLs = try database.statement(Self.insertURLs(Self.urlsPerStatement))
    // What names a column of an index has the row's entry there taken out and put back.
    settleURL = try database.statement(
      "UPDATE urls SET state = ?2, reason = ?3, due_at = ?4, attempts = ?5 WHERE id = ?1")
    updateURL = try database.statement(
      """
      UPDATE urls SET state = ?2, reason = ?3, due_at = ?4, attempts = ?5, depth = coalesce(?6, depth), \
      priority = coalesce(?7, priority), url = coalesce(?8, url), redirects = coalesce(?9, redirects), \
      via_url_id = CASE WHEN ?10 THEN NULL ELSE via_url_id END WHERE id = ?1
      """)
    insertFetch = try database.statement(
      """
      INSERT INTO fetches (id, url_id, host_id, task_id, run_id, attempt, settings_revision, started_at, status, \
      outcome, error, http_version, remote_address, reused, redirect_to, wire_bytes, body_bytes, content_type, \
      content_encoding, truncated, retry_after, etag, last_modified, time_queue, time_dns, time_connect, time_tls, \
      time_first_byte, time_total, tls_version, certificate_expires_at, request_headers, response_headers, body_hash, \
      tls_verified, content_hash, change, earlier_fetch_id, proxy)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, \
      ?, ?)
      """)
    findContent = try database.statement(Self.contentFetch)
    insertPage = try database.statement(
      """
      INSERT OR REPLACE INTO pages (url_id, run_id, fetch_id, title, description, canonical_url, language, charset, \
      charset_source, robots, h1, word_count, text_hash, simhash, link_count, fetched_at, text_id, fields, \
      links_truncated)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
    deleteLinks = try database.statement("DELETE FROM links WHERE source_url_id = ?")
    var insertLinks: [(rows: Int, statement: Statement)] = []
    for rows in [8, 4, 2, 1] { insertLinks.append((rows, try database.statement(Self.insertLinks(rows)))) }
    self.insertLinks = insertLinks
    addCounters = try database.statement(
      "UPDATE task_counters SET \(CounterDelta.columns.map { "\($0.name) = \($0.name) + ?" }.joined(separator: ", ")) "
        + "WHERE task_id = ?")
  }

  /// Texts that were added or deleted since the start.
  var textChanges: Int { texts?.changes ?? 0 }

  /// Writes visits within the transaction of the caller, kind by kind, in the order in which rows name each other.
  /// Within a kind the visits keep their order, so that the later of two changes of a row wins.
  func write(_ visits: [PendingVisit]) throws(StoreError) {
    guard let place = visits.firstIndex(where: { $0.record.clockShift != nil }) else {
      return try writeRows(of: visits)
    }
    try writeRows(of: Array(visits[..<place]))
    try visits[place].record.clockShift?.apply(to: database)
    try write(Array(visits[(place + 1)...]))
  }

  private func writeRows(of visits: [PendingVisit]) throws(StoreError) {
    for visit in visits { try visit.record.agent?.insert(into: database) }
    for visit in visits { for host in visit.record.newHosts { try insert(host) } }
    for visit in visits { for host in visit.record.hostUpdates { try update(host) } }
    try insertURLs(of: visits)
    for visit in visits { for update in visit.record.updates { try apply(update) } }
    for visit in visits {
      for fetch in visit.record.fetches { try insert(fetch) }
      // That of a visit before it.
      if let id = visit.record.unchangedFetchID { try takeBackChange(ofFetch: id) }
    }
    for visit in visits { if let page = visit.record.page { try insert(page) } }
    for visit in visits {
      if let source = visit.record.pageURLID { try replaceLinks(of: source, with: visit.record.links) }
    }
    for visit in visits where !visit.record.cookies.isEmpty {
      try write(visit.record.cookies, of: visit.record.taskID)
    }
    for visit in visits where visit.record.hasWorkOfHandlers {
      if handlers == nil { handlers = try HandlerStatements(database) }
      try handlers?.write(visit.record)
    }
    var sums: [Int64: CounterDelta] = [:]
    for visit in visits { sums[visit.record.taskID, default: CounterDelta()] += visit.record.counters }
    for (taskID, counters) in sums { try add(counters, to: taskID) }
  }

  private func write(_ changes: [CookieRecord.Change], of taskID: Int64) throws(StoreError) {
    if cookies == nil { cookies = try CookieStatements(database) }
    for change in changes { try cookies?.write(change, taskID: taskID) }
  }

  func add(_ counters: CounterDelta, to taskID: Int64) throws(StoreError) {
    if counters.isZero { return }
    let row = addCounters
    let columns = CounterDelta.columns
    for (place, column) in columns.enumerated() { row.bind(Int32(place + 1), counters[keyPath: column.path]) }
    row.bind(Int32(columns.count + 1), taskID)
    try row.run()
  }

  private func insert(_ host: HostRecord) throws(StoreError) {
    let row = insertHost
    row.bind(1, host.id)
    row.bind(2, host.scheme)
    row.bind(3, host.name)
    row.bind(4, host.port)
    row.bind(5, host.registrableDomain ?? WebURL("http://\(host.name)/")?.registrableDomain)
    row.bind(6, host.crawlDelay)
    row.bind(7, host.nextFetchAt)
    row.bind(8, host.blockedUntil)
    row.bind(9, host.blockReason)
    row.bind(10, host.robotsState)
    row.bind(11, host.robotsFetchedAt)
    row.bind(12, host.robotsExpiresAt)
    row.bind(13, host.robotsText)
    try row.run()
  }

  private func update(_ host: HostRecord) throws(StoreError) {
    let row = host.robotsState == nil ? updateClock : updateHost
    row.bind(1, host.id)
    row.bind(2, host.crawlDelay)
    row.bind(3, host.nextFetchAt)
    row.bind(4, host.blockedUntil)
    row.bind(5, host.blockReason)
    row.bind(6, host.throttleDelay)
    if let state = host.robotsState {
      row.bind(7, state)
      row.bind(8, host.robotsFetchedAt)
      row.bind(9, host.robotsExpiresAt)
      row.bind(10, host.robotsText)
      row.bind(11, host.robotsAgentID)
    }
    try row.run()
  }

  private func insertURLs(of visits: [PendingVisit]) throws(StoreError) {
    var waiting: [URLRecord] = []
    for visit in visits {
      for url in visit.record.discovered {
        waiting.append(url)
        guard waiting.count == Self.urlsPerStatement else { continue }
        for (slot, url) in waiting.enumerated() { bind(url, to: insertURLs, from: Int32(slot) * 15) }
        try insertURLs.run()
        waiting.removeAll(keepingCapacity: true)
      }
    }
    for url in waiting {
      bind(url, to: insertURL, from: 0)
      try insertURL.run()
    }
  }

  private func bind(_ url: URLRecord, to row: Statement, from first: Int32) {
    row.bind(first + 1, url.id)
    row.bind(first + 2, url.taskID)
    row.bind(first + 3, url.hostID)
    row.bind(first + 4, url.url)
    row.bind(first + 5, bits: url.fingerprint)
    row.bind(first + 6, url.depth)
    row.bind(first + 7, url.redirects)
    row.bind(first + 8, url.priority)
    row.bind(first + 9, url.state.rawValue)
    row.bind(first + 10, url.reason)
    row.bind(first + 11, url.dueAt)
    row.bind(first + 12, url.attempts)
    row.bind(first + 13, url.viaURLID)
    row.bind(first + 14, url.discoveredAt)
    row.bind(first + 15, url.runID)
  }

  private func apply(_ update: URLUpdate) throws(StoreError) {
    let row = update.isOfState ? settleURL : updateURL
    row.bind(1, update.id)
    row.bind(2, update.state.rawValue)
    row.bind(3, update.reason)
    row.bind(4, update.dueAt)
    row.bind(5, update.attempts)
    if !update.isOfState {
      row.bind(6, update.depth)
      row.bind(7, update.priority)
      row.bind(8, update.url)
      row.bind(9, update.redirects)
      row.bind(10, update.isSeed ? 1 : 0)
    }
    try row.run()
  }

  private func insert(_ fetch: FetchRecord) throws(StoreError) {
    let row = insertFetch
    row.bind(1, fetch.id)
    row.bind(2, fetch.urlID)
    row.bind(3, fetch.hostID)
    row.bind(4, fetch.taskID)
    row.bind(5, fetch.runID)
    row.bind(6, fetch.attempt)
    row.bind(7, fetch.settingsRevision)
    row.bind(8, fetch.startedAt)
    row.bind(9, fetch.status)
    row.bind(10, fetch.outcome)
    row.bind(11, fetch.error)
    row.bind(12, fetch.httpVersion)
    row.bind(13, fetch.remoteAddress)
    row.bind(14, fetch.reused)
    row.bind(15, fetch.redirectTo)
    row.bind(16, fetch.wireBytes)
    row.bind(17, fetch.bodyBytes)
    row.bind(18, fetch.contentType)
    row.bind(19, fetch.contentEncoding)
    row.bind(20, fetch.truncated)
    row.bind(21, fetch.retryAfter)
    row.bind(22, fetch.etag)
    row.bind(23, fetch.lastModified)
    row.bind(24, fetch.timeQueue)
    row.bind(25, fetch.timeDNS)
    row.bind(26, fetch.timeConnect)
    row.bind(27, fetch.timeTLS)
    row.bind(28, fetch.timeFirstByte)
    row.bind(29, fetch.timeTotal)
    row.bind(30, fetch.tlsVersion)
    row.bind(31, fetch.certificateExpiresAt)
    if let messages = fetch.contents {
      if contents == nil { contents = try ContentStatements(database) }
      row.bind(32, try contents?.compressed(messages.requestHeaders))
      row.bind(33, try contents?.compressed(messages.responseHeaders))
      if let body = messages.body { row.bind(34, try contents?.store(body)) }
    }
    row.bind(35, fetch.tlsVerified.map { $0 ? 1 : 0 })
    row.bind(36, bits: fetch.contentHash)
    row.bind(37, fetch.change?.rawValue)
    let earlier = try fetch.earlierFetchID.flatMap(content(ofFetch:))
    row.bind(38, earlier?.id)
    row.bind(39, fetch.proxy)
    try row.run()
    if let keeper = earlier?.bodyKeeper, fetch.contents != nil, fetch.outcome == "not_modified" {
      let row = try database.statement(Self.takeOverBody)
      row.bind(1, fetch.id)
      row.bind(2, keeper)
      try row.run()
    }
  }

  /// The fetch that brought what an earlier one says, and the one that has its body now if that has none: see
  /// `Store.removeTask`. nil when neither is there any more.
  private func content(ofFetch id: Int64) throws(StoreError) -> (id: Int64, bodyKeeper: Int64?)? {
    findContent.bind(1, id)
    defer { findContent.reset() }
    return try findContent.step() ? (findContent.integer(0), findContent.integerOrNil(1)) : nil
  }

  private static let contentFetch = """
    SELECT content.id, CASE WHEN content.body_hash IS NULL AND f.body_hash IS NOT NULL THEN f.id END
    FROM fetches f JOIN fetches content
      ON content.id = CASE f.outcome WHEN 'not_modified' THEN coalesce(f.earlier_fetch_id, f.id) ELSE f.id END
    WHERE f.id = ?
    """

  /// What `Store.removeTask` would have given a fetch that was not modified, had it been there.
  private static let takeOverBody = """
    UPDATE fetches SET body_hash = keeper.body_hash, truncated = keeper.truncated, \
      response_headers = coalesce(keeper.response_headers, fetches.response_headers) \
    FROM fetches keeper WHERE fetches.id = ?1 AND keeper.id = ?2
    """

  private func takeBackChange(ofFetch id: Int64) throws(StoreError) {
    let row = try database.statement("UPDATE fetches SET change = NULL WHERE id = ?")
    row.bind(1, id)
    try row.run()
  }

  private func insert(_ page: PageRecord) throws(StoreError) {
    if page.text == nil, !hasTexts { return try insert(page, textID: nil) }
    if texts == nil { texts = try TextStatements(database) }
    hasTexts = true
    let before = try texts?.id(urlID: page.urlID, runID: page.runID)
    let textID = try texts?.id(of: page)
    try insert(page, textID: textID)
    if let before, before != textID { try texts?.dropUnused(before) }
  }

  private func insert(_ page: PageRecord, textID: Int64?) throws(StoreError) {
    let row = insertPage
    row.bind(1, page.urlID)
    row.bind(2, page.runID)
    row.bind(3, page.fetchID)
    row.bind(4, page.title)
    row.bind(5, page.description)
    row.bind(6, page.canonicalURL)
    row.bind(7, page.language)
    row.bind(8, page.charset)
    row.bind(9, page.charsetSource)
    row.bind(10, page.robots)
    row.bind(11, page.h1)
    row.bind(12, page.wordCount)
    row.bind(13, bits: page.textHash)
    row.bind(14, bits: page.simhash)
    row.bind(15, page.linkCount)
    row.bind(16, page.fetchedAt)
    row.bind(17, textID)
    row.bind(18, page.fields)
    row.bind(19, page.linksTruncated.map { $0 ? 1 : 0 })
    try row.run()
  }

  /// One statement for several rows costs less than one for each. `OR ROLLBACK` spares the copies of pages with which
  /// such a statement could be undone alone; whoever began the transaction finds it ended.
  private static let urlsPerStatement = 8

  private static func insertURLs(_ rows: Int) -> String {
    let values = Array(repeating: "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", count: rows)
    return """
      INSERT OR ROLLBACK INTO urls (id, task_id, host_id, url, fingerprint, depth, redirects, priority, state, \
      reason, due_at, attempts, via_url_id, discovered_at, run_id) VALUES \(values.joined(separator: ", "))
      """
  }

  private static func insertLinks(_ rows: Int) -> String {
    let values = (0..<rows).map { row in
      "(?1, " + (2...7).map { "?\(row * 6 + $0)" }.joined(separator: ", ") + ")"
    }
    return """
      INSERT OR ROLLBACK INTO links (source_url_id, target_url_id, kind, rel, anchor, position, count) VALUES \
      \(values.joined(separator: ", "))
      """
  }

  /// Links come by target and kind, so that each lands next to the one before.
  private func replaceLinks(of source: Int64, with links: [LinkRecord]) throws(StoreError) {
    deleteLinks.bind(1, source)
    try deleteLinks.run()
    var place = 0
    for (rows, statement) in insertLinks {
      while links.count - place >= rows {
        statement.bind(1, source)
        for slot in 0..<rows {
          let link = links[place + slot]
          guard place + slot == 0 || links[place + slot - 1].isBefore(link) else {
            fatalError("the links of a page come sorted by target and kind, each of these pairs once")
          }
          let first = Int32(slot * 6) + 2
          statement.bind(first, link.targetURLID)
          statement.bind(first + 1, link.kind)
          statement.bind(first + 2, link.rel)
          statement.bind(first + 3, link.anchor)
          statement.bind(first + 4, link.position)
          statement.bind(first + 5, link.count)
        }
        try statement.run()
        place += rows
      }
    }
  }
}
