import EventLoop
import TestWeb
import Testing

extension CrawlMix {
  /// Judges the crawls when all are done: what was stored of each page is what the server served and the handler said, each
  /// was asked for once by each crawl, and nobody crawled again more than once what one crawl had found.
  ///
  /// - Parameters:
  ///   - repeated: requests that the server may have seen twice, because the daemon was killed meanwhile.
  ///   - tellings: how often the handler may have been told of one end.
  ///   - told: tasks of whose ends it was told before.
  ///   - earlier: fetches of each URL that the server's log does not have.
  func expectComplete(
    _ stage: Stage, repeated: ClosedRange<Int> = 0...0, tellings: Int = 1, told: Set<String> = [],
    earlier: [String: Int] = [:]
  ) async throws {
    var names: [String] = []
    for crawl in crawls {
      let truth = Truth(facts[0].site, crawl)
      let chain = try Self.chain(of: crawl, stage)
      #expect(chain.count > 1, "\(crawl.name) was not crawled again")
      for task in chain { try expectComplete(task, of: crawl, truth, stage) }
      names += chain
    }
    #expect(try stage.number("SELECT count(*) FROM tasks") == names.count)
    let twice = "SELECT recrawl_of FROM tasks WHERE recrawl_of IS NOT NULL GROUP BY 1 HAVING count(*) > 1"
    #expect(try stage.column(twice) == [], "tasks that were crawled again twice")
    let unlike = """
      SELECT count(*) FROM fetches f LEFT JOIN fetches e ON e.id = f.earlier_fetch_id
      WHERE f.change IN ('not_modified', 'unchanged')
        AND (e.status IS NOT 200 OR f.content_hash IS NULL OR e.content_hash IS NOT f.content_hash)
      """
    #expect(try stage.number(unlike) == 0, "what did not change is not what it was")
    try await expectRequests(stage, repeated: repeated, earlier: earlier)
    try expectTold(stage, tellings, told)
    try stage.write("INSERT INTO page_search (page_search, rank) VALUES ('integrity-check', 1)")
    try await stage.expectSound()
  }

  /// Judges what is stored of pages, however many there are.
  func expectStored(_ stage: Stage) throws {
    for crawl in crawls {
      for task in try Self.chain(of: crawl, stage) { try expectPages(task, of: crawl, stage) }
    }
  }

