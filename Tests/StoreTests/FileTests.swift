import CSQLite
import EventLoop
import Foundation
import Store
import Synchronization
import Testing

@Suite struct FileTests {
  /// Opens what is no database of ours and returns the sentence of the refusal.
  private static func refusal(of path: String, _ loop: EventLoop) async throws -> String {
    let before = FileManager.default.contents(atPath: path)
    let error = await #expect(throws: StoreError.self) { _ = try await Store(path: path, loop: loop) }
    #expect(FileManager.default.contents(atPath: path) == before, "a refused file is not changed")
    return error?.description ?? ""
  }

  /// Runs SQL on a file as another program would.
  private static func run(_ sql: String, on path: String) {
    var database: OpaquePointer?
    #expect(sqlite3_open(path, &database) == SQLITE_OK)
    #expect(sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK)
    sqlite3_close(database)
  }

  @Test func whatIsNoDatabaseIsRefused() throws {
    try onLoop { loop, directory in
      let text = directory.file("notes.txt")
      try Data("Dear diary, today I crawled the web and found nothing at all that was worth telling.".utf8)
        .write(to: URL(fileURLWithPath: text))
      #expect(try await Self.refusal(of: text, loop).contains("not a database of crawld"))
      let noise = directory.file("noise.db")
      try Data(repeating: 0xa5, count: 9000).write(to: URL(fileURLWithPath: noise))
      #expect(try await Self.refusal(of: noise, loop).contains("not a database of crawld"))
      let other = directory.file("other.db")
      Self.run("CREATE TABLE bookmarks (url TEXT)", on: other)
      #expect(try await Self.refusal(of: other, loop).contains("not a database of crawld"))
      #expect(try await Self.refusal(of: directory.path, loop).contains("can't be opened"))
      #expect(try await Self.refusal(of: directory.file("missing/crawl.db"), loop).contains("can't be opened"))
    }
  }

