import EventLoop
import Foundation
import Store
import Testing

/// What the views and the queries of `config/queries` say, and what they read for it.
@Suite struct ViewTests {
  private static let root = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
    separator: "/")

  private static func sql(_ name: String) throws -> String {
    try String(contentsOfFile: "\(root)/config/queries/\(name).sql", encoding: .utf8)
  }

  /// How SQLite goes about a query, one line per step.
  private static func plan(_ store: Store, _ sql: String) async throws -> [String] {
    try await store.read { database in
      // One that is kept from before the indexes would explain how it was then.
      let indexes = try database.integer("SELECT count(*) FROM sqlite_schema") ?? 0
      let row = try database.statement("EXPLAIN QUERY PLAN \(sql) -- \(indexes)")
      defer { row.reset() }
      var steps: [String] = []
      while try row.step() { steps.append(row.text(3)) }
      return steps
    }
  }

  /// The plan is the same with a million rows: no statistics are kept.
  @Test func whatIsAskedOfOneTaskReadsNoRowsOfOthers() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      for isEnded in [false, true] {
        if isEnded { try await store.buildResultIndexes() }
        for view in ["v_redirects", "v_errors", "v_excluded"] {
          let plan = try await Self.plan(store, "SELECT * FROM \(view) WHERE task = 'one'")
          let scans = plan.filter { $0.hasPrefix("SCAN") && $0 != "SCAN \(view)" && $0 != "SCAN way" }
          #expect(scans.allSatisfy { $0 == "SCAN t" } && !scans.isEmpty, "\(view): \(plan)")
          // Nor does what is asked of one URL, which may be a row of another table.
          let own = try await Self.plan(store, "SELECT * FROM \(view) WHERE url_id = 7")
          #expect(own.allSatisfy { !$0.hasPrefix("SCAN t") }, "\(view): \(own)")
        }
        let joined = try await Self.plan(
          store, "SELECT x.url FROM links l JOIN v_excluded x ON x.url_id = l.target_url_id WHERE l.source_url_id = 7")
        #expect(joined.allSatisfy { !$0.hasPrefix("SCAN") }, "\(joined)")
      }
      try await store.close()
    }
  }

  @Test func fetchesWithoutAnAnswerAreNoFastOnes() throws {
    try onLoop { loop, directory in
      let path = directory.file("crawl.db")
      let store = try await Store(path: path, loop: loop)
      try await store.insertSampleTask()
      let hosts: [HostRecord] = [.sample(2)]
      store.append(VisitRecord(taskID: 1, newHosts: hosts))
      for (id, host, status, firstByte) in [
        (Int64(1), Int64(1), 200, Int64(1_500)), (2, 1, 404, 300_500), (3, 1, nil, 0), (4, 1, nil, 0), (5, 2, nil, 0),
      ] as [(Int64, Int64, Int?, Int64)] {
        let fetch = FetchRecord(
          id: id, hostID: host, taskID: 1, runID: 1, startedAt: 1, status: status,
          outcome: status == nil ? "first_byte_timeout" : "ok", timeFirstByte: firstByte, timeTotal: 1_000_000)
        store.append(VisitRecord(taskID: 1, fetches: [fetch]))
      }
      try await store.flush()
      let expected = ["host1.example 151.0 2", "host2.example - 1"]
      let means = "coalesce(first_byte_ms, '-') || ' ' || without_answer"
      #expect(try await store.texts("SELECT name || ' ' || \(means) FROM v_slow_hosts ORDER BY 1") == expected)
      let session = try QuerySession(path: path)
      var rows: [[QueryValue]] = []
      _ = try session.run(
        try Self.sql("slow-hosts"), parameters: ["task": .text("task")], begin: { _ in }, row: { rows.append($0) })
      let firstBytes = rows.sorted { "\($0[0])" < "\($1[0])" }.map { $0[2] }
      #expect(firstBytes == [.real(151), .null], "\(rows)")
      try await store.close()
    }
  }
}
