import EventLoop
import Store
import Testing

@Suite struct VisitTests {
  @Test func everyColumnComesBack() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      let fetch = FetchRecord(
        id: 7, urlID: 1, hostID: 1, taskID: 1, runID: 1, attempt: 2, settingsRevision: 3, startedAt: 4, status: 301,
        outcome: "redirected", error: "moved", httpVersion: "2", remoteAddress: "192.0.2.1", reused: true,
        redirectTo: "http://host1.example/2", wireBytes: 10, bodyBytes: 11, contentType: "text/html",
        contentEncoding: "gzip", truncated: true, retryAfter: 12, etag: "\"e\"", lastModified: "then", timeQueue: 13,
        timeDNS: 14, timeConnect: 15, timeTLS: 16, timeFirstByte: 17, timeTotal: 18, tlsVersion: "1.3",
        certificateExpiresAt: 19, tlsVerified: true, proxy: "p")
      var counters = CounterDelta(finalAnswers: 1)
      counters.move(from: .ready, to: .done)
      counters.count(fetch)
      // Below it is given another depth.
      counters.seeds = -1
      let page = PageRecord(
        urlID: 1, runID: 1, fetchID: 7, title: "Ti\"tle 😀", description: "d", canonicalURL: "c", language: "de",
        charset: "utf-8", charsetSource: "bom", robots: "noindex", h1: "h", wordCount: 5, textHash: .max, simhash: 1,
        linkCount: 6, fetchedAt: 8)
      store.append(
        VisitRecord(
          taskID: 1,
          updates: [
            URLUpdate(
              id: 1, state: .done, reason: "redirected", attempts: 2, depth: 4, priority: 5,
              url: "http://host1.example/1?a",
              redirects: 6)
          ],
          fetches: [fetch], page: page, counters: counters))
      try await store.flush()

