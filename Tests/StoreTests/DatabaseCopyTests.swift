import EventLoop
import Foundation
import Store
import Testing

@Suite struct DatabaseCopyTests {
  /// A store of two pages that goes on running.
  private static func withStore(
    _ body: @escaping @Sendable (Store, _ path: String, TemporaryDirectory) async throws -> Void
  ) throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop)
      try await store.insertSampleTask()
      store.append(.page(1, links: [2, 3]))
      try await store.flush()
      try await body(store, path, directory)
      try await store.close()
    }
  }

  private static func names(in directory: TemporaryDirectory) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).filter { !$0.hasPrefix("crawl.db") }.sorted()
  }

  @Test func whatIsCommittedIsCopiedAndTheCopyGoesOn() throws {
    try Self.withStore { store, path, directory in
      let copy = directory.file("copy.db")
      let bytes = try DatabaseCopy.make(of: path, at: copy)
      store.append(.page(2, links: [4]))
      try await store.flush()
      let attributes = try FileManager.default.attributesOfItem(atPath: copy)
      #expect(attributes[.size] as? Int == bytes)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      #expect(try Self.names(in: directory) == ["copy.db"])
      let again = try await Store(path: copy, loop: try #require(EventLoop.current))
      #expect(try await again.integer("SELECT count(*) FROM urls") == 3)
      again.append(.page(3, links: [5]))
      try await again.close()
      let findings = Examination(path: copy).findings.filter { $0.check != .permissions }
      #expect(findings == [])
    }
  }

  @Test func whatIsThereIsReplacedOnlyWhenAsked() throws {
    try Self.withStore { store, path, directory in
      let copy = directory.file("copy.db")
      try Data("precious".utf8).write(to: URL(fileURLWithPath: copy))
      #expect(throws: DatabaseCopy.Failure.self) { try DatabaseCopy.make(of: path, at: copy) }
      #expect(FileManager.default.contents(atPath: copy) == Data("precious".utf8))
      try DatabaseCopy.make(of: path, at: copy, isReplacing: true)
      #expect(try Self.names(in: directory) == ["copy.db"])
      #expect(try QuerySession(path: copy).schema().contains("CREATE TABLE urls"))
    }
  }

  /// The log beside it would be taken for the copy's.
  @Test func aDatabaseInUseIsNotReplaced() throws {
    try Self.withStore { store, path, directory in
      let error = #expect(throws: DatabaseCopy.Failure.self) {
        try DatabaseCopy.make(of: path, at: path, isReplacing: true)
      }
      #expect(error?.description.contains("a database in use") == true)
      try Data().write(to: URL(fileURLWithPath: directory.file("gone.db-wal")))
      #expect(throws: DatabaseCopy.Failure.self) { try DatabaseCopy.make(of: path, at: directory.file("gone.db")) }
      #expect(try await store.integer("SELECT count(*) FROM urls") == 3)
    }
  }

  /// What takes the place of a log takes what it has with it; what is no database takes the place of none.
  @Test func noFileTakesThePlaceOfADatabaseOrItsLog() throws {
    try Self.withStore { store, path, directory in
      func refusal(of path: String, forCopy: Bool) -> String? {
        do throws(DatabaseCopy.Failure) {
          try DatabaseCopy.refuseDatabase(at: path, forCopy: forCopy)
          return nil
        } catch {
          return error.description
        }
      }
      for forCopy in [false, true] {
        #expect(refusal(of: path, forCopy: forCopy)?.contains("is a database in use") == true)
        for end in ["-wal", "-shm", "-journal"] {
          #expect(
            refusal(of: path + end, forCopy: forCopy)?.contains("belongs to the database \(path);") == true, "\(end)")
        }
        #expect(refusal(of: directory.file("pages-wal"), forCopy: forCopy) == nil)
        #expect(refusal(of: directory.file("pages.csv"), forCopy: forCopy) == nil)
      }
      let copy = directory.file("copy.db")
      try DatabaseCopy.make(of: path, at: copy)
      #expect(refusal(of: copy, forCopy: true) == nil)
      #expect(refusal(of: copy, forCopy: false)?.contains("is a database, which only a backup replaces") == true)
    }
  }

  @Test func nothingIsLeftOfACopyThatFails() throws {
    try Self.withStore { _, path, directory throws in
      #expect(throws: DatabaseCopy.Failure.self) { try DatabaseCopy.make(of: path, at: directory.file("no/copy.db")) }
      #expect(throws: DatabaseCopy.Failure.self) { try DatabaseCopy.make(of: path, at: "/dev/full", isReplacing: true) }
      #expect(throws: DatabaseCopy.Failure.self) {
        try DatabaseCopy.make(of: directory.file("none.db"), at: directory.file("copy.db"))
      }
      #expect(try Self.names(in: directory) == [])
    }
  }

  @Test func aCopyThatIsNotWantedAnyMore() throws {
    try Self.withStore { store, path, directory in
      // More than one step of the copy.
      try await store.control {
        try $0.database.execute("UPDATE tasks SET settings = CAST(zeroblob(40000000) AS TEXT)")
      }
      #expect(throws: DatabaseCopy.Failure.self) {
        try DatabaseCopy.make(of: path, at: directory.file("copy.db"), isUnwanted: { true })
      }
      #expect(try Self.names(in: directory) == [])
    }
  }
}
