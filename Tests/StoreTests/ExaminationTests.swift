import EventLoop
import Foundation
import Store
import Testing

/// Each kind of damage is found, and a whole file is in order.
@Suite(.serialized) struct ExaminationTests {
  /// A database of two pages, changed by SQL, examined beside its running store and after its end.
  private static func findings(
    after sql: String = "", _ change: @escaping @Sendable (TemporaryDirectory) throws -> Void = { _ in }
  ) throws -> [Finding] {
    let found = Found()
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      chmod(directory.path, 0o700)
      let mask = umask(0o077)
      defer { umask(mask) }
      let store = try await Store(path: path, loop: loop)
      try await store.insertSampleTask()
      store.append(.page(1, links: [2, 3]))
      store.append(.page(2, links: [4]))
      try await store.flush()
      try await store.control { try $0.database.execute(sql) }
      let live = Examination(path: path).findings
      try await store.close()
      try change(directory)
      let examination = Examination(path: path)
      if sql != "" { #expect(live == examination.findings) }
      if examination.findings.isEmpty {
        let extent = examination.extent
        #expect(extent.tasks == 1 && extent.urls == 4 && extent.fetches == 2 && extent.pages == 2)
      }
      found.findings = examination.findings
    }
    return found.findings
  }

  private final class Found: @unchecked Sendable {
    var findings: [Finding] = []
  }

  @Test func aWholeFileIsInOrder() throws {
    #expect(try Self.findings() == [])
  }

  @Test(arguments: [
    (
      "UPDATE task_counters SET known = 9, wire_bytes = 1", Finding.Check.counters,
      "task 1 task: known is 9, a recount says 4"
    ),
    ("DELETE FROM task_counters", .references, ""),
    ("UPDATE urls SET fingerprint = 7 WHERE id > 2", .fingerprints, "knows http://host1.example/3 2 times"),
    ("DELETE FROM urls WHERE id = 4", .references, "1 rows of links name rows of urls that are not there"),
    ("UPDATE urls SET state = 'lost' WHERE id = 4", .states, "1 URLs in a state that is none"),
    ("UPDATE urls SET state = 'failed' WHERE id = 4", .states, "1 failed or excluded URLs without a reason"),
    ("UPDATE urls SET state = 'delayed' WHERE id = 4", .states, "1 delayed URLs without a time"),
    ("UPDATE urls SET state = 'done' WHERE id = 4", .results, "1 URLs that are done and have no answer"),
    ("UPDATE fetches SET status = NULL WHERE id = 2", .results, "among them http://host1.example/2"),
    ("UPDATE pages SET fetch_id = 1 WHERE url_id = 2", .results, "1 pages whose fetch is another URL's"),
    ("DELETE FROM links WHERE target_url_id = 3", .results, "1 pages that have lost links"),
    ("INSERT INTO links VALUES (1, 99, 'a', NULL, NULL, 9, 1)", .references, "1 rows of links name rows of urls"),
  ])
  func damage(sql: String, check: Finding.Check, sentence: String) throws {
    let findings = try Self.findings(after: sql)
    if sql.hasPrefix("DELETE FROM task_counters") {
      return #expect(findings.map(\.sentence) == ["task 1 task has no counters"])
    }
    #expect(findings.contains { $0.check == check && $0.isProblem && $0.sentence.contains(sentence) }, "\(findings)")
  }

  /// Lengths whose sum is more than an integer can hold.
  @Test func lengthsOfTextsThatCannotBe() throws {
    let length = String(repeating: "FF", count: 8) + "7F"
    let findings = try Self.findings(after: "INSERT INTO page_search_docsize VALUES (1, X'\(length)\(length)')")
    #expect(findings.map(\.check).allSatisfy { $0 == .texts || $0 == .integrity })
    #expect(findings.contains { $0.sentence == "the full-text index has a text with more words than any can have" })
  }

  @Test func aTaskThatIsBeingRemovedIsNoProblem() throws {
    let findings = try Self.findings(after: "UPDATE tasks SET state = 'removing'; DELETE FROM urls WHERE id = 4")
    #expect(findings.map(\.check) == [.references] && !findings[0].isProblem)
  }

  @Test func whatIsNoDatabase() throws {
    let directory = try TemporaryDirectory()
    let missing = Examination(path: directory.file("crawl.db"))
    #expect(missing.problems == 1 && missing.findings[0].check == .file)
    try Data("Dear diary".utf8).write(to: URL(fileURLWithPath: directory.file("notes")))
    chmod(directory.file("notes"), 0o600)
    let text = Examination(path: directory.file("notes"))
    #expect(text.findings.map(\.check) == [.file] && text.findings[0].sentence.contains("not a database of crawld"))
  }

  @Test func bytesThatHaveChanged() throws {
    let findings = try Self.findings { directory in
      let path = directory.file("crawl.db")
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      let text = Data("http://host1.example/2".utf8)
      let place = try #require(bytes.range(of: text, options: .backwards))
      // The page of the B-tree in which it stands becomes noise.
      let page = place.lowerBound / 4_096 * 4_096
      for index in page..<page + 4_096 { bytes[index] = 0xa5 }
      try bytes.write(to: URL(fileURLWithPath: path))
      chmod(path, 0o600)
    }
    #expect(findings.contains { $0.isProblem && $0.check == .integrity }, "\(findings)")
  }

  @Test func permissions() throws {
    let findings = try Self.findings { directory in
      chmod(directory.file("crawl.db"), 0o644)
      chmod(directory.path, 0o777)
    }
    #expect(findings.map(\.check) == [.permissions, .permissions])
    #expect(findings[0].sentence.hasPrefix("others may put files into"))
    #expect(findings[1].sentence.contains("crawl.db is open to others (mode 644); chmod 600"))
  }

  /// Its own mode is 777, and says nothing.
  @Test func aDirectoryBehindASymbolicLink() throws {
    let directory = try TemporaryDirectory()
    let (folder, link) = (directory.file("data"), directory.file("link"))
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    chmod(folder, 0o700)
    symlink(folder, link)
    try Data("x".utf8).write(to: URL(fileURLWithPath: folder + "/crawl.db"))
    chmod(folder + "/crawl.db", 0o600)
    #expect(!Examination(path: link + "/crawl.db").findings.contains { $0.check == .permissions })
    chmod(folder, 0o777)
    #expect(Examination(path: link + "/crawl.db").findings.contains { $0.check == .permissions })
  }
}
