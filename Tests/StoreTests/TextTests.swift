import CSQLite
import EventLoop
import Foundation
import Store
import Testing

/// Texts of pages: stored once, found by their words, gone with their last page.
@Suite struct TextTests {
  private static func withStore(_ body: @escaping @Sendable (Store, _ path: String) async throws -> Void) throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop)
      try await store.insertSampleTask()
      try await body(store, path)
      #expect(Examination(path: path).findings.filter { $0.check == .texts || $0.check == .references } == [])
      try await store.close()
    }
  }

  private static func page(
    _ id: Int64, links: [Int64], title: String? = "Title", _ text: PageText?, simhash: UInt64? = nil
  ) -> VisitRecord {
    var visit = VisitRecord.page(id, links: links)
    visit.page?.title = title
    visit.page?.text = text
    visit.page?.simhash = simhash
    visit.page?.textHash = UInt64(id)
    return visit
  }

  private static func search(_ words: String..., path: String, task: String? = nil) throws -> [[QueryValue]] {
    try search(words, path: path, task: task)
  }

  private static func search(_ words: [String], path: String, task: String? = nil) throws -> [[QueryValue]] {
    var rows: [[QueryValue]] = []
    var question = TextSearch.question(words)
    question.parameters["task"] = task.map(QueryValue.text) ?? .null
    question.parameters["limit"] = .integer(9)
    _ = try QuerySession(path: path).run(
      question.sql, parameters: question.parameters, begin: { _ in }, row: { rows.append($0) })
    return rows
  }

  private static func found(_ words: String..., path: String) throws -> [Int64] {
    try search(words.joined(separator: " "), path: path).compactMap { row in
      if case .integer(let id) = row[5] { id } else { nil }
    }
  }

  @Test func equalTextsAreStoredOnceAndEachPageIsFound() throws {
    try Self.withStore { store, path in
      store.append(Self.page(1, links: [2, 3], .text("the same words")))
      store.append(Self.page(2, links: [4], .text("the same words")))
      store.append(Self.page(3, links: [5], title: nil, .text("the same words")))
      store.append(Self.page(4, links: [6], title: nil, nil))
      try await store.flush()
      #expect(try await store.integer("SELECT count(*) FROM page_texts") == 2)
      #expect(try Self.found("same words", path: path).sorted() == [1, 2, 3])
      #expect(try Self.found("Title", path: path).sorted() == [1, 2])
      let row = try #require(try Self.search("words", path: path, task: "task").first { $0[5] == .integer(1) })
      #expect(row[0] == .text("task") && row[1] == .text("http://host1.example/1") && row[2] == .text("Title"))
      #expect(row[3] == .text("the same [words]") && row[4] == .text("1970-01-01T00:00:03.000Z"))
      #expect(try Self.search("words", path: path, task: "other") == [])
      #expect(try await store.integer("SELECT count(*) FROM v_texts WHERE text = 'the same words'") == 3)
    }
  }

  @Test func whatIsAskedForIsTextAndNoSyntax() throws {
    try Self.withStore { store, path in
      store.append(Self.page(1, links: [2], .text("a loop of events, and Größe \u{1F600} OR else NOT \"quoted\"")))
      try await store.flush()
      for words in [
        ["loop"], ["LOOP", "events"], ["of events"], ["GRÖẞE"], ["even*"], ["loop of ev*"], ["OR"],
        ["NOT", "quoted"], ["\"quoted\""], ["loop", "--"], ["\"", "loop"],
      ] {
        #expect(try Self.search(words, path: path).count == 1, "\(words)")
      }
      #expect(try Self.found("große", path: path) == [1])
      #expect(try Self.found("grösse", path: path) == [])
      #expect(try Self.found("events loop", path: path) == [], "a phrase has its order")
      #expect(try Self.found("title:loop", path: path) == [], "a colon is no column")
    }
  }

  @Test func wordsWithoutSpacesBetweenThemAreFoundWhereTheyStand() throws {
    try Self.withStore { store, path in
      let long = String(repeating: "長い文。", count: 20)
      store.append(Self.page(1, links: [2, 3, 4], title: "検索の頁", .text("これは全文検索の試験です。iPhone手机 100%")))
      store.append(Self.page(2, links: [5], title: nil, .text("\(long)我们正在测试搜索引擎的功能，北京欢迎你。 Swift\(long)")))
      store.append(Self.page(3, links: [6], title: nil, .text("ฉันพูดภาษาไทยได้ and 検索 and swift")))
      try await store.flush()
      let cases: [(words: [String], ids: [Int64])] = [
        (["検索"], [1, 3]), (["全文検索"], [1]), (["全文検索*"], [1]), (["これは", "試験"], [1]), (["検索", "swift"], [3]),
        (["北京", "sw*"], [2]), (["ภาษา"], [3]), (["搜索引擎"], [2]), (["東京"], []), (["检索"], []), (["IPHONE手机"], [1]),
        (["手机 100%"], [1]), (["手_"], []), (["検索", "nothing"], []),
      ]
      for (words, ids) in cases {
        let rows = try Self.search(words, path: path)
        #expect(rows.map { $0[5] } == ids.map(QueryValue.integer), "\(words)")
      }
      let row = try #require(try Self.search("検索", path: path, task: "task").first)
      #expect(row[0] == .text("task") && row[1] == .text("http://host1.example/1") && row[2] == .text("検索の頁"))
      #expect(row[3] == .text("これは全文[検索]の試験です。iPhone手机 100%") && row[4] == .text("1970-01-01T00:00:03.000Z"))
      let other = try #require(try Self.search("北京", path: path).first)
      guard case .text(let snippet) = other[3] else { return }
      #expect(snippet.hasPrefix("…") && snippet.hasSuffix("…") && snippet.contains("，[北京]欢") && snippet.count == 66)
      #expect(try Self.search("検索", path: path, task: "other") == [])
    }
  }

  /// Vowel signs are letters, and a letter of another script ends a word of one that has no spaces.
  @Test func wordsAreWordsInAllScripts() throws {
    try Self.withStore { store, path in
      let texts = [
        "आज का दिन", "बड़ा दान", "আমার বাংলা", "আমোর বোংল", "新しいiPhoneとUSBケーブルを2024年に買った",
        "ใช้Facebookทุกวัน caf\u{E9}漢", "Donau\u{AD}dampf\u{AD}schiff", "cafe\u{301}学校 we ❤\u{FE0F} it",
      ]
      for (place, text) in texts.enumerated() {
        let links: [Int64] = place == 0 ? Array(2...8) : []
        store.append(Self.page(Int64(place) + 1, links: links, title: "使用Title\(place)編", .text(text)))
      }
      try await store.flush()
      let cases: [(words: [String], ids: [Int64])] = [
        (["दिन"], [1]), (["दान"], [2]), (["दन"], []), (["का"], [1]), (["আমার"], [3]), (["বোংল"], [4]),
        (["iPhone"], [5]),
        (["usb", "iphone"], [5]), (["2024"], [5]), (["2024", "iPhoneと"], [5]), (["face*"], [6]), (["book"], []),
        (["café"], [6, 8]), (["Donaudampfschiff"], [7]), (["Donau\u{AD}dampf*"], [7]), (["dampf"], []),
        (["title4"], [5]), (["ケーブル", "USB"], [5]), (["we it"], [8]),
      ]
      for (words, ids) in cases {
        let rows = try Self.search(words, path: path)
        #expect(rows.count == ids.count && ids.allSatisfy { id in rows.contains { $0[5] == .integer(id) } }, "\(words)")
      }
      let row = try #require(try Self.search("usb", path: path).first)
      #expect(row[3] == .text("新しいiPhoneと[USB]ケーブルを2024年に買った"))
      try await store.control {
        try $0.database.execute("INSERT INTO page_search (page_search, rank) VALUES ('integrity-check', 1)")
        try $0.database.execute("DELETE FROM pages; DELETE FROM page_texts")
      }
      #expect(try await store.integer("SELECT count(*) FROM page_search_docsize") == 0)
      #expect(try await store.integer("SELECT count(*) FROM page_search WHERE page_search MATCH 'usb'") == 0)
    }
  }

  @Test func wordsAreFoundHoweverTheyArePointed() throws {
    try Self.withStore { store, path in
      store.append(Self.page(1, links: [2, 3], .text("\u{5E9}\u{5C1}\u{5B8}\u{5DC}\u{5D5}\u{5B9}\u{5DD} עולם")))
      store.append(Self.page(2, links: [], .text("العَرَبِيَّةُ كتـــاب")))
      // The parts of 한국어 and 가다, which are whole in the fourth text.
      let parts = "\u{1112}\u{1161}\u{11AB}\u{1100}\u{116E}\u{11A8}\u{110B}\u{1165} \u{1100}\u{1161}\u{1103}\u{1161}"
      store.append(Self.page(3, links: [4], .text(parts)))
      store.append(Self.page(4, links: [], .text("한국어 가다")))
      try await store.flush()
      let cases: [(word: String, ids: [Int64])] = [
        ("שלום", [1]), ("\u{5E9}\u{5C1}\u{5DC}\u{5D5}\u{5DD}", [1]), ("של", []), ("العربية", [2]),
        ("العَرَبِيَّة", [2]), ("كتاب", [2]), ("\u{D55C}\u{AD6D}\u{C5B4}", [3, 4]), (parts, [3, 4]),
        ("\u{1112}\u{1161}\u{11AB}*", [3, 4]), ("\u{D558}*", []),
      ]
      for (word, ids) in cases { #expect(try Self.found(word, path: path).sorted() == ids, "\(word)") }
      try await store.control {
        try $0.database.execute("INSERT INTO page_search (page_search, rank) VALUES ('integrity-check', 1)")
      }
    }
  }

  /// Who looks words up needs nothing of this program.
  @Test func anySQLiteClientFindsWords() throws {
    try Self.withStore { store, path in
      store.append(Self.page(1, links: [], title: "T", .text("使用Python編程")))
      try await store.flush()
      var database: OpaquePointer?
      var statement: OpaquePointer?
      defer {
        sqlite3_finalize(statement)
        sqlite3_close(database)
      }
      #expect(sqlite3_open(path, &database) == SQLITE_OK)
      let sql = "SELECT rowid, bm25(page_search) FROM page_search WHERE page_search MATCH 'python'"
      #expect(sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK)
      #expect(sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int64(statement, 0) == 1)
    }
  }

  @Test func aPageThatIsWrittenAgainHasItsNewTextAlone() throws {
    try Self.withStore { store, path in
      store.append(Self.page(1, links: [2], .text("the old words")))
      try await store.flush()
      let again = VisitRecord(taskID: 1, page: Self.page(1, links: [], .text("the new words")).page)
      store.append(again)
      try await store.flush()
      #expect(try Self.found("old", path: path) == [])
      #expect(try Self.found("new", path: path) == [1])
      #expect(try await store.integer("SELECT count(*) FROM page_texts") == 1)
      store.append(VisitRecord(taskID: 1, page: Self.page(1, links: [], nil).page))
      try await store.flush()
      #expect(try await store.integer("SELECT count(*) FROM page_texts") == 0)
      #expect(try Self.found("words", path: path) == [])
    }
  }

  @Test func thePageOfA304HasTheTextOfTheEarlierOneIfThatIsStillThere() throws {
    try Self.withStore { store, path in
      store.append(Self.page(1, links: [2, 3, 4], .text("words that stay")))
      store.append(Self.page(2, links: [5], .ofPage(urlID: 1, runID: 1)))
      store.append(Self.page(3, links: [6], .ofPage(urlID: 99, runID: 1)))
      try await store.flush()
      #expect(try Self.found("stay", path: path).sorted() == [1, 2])
      #expect(try await store.integer("SELECT count(*) FROM pages WHERE text_id IS NULL") == 1)
    }
  }

  @Test func aRecrawlTakesThePlaceOfWhatItHasLookedAtAgain() throws {
    try Self.withStore { store, path in
      store.append(Self.page(1, links: [2, 3, 4], .text("first words")))
      var second = Self.page(2, links: [5], .ofPage(urlID: 1, runID: 1))
      second.fetches[0].outcome = "not_modified"
      (second.fetches[0].change, second.fetches[0].earlierFetchID) = (.notModified, 1)
      store.append(second)
      try await store.flush()
      #expect(try Self.found("words", path: path) == [2])
      var third = Self.page(3, links: [6], .text("third words"))
      (third.fetches[0].change, third.fetches[0].earlierFetchID) = (.changed, 1)
      store.append(third)
      try await store.flush()
      #expect(try Self.found("words", path: path) == [3])
      #expect(try Self.search("first", path: path, task: "task").count == 2, "a task that is asked for has its own")
    }
  }

  @Test func theRemovalOfATaskTakesItsTextsAndLeavesOthers() throws {
    try Self.withStore { store, path in
      store.append(Self.page(1, links: [2, 3, 4], .text("shared words")))
      store.append(Self.page(2, links: [5], .text("words of the task alone")))
      try await store.flush()
      try await store.control {
        try $0.database.execute(
          """
          INSERT INTO pages (url_id, run_id, fetch_id, link_count, fetched_at, text_id)
          SELECT 9, 9, 9, 0, 0, text_id FROM pages WHERE url_id = 1
          """)
      }
      try await store.removeTask(1)
      #expect(try await store.texts("SELECT text FROM page_texts") == ["shared words"])
      #expect(try await store.integer("SELECT count(*) FROM page_search WHERE page_search MATCH 'words'") == 1)
      try await store.control { try $0.database.execute("DELETE FROM pages; DELETE FROM page_texts") }
    }
  }

  @Test(arguments: [
    ("DELETE FROM pages WHERE url_id = 1", "1 texts that no page has"),
    ("DROP TRIGGER page_texts_removed; DELETE FROM page_texts; UPDATE pages SET text_id = NULL", "are not there"),
    (
      "DROP TRIGGER page_texts_added; INSERT INTO page_texts VALUES (9, x'00', NULL, 'a'); UPDATE pages SET text_id = 9",
      "that the full-text index does not have"
    ),
    ("UPDATE page_texts SET text = 'others'", "1 texts are not what their hashes say"),
    ("INSERT INTO page_search (page_search) VALUES ('delete-all')", "does not have"),
    ("UPDATE page_search_docsize SET sz = x'0109'", "the full-text index has 4 words, its texts "),
  ])
  func damageIsFound(sql: String, sentence: String) throws {
    let problems = try problemsFound(.texts, of: [Self.page(1, links: [2], .text("three more words"))], after: sql)
    #expect(problems.contains { $0.contains(sentence) }, "\(problems)")
  }
}