      let details = try #require(try await store.url(id: 1))
      #expect(details.record.state == .done)
      #expect(details.record.reason == "redirected")
      #expect(details.record.attempts == 2)
      #expect(details.record.depth == 4)
      #expect(details.record.priority == 5)
      #expect(details.record.url == "http://host1.example/1?a")
      #expect(details.record.redirects == 6)
      #expect(details.title == "Ti\"tle 😀")
      #expect(details.lastFetch?.redirectTo == "http://host1.example/2")
      let row = try await store.texts(
        """
        SELECT concat FROM (SELECT id || '|' || url_id || '|' || host_id || '|' || task_id || '|' || run_id || '|' ||
        attempt || '|' || settings_revision || '|' || started_at || '|' || status || '|' || outcome || '|' || error
        || '|' || http_version || '|' || remote_address || '|' || reused || '|' || wire_bytes || '|' || body_bytes ||
        '|' || content_type || '|' || content_encoding || '|' || truncated || '|' || retry_after || '|' || etag || '|'
        || last_modified || '|' || time_queue || '|' || time_dns || '|' || time_connect || '|' || time_tls || '|' ||
        time_first_byte || '|' || time_total || '|' || tls_version || '|' || certificate_expires_at || '|' ||
        tls_verified || '|' || proxy AS concat FROM fetches)
        """)
      #expect(
        row == [
          "7|1|1|1|1|2|3|4|301|redirected|moved|2|192.0.2.1|1|10|11|text/html|gzip|1|12|\"e\"|then|13|14|15|16|17|18"
            + "|1.3|19|1|p"
        ])
      let stored = try await store.texts(
        """
        SELECT url_id || '|' || run_id || '|' || fetch_id || '|' || description || '|' || canonical_url || '|' ||
        language || '|' || charset || '|' || charset_source || '|' || robots || '|' || h1 || '|' || word_count || '|'
        || text_hash || '|' || simhash || '|' || link_count || '|' || fetched_at FROM pages
        """)
      #expect(stored == ["1|1|7|d|c|de|utf-8|bom|noindex|h|5|-1|1|6|8"])
      #expect(try await store.inspectTask(1) == [])
      try await store.close()
    }
  }

  @Test func hostsKeepTheirClockAndTheirRobots() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      var host = HostRecord.sample(1)
      host.robotsState = "rules"
      host.robotsText = Array("User-agent: *\nDisallow: /\u{e9}".utf8) + [0xff, 0]
      host.robotsFetchedAt = 1
      host.robotsExpiresAt = 2
      host.crawlDelay = 3
      store.append(VisitRecord(taskID: 1, hostUpdates: [host]))
      var clock = HostRecord.sample(1)
      clock.crawlDelay = 3
      clock.nextFetchAt = 40
      clock.blockedUntil = 50
      clock.blockReason = "retry_after"
      store.append(VisitRecord(taskID: 1, hostUpdates: [clock]))
      host.nextFetchAt = 40
      host.blockedUntil = 50
      host.blockReason = "retry_after"
      #expect(try await store.host(id: 1) == host)
      #expect(try await store.committedHost(id: 1) == host)
      try await store.close()
    }
  }

  /// Many hosts are read at once, and each robots.txt may have half a megabyte.
  @Test(arguments: [HostRecord.shortText, HostRecord.shortText + 1])
  func aRobotsFileComesWithItsHostIfItIsShort(length: Int) throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      var host = HostRecord.sample(1)
      host.robotsState = "known"
      host.robotsText = [UInt8](repeating: 0x23, count: length)
      store.append(VisitRecord(taskID: 1, hostUpdates: [host]))
      let withHost = length > HostRecord.shortText ? nil : host.robotsText
      #expect(try await store.hostsWithReadyURLs(taskID: 1, after: 0, limit: 1).map(\.host.robotsText) == [withHost])
      #expect(try await store.host(id: 1)?.robotsText == withHost)
      #expect(try await store.committedHost(id: 1) == host)
      #expect(try await store.robotsText(hostID: 1) == host.robotsText)
      #expect(try await store.robotsText(hostID: 2) == nil)
      try await store.close()
    }
  }

  @Test func linksAreThoseOfTheLatestFetch() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      let targets = (Int64(2)...40).map { $0 }
      store.append(.page(1, links: targets))
      let again = [
        LinkRecord(targetURLID: 2, kind: "a", rel: "next", anchor: "more", position: 0),
        LinkRecord(targetURLID: 3, kind: "a", position: 1, count: 5),
        LinkRecord(targetURLID: 3, kind: "img", position: 3),
      ]
      try await store.flush()
      #expect(try await store.integer("SELECT count(*) FROM links") == 39)
      store.append(VisitRecord(taskID: 1, pageURLID: 1, links: again))
      try await store.flush()
      let rows = try await store.texts(
        """
        SELECT source_url_id || ' ' || target_url_id || ' ' || kind || ' ' || coalesce(rel, '-') || ' ' ||
        coalesce(anchor, '-') || ' ' || position || ' ' || count FROM links ORDER BY target_url_id, kind
        """)
      #expect(rows == ["1 2 a next more 0 1", "1 3 a - - 1 5", "1 3 img - - 3 1"])
      try await store.close()
    }
  }

  private static func write(_ links: [LinkRecord]) throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      store.append(VisitRecord(taskID: 1, pageURLID: 1, links: links))
      try await store.close()
    }
  }

  @Test func linksOutOfOrderAreAFaultOfTheProgram() async throws {
    try Self.write([LinkRecord(targetURLID: 2, kind: "a"), LinkRecord(targetURLID: 3, kind: "a")])
    await #expect(processExitsWith: .failure) {
      try? Self.write([LinkRecord(targetURLID: 3, kind: "a"), LinkRecord(targetURLID: 2, kind: "a")])
    }
    await #expect(processExitsWith: .failure) {
      try? Self.write([LinkRecord(targetURLID: 2, kind: "img"), LinkRecord(targetURLID: 2, kind: "a")])
    }
    await #expect(processExitsWith: .failure) {
      try? Self.write([LinkRecord(targetURLID: 2, kind: "a"), LinkRecord(targetURLID: 2, kind: "a")])
    }
  }

  @Test func textOfEveryKindIsKept() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      let texts = [
        "", "'; DROP TABLE urls; --", "a\u{0}b", String(repeating: "x", count: 15_999),
        String(repeating: "ü", count: 400_000), "\u{feff}\u{202e}",
      ]
      for (index, text) in texts.enumerated() {
        var url = URLRecord.sample(Int64(index) + 2)
        url.url = text
        url.reason = text
        store.append(.discovering([url]))
      }
      try await store.flush()
      for (index, text) in texts.enumerated() {
        let record = try await store.url(id: Int64(index) + 2)?.record
        #expect(record?.url == text)
        #expect(record?.reason == text)
      }
      try await store.close()
    }
  }

  /// Whatever a server can make long counts towards the bound on what is outstanding.
  @Test func everyTextIsCounted() {
    let text = String(repeating: "x", count: 30_000)
    let noFetch = FetchRecord(id: 1, taskID: 1, runID: 1, startedAt: 1, outcome: "ok")
    let fetchTexts: [WritableKeyPath<FetchRecord, String?>] = [
      \.error, \.httpVersion, \.remoteAddress, \.redirectTo, \.contentType, \.contentEncoding, \.etag, \.lastModified,
      \.tlsVersion, \.proxy,
    ]
    for path in fetchTexts {
      var fetch = noFetch
      fetch[keyPath: path] = text
      let bytes = VisitRecord(taskID: 1, fetches: [fetch]).approximateBytes
      #expect(bytes == VisitRecord(taskID: 1, fetches: [noFetch]).approximateBytes + 30_000, "\(path)")
    }
    let noPage = PageRecord(urlID: 1, runID: 1, fetchID: 1, fetchedAt: 1)
    let pageTexts: [WritableKeyPath<PageRecord, String?>] = [
      \.title, \.description, \.canonicalURL, \.language, \.charset, \.robots, \.h1,
    ]
    for path in pageTexts {
      var page = noPage
      page[keyPath: path] = text
      let bytes = VisitRecord(taskID: 1, page: page).approximateBytes
      #expect(bytes == VisitRecord(taskID: 1, page: noPage).approximateBytes + 30_000, "\(path)")
    }
  }

  @Test func countersEqualTheirRecountAfterRandomVisits() throws {
    try onLoop { loop, directory in
      let store = try await Store(path: directory.file("crawl.db"), loop: loop)
      try await store.insertSampleTask()
      var random = SeededGenerator(state: 42)
      var states: [URLState] = [.ready]
      var fetches: Int64 = 0
      for _ in 0..<400 {
        var visit = VisitRecord(taskID: 1)
        for _ in 0..<Int.random(in: 0...12, using: &random) {
          let state = URLState.allCases.randomElement(using: &random)!
          states.append(state)
          visit.discovered.append(.sample(Int64(states.count), state: state, dueAt: state == .delayed ? 9 : nil))
          visit.counters.discover(in: state, isSeed: false)
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
          let index = Int.random(in: 0..<states.count, using: &random)
          let state = URLState.allCases.randomElement(using: &random)!
          visit.updates.append(URLUpdate(id: Int64(index) + 1, state: state))
          visit.counters.move(from: states[index], to: state)
          states[index] = state
        }
        if Bool.random(using: &random) {
          fetches += 1
          let fetch = FetchRecord(
            id: fetches, urlID: 1, hostID: 1, taskID: 1, runID: 1, startedAt: 1, outcome: "reset",
            wireBytes: Int.random(in: 0...1000, using: &random), bodyBytes: 3)
          visit.fetches.append(fetch)
          visit.counters.count(fetch)
        }
        store.append(visit)
      }
      try await store.flush()
      #expect(try await store.inspectTask(1) == [])
      let counters = try #require(try await store.loadTasks().first).counters
      #expect(counters.known == states.count)
      #expect(counters.delayed == states.count { $0 == .delayed })
      try await store.control { try $0.database.execute("UPDATE urls SET state = 'done' WHERE id = 1") }
      try await store.control { try $0.database.execute("UPDATE task_counters SET known = known + 1") }
      #expect(try await store.inspectTask(1).count == 1)
      try await store.close()
    }
  }
}