  /// Without that lock every other program that closes the file takes itself for the last one, and removes the log into which
  /// the daemon goes on writing.
  @Test func theLockOfAnOpenDatabaseIsHeld() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      for _ in 0..<2 {
        let store = try await Store(path: path, loop: loop)
        #expect(try self.isLocked(path))
        try await store.close()
      }
      let session = try QuerySession(path: path)
      #expect(try self.isLocked(path))
      withExtendedLifetime(session) {}
    }
  }

  /// Whether somebody, also this process, has locked the bytes by which SQLite says that a database is open. When this
  /// returns, the process has lost its locks on the file.
  private func isLocked(_ path: String) throws -> Bool {
    let file = open(path, O_RDWR)
    try #require(file >= 0)
    defer { close(file) }
    var lock = flock(
      l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0x4000_0002, l_len: 510, l_pid: 0)
    // F_OFD_GETLK
    try #require(fcntl(file, 36, &lock) == 0)
    return lock.l_type != Int16(F_UNLCK)
  }

  @Test func aNewerLayoutIsRefused() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      try await (try await Store(path: path, loop: loop)).close()
      Self.run("PRAGMA user_version = 99", on: path)
      #expect(try await Self.refusal(of: path, loop).contains("layout 99"))
      #expect(throws: QueryError.self) { try QuerySession(path: path) }
    }
  }

  @Test func aDamagedFileIsRefused() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop)
      try await store.insertSampleTask()
      try await store.close()
      let whole = try #require(FileManager.default.contents(atPath: path))
      let short = directory.file("short.db")
      try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: short))
      #expect(try await Self.refusal(of: short, loop).contains("damaged"))
      var holed = whole
      holed.replaceSubrange(4096..<holed.count, with: Data(repeating: 0xee, count: holed.count - 4096))
      let path2 = directory.file("holed.db")
      try holed.write(to: URL(fileURLWithPath: path2))
      #expect(try await Self.refusal(of: path2, loop).contains("damaged"))
      Self.run("DROP TABLE fetches", on: path)
      #expect(try await Self.refusal(of: path, loop).contains("damaged"))
    }
  }

  @Test func anEmptyFileBecomesADatabaseWithItsModes() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      try Data().write(to: URL(fileURLWithPath: path))
      let store = try await Store(path: path, loop: loop)
      #expect(store.fingerprintKey.count == 16)
      let modes = try await store.control { writer in
        try ["auto_vacuum", "synchronous", "wal_autocheckpoint", "application_id", "user_version"].map {
          try writer.database.integer("PRAGMA \($0)") ?? -1
        }
      }
      #expect(modes == [2, 2, 0, 0x4352_574C, Schema.version])
      #expect(try await store.texts("PRAGMA journal_mode") == ["wal"])
      let other = try await Store(path: directory.file("other.db"), loop: loop)
      #expect(other.fingerprintKey != store.fingerprintKey)
      try await store.close()
      try await other.close()
    }
  }

  @Test func readersCantWrite() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      let error = await #expect(throws: StoreError.self) {
        try await store.read { try $0.execute("DELETE FROM tasks") }
      }
      #expect(error?.cause?.primaryCode == SQLITE_READONLY)
      try await store.close()
    }
  }

  // MARK: Version 1

  private static func fixture() throws -> String {
    try #require(Bundle.module.path(forResource: "version-1", ofType: "db", inDirectory: "Fixtures"))
  }

  @Test func aFileOfVersion1IsReadAndGoesOn() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      try FileManager.default.copyItem(atPath: try Self.fixture(), toPath: path)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
      let layouts = Mutex<[[Int64]]>([])
      let store = try await Store(path: path, loop: loop) { from, to in layouts.withLock { $0.append([from, to]) } }
      #expect(layouts.withLock(\.self) == [[1, Schema.version]])
      #expect(store.fingerprintKey == Array(0..<16))
      #expect(store.nextURLID == 5)
      let tasks = try await store.loadTasks()
      #expect(tasks.map(\.name) == ["fixture"])
      #expect(tasks.first?.counters.known == 4)
      #expect(try await store.integer("SELECT task_id FROM runs WHERE number = 1") == 1)
      #expect(try await store.inspectTask(1) == [])
      #expect(try await store.url(id: 2)?.record.state == .delayed)
      #expect(try await store.texts("SELECT setting || ' ' || value FROM v_settings") == ["depth 3"])
      #expect(try await store.url(id: 1)?.title == "Page 1")
      #expect(try await store.promoteDelayed(now: 10, limit: 5).map(\.id) == [2])
      store.append(.page(2, links: [5, 6]))
      try await store.flush()
      #expect(try await store.inspectTask(1) == [])
      #expect(try await store.texts("PRAGMA integrity_check") == ["ok"])
      #expect(try await store.integer("PRAGMA user_version") == Schema.version)
      try await store.close()
    }
  }

  /// SQL that takes back what came with the layouts 27 to 32, and the views that read it.
  private static let withoutNewColumns = """
    DROP VIEW v_pages; DROP VIEW v_changes; ALTER TABLE fetches DROP COLUMN content_bytes;
    ALTER TABLE pages DROP COLUMN links_truncated; ALTER TABLE database DROP COLUMN last_task_id;
    ALTER TABLE database DROP COLUMN last_run_id; ALTER TABLE database DROP COLUMN last_url_id;
    ALTER TABLE database DROP COLUMN last_fetch_id; DROP TABLE agents; ALTER TABLE hosts DROP COLUMN robots_agent_id;
    ALTER TABLE tasks DROP COLUMN retried_at; ALTER TABLE tasks DROP COLUMN series; ALTER TABLE tasks DROP COLUMN first_task_id;
    ALTER TABLE tasks DROP COLUMN covers_earlier;
    DROP VIEW page_search_texts; ALTER TABLE database DROP COLUMN unindexed_text_id;
    CREATE VIEW v_pages AS SELECT 1; CREATE VIEW v_changes AS SELECT 1;
    """

  /// An earlier program's removal that was broken off left what refers to rows that are gone.
  @Test func referencesToFetchesThatAreGoneAreCleared() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop)
      try await store.insertSampleTask()
      store.append(.page(1, links: [2]))
      store.append(.page(2, links: [3]))
      try await store.close()
      Self.run(
        """
        UPDATE fetches SET earlier_fetch_id = 3 - 2 * (id = 2); DROP VIEW v_settings;
        ALTER TABLE task_events DROP COLUMN changes; ALTER TABLE task_counters DROP COLUMN seeds;
        ALTER TABLE hosts DROP COLUMN throttle_delay; \(Self.withoutNewColumns)
        PRAGMA user_version = 19
        """, on: path)
      let again = try await Store(path: path, loop: loop)
      let references = "SELECT id || ' ' || coalesce(earlier_fetch_id, '') FROM fetches ORDER BY id"
      #expect(try await again.texts(references) == ["1 ", "2 1"])
      try await again.close()
    }
  }

  /// Somebody may have edited them by hand; the crawler takes what it can't read for the defaults.
  @Test func settingsThatAreNoListsDoNotKeepADatabaseFromItsNewLayout() throws {
    try onLoop { loop, directory in
      for (settings, expected) in [
        (#"{"delay":"1s"}"#, [#"{"delay":{"to":["1s"]}}"#]),
        (#"{"delay":["1s","2s"]}"#, [#"{"delay":{"to":["1s","2s"]}}"#]),
        ("no JSON", []), ("{}", ["{}"]),
      ] {
        let path = directory.file("crawl\(settings.utf8.count).db")
        let store = try await Store(path: path, loop: loop)
        try await store.insertSampleTask()
        try await store.close()
        Self.run(
          """
          UPDATE tasks SET settings = '\(settings)', settings_revision = 1; DROP VIEW v_settings;
          ALTER TABLE task_events DROP COLUMN changes; ALTER TABLE task_counters DROP COLUMN seeds;
          ALTER TABLE hosts DROP COLUMN throttle_delay; \(Self.withoutNewColumns)
          PRAGMA user_version = 21
          """, on: path)
        let again = try await Store(path: path, loop: loop)
        let changes = "SELECT changes FROM task_events WHERE action = 'add' AND changes IS NOT NULL"
        #expect(try await again.texts(changes) == expected, "\(settings)")
        try await again.close()
      }
    }
  }

  /// Fails when a statement of version 1 is edited: a change is a migration.
  @Test func aNewFileHasTheLayoutOfAMigratedOne() throws {
    try onLoop { loop, directory in
      let migrated = directory.file("migrated.db")
      try FileManager.default.copyItem(atPath: try Self.fixture(), toPath: migrated)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: migrated)
      let old = try await Store(path: migrated, loop: loop)
      let new = try await Store(path: directory.file("new.db"), loop: loop)
      let sql = "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1"
      #expect(try await old.texts(sql) == (try await new.texts(sql)))
      try await old.close()
      try await new.close()
    }
  }
}
