import EventLoop
import Foundation
import Store
import Testing

/// What a recrawl reads of the crawls before it, and what it writes.
@Suite struct RecrawlTests {
  /// Two tasks that have four URLs each; of the first, URL 1 is a page with links to 2, 3 and 4.
  private func withStore(_ body: @escaping @Sendable (Store) async throws -> Void) throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      var first = VisitRecord.page(1, links: [2, 3, 4])
      first.fetches[0].etag = "\"1\""
      first.fetches[0].contentEncoding = "gzip"
      first.fetches[0].contentHash = 11
      first.page?.robots = "nofollow"
      first.page?.textHash = 12
      first.page?.linksTruncated = true
      first.links[1].rel = "next"
      first.links[1].position = 1
      store.append(first)
      try await store.flush()
      try await body(store)
      #expect(try await store.inspectTask(1) == [])
      try await store.close()
    }
  }

  private func visit(_ id: Int64, fetch: Int64, _ outcome: String, status: Int?, state: URLState = .done) -> VisitRecord
  {
    var counters = CounterDelta()
    counters.move(from: .ready, to: state)
    let row = FetchRecord(
      id: fetch, urlID: id, taskID: 1, runID: 1, startedAt: 5, status: status, outcome: outcome)
    counters.count(row)
    return VisitRecord(
      taskID: 1, updates: [URLUpdate(id: id, state: state, reason: outcome == "ok" ? nil : outcome, attempts: 1)],
      fetches: [row], counters: counters)
  }

  @Test func whatIsThereByTheLatestFetch() throws {
    try withStore { store in
      #expect(
        try await store.earlierFetch(urlID: 1)
          == EarlierFetch(
            urlID: 1, url: "http://host1.example/1", runID: 1, fetchID: 1, etag: "\"1\"", contentEncoding: "gzip",
            contentHash: 11, textHash: 12, isPage: true))
      #expect(try await store.earlierFetch(urlID: 2) == nil)
      #expect(try await store.earlierFetch(urlID: 99) == nil)
      store.append(visit(2, fetch: 2, "gone", status: 410))
      var held = visit(3, fetch: 3, "not_modified", status: 304)
      held.fetches[0].earlierFetchID = 1
      store.append(held)
      try await store.flush()
      #expect(try await store.earlierFetch(urlID: 2) == nil)
      #expect(try await store.earlierFetch(urlID: 3)?.fetchID == 3)
      // Who wants a body that is not there must not ask whether it is still the same.
      for (sql, etag) in [("NULL", nil), ("x'01'", "\"1\"")] {
        try await store.control {
          try $0.database.execute("UPDATE fetches SET etag = '\"1\"', body_hash = CASE WHEN id = 1 THEN \(sql) END")
        }
        for id in [Int64(1), 3] {
          #expect(try await store.earlierFetch(urlID: id, wantsBody: true)?.etag == etag)
          #expect(try await store.earlierFetch(urlID: id)?.etag == "\"1\"")
        }
      }
    }
  }

  @Test func thePageAndItsLinks() throws {
    try withStore { store in
      let contents = try #require(try await store.earlierContents(urlID: 1, runID: 1))
      #expect(contents.page?.title == "Page 1")
      #expect(contents.page?.robots == "nofollow")
      #expect(contents.page?.linksTruncated == true)
      #expect(try await store.url(id: 1)?.linksTruncated == true)
      #expect(try await store.url(id: 2)?.linksTruncated == false)
      #expect(try await store.texts("SELECT url_id || ' ' || links_truncated FROM v_pages") == ["1 1"])
      #expect(contents.links.map(\.target) == [2, 4, 3].map { "http://host1.example/\($0)" })
      #expect(contents.links.last?.record == LinkRecord(targetURLID: 3, kind: "a", rel: "next", position: 1))
      // Of another run there is no page; of a URL that is not there, nothing.
      #expect(try await store.earlierContents(urlID: 1, runID: 2)?.page == nil)
      #expect(try await store.earlierContents(urlID: 99, runID: 1) == nil)
    }
  }

  @Test func whichURLsAreKnown() throws {
    try withStore { store in
      var rest = VisitRecord.discovering([5, 6].map { .sample($0) })
      rest.taskID = 1
      store.append(rest)
      store.append(visit(2, fetch: 2, "client_error", status: 404))
      store.append(visit(3, fetch: 3, "client_error", status: 403))
      store.append(visit(4, fetch: 4, "redirected", status: 301))
      store.append(visit(5, fetch: 5, "reset", status: nil, state: .failed))
      try await store.flush()
      var known: [VisitedURL] = []
      try await store.scanVisitedURLs(taskID: 1) { chunk in known += chunk }
      #expect(known.map(\.id) == [1, 2, 4])
      #expect(known.map(\.hasPage) == [true, false, false])
      try await store.scanVisitedURLs(taskID: 7) { chunk in known += chunk }
      #expect(known.count == 3)
      var walk = try await store.walk(over: [1])
      #expect(try await store.earlierPages(taskID: 1, &walk).map(\.url) == ["http://host1.example/1"])
      #expect(walk.isAtEnd)
      #expect(try await store.walk(over: [7]).isAtEnd)
    }
  }

  /// Both may be written at once, or the one long after the other.
  @Test func aChangeThatIsNoneIsTakenBackWithItsCount() throws {
    for isAtOnce in [true, false] {
      try withStore { store in
        var bounce = visit(2, fetch: 2, "redirected", status: 302)
        bounce.fetches[0].change = .moved
        bounce.counters.changes.moved += 1
        store.append(bounce)
        if !isAtOnce { try await store.flush() }
        var back = visit(3, fetch: 3, "redirected", status: 302)
        back.unchangedFetchID = 2
        back.updates.append(URLUpdate(id: 2, state: .ready))
        back.counters.move(from: .done, to: .ready)
        back.counters.changes.moved -= 1
        store.append(back)
        try await store.flush()
        #expect(try await store.texts("SELECT id FROM fetches WHERE change IS NOT NULL") == [])
        #expect(try await store.integer("SELECT count(*) FROM v_changes") == 0)
        #expect(try await store.loadTasks().first?.counters.changes.moved == 0)
        #expect(try await store.inspectTask(1) == [])
      }
    }
  }

  @Test func changesAreCountedWithTheirRows() throws {
    try withStore { store in
      for (place, change) in PageChange.allCases.enumerated() where place < 3 {
        var visit = visit(Int64(place) + 2, fetch: Int64(place) + 2, "ok", status: 200)
        visit.fetches[0].change = change
        visit.fetches[0].earlierFetchID = 1
        visit.counters.changes[change] += 1
        store.append(visit)
      }
      try await store.flush()
      let counts = try #require(try await store.loadTasks().first).counters.changes
      #expect(PageChange.allCases.map { counts[$0] } == [1, 1, 1, 0, 0, 0])
      #expect(
        try await store.texts("SELECT change || ' ' || url FROM v_changes ORDER BY url_id") == [
          "new http://host1.example/2", "changed http://host1.example/3", "unchanged http://host1.example/4",
        ])
      #expect(try await store.integer("SELECT new + changed + unchanged FROM v_tasks") == 3)
    }
  }

  /// It is as long as it was, whatever becomes of the crawl that fetched it.
  @Test func aPageThatIsNotModifiedKeepsItsLengthAndType() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      store.append(.page(1, links: []))
      for id in [Int64(2), 3] {
        var task = TaskRecord.sample(id, name: "again \(id)")
        task.recrawlOf = id - 1
        let seed = URLRecord.sample(id, taskID: id, depth: 0, via: nil)
        try await store.insertTask(task, seeds: .discovering([seed], taskID: id), event: .sample(id))
      }
      let pages = """
        SELECT task || ' ' || body_bytes || ' ' || content_type FROM v_pages WHERE url_id > 1 ORDER BY url_id
        """
      let changes = "SELECT body_bytes || ' ' || coalesce(was_body_bytes, '-') FROM v_changes ORDER BY url_id"
      store.append(.notModified(2, earlier: 1))
      try await store.flush()
      #expect(try await store.texts(pages) == ["again 2 300 text/html"])
      #expect(try await store.texts(changes) == ["300 300"])
      try await store.removeTask(1)
      #expect(try await store.texts(changes) == ["300 -"])
      store.append(.notModified(3, earlier: 2))
      try await store.flush()
      #expect(try await store.texts(pages) == ["again 2 300 text/html", "again 3 300 text/html"])
      #expect(try await store.texts(changes) == ["300 -", "300 300"])
      try await store.removeTask(2)
      #expect(try await store.texts(pages) == ["again 3 300 text/html"])
      #expect(try await store.texts(changes) == ["300 -"])
      try await store.close()
    }
  }

  /// Nobody takes what came of it for all of it, whatever becomes of the crawl that fetched it.
  @Test func aBodyThatWasCutIsInheritedAsOneThatWas() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      var first = VisitRecord.page(1, links: [])
      first.fetches[0].contents = FetchContents(
        requestHeaders: [], responseHeaders: [], body: Array("ten bytes.".utf8), longestBody: 9)
      first.fetches[0].truncated = true
      store.append(first)
      var task = TaskRecord.sample(2, name: "again")
      task.recrawlOf = 1
      let seed = URLRecord.sample(2, taskID: 2, depth: 0, via: nil)
      try await store.insertTask(task, seeds: .discovering([seed], taskID: 2), event: .sample(2))
      var second = VisitRecord.notModified(2, earlier: 1)
      second.fetches[0].contents = FetchContents(requestHeaders: [], responseHeaders: [], body: nil)
      store.append(second)
      try await store.flush()
      #expect(try await store.texts("SELECT truncated FROM fetches ORDER BY id") == ["1", "0"])
      try await store.removeTask(1)
      let inherited = try await store.texts(
        """
        SELECT truncated || ' ' || content_bytes || ' ' || size FROM fetches JOIN bodies ON hash = body_hash
        """)
      #expect(inherited == ["1 300 9"])
      try await store.close()
    }
  }

  @Test func aTaskSaysWhichOneItVisitsAgain() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop)
      try await store.insertSampleTask()
      var second = TaskRecord.sample(2, name: "again")
      second.recrawlOf = 1
      try await store.insertTask(second, seeds: VisitRecord(taskID: 2), event: .sample(2))
      #expect(try await store.loadTasks().map(\.recrawlOf) == [nil, 1])
      try await store.close()
      let schema = try QuerySession(path: path).schema()
      #expect(schema.contains("CREATE TABLE \"runs\" ("))
      #expect(!schema.contains("new run of the same task"))
      for column in ["recrawl_of", "content_hash", "change", "earlier_fetch_id"] {
        #expect(schema.contains(", \(column) "), "\(column)")
      }
    }
  }
}
