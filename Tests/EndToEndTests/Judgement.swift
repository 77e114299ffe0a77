import EventLoop
import TestWeb
import Testing

extension Stage {
  /// Judges a complete crawl of these hosts: what the server saw, what SQL says and what the site is are the same.
  ///
  /// - Parameter repeated: requests that the server may have seen twice, because the daemon was killed meanwhile.
  /// - Parameter refetched: URLs that the daemon has fetched twice, the first time without an answer.
  func expectComplete(hosts: [Int], repeated: ClosedRange<Int> = 0...0, refetched: Int = 0) async throws {
    let truth = site.urls(ofHosts: hosts)
    let statistics = await web.log.statistics()
    let served = Set(await web.log.pages.map { "http://\($0.host):\(site.port)\($0.target)" })
    #expect(served == truth)
    #expect(repeated.contains(statistics.duplicates), "requests that were repeated: \(statistics.duplicates)")
    #expect(statistics.robotsViolations == 0)
    #expect(Set(try column("SELECT url FROM urls WHERE state = 'done'")) == truth)
    #expect(try number("SELECT count(*) FROM urls WHERE state IN ('ready', 'delayed', 'failed')") == 0)
    #expect(try number("SELECT count(*) FROM pages") == truth.count)
    let titles = try column("SELECT title FROM pages ORDER BY title")
    #expect(titles == hosts.flatMap { host in (0..<site.pages).map { "Page \($0) of host \(host)" } }.sorted())
    let fetchedTwice =
      "SELECT count(*) FROM (SELECT url_id FROM fetches WHERE url_id IS NOT NULL GROUP BY url_id HAVING count(*) > 1)"
    #expect(try number(fetchedTwice) == refetched)
    let knownTwice = "SELECT count(*) FROM (SELECT 1 FROM urls GROUP BY task_id, url HAVING count(*) > 1)"
    #expect(try number(knownTwice) == 0)
    try expectLinks(ofHosts: hosts)
    try await expectSound()
  }

  /// Judges the links of every page of these hosts against the site.
  func expectLinks(ofHosts hosts: [Int]) throws {
    try expectLinks(
      of: hosts.flatMap { host in
        (0..<site.pages).map { Site.Place(host: host, target: site.target(ofPage: $0)) }
      })
  }

  /// Judges the links of these pages against the site.
  func expectLinks(of places: some Sequence<Site.Place>) throws {
    var truth: Set<[String]> = []
    for place in places {
      guard let page = site.page(atTarget: place.target) else { continue }
      for target in site.outlinks(host: place.host, page: page) { truth.insert([site.url(place), site.url(target)]) }
    }
    let sql = """
      SELECT source.url, target.url FROM links JOIN urls source ON source.id = source_url_id
      JOIN urls target ON target.id = target_url_id WHERE kind = 'a'
      """
    let known = Set(try rows(sql).map { $0.map { $0 ?? "NULL" } })
    #expect(known.subtracting(truth) == [], "links that no page has")
    #expect(truth.subtracting(known) == [], "links that are missing")
  }

  /// Judges the database by itself, as `crawlctl doctor` does: the file is whole, the counters are counts, nothing points
  /// nowhere, what is done has its result.
  func expectSound() async throws {
    let ended = try await loop.run(Programs.crawlctl, ["doctor", "--data", data])
    #expect(ended.code == 0, "\(ended)")
  }

  /// The state and the reason of a task, as stored.
  func state(of task: String) throws -> String {
    let rows = try rows("SELECT state, coalesce(reason, '') FROM tasks WHERE name = '\(task)'")
    let words = rows.first?.compactMap { $0 } ?? []
    return words.filter { !$0.isEmpty }.joined(separator: " ")
  }
}
