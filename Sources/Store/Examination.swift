internal import CSQLite
internal import Glibc

/// Looks at a database, of a running daemon or of none, and says what is wrong with it. Changes nothing.
///
/// Each check sees one state of the file. Cost: reads all of it, some tables several times, with a sort of the
/// fingerprints; a check that lasts keeps the write-ahead log from starting anew meanwhile.
package struct Examination {
  /// Bytes of the write-ahead log above which this tells of it.
  package static let longLog = 256 << 20

  /// What is in the file, for whoever wants to know how much was looked at.
  package struct Extent: Sendable, Equatable {
    package var tasks = 0
    package var urls = 0
    package var fetches = 0
    package var pages = 0
  }

  package let path: String
  package private(set) var findings: [Finding] = []
  package private(set) var extent = Extent()

  package var problems: Int { findings.count { $0.isProblem } }

  /// Examines the database at this path; what can't be opened or read is a finding.
  package init(path: String) {
    self.path = path
    findings += FileExamination.permissions(path: path)
    do throws(StoreError) {
      let database = try DatabaseFile.openForReading(path: path)
      if try DatabaseFile.judge(database, path: path) { throw .foreign(path: path) }
      examine(database)
    } catch {
      findings.append(Finding(.file, DatabaseFile.refusal(of: path, error).description))
    }
    if let finding = FileExamination.log(path: path) { findings.append(finding) }
  }

  private mutating func examine(_ database: Database) {
    check(.layout, database, Self.layout)
    check(.integrity, database, Self.integrity)
    check(.references, database) { try Self.unlessRemoving($0, Self.references($0)) }
    check(.counters, database) { try Self.counters($0) }
    check(.fingerprints, database) { try Self.fingerprints($0) }
    check(.states, database, Self.states)
    check(.results, database) { try Self.unlessRemoving($0, Self.results($0)) }
    check(.texts, database) { try Self.texts($0) }
    check(.bodies, database) { try Self.bodies($0) }
    extent = (try? database.snapshot { try Self.extent(database) }) ?? Extent()
  }

  private mutating func check(
    _ check: Finding.Check, _ database: Database, _ body: (Database) throws -> [Finding]
  ) {
    do {
      findings += try database.snapshot { try body(database) }
    } catch {
      findings.append(Finding(check, "can't be looked at: \(StoreError(error))"))
    }
  }

  private static func extent(_ database: Database) throws -> Extent {
    Extent(
      tasks: Int(try database.integer("SELECT count(*) FROM tasks") ?? 0),
      urls: Int(try database.integer("SELECT count(*) FROM urls") ?? 0),
      fetches: Int(try database.integer("SELECT count(*) FROM fetches") ?? 0),
      pages: Int(try database.integer("SELECT count(*) FROM pages") ?? 0))
  }

  // MARK: The checks

  /// While a task is being removed, part of what names its rows is still there: that is no problem.
  private static func unlessRemoving(_ database: Database, _ findings: [Finding]) throws -> [Finding] {
    guard try database.integer("SELECT count(*) FROM tasks WHERE state = 'removing'") ?? 0 > 0 else { return findings }
    return findings.map { Finding($0.check, isProblem: false, "while a task is being removed: \($0.sentence)") }
  }

  private static func layout(_ database: Database) throws -> [Finding] {
    let version = try database.integer("PRAGMA user_version") ?? 0
    guard version < Schema.version else { return [] }
    return [
      Finding(
        .layout, isProblem: false,
        "the tables are of layout \(version); the next start of crawld brings them to \(Schema.version)")
    ]
  }

  private static func integrity(_ database: Database) throws -> [Finding] {
    try rows(database, "PRAGMA integrity_check(10)").filter { $0[0] != "ok" }.map { Finding(.integrity, $0[0]) }
  }

  private static func references(_ database: Database) throws -> [Finding] {
    var counts: [String: Int] = [:]
    let row = try database.statement("PRAGMA foreign_key_check")
    defer { row.reset() }
    while try row.step() { counts["\(row.text(0)) name rows of \(row.text(2))", default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map {
      Finding(.references, "\($0.value) rows of \($0.key) that are not there")
    }
  }

  /// The layouts with which recrawls came, and so the counters of their changes, and with which seeds are counted.
  private static let changesLayout: Int64 = 4
  private static let seedsLayout: Int64 = 23

  /// Counters against recounts, of all tasks or of one. Of final answers there is no recount.
  static func counters(_ database: Database, taskID: Int64? = nil) throws -> [Finding] {
    let only = taskID.map { "= \($0)" } ?? "IS NOT NULL"
    let recounts = try recounts(database, ofTasks: only)
    let layout = try database.integer("PRAGMA user_version") ?? 0
    var columns = Store.counterColumns
    if layout < changesLayout {
      for change in PageChange.allCases { columns.replace("c.\(change.rawValue)", with: "0") }
    }
    if layout < seedsLayout { columns.replace("c.seeds", with: "0") }
    let stated = try database.statement(
      """
      SELECT t.id, t.name, c.task_id, \(columns) FROM tasks t LEFT JOIN task_counters c ON c.task_id = t.id \
      WHERE t.id \(only) AND t.state <> 'removing'
      """)
    defer { stated.reset() }
    var findings: [Finding] = []
    while try stated.step() {
      let task = "task \(stated.integer(0)) \(stated.text(1))"
      if stated.isNull(2) {
        findings.append(Finding(.counters, "\(task) has no counters"))
        continue
      }
      var counters = Store.counters(stated, from: 3)
      (counters.finalAnswers, counters.okAnswers) = (0, 0)
      let recount = recounts[stated.integer(0)] ?? CounterDelta()
      if counters != recount {
        findings.append(Finding(.counters, "\(task): \(counters.differences(from: recount).joined(separator: ", "))"))
      }
    }
    return findings
  }

  private static func recounts(_ database: Database, ofTasks only: String) throws -> [Int64: CounterDelta] {
    var recounts: [Int64: CounterDelta] = [:]
    let urls = try database.statement("SELECT task_id, state, count(*) FROM urls WHERE task_id \(only) GROUP BY 1, 2")
    defer { urls.reset() }
    while try urls.step() {
      recounts[urls.integer(0), default: CounterDelta()].known += urls.count(2)
      if let state = URLState(rawValue: urls.text(1)) {
        recounts[urls.integer(0), default: CounterDelta()][state] = urls.count(2)
      }
    }
    let fetches = try database.statement(
      "SELECT task_id, count(*), sum(wire_bytes), sum(body_bytes) FROM fetches WHERE task_id \(only) GROUP BY 1")
    defer { fetches.reset() }
    while try fetches.step() {
      recounts[fetches.integer(0), default: CounterDelta()] += CounterDelta(
        fetches: fetches.count(1), wireBytes: fetches.count(2), bodyBytes: fetches.count(3))
    }
    let layout = try database.integer("PRAGMA user_version") ?? 0
    guard layout >= changesLayout else { return recounts }
    let changes = try database.statement(
      """
      SELECT task_id, change, count(*) FROM fetches WHERE change IS NOT NULL AND task_id \(only) GROUP BY 1, 2
      """)
    defer { changes.reset() }
    while try changes.step() {
      guard let change = PageChange(rawValue: changes.text(1)) else { continue }
      recounts[changes.integer(0), default: CounterDelta()].changes[change] = changes.count(2)
    }
    guard layout >= seedsLayout else { return recounts }
    let seeds = try database.statement(
      "SELECT task_id, count(*) FROM urls WHERE via_url_id IS NULL AND depth = 0 AND task_id \(only) GROUP BY 1")
    defer { seeds.reset() }
    while try seeds.step() { recounts[seeds.integer(0), default: CounterDelta()].seeds = seeds.count(1) }
    return recounts
  }

  /// URLs that a task knows twice, the first ten; of all tasks or of one.
  static func fingerprints(_ database: Database, taskID: Int64? = nil) throws -> [Finding] {
    let only = taskID.map { "= \($0)" } ?? "IS NOT NULL"
    return try rows(
      database,
      """
      SELECT task_id, min(url), count(*) FROM urls WHERE task_id \(only) GROUP BY task_id, fingerprint \
      HAVING count(*) > 1 LIMIT 10
      """
    ).map { Finding(.fingerprints, "task \($0[0]) knows \($0[1]) \($0[2]) times") }
  }

  private static func states(_ database: Database) throws -> [Finding] {
    try count(
      database, .states,
      [
        ("URLs in a state that is none", "state NOT IN ('ready', 'delayed', 'done', 'failed', 'excluded')"),
        ("failed or excluded URLs without a reason", "state IN ('failed', 'excluded') AND reason IS NULL"),
        ("delayed URLs without a time", "state = 'delayed' AND due_at IS NULL"),
      ].map { ($0, "SELECT count(*), min(url) FROM urls WHERE \($1)") })
  }

  private static func results(_ database: Database) throws -> [Finding] {
    try count(
      database, .results,
      [
        (
          "URLs that are done and have no answer",
          """
          SELECT count(*), min(url) FROM urls u WHERE state = 'done' AND NOT EXISTS \
          (SELECT 1 FROM fetches f WHERE f.url_id = u.id AND f.status IS NOT NULL)
          """
        ),
        (
          "pages whose fetch is another URL's",
          """
          SELECT count(*), min(u.url) FROM pages p JOIN urls u ON u.id = p.url_id \
          LEFT JOIN fetches f ON f.id = p.fetch_id WHERE f.url_id IS NOT p.url_id
          """
        ),
        (
          "pages that have lost links, or have some that are not theirs",
          """
          SELECT count(*), min(u.url) FROM pages p JOIN urls u ON u.id = p.url_id \
          WHERE p.fetch_id = (SELECT max(f.id) FROM fetches f WHERE f.url_id = p.url_id) \
          AND p.link_count <> (SELECT count(*) FROM links l WHERE l.source_url_id = p.url_id)
          """
        ),
      ])
  }

  /// Questions that have no row when all is well: each answers how many, and one of them.
  private static func count(
    _ database: Database, _ check: Finding.Check, _ questions: [(what: String, sql: String)]
  ) throws -> [Finding] {
    try questions.compactMap { question in
      let answer = try rows(database, question.sql)
      guard let row = answer.first, row[0] != "0" else { return nil }
      return Finding(check, "\(row[0]) \(question.what), among them \(row[1])")
    }
  }

  private static func rows(_ database: Database, _ sql: String) throws -> [[String]] {
    let row = try database.statement(sql)
    defer { row.reset() }
    var rows: [[String]] = []
    while try row.step() { rows.append((0..<row.columnCount).map { row.text($0) }) }
    return rows
  }
}

extension CounterDelta {
  /// What differs, in words.
  fileprivate func differences(from recount: CounterDelta) -> [String] {
    Self.columns.compactMap { name, path in
      let (stated, recount) = (self[keyPath: path], recount[keyPath: path])
      return stated == recount ? nil : "\(name) is \(stated), a recount says \(recount)"
    }
  }
}
