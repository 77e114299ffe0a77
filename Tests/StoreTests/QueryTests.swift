import EventLoop
import Foundation
import Store
import Testing

@Suite struct QueryTests {
  private struct Answer {
    var columns: [[String]] = []
    var rows: [[QueryValue]] = []
    var isTruncated = false
  }

  private static func ask(
    _ session: QuerySession, _ sql: String, _ limits: QueryLimits = QueryLimits()
  ) throws -> Answer {
    var answer = Answer()
    let outcome = try session.run(
      sql, limits: limits, begin: { answer.columns.append($0) }, row: { answer.rows.append($0) })
    answer.isTruncated = outcome.isTruncated
    #expect(outcome.rows == answer.rows.count)
    return answer
  }

  private static func withSession(_ body: @escaping @Sendable (QuerySession) throws -> Void) throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      store.append(.page(1, links: [2, 3]))
      try await store.flush()
      try body(try QuerySession(path: directory.file("crawl.db")))
      try await store.close()
      // Without a daemon it answers as well.
      let alone = try QuerySession(path: directory.file("crawl.db"))
      #expect(try Self.ask(alone, "SELECT count(*) FROM urls").rows == [[.integer(3)]])
    }
  }

  @Test func valuesKeepTheirTypes() throws {
    try Self.withSession { session throws in
      let answer = try Self.ask(
        session, "SELECT 1 AS one, 1.5, 'te' || char(0) || 'xt', x'00ff', NULL; SELECT url FROM urls ORDER BY id -- end"
      )
      #expect(answer.columns[0].first == "one")
      #expect(answer.columns[1] == ["url"])
      #expect(answer.rows[0] == [.integer(1), .real(1.5), .text("te\u{0}xt"), .blob([0, 255]), .null])
      #expect(answer.rows.count == 4)
      #expect(try Self.ask(session, " ; -- nothing\n;").rows == [])
      #expect(try Self.ask(session, "PRAGMA table_info(urls)").rows.count == 15)
      let settings = try Self.ask(session, "SELECT key, value FROM tasks, json_each(tasks.settings)")
      #expect(settings.rows == [[.text("depth"), .integer(3)]])
      for table in ["sqlite_master", "sqlite_schema"] {
        #expect(throws: QueryError.self) { try Self.ask(session, "UPDATE \(table) SET sql = '' WHERE name = 'urls'") }
      }
    }
  }

  @Test(arguments: [
    "INSERT INTO tasks (id) VALUES (9)", "UPDATE urls SET state = 'done'", "DELETE FROM urls", "DROP TABLE urls",
    "CREATE TABLE x (y)", "CREATE TEMP TABLE x (y)", "ATTACH 'other.db' AS other", "VACUUM", "VACUUM INTO 'copy.db'",
    "PRAGMA journal_mode = DELETE", "PRAGMA user_version = 3", "PRAGMA wal_checkpoint", "PRAGMA query_only = 0",
    "PRAGMA writable_schema = 1", "BEGIN", "SAVEPOINT x", "REINDEX", "ANALYZE", "SELECT load_extension('x')",
    "SELECT 1; DELETE FROM urls", "WITH x AS (SELECT 1) DELETE FROM urls",
  ])
  func whateverIsNoReadIsRefused(sql: String) throws {
    try Self.withSession { session throws in
      let error = #expect(throws: QueryError.self) { try Self.ask(session, sql) }
      guard case .refused(let action)? = error else {
        Issue.record("\(sql): \(String(describing: error))")
        return
      }
      #expect(!action.isEmpty)
      #expect(try Self.ask(session, "SELECT count(*) FROM urls").rows == [[.integer(3)]])
    }
  }

  @Test(arguments: [
    ("CREATE TEMP TABLE x (y)", "CREATE"), ("-- a\n/* b */ ; vacuum", "VACUUM"), ("begin", "BEGIN"),
    ("PRAGMA user_version = 3", "PRAGMA user_version"), ("WITH x AS (SELECT 1) DELETE FROM urls", "DELETE"),
    ("SELECT load_extension('x')", "load_extension()"), ("/* c", ""),
  ])
  func aRefusalNamesTheUsersOwnWord(sql: String, word: String) throws {
    try Self.withSession { session throws in
      if word.isEmpty { return #expect(try Self.ask(session, sql).rows == []) }
      let error = #expect(throws: QueryError.self) { try Self.ask(session, sql) }
      #expect(error?.description == "only reading is allowed, not \(word); write SELECT …")
    }
  }

  @Test func aParameterThatNoStatementHasIsRefusedFirst() throws {
    try Self.withSession { session throws in
      var columns = 0
      let run = { (sql: String, parameters: [String: QueryValue]) in
        try session.run(sql, parameters: parameters, begin: { _ in columns += 1 }, row: { _ in })
      }
      let error = #expect(throws: QueryError.self) {
        try run("SELECT 1; SELECT :a", ["a": .integer(1), "b": .integer(2)])
      }
      guard case .unusedParameter("b")? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(columns == 0)
      _ = try run("SELECT 1; SELECT :a", ["a": .integer(1)])
      #expect(columns == 2)
      // What can't be compiled is said when its turn comes.
      #expect(throws: QueryError.self) { try run("SELECT :a; SELECT titel FROM pages", ["a": .null]) }
      #expect(columns == 3)
    }
  }

  @Test func timeRowsAndMemoryAreBounded() throws {
    try Self.withSession { session throws in
      let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
      let error = #expect(throws: QueryError.self) { try Self.ask(session, endless, QueryLimits(time: .zero)) }
      guard case .timedOut? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      let rows = try Self.ask(
        session, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n; SELECT 1",
        QueryLimits(rows: 10))
      #expect(rows.rows.count == 10)
      #expect(rows.isTruncated)
      #expect(try !Self.ask(session, "SELECT id FROM urls", QueryLimits(rows: 3)).isTruncated)
      let long = #expect(throws: QueryError.self) { try Self.ask(session, "SELECT zeroblob(70000000)") }
      #expect(long?.description.contains("64 MiB") == true, "\(String(describing: long))")
      // However little there is to do.
      let short = #expect(throws: QueryError.self) { try Self.ask(session, "SELECT 1", QueryLimits(time: .zero)) }
      #expect(
        short?.description == "the query took longer than 0.0 seconds; narrow it, or allow more time (--timeout)",
        "\(String(describing: short))")
    }
  }

  /// What its rows take is no time of the query, but the clock ends it all the same.
  @Test func rowsThatAreTakenSlowlyEndAQueryInTheEnd() throws {
    try Self.withSession { session throws in
      let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
      var rows = 0
      let limits = QueryLimits(time: .milliseconds(200), rows: .max, longest: .milliseconds(800))
      let error = #expect(throws: QueryError.self) {
        try session.run(endless, limits: limits, begin: { _ in }) { _ in
          rows += 1
          // The first row is taken for longer than the query may run, and it goes on; the second for ever.
          let enough = rows == 1 ? Duration.milliseconds(400) : .zero
          while session.rest > enough {}
        }
      }
      guard case .lastedTooLong(.milliseconds(800))? = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(rows == 2 && error?.description.contains("--timeout") == true)
      #expect(QueryLimits(time: .seconds(1)).longest == .seconds(6))
      #expect(QueryLimits(time: .seconds(60)).longest == .seconds(120))
    }
  }

  @Test func aMistakeIsSaidInSQLitesWords() throws {
    try Self.withSession { session throws in
      let error = #expect(throws: QueryError.self) { try Self.ask(session, "SELECT titel FROM pages") }
      #expect(error?.description == "no such column: titel")
      #expect(throws: QueryError.self) { try QuerySession(path: "/nonexistent/crawl.db") }
    }
  }

  @Test func parametersAreBoundByName() throws {
    try Self.withSession { session throws in
      let rows = { (sql: String, parameters: [String: QueryValue]) in
        var rows: [[QueryValue]] = []
        _ = try session.run(sql, parameters: parameters, begin: { _ in }, row: { rows.append($0) })
        return rows
      }
      #expect(
        try rows(
          "SELECT :a, @b, $c, :a; SELECT :d, :e",
          [
            "a": .integer(7), "b": .text("it's; DROP"), "c": .real(1.5), "d": .null, "e": .blob([0, 1]),
          ]) == [[.integer(7), .text("it's; DROP"), .real(1.5), .integer(7)], [.null, .blob([0, 1])]])
      for (sql, parameters, words) in [
        ("SELECT :task", [:], ":task"), ("SELECT ?", ["a": QueryValue.integer(1)], "without a name"),
        ("SELECT 1", ["typo": .integer(1)], ":typo"),
      ] {
        let error = #expect(throws: QueryError.self) { try rows(sql, parameters) }
        #expect(error?.description.contains(words) == true)
      }
    }
  }

  /// Fails when a column is added without a line in the data dictionary, and when one goes that has a line.
  @Test func everyColumnHasItsMeaning() throws {
    try Self.withSession { session throws in
      let entries = try session.dictionary()
      let names = Set(entries.map(\.table)).union(entries.map { "\($0.table).\($0.column)" })
      #expect(names == DataDictionary().names)
      #expect(entries.allSatisfy { !$0.meaning.isEmpty && DataDictionary().purpose(of: $0.table) != nil })
      #expect(entries.contains { $0.table == "v_pages" && $0.column == "title" && $0.kind == "view" })
    }
  }

  @Test func virtualTablesCanBeAsked() throws {
    try Self.withSession { session throws in
      var rows: [[QueryValue]] = []
      _ = try session.run(
        "SELECT value FROM json_each('[1,2]'); SELECT count(*) FROM page_search", begin: { _ in },
        row: { rows.append($0) })
      #expect(rows == [[.integer(1)], [.integer(2)], [.integer(0)]])
      #expect(throws: QueryError.self) {
        _ = try session.run("UPDATE sqlite_master SET sql = ''", begin: { _ in }, row: { _ in })
      }
    }
  }

  @Test func theSchemaDocumentsItsColumns() throws {
    try Self.withSession { session throws in
      let schema = try session.schema()
      for text in ["CREATE TABLE urls", "microseconds since 1970 UTC", "CREATE VIEW v_broken_links", "urls_ready"] {
        #expect(schema.contains(text))
      }
    }
  }

  @Test func aURLWhoseRobotsFileCouldNotBeReadIsAmongTheErrors() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      let tries = [("dns_timeout", nil), ("dns_not_found", "no such name"), ("ok", nil)]
      let fetches = tries.enumerated().map { index, end in
        FetchRecord(
          id: Int64(index + 1), hostID: 2, taskID: 1, runID: 1, startedAt: 1, outcome: end.0, error: end.1)
      }
      let counters = CounterDelta(fetches: fetches.count)
      store.append(VisitRecord(taskID: 1, newHosts: [.sample(2), .sample(3)], fetches: fetches, counters: counters))
      let failed: [URLRecord] = [2, 3].map {
        .sample($0 + 10, hostID: $0, state: .failed, reason: "robots_unreachable")
      }
      store.append(.discovering(failed))
      try await store.flush()
      #expect(
        try await store.texts(
          "SELECT url || ' ' || state || ' ' || outcome || ' ' || coalesce(error, '-') FROM v_errors ORDER BY url")
          == [
            "http://host2.example/12 failed dns_not_found no such name",
            "http://host3.example/13 failed robots_unreachable -",
          ])
      #expect(try await store.latestRobotsFailure(hostID: 2)?.id == 2)
      #expect(try await store.latestRobotsFailure(hostID: 3) == nil)
      try await store.close()
    }
  }

  /// Another task may ask with another user agent, or by a proxy.
  @Test func ofRobotsFilesATasksOwnFailureComesFirst() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      for id in Int64(2)...3 {
        try await store.insertTask(.sample(id, name: "task \(id)"), seeds: VisitRecord(taskID: id), event: .sample(id))
      }
      for (task, outcome) in [(Int64(1), "server_error"), (2, "reset")] {
        let fetch = FetchRecord(id: task, hostID: 2, taskID: task, runID: task, startedAt: 1, outcome: outcome)
        store.append(
          VisitRecord(
            taskID: task, newHosts: task == 1 ? [.sample(2)] : [], fetches: [fetch],
            counters: CounterDelta(fetches: 1)))
      }
      for task in Int64(1)...3 {
        let url = URLRecord.sample(
          task + 10, taskID: task, hostID: 2, state: .failed, reason: "robots_unreachable", via: nil)
        store.append(.discovering([url], taskID: task))
      }
      try await store.flush()
      #expect(
        try await store.texts("SELECT url_id || ' ' || outcome || ' ' || fetch_id FROM v_errors ORDER BY 1") == [
          "11 server_error 1", "12 reset 2", "13 reset 2",
        ])
      for (task, fetch) in [(nil, 2), (1, 1), (2, 2), (3, 2)] as [(Int64?, Int64)] {
        #expect(try await store.latestRobotsFailure(hostID: 2, taskID: task)?.id == fetch)
      }
      try await store.close()
    }
  }

  /// Neither a page nor a way to one: the first names no URL, the second none that can be read, the third one.
  @Test func redirectsToNoURLAreErrorsAndBrokenLinks() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      store.append(.page(1, links: [2, 3, 4]))
      var mute = Self.answer(2, status: 302, outcome: "redirected", state: .done)
      mute.fetches[0].redirectTo = nil
      store.append(mute)
      for (id, location, reason) in [(Int64(3), "http://[x", "url_invalid"), (4, "http://host1.example/14", nil)] {
        var hop = Self.answer(id, status: 302, outcome: "redirected", state: .done)
        hop.fetches[0].redirectTo = location
        let target = URLRecord.sample(
          id + 10, state: reason == nil ? .ready : .excluded, reason: reason, via: id)
        hop.discovered = [target]
        hop.counters.discover(in: target.state, isSeed: false)
        hop.pageURLID = id
        hop.links = [LinkRecord(targetURLID: id + 10, kind: "redirect")]
        store.append(hop)
      }
      try await store.flush()
      #expect(try await store.inspectTask(1) == [])
      #expect(
        try await store.texts("SELECT url_id || ' ' || status || ' ' || error FROM v_errors ORDER BY 1") == [
          "2 302 it redirects to no URL", "3 302 it redirects to no URL: http://[x",
        ])
      #expect(
        try await store.texts("SELECT target_url_id || ' ' || outcome FROM v_broken_links ORDER BY 1") == [
          "2 redirected", "3 redirected",
        ])
      try await store.close()
    }
  }

  @Test func everyViewAnswers() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      var page = VisitRecord.page(1, links: [2, 3, 4, 5])
      page.page?.textHash = 9
      store.append(page)
      store.append(Self.answer(2, status: 404, outcome: "client_error", state: .done))
      store.append(Self.answer(3, status: 301, outcome: "redirected", state: .done))
      store.append(Self.answer(4, status: nil, outcome: "connect_refused", state: .failed))
      var twin = VisitRecord.page(5, links: [])
      twin.page?.textHash = 9
      store.append(twin)
      store.append(.discovering([.sample(6, state: .excluded, reason: "scope")]))
      try await store.flush()
      #expect(try await store.inspectTask(1) == [])
      let expected = [
        "SELECT url || ' ' || fetched_at FROM v_pages WHERE url_id = 1":
          ["http://host1.example/1 1970-01-01T00:00:03.000Z"],
        "SELECT page || ' ' || link || ' ' || outcome FROM v_broken_links ORDER BY 1": [
          "http://host1.example/1 http://host1.example/2 client_error",
          "http://host1.example/1 http://host1.example/4 connect_refused",
        ],
        "SELECT url || ' ' || redirect_to FROM v_redirects": ["http://host1.example/3 http://host1.example/9"],
        "SELECT url FROM v_errors ORDER BY 1": ["http://host1.example/2", "http://host1.example/4"],
        "SELECT url || ' ' || reason || ' ' || found_on FROM v_excluded":
          ["http://host1.example/6 scope http://host1.example/1"],
        "SELECT name || ' ' || fetches || ' ' || without_answer FROM v_slow_hosts": ["host1.example 5 1"],
        "SELECT url || ' ' || copies FROM v_duplicates ORDER BY 1":
          ["http://host1.example/1 2", "http://host1.example/5 2"],
        "SELECT known || ' ' || done || ' ' || ok_percent || ' ' || created_at FROM v_tasks":
          ["6 4 50.0 1970-01-01T00:00:01.000Z"],
        "SELECT url FROM v_recent LIMIT 1": ["http://host1.example/5"],
      ]
      for (sql, rows) in expected { #expect(try await store.texts(sql) == rows, "\(sql)") }
      try await store.buildResultIndexes()
      try await store.buildResultIndexes()
      for (sql, rows) in expected { #expect(try await store.texts(sql) == rows, "\(sql)") }
      #expect(try await store.integer("SELECT count(*) FROM v_broken_links") == 2)
      try await store.close()
    }
  }

  /// A certificate may be replaced by one that ends earlier: what a host showed last counts.
  @Test func certificatesAreThoseThatHostsShowedLast() throws {
    let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    let sql = try String(contentsOfFile: "\(root)/config/queries/certificate-expiry.sql", encoding: .utf8)
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      store.append(.discovering([.sample(2)]))
      for (id, day, version) in [(Int64(1), Int64(20_000), "TLSv1.2"), (2, 19_000, "TLSv1.3")] {
        var visit = Self.answer(id, status: 200, outcome: "ok", state: .done)
        visit.fetches[0].certificateExpiresAt = day * 86_400_000_000
        visit.fetches[0].tlsVersion = version
        store.append(visit)
      }
      try await store.flush()
      let session = try QuerySession(path: directory.file("crawl.db"))
      var rows: [[QueryValue]] = []
      _ = try session.run(sql, parameters: ["task": .text("task")], begin: { _ in }, row: { rows.append($0) })
      #expect(rows.count == 1)
      #expect(rows.first?[2] == .text("2022-01-08T00:00:00Z") && rows.first?.last == .text("TLSv1.3"), "\(rows)")
      try await store.close()
    }
  }

  /// A visit that ends without a page.
  private static func answer(_ id: Int64, status: Int?, outcome: String, state: URLState) -> VisitRecord {
    let fetch = FetchRecord(
      id: id, urlID: id, hostID: 1, taskID: 1, runID: 1, startedAt: 3_000_000, status: status, outcome: outcome,
      redirectTo: outcome == "redirected" ? "http://host1.example/9" : nil, timeTotal: 5)
    var counters = CounterDelta(finalAnswers: status == nil ? 0 : 1)
    counters.move(from: .ready, to: state)
    counters.count(fetch)
    return VisitRecord(
      taskID: 1, updates: [URLUpdate(id: id, state: state, reason: outcome, attempts: 1)],
      fetches: [fetch], counters: counters)
  }
}
