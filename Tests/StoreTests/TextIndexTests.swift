import CSQLite
import EventLoop
import Store
import Testing

/// The full-text index of an earlier layout is replaced beside the crawl.
@Suite struct TextIndexTests {
  private static let count: Int64 = 600

  /// What layout 31 had of texts, in a file of this program.
  private static let earlierLayout = """
    DROP TRIGGER page_texts_added; DROP TRIGGER page_texts_removed; DROP TABLE page_search; DROP VIEW page_search_texts;
    CREATE VIRTUAL TABLE page_search USING fts5(title, text, content='page_texts', content_rowid='id',
      tokenize='unicode61 remove_diacritics 2');
    INSERT INTO page_search (page_search) VALUES ('rebuild');
    CREATE TRIGGER page_texts_added AFTER INSERT ON page_texts BEGIN
      INSERT INTO page_search (rowid, title, text) VALUES (new.id, new.title, new.text);
    END;
    CREATE TRIGGER page_texts_removed AFTER DELETE ON page_texts BEGIN
      INSERT INTO page_search (page_search, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);
    END;
    ALTER TABLE database DROP COLUMN unindexed_text_id; ALTER TABLE tasks DROP COLUMN retried_at;
    ALTER TABLE tasks DROP COLUMN series; ALTER TABLE tasks DROP COLUMN first_task_id;
    ALTER TABLE tasks DROP COLUMN covers_earlier; PRAGMA user_version = 31
    """

  private static func page(_ id: Int64, _ text: String) -> VisitRecord {
    var visit = VisitRecord.page(id, links: [id + 1])
    visit.page?.text = .text(text)
    return visit
  }

  /// A file of layout 31 with so many texts.
  private static func makeEarlier(_ path: String, texts: Int64, _ loop: EventLoop) async throws {
    let store = try await Store(path: path, loop: loop)
    try await store.insertSampleTask()
    for id in 1...max(texts, 1) where texts > 0 { store.append(page(id, "使用Python編程 common word\(id)x")) }
    try await store.close()
    var database: OpaquePointer?
    #expect(sqlite3_open(path, &database) == SQLITE_OK)
    #expect(sqlite3_exec(database, earlierLayout, nil, nil, nil) == SQLITE_OK)
    sqlite3_close(database)
  }

  private static func matches(_ words: String, _ store: Store) async throws -> Int64? {
    try await store.integer("SELECT count(*) FROM page_search WHERE page_search MATCH '\(words)'")
  }

  private static func expectSound(_ path: String, _ store: Store) async throws {
    #expect(Examination(path: path).findings.filter { $0.check == .texts } == [])
    try await store.control {
      try $0.database.execute("INSERT INTO page_search (page_search, rank) VALUES ('integrity-check', 0)")
    }
  }

  /// The newest texts come first, what is written or deleted meanwhile is in step, and a later daemon goes on.
  @Test func textsOfAnEarlierLayoutAreIndexedByAndBy() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      try await Self.makeEarlier(path, texts: Self.count, loop)
      let store = try await Store(path: path, loop: loop)
      #expect(store.hasOldIndex)
      #expect(try await Self.matches("common", store) == 0)
      try await Self.expectSound(path, store)
      let hasMore = try await store.control { try $0.indexTexts() }
      #expect(hasMore)
      let some = try await Self.matches("python", store) ?? 0
      #expect((1..<Self.count).contains(some))
      #expect(try await Self.matches("word\(Self.count)x", store) == 1)
      #expect(try await Self.matches("word1x", store) == 0)
      // An old text goes, one that is there already goes, and a new one comes.
      try await store.control {
        try $0.database.execute(
          "DELETE FROM page_texts WHERE id IN (1, 600); UPDATE pages SET text_id = NULL WHERE text_id IN (1, 600)")
      }
      store.append(Self.page(601, "common newcomer"))
      try await store.flush()
      try await Self.expectSound(path, store)
      try await store.close()

      let again = try await Store(path: path, loop: loop)
      #expect(again.hasOldIndex)
      try await again.indexTexts()
      #expect(try await Self.matches("common", again) == Self.count - 1)
      #expect(try await Self.matches("python", again) == Self.count - 2)
      #expect(try await Self.matches("word2x OR word1x OR word600x OR newcomer", again) == 2)
      #expect(try await again.integer("SELECT unindexed_text_id FROM database") == 0)
      #expect(try await again.texts("SELECT name FROM sqlite_schema WHERE name LIKE 'page_search_old%'") == [])
      try await Self.expectSound(path, again)
      try await again.control {
        try $0.database.execute("INSERT INTO page_search (page_search, rank) VALUES ('integrity-check', 1)")
      }
      try await again.close()
      let last = try await Store(path: path, loop: loop)
      #expect(!last.hasOldIndex)
      try await last.close()
    }
  }

  /// Ids of texts are given again: what has one of a text that went was indexed when it came.
  @Test func aTextThatTookAnIdAgainIsIndexedOnce() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      try await Self.makeEarlier(path, texts: 3, loop)
      let store = try await Store(path: path, loop: loop)
      try await store.control {
        try $0.database.execute(
          "DELETE FROM page_texts WHERE id = 3; UPDATE pages SET text_id = NULL WHERE text_id = 3")
      }
      store.append(Self.page(4, "newcomer"))
      try await store.flush()
      #expect(try await store.integer("SELECT max(id) FROM page_texts") == 3)
      try await store.indexTexts()
      #expect(try await Self.matches("newcomer", store) == 1)
      #expect(try await Self.matches("common", store) == 2)
      try await Self.expectSound(path, store)
      try await store.close()
    }
  }

  @Test func withoutTextsAnEarlierIndexGoesAtOnce() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      try await Self.makeEarlier(path, texts: 0, loop)
      let store = try await Store(path: path, loop: loop)
      #expect(!store.hasOldIndex)
      #expect(try await store.texts("SELECT name FROM sqlite_schema WHERE name LIKE 'page_search_old%'") == [])
      try await store.close()
    }
  }
}
