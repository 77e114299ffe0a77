import EventLoop
import Store
import Testing

/// Recrawls of a page while a crawl before them is being removed. Task, run, URL and fetch have one number.
@Suite struct HeirTests {
  private static let words = Array("words that are sent once".utf8)

  /// The first crawl has fetched the page, and each other one visits the one before again. The first two have committed.
  ///
  /// - Parameter keeping: those that keep bodies.
  private static func withCrawls(
    _ count: Int64, keeping: Set<Int64>, _ body: @escaping @Sendable (Store, _ path: String) async throws -> Void
  ) throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop)
      for id in 1...count {
        var task = TaskRecord.sample(id, name: "crawl \(id)")
        task.recrawlOf = id == 1 ? nil : id - 1
        var seed = URLRecord.sample(id, taskID: id, depth: 0, via: nil)
        seed.fingerprint = 7
        let hosts = id == 1 ? [HostRecord.sample(1)] : []
        try await store.insertTask(task, seeds: .discovering([seed], hosts: hosts, taskID: id), event: .sample(id))
      }
      var first = VisitRecord.page(1, links: [])
      (first.fetches[0].etag, first.fetches[0].contentHash) = ("\"1\"", 11)
      if keeping.contains(1) { first.fetches[0].contents = contents("200 OK", words) }
      store.append(first)
      store.append(notModified(2, earlier: 1, keepsBodies: keeping.contains(2)))
      try await store.flush()
      try await body(store, path)
      #expect(Examination(path: path).findings.filter { $0.check == .references }.map(\.sentence) == [])
      try await store.close()
    }
  }

  private static func contents(_ status: String, _ body: [UInt8]?) -> FetchContents {
    FetchContents(requestHeaders: [], responseHeaders: Array("HTTP/1.1 \(status)\r\n\r\n".utf8), body: body)
  }

  private static func notModified(_ id: Int64, earlier: Int64, keepsBodies: Bool = true) -> VisitRecord {
    .notModified(id, earlier: earlier) { fetch in
      (fetch.etag, fetch.contentHash) = ("\"1\"", 11)
      if keepsBodies { fetch.contents = contents("304 Not Modified", nil) }
    }
  }

  /// What the fetches name, and which have a body.
  private static let rows = """
    SELECT id || ' ' || coalesce(earlier_fetch_id, '-') || iif(body_hash IS NULL, '', ' body') FROM fetches ORDER BY id
    """

  @Test func whatIsWrittenAfterARemovalNamesWhatThatHasLeft() throws {
    try Self.withCrawls(3, keeping: [1, 2, 3]) { store, path in
      let said = try #require(try await store.earlierFetch(urlID: 2, wantsBody: true))
      #expect(said.etag == "\"1\"")
      try await store.removeTask(1)
      store.append(Self.notModified(3, earlier: said.fetchID))
      try await store.flush()
      #expect(try await store.texts(Self.rows) == ["2 - body", "3 2"])
      try await store.removeTask(2)
      #expect(try await store.texts(Self.rows) == ["3 - body"])
      #expect(try await store.texts("SELECT content_type || ' ' || body_bytes FROM v_pages") == ["text/html 300"])
      let fetch = try #require(try QuerySession(path: path).storedFetches(after: 0, until: 9, task: nil).first)
      #expect(fetch.responseHeaders == Array("HTTP/1.1 200 OK\r\n\r\n".utf8))
    }
  }

  /// The one that comes first has no body for those behind it, each of which was answered with 304 since there was one.
  @Test func aBodyIsTakenOverFromTheCrawlThatHasIt() throws {
    try Self.withCrawls(4, keeping: [1, 3, 4]) { store, _ in
      store.append(Self.notModified(3, earlier: 2))
      try await store.flush()
      #expect(try await store.texts(Self.rows) == ["1 - body", "2 1", "3 1"])
      let said = try #require(try await store.earlierFetch(urlID: 3, wantsBody: true))
      try await store.removeTask(1)
      #expect(try await store.earlierFetch(urlID: 3, wantsBody: true)?.etag == "\"1\"")
      store.append(Self.notModified(4, earlier: said.fetchID))
      try await store.flush()
      #expect(try await store.texts(Self.rows) == ["2 -", "3 2 body", "4 2 body"])
      #expect(
        try await store.integer(
          "SELECT count(DISTINCT response_headers) FROM fetches WHERE response_headers IS NOT NULL") == 1)
    }
  }

  @Test func nobodyAsksByABodyThatGoes() throws {
    for isKept in [true, false] {
      try Self.withCrawls(2, keeping: isKept ? [1, 2] : [1]) { store, _ in
        #expect(try await store.earlierFetch(urlID: 2, wantsBody: true)?.etag == "\"1\"")
        try await store.updateTask(1, state: "removing", desiredState: "removed", reason: nil)
        #expect(try await store.earlierFetch(urlID: 2, wantsBody: true)?.etag == (isKept ? "\"1\"" : nil))
        #expect(try await store.earlierFetch(urlID: 2)?.etag == "\"1\"")
        try await store.removeTask(1)
      }
    }
  }

  /// As an earlier version left them.
  @Test func whatNamesAFetchThatIsGoneFindsAnotherOne() throws {
    for (removed, expected) in [
      (1...1, ["2 - body", "3 2 body", "4 2 body"]), (1...2, ["3 -", "4 3"]), (1...3, ["4 -"]),
    ] {
      try Self.withCrawls(4, keeping: [1, 2, 3, 4]) { store, path in
        try await store.removeTask(1)
        for id in [Int64(3), 4] { store.append(Self.notModified(id, earlier: 2)) }
        try await store.flush()
        try await store.control { try $0.database.execute("UPDATE fetches SET earlier_fetch_id = 1 WHERE id >= 3") }
        for id in removed.dropFirst() { try await store.removeTask(Int64(id)) }
        #expect(Examination(path: path).findings.map(\.check).contains(.references))
        try await store.control { try $0.database.execute(Schema.heirs) }
        #expect(try await store.texts(Self.rows) == expected)
      }
    }
  }
}