  private func expectComplete(_ task: String, of crawl: Crawl, _ truth: Truth, _ stage: Stage) throws {
    let ofTask = "task_id = (SELECT id FROM tasks WHERE name = '\(task)')"
    let done = try stage.column("SELECT url FROM urls WHERE state = 'done' AND \(ofTask)")
    #expect(Set(done) == truth.done && done.count == truth.done.count, "URLs of \(task)")
    #expect(
      try stage.number("SELECT count(*) FROM urls WHERE state NOT IN ('done', 'excluded') AND \(ofTask)") == 0)
    #expect(try expectPages(task, of: crawl, stage) == truth.done.count, "pages of \(task)")
    #expect(
      try stage.number("SELECT count(*) FROM fetches WHERE url_id IS NOT NULL AND \(ofTask)") == truth.done.count,
      "fetches of \(task)")
    let links = try stage.rows(
      """
      SELECT source.url, target.url, kind FROM links JOIN urls source ON source.id = source_url_id
      JOIN urls target ON target.id = target_url_id AND target.task_id = source.task_id
      WHERE kind IN ('a', 'handler') AND source.\(ofTask)
      """)
    let known = Set(links.map { $0.map { $0 ?? "NULL" } })
    #expect(known.subtracting(truth.links) == [], "links of \(task) that no page has")
    #expect(truth.links.subtracting(known) == [], "links of \(task) that are missing")
    // The handler is asked of what pages name that were not modified, too.
    let verdicts = try stage.rows("SELECT url, verdict FROM handler_verdicts WHERE \(ofTask)")
    #expect(Set(verdicts.filter { $0[1] == "drop" }.map { $0[0] ?? "NULL" }) == truth.dropped, "what \(task) drops")
    let rewritten = Set(verdicts.filter { $0[1] == "rewrite" }.map { $0[0] ?? "NULL" })
    let due = try stage.column("SELECT url FROM urls WHERE \(ofTask)").compactMap { truth.rewritten[$0] }
    #expect(rewritten == Set(due), "what \(task) rewrites")
    let dropped = try stage.column("SELECT url FROM urls WHERE reason = 'handler' AND \(ofTask)")
    #expect(Set(dropped) == truth.dropped && dropped.count == truth.dropped.count, "what \(task) excludes")
  }

  /// Judges each page that a task has. Returns how many they are.
  @discardableResult
  private func expectPages(_ task: String, of crawl: Crawl, _ stage: Stage) throws -> Int {
    let (keepsText, keepsBody) = (["text", "all"].contains(crawl.store), ["body", "all"].contains(crawl.store))
    // Of a 304 the body is that of the fetch that it is about. Times are the daemon's and the test's: some slack is left.
    let rows = try stage.rows(
      """
      SELECT u.url, p.title, x.text, lower(hex(coalesce(f.body_hash, e.body_hash))), p.fields ->> '$.mix.text',
        p.fields IS NULL, f.outcome, h.reason, CASE WHEN f.started_at - 100000 > \(revisedAt) THEN 2
        WHEN f.started_at + f.time_total < \(revisedAt) - 100000 THEN 1 ELSE 0 END
      FROM pages p JOIN urls u ON u.id = p.url_id JOIN fetches f ON f.id = p.fetch_id
      LEFT JOIN fetches e ON e.id = f.earlier_fetch_id AND f.outcome = 'not_modified'
      LEFT JOIN page_texts x ON x.id = p.text_id
      LEFT JOIN handler_failures h ON h.url_id = u.id
      WHERE u.task_id = (SELECT id FROM tasks WHERE name = '\(task)')
      """)
    var wrong: [String] = []
    for row in rows {
      let url = row[0] ?? "NULL"
      let versions = row[8] == "1" ? [facts[0]] : row[8] == "2" ? [facts[1]] : facts
      let isRight = versions.contains { facts in
        guard let (page, number) = facts[url] else { return false }
        let failure = crawl.hasHandler ? number.flatMap(Self.failure) : nil
        let says = crawl.hasHandler && failure == nil
        return row[1] == page.title && row[2] == (keepsText ? page.text : nil)
          && row[3] == (keepsBody ? page.bodyHash : "") && row[4] == (says ? page.textHash : nil)
          && row[5] == (says ? "0" : "1")
          // Of a page that was not modified the handler is not asked.
          && row[7] == (row[6] == "ok" ? failure : nil)
      }
      if !isRight { wrong.append(row.map { $0 ?? "NULL" }.joined(separator: " | ")) }
    }
    #expect(wrong.prefix(3) == [], "\(wrong.count) pages of \(task) (\(crawl.store)) are not what was served and said")
    return rows.count
  }

  /// Why the handler's call of a page fails; nil when it does not.
  private static func failure(ofPage page: Int) -> String? {
    page % fatal.each == fatal.at ? "ended" : page % refused.each == refused.at ? "error" : nil
  }

  /// Every request is a row, and every row is one; but for those of the daemons that were killed.
  private func expectRequests(_ stage: Stage, repeated: ClosedRange<Int>, earlier: [String: Int]) async throws {
    let log = await stage.web.log
    #expect(log.statistics().robotsViolations == 0)
    var excess = earlier
    for request in log.pages { excess["http://\(request.host):\(stage.site.port)\(request.target)", default: 0] += 1 }
    for (url, fetches) in try stage.fetchCounts() { excess[url, default: 0] -= fetches }
    #expect(excess.values.allSatisfy { $0 >= 0 }, "fetches that were never made")
    let sum = excess.values.reduce(0, +)
    #expect(repeated.contains(sum), "requests that were repeated: \(sum)")
  }

  /// Every end of a task with handlers was told, and not more often than it may be.
  private func expectTold(_ stage: Stage, _ tellings: Int, _ told: Set<String>) throws {
    #expect(try stage.number("SELECT count(*) FROM tasks WHERE untold") == 0)
    var counts: [String: Int] = [:]
    for line in (TextFile.read(Self.told(stage)) ?? "").split(separator: "\n") { counts[String(line), default: 0] += 1 }
    for crawl in crawls where crawl.hasHandler {
      for task in try Self.chain(of: crawl, stage) {
        let count = counts.removeValue(forKey: "\(task) finished") ?? 0
        let range = told.contains(task) ? 0...0 : 1...tellings
        #expect(range.contains(count), "the end of \(task) was told \(count) times")
      }
    }
    #expect(counts.isEmpty, "ends that were none")
    #expect(try stage.number("SELECT count(*) FROM handler_failures WHERE kind <> 'on-page' OR url_id IS NULL") == 0)
  }
}

extension Stage {
  /// Fetches of each URL, by all tasks.
  func fetchCounts() throws -> [String: Int] {
    let rows = try rows("SELECT url, count(*) FROM fetches f JOIN urls u ON u.id = f.url_id GROUP BY url")
    return Dictionary(uniqueKeysWithValues: rows.map { ($0[0] ?? "", Int($0[1] ?? "") ?? 0) })
  }
}
