import EventLoop
import Foundation
import Store
import Testing

/// Bodies and header sections of fetches: stored once, read back as they were, gone with their last fetch.
@Suite struct ContentTests {
  private static let noise = [UInt8](0...255) + [UInt8](repeating: 0, count: 3)

  private static func page(_ id: Int64, links: [Int64], _ body: [UInt8]?) -> VisitRecord {
    var visit = VisitRecord.page(id, links: links)
    visit.fetches[0].contents = FetchContents(
      requestHeaders: Array("GET /\(id) HTTP/1.1\r\nHost: a.test\r\n\r\n".utf8),
      responseHeaders: Array("HTTP/1.1 200 OK\r\n\r\n".utf8), body: body)
    return visit
  }

  private static func withStore(_ body: @escaping @Sendable (Store, _ path: String) async throws -> Void) throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop)
      try await store.insertSampleTask()
      try await body(store, path)
      try await store.close()
    }
  }

  private static func problems(_ path: String) -> [String] {
    Examination(path: path).findings.filter { $0.check == .bodies }.map(\.sentence)
  }

  @Test func whatWasStoredComesBackAndEqualBodiesAreOne() throws {
    try Self.withStore { store, path in
      let text = Array(String(repeating: "the same text ", count: 1_000).utf8)
      let bodies: [[UInt8]?] = [text, text, [], Self.noise, nil]
      for (place, body) in bodies.enumerated() {
        let id = Int64(place) + 1
        store.append(Self.page(id, links: [id + 1], body))
      }
      try await store.flush()
      let session = try QuerySession(path: path)
      let fetches = try session.storedFetches(after: 0, until: 9, task: nil)
      #expect(fetches.map(\.id) == [1, 2, 3, 4, 5])
      #expect(try fetches.map { try $0.bodyHash.flatMap { try session.body($0) } } == bodies)
      #expect(fetches[1].requestHeaders == Array("GET /2 HTTP/1.1\r\nHost: a.test\r\n\r\n".utf8))
      #expect(fetches[1].responseHeaders == Array("HTTP/1.1 200 OK\r\n\r\n".utf8))
      #expect(
        try await store.texts("SELECT codec || ' ' || size FROM bodies ORDER BY id") == [
          "zstd 14000", "none 0", "none 259",
        ])
      #expect(try await store.integer("SELECT max(length(bytes)) < 300 FROM bodies") == 1)
      #expect(try session.firstFetch(ofBody: try #require(fetches[1].bodyHash), task: "task")?.id == 1)
      #expect(try session.storedFetches(after: 1, until: 3, task: "other").isEmpty)
      #expect(Self.problems(path) == [])
    }
  }

  @Test func whatIsDamagedIsToldFromWhatIsThere() throws {
    try Self.withStore { store, path in
      store.append(Self.page(1, links: [2, 3], Self.noise))
      store.append(Self.page(2, links: [4], Array("two".utf8)))
      store.append(Self.page(3, links: [5], Array("three".utf8)))
      try await store.flush()
      try await store.control {
        // Of a body that is stored as it is one byte is another.
        try $0.database.execute(
          """
          UPDATE bodies SET bytes = CAST(substr(bytes, 1, 20) || x'FF' || substr(bytes, 22) AS BLOB) WHERE id = 1;
          UPDATE fetches SET response_headers = x'00' WHERE id = 2
          """)
      }
      let session = try QuerySession(path: path)
      var damaged: [Int64] = []
      let fetches = try session.storedFetches(after: 0, until: 9, task: nil) { damaged.append($0) }
      #expect(fetches.map(\.id) == [1, 3] && damaged == [2])
      let bodies = try fetches.map { try $0.bodyHash.flatMap { try session.body($0) } }
      #expect(bodies == [nil, Array("three".utf8)])
      #expect(try session.hasMessages(fetch: 1))
      #expect(try !session.hasMessages(fetch: 4))
      try await store.control { try $0.database.execute("UPDATE tasks SET state = 'removing'") }
      #expect(try !session.hasMessages(fetch: 1))
    }
  }

  @Test func firstFetchesAreForgottenBeyondTheLimit() throws {
    try Self.withStore { store, path in
      let bodies = ["one", "two", "three"].map { Array($0.utf8) }
      for id in Int64(1)...6 { store.append(Self.page(id, links: [id + 1], bodies[Int(id - 1) % 3])) }
      try await store.flush()
      let session = try QuerySession(path: path)
      var first = FirstFetches(session, task: nil, limit: 2)
      for fetch in try session.storedFetches(after: 0, until: 6, task: nil) {
        let hash = try #require(fetch.bodyHash)
        #expect(try first.fetch(ofBody: hash)?.id == (fetch.id - 1) % 3 + 1)
        #expect((1...2).contains(first.count))
      }
      #expect(try first.fetch(ofBody: [1]) == nil)
      // Of those that did not bring it none is the first.
      let hash = try #require(try session.storedFetches(after: 3, until: 4, task: nil).first?.bodyHash)
      first = FirstFetches(session, task: nil)
      #expect(try first.fetch(ofBody: hash, before: 4) { $0 > 1 } == nil)
      #expect(try first.fetch(ofBody: hash, before: 5) { $0 > 1 }?.id == 4)
      #expect(try first.fetch(ofBody: hash, before: 1)?.id == 4, "it is remembered")
    }
  }

  @Test func aBodyIsCutAtItsLimit() {
    let body = Array("ten bytes.".utf8)
    let cut = FetchContents(requestHeaders: [], responseHeaders: [], body: body, longestBody: 9)
    #expect(cut.isCut && cut.body == body.dropLast())
    let whole = FetchContents(requestHeaders: [], responseHeaders: [], body: body, longestBody: 10)
    #expect(!whole.isCut && whole.body == body)
  }

  @Test func sqlReadsWhatIsCompressed() throws {
    try Self.withStore { store, path in
      store.append(Self.page(1, links: [2], Array(String(repeating: "body ", count: 99).utf8)))
      try await store.flush()
      var rows: [[QueryValue]] = []
      let session = try QuerySession(path: path)
      _ = try session.run(
        """
        SELECT CAST(unzstd(response_headers) AS TEXT), length(unzstd(b.bytes)), unzstd(NULL), unzstd('text')
        FROM fetches JOIN bodies b ON b.hash = body_hash
        """, begin: { _ in }, row: { rows.append($0) })
      #expect(rows == [[.text("HTTP/1.1 200 OK\r\n\r\n"), .integer(495), .null, .null]])
      // A frame that says it holds 100 MiB, and one that ends early.
      for blob in ["28B52FFDA000004006", "28B52FFD2005"] {
        #expect(throws: QueryError.self) {
          _ = try session.run("SELECT unzstd(x'\(blob)')", begin: { _ in }, row: { _ in })
        }
      }
    }
  }

  @Test func theRemovalOfATaskTakesItsBodiesAndLeavesOthers() throws {
    try Self.withStore { store, path in
      store.append(Self.page(1, links: [2, 3, 4], Array("shared".utf8)))
      store.append(Self.page(2, links: [5], Array("of the task alone".utf8)))
      let robots = FetchRecord(
        id: 90, hostID: 1, taskID: 1, runID: 1, startedAt: 1, status: 200, outcome: "ok",
        contents: FetchContents(requestHeaders: [], responseHeaders: [], body: Array("of robots.txt alone".utf8)))
      store.append(VisitRecord(taskID: 1, fetches: [robots]))
      try await store.flush()
      try await store.control {
        try $0.database.execute(
          """
          INSERT INTO fetches (url_id, task_id, run_id, attempt, settings_revision, started_at, outcome, reused, wire_bytes,
            body_bytes, truncated, body_hash) SELECT 77, 77, 77, 1, 0, 0, 'ok', 0, 0, 0, 0, body_hash FROM fetches WHERE id = 1
          """)
      }
      #expect(try await store.integer("SELECT count(*) FROM bodies") == 3)
      try await store.removeTask(1)
      #expect(try await store.texts("SELECT size FROM bodies") == ["6"])
      #expect(Self.problems(path) == [])
    }
  }

  @Test(arguments: [
    ("DELETE FROM bodies WHERE id = 1", "1 fetches whose bodies are not there"),
    ("UPDATE fetches SET body_hash = NULL", "2 bodies that no fetch has"),
    ("UPDATE bodies SET bytes = x'00' WHERE id = 1", "1 bodies are not what their hashes say"),
    ("UPDATE bodies SET codec = 'rot13'", "2 bodies are not what their hashes say"),
    ("UPDATE bodies SET bytes = (SELECT bytes FROM bodies WHERE id = 2)", "1 bodies are not"),
    ("UPDATE bodies SET size = 7 WHERE id = 2", "1 bodies are not"),
  ])
  func damageIsFound(sql: String, sentence: String) throws {
    let pages = [
      Self.page(1, links: [2], Array(String(repeating: "body ", count: 99).utf8)), Self.page(2, links: [3], Self.noise),
    ]
    let problems = try problemsFound(.bodies, of: pages, after: sql)
    #expect(problems.contains { $0.contains(sentence) }, "\(problems)")
  }
}
