import EventLoop
import TestWeb
import Testing

extension EndToEndTests.Recrawls {
  /// Links of every sort, on a page that is read once and known from the database the next time.
  @Test func thePageOfA304SaysWhatItSaid() throws {
    try Stage.play { stage in
      let (web, name) = (stage.web, "h0.test")
      var start = Response.html(
        """
        <!doctype html><html lang="de"><title>Anfang</title><meta name="description" content="Alles">
        <link rel="canonical" href="/start"><link rel="alternate" hreflang="en" href="/en"><h1>Erstens</h1>
        <a href="/a">eins</a> <a href="/a#x">zwei</a> <a rel="next nofollow" href="/b">drei</a> <img src="/c.png">
        <a href="mailto:x@example.org">Post</a> <a href="http://[bad">falsch</a> <a href="//other.test/">weg</a>
        <a href="/p/1?x=1&amp;y=2">vier</a> <a href="/meta">f\u{FC}nf</a> <form action="/form"></form>
        <a rel="nofollow" href="/both">sechs</a> <a rel="prev" href="/both">sieben</a>
        <a rel="nofollow" href="/both">acht</a>
        """)
      start.fields.append("Link: </header>; rel=next")
      await web.plant(start, Validators(etag: "\"s\""), at: "/start", on: name)
      let meta = Response.html("<meta name=robots content=\"noindex, nofollow\"><title>M</title><a href=/hidden>h</a>")
      await web.plant(meta, Validators(etag: "\"m\""), at: "/meta", on: name)
      let document = Response(
        fields: ["Content-Type: application/pdf", "Link: </of-the-document>; rel=next"], body: Array("%PDF".utf8))
      await web.plant(document, Validators(etag: "\"d\""), at: "/header", on: name)
      for target in ["/a", "/b", "/both", "/p/1?x=1&y=2"] {
        // One alone, so that it does not depend on who is first through which page a URL was found.
        await web.plant(.links(target == "/a" ? ["/deep"] : []), Validators(etag: "\"x\""), at: target, on: name)
      }
      try await stage.withDaemon { _ in
        let options = ["--nofollow", "obey", "--depth", "2", "--follow", "+link-next"]
        try await stage.crawl("first", options, seeds: [stage.url("/start")])
        try await stage.recrawl("first", ["--name", "second"])
      }
      let requests = await web.log.pages.map { "\($0.target) \($0.status)" }
      #expect(
        Set(requests.filter { $0.hasSuffix(" 304") }) == [
          "/start 304", "/meta 304", "/a 304", "/both 304", "/p/1?x=1&y=2 304", "/header 304",
        ])
      #expect(!requests.contains { $0.hasPrefix("/b ") || $0.hasPrefix("/hidden ") || $0.hasPrefix("/c.png ") })
      let urls = """
        SELECT u.url, u.depth, u.redirects, u.priority, u.state, CASE WHEN u.state <> 'done' THEN u.reason END, via.url
        FROM urls u LEFT JOIN urls via ON via.id = u.via_url_id AND via.task_id = u.task_id WHERE u.task_id = # ORDER BY 1
        """
      let links = """
        SELECT source.url, target.url, kind, rel, anchor, position, count FROM links JOIN urls source ON source.id = source_url_id
        JOIN urls target ON target.id = target_url_id AND target.task_id = source.task_id WHERE source.task_id = #
        ORDER BY 1, position, kind
        """
      let pages = """
        SELECT u.url, title, description, canonical_url, language, charset, charset_source, robots, h1, word_count,
          (SELECT text_hash FROM pages WHERE url_id = p.url_id),
          link_count, content_type, body_bytes FROM v_pages p JOIN urls u ON u.id = p.url_id WHERE u.task_id = # ORDER BY 1
        """
      for sql in [urls, links, pages] {
        let first = try stage.rows(sql.replacing("#", with: "1"))
        #expect(first.count >= 4)
        #expect(try stage.rows(sql.replacing("#", with: "2")) == first)
      }
      try await stage.expectSound()
    }
  }

  /// The first crawl had them and did not read them: that they are as they were says nothing of what they name.
  @Test func feedsAndSitemapsThatAreFollowedNowAreReadAlthoughTheyHaveNotChanged() throws {
    try Stage.play { stage in
      let (web, name) = (stage.web, "h0.test")
      func plant(_ target: String, _ body: String) async {
        let file = Response(fields: ["Content-Type: application/xml"], body: Array(body.utf8))
        await web.plant(file, Validators(etag: "\"1\""), at: target, on: name)
      }
      await plant("/feed", "<rss><channel><item><link>\(stage.url("/of-feed"))</link></item></channel></rss>")
      await plant("/map", "<urlset><url><loc>\(stage.url("/of-map"))</loc></url></urlset>")
      await web.plant(.links(["/feed", "/map"]), Validators(etag: "\"1\""), at: "/start", on: name)
      for target in ["/of-feed", "/of-map"] { await web.plant(.links([]), at: target, on: name) }
      try await stage.withDaemon { _ in
        try await stage.crawl("first", ["--robots", "ignore"], seeds: [stage.url("/start")])
        try await stage.recrawl("first", ["--name", "second", "--follow", "a,feed,sitemap"])
        try await stage.recrawl("second", ["--name", "third"])
      }
      func answers(_ task: String) throws -> [String] {
        try stage.column(
          "SELECT u.url || ' ' || f.status FROM fetches f JOIN urls u ON u.id = url_id JOIN tasks t ON t.id = f.task_id "
            + "WHERE t.name = '\(task)' ORDER BY u.url"
        ).map { String($0.dropFirst(stage.url("/").count - 1)) }
      }
      #expect(try answers("second") == ["/feed 200", "/map 200", "/of-feed 200", "/of-map 200", "/start 304"])
      #expect(try answers("third") == ["/feed 304", "/map 304", "/of-feed 200", "/of-map 200", "/start 304"])
      try await stage.expectSound()
    }
  }

  /// The page of the crawl that goes is looked up while that is still there, and its answer comes when it is gone.
  @Test func aCrawlThatIsRemovedMeanwhileLeavesWhatItHas() throws {
    try Stage.play { stage in
      let (web, name) = (stage.web, "h0.test")
      await web.plant(.html("<title>Start</title>lasting words"), Validators(etag: "\"s\""), at: "/start", on: name)
      try await stage.withDaemon { _ in
        try await stage.crawl("first", ["--store", "all"], seeds: [stage.url("/start")])
        try await stage.recrawl("first", ["--name", "second"])
        try stage.write(
          "CREATE TRIGGER stays BEFORE DELETE ON fetches WHEN OLD.task_id = 1 BEGIN SELECT RAISE(ABORT, 'not yet'); END"
        )
        try await stage.control("rm", "first")
        await web.plant([.hold, .send(Response(status: 304).serialised())], at: "/start", on: name)
        try await stage.control("add", "--recrawl", "second", "--name", "third")
        try await web.waitForHolds(1)
        #expect(try stage.number("SELECT count(*) FROM fetches WHERE task_id = 1 AND url_id IS NOT NULL") == 1)
        try stage.write("DROP TRIGGER stays")
        try await stage.waitForRemovals()
        await web.release()
        try await stage.control("wait", "third", "--for", "done")
        let rows = "SELECT task_id, earlier_fetch_id IS NULL, body_hash IS NULL FROM fetches WHERE url_id IS NOT NULL"
        #expect(try stage.rows(rows + " ORDER BY id") == [["2", "1", "0"], ["3", "0", "1"]])
        try await stage.expectSound()
        try await stage.control("rm", "second")
        try await stage.waitForRemovals()
        #expect(try stage.rows(rows) == [["3", "1", "0"]])
        #expect(try stage.column("SELECT content_type IS NOT NULL AND body_bytes > 0 FROM v_pages") == ["1"])
      }
      try await stage.expectSound()
    }
  }

  /// A 304 need not repeat what the header section of a sitemap, a feed or a document said of its links.
  @Test func whatAHeaderSectionSaidOfLinksHoldsWhenA304LeavesItOut() throws {
    try Stage.play { stage in
      await stage.plantNofollow(in: "")
      try await stage.withDaemon { _ in
        try await stage.crawl(
          "first", ["--follow", "+feed,+sitemap,+link-next"], seeds: [stage.url("/start")])
        try await stage.recrawl("first", ["--name", "second"])
        try await stage.recrawl("second", ["--name", "third", "--nofollow", "ignore"])
        try await stage.recrawl("third", ["--name", "fourth", "--nofollow", "meta"])
      }
      func fates(_ task: String) throws -> Set<String?> {
        Set(
          try stage.column(
            "SELECT state || ' ' || coalesce(reason, '') FROM urls WHERE url LIKE '%/of-%' "
              + "AND task_id = (SELECT id FROM tasks WHERE name = '\(task)')"))
      }
      #expect(try fates("first") == ["excluded nofollow"])
      #expect(try fates("second") == ["excluded nofollow"])
      #expect(try fates("third") == ["done "])
      #expect(try fates("fourth") == ["excluded nofollow"])
      let rels =
        "SELECT DISTINCT kind || ' ' || rel FROM links WHERE rel IS NOT NULL AND kind <> 'stylesheet' ORDER BY 1"
      let noted = try stage.column(rels)
      #expect(noted == ["feed nofollow", "link-next next nofollow", "refresh nofollow", "sitemap nofollow"])
      try await stage.expectSound()
    }
  }

  /// Servers add the field to every answer. What it says is known of the page from then on, also when rules change later, and by
  /// the next recrawl, whose 304 does not say it again.
  @Test func theDirectivesOfA304AreThoseOfThePage() throws {
    try Stage.play { stage in
      let (web, name) = (stage.web, "h0.test")
      let page = Response.html("<meta name=robots content=noindex><a href=/b>b</a><a href=/old/c>c</a>")
      await web.plant(page, Validators(etag: "\"1\""), at: "/a", on: name)
      for target in ["/b", "/old/c"] { await web.plant(.links([]), at: target, on: name) }
      try await stage.withDaemon { _ in
        try await stage.crawl("first", ["--exclude", stage.url("/old/**")], seeds: [stage.url("/a")])
        let answer = Response(status: 304, fields: ["X-Robots-Tag: nofollow, NoIndex"])
        await web.plant([.send(answer.serialised())], at: "/a", on: name)
        try await stage.control("add", "--recrawl", "first", "--name", "second", "--open")
        while try stage.number("SELECT count(*) FROM pages WHERE run_id = 2") == 0 { try await stage.control("status") }
        try await stage.control("set", "second", "exclude=none")
        try await stage.control("seal", "second")
        try await stage.control("wait", "second", "--for", "done")
        await web.plant([.send(Response(status: 304).serialised())], at: "/a", on: name)
        try await stage.recrawl("second", ["--name", "third"])
      }
      let pages =
        "SELECT t.name, p.robots FROM v_pages p JOIN tasks t ON t.name = p.task WHERE url LIKE '%/a' ORDER BY t.id"
      #expect(
        try stage.rows(pages) == [
          ["first", "noindex"], ["second", "noindex,nofollow"], ["third", "noindex,nofollow"],
        ])
      let links = "SELECT u.reason FROM urls u WHERE u.task_id > 1 AND u.url LIKE '%/old/c'"
      #expect(try stage.column(links) == ["nofollow", "nofollow"])
      try await stage.expectSound()
    }
  }

  /// The same when the first crawl was told nothing, and the 304 says it.
  @Test func whatTheHeaderSectionOfA304SaysOfLinksIsNoted() throws {
    try Stage.play { stage in
      let name = "h0.test"
      let map = "<urlset><url><loc>\(stage.url("/of-map"))</loc></url></urlset>"
      let file = Response(fields: ["Content-Type: application/xml", "ETag: \"1\""], body: Array(map.utf8))
      await stage.web.plant(file, at: "/start", on: name)
      let rules = ["--follow", "+sitemap", "--exclude", "**/of-map"]
      try await stage.withDaemon { _ in
        try await stage.crawl("first", rules, seeds: [stage.url("/start")])
        let unchanged = Response(status: 304, fields: ["X-Robots-Tag: nofollow"])
        await stage.web.plant(unchanged, at: "/start", on: name)
        try await stage.recrawl("first", ["--name", "second"])
        await stage.web.plant(Response(status: 304), at: "/start", on: name)
        try await stage.recrawl("second", ["--name", "third", "--exclude", "**/nothing"])
      }
      let reasons = try stage.column("SELECT reason FROM urls WHERE url LIKE '%/of-map' ORDER BY id")
      #expect(reasons == ["exclude", "exclude", "nofollow"])
      try await stage.expectSound()
    }
  }

  /// The rows do not tell whether a document says nofollow of one link or of all.
  @Test func aLinkOfADocumentThatSaysNofollowIsFollowedByNoCrawl() throws {
    try Stage.play { stage in
      let fields = ["Content-Type: application/pdf", "Link: </quiet>; rel=\"next nofollow\", </loud>; rel=next"]
      let document = Response(fields: fields, body: Array("%PDF".utf8))
      await stage.web.plant(document, Validators(etag: "\"1\""), at: "/start", on: "h0.test")
      for target in ["/quiet", "/loud"] { await stage.web.plant(.links([]), at: target, on: "h0.test") }
      try await stage.withDaemon { _ in
        try await stage.crawl("first", ["--follow", "+link-next"], seeds: [stage.url("/start")])
        try await stage.recrawl("first", ["--name", "second"])
      }
      #expect(await stage.web.log.pages.map(\.target) == ["/start", "/loud", "/start", "/loud"])
      #expect(
        try stage.rows("SELECT state, reason FROM urls WHERE url LIKE '%/quiet'")
          == [["excluded", "nofollow"], ["excluded", "nofollow"]])
      try await stage.expectSound()
    }
  }

  /// A server that says for ever that nothing was modified would never send it.
  @Test func aBodyThatIsWantedAndNotStoredIsFetchedWhole() throws {
    try Stage.play { stage in
      let web = stage.web
      await web.plant(.links([]), Validators(etag: "\"1\""), at: "/start", on: "h0.test")
      try await stage.withDaemon { _ in
        try await stage.crawl("first", seeds: [stage.url("/start")])
        for name in ["second", "third"] {
          try await stage.recrawl(name == "second" ? "first" : "second", ["--name", name, "--store", "body"])
        }
        try await stage.expectSound()
      }
      #expect(await web.log.pages.map(\.status) == [200, 200, 304])
      #expect(
        try stage.rows("SELECT change, body_hash IS NOT NULL FROM fetches WHERE url_id IS NOT NULL ORDER BY id")
          == [[nil, "0"], ["unchanged", "1"], ["not_modified", "0"]])
    }
  }

  @Test func aServerThatRefusesConditionsIsAskedWithoutThem() throws {
    try Stage.play { stage in
      let (web, name) = (stage.web, "h0.test")
      await web.plant(.links(["/next"]), Validators(etag: "\"1\"", refusesConditions: true), at: "/start", on: name)
      // To a request without conditions 412 is an answer like any other.
      await web.plant([WireStep](arrayLiteral: .send(Response(status: 412))), at: "/next", on: name)
      await web.keepFields()
      try await stage.withDaemon { _ in
        try await stage.crawl("first", seeds: [stage.url("/start")])
        await web.resetLog()
        for task in ["second", "third"] { try await stage.recrawl("first", ["--name", task]) }
      }
      let fetches = try stage.rows(
        "SELECT outcome, status, attempt, change FROM fetches WHERE url_id IS NOT NULL AND task_id > 1 ORDER BY id")
      let ofOne: [[String?]] = [
        ["client_error", "412", "1", nil], ["ok", "200", "1", "unchanged"], ["client_error", "412", "1", nil],
      ]
      #expect(fetches == ofOne + ofOne)
      let conditions = await web.log.pages.map { [$0.target] + $0.conditions }
      #expect(
        conditions.prefix(3) == [["/start", "if-none-match: \"1\""], ["/start"], ["/next"]])
      #expect(try stage.column("SELECT DISTINCT state FROM urls") == ["done"])
      try await stage.expectSound()
    }
  }

  /// The second crawl is given what it wants after the first of its pages has come.
  @Test func whatIsWantedOfPagesForTheFirstTimeIsReadThoughTheyHaveNotChanged() throws {
    try Stage.play { stage in
      let (web, name) = (stage.web, "h0.test")
      await web.plant(.links(["/next"]), Validators(etag: "\"1\""), at: "/start", on: name)
      await web.plant(.links([]), Validators(etag: "\"1\""), at: "/next", on: name)
      try stage.configure(
        Stage.pageHandler("about", try stage.python("about", "answer['links'] = ['/next']")))
      try await stage.withDaemon { _ in
        try await stage.crawl("first", seeds: [stage.url("/start")])
        await web.plant([.hold, .send(Response(status: 304))], at: "/next", on: name)
        try await stage.control("add", "--recrawl", "first", "--name", "second")
        try await web.waitForHolds(1)
        try await stage.control("set", "second", "store=text", "handlers=about")
        await web.plant(nil, at: "/next", on: name)
        await web.release()
        try await stage.control("wait", "second", "--for", "done")
        await web.resetLog()
        try await stage.recrawl("second", ["--name", "third"])
        var statuses = await web.log.pages.map(\.status)
        #expect(statuses == [200, 200])
        #expect(try await stage.control("search", "next", "--task", "third").contains("/start"))
        try await stage.recrawl("third", ["--name", "fourth"])
        statuses = await web.log.pages.map(\.status)
        #expect(statuses == [200, 200, 304, 304])
        // Whoever wants one of these alone has it as well; the page without words has no text.
        try await stage.recrawl("fourth", ["--name", "fifth", "--store", "meta"])
        try await stage.recrawl("fifth", ["--name", "sixth", "--store", "text", "--handler", "none"])
        statuses = await web.log.pages.map(\.status)
        #expect(statuses == [200, 200, 304, 304, 304, 304, 200, 304])
      }
      let handled = """
        SELECT t.name FROM links JOIN urls u ON u.id = target_url_id JOIN tasks t ON t.id = u.task_id WHERE kind = 'handler'
        GROUP BY 1 HAVING count(*) = 2
        """
      #expect(try stage.column(handled) == ["fifth", "fourth", "third"])
      try await stage.expectSound()
    }
  }

  @Test func a304ToAPageThatIsNotThereAnyMoreIsFetchedWhole() throws {
    try Stage.play { stage in
      let (web, name) = (stage.web, "h0.test")
      await web.plant(.links(["/next"]), Validators(etag: "\"1\""), at: "/start", on: name)
      await web.plant(.links([]), at: "/next", on: name)
      await web.keepFields()
      try await stage.withDaemon { _ in
        try await stage.crawl("first", seeds: [stage.url("/start")])
        await web.resetLog()
        await web.plant([.hold, .send(Response(status: 304))], at: "/start", on: name)
        try await stage.control("add", "--recrawl", "first", "--name", "second")
        try await web.waitForHolds(1)
        try stage.write(
          """
          DELETE FROM links; DELETE FROM pages; DELETE FROM fetches WHERE task_id = 1; DELETE FROM urls WHERE task_id = 1
          """)
        await web.plant([WireStep](arrayLiteral: .send(.links(["/next"]))), at: "/start", on: name)
        await web.release()
        try await stage.control("wait", "second", "--for", "done")
      }
      let fetches = try stage.rows("SELECT outcome, change FROM fetches WHERE url_id IS NOT NULL ORDER BY id")
      #expect(fetches == [["not_modified", nil], ["ok", "new"], ["ok", "new"]])
      let conditions = await web.log.pages.map { [$0.target] + $0.conditions }
      #expect(conditions == [["/start", "if-none-match: \"1\""], ["/start"], ["/next"]])
      #expect(try stage.column("SELECT title FROM v_pages WHERE task = 'second'") == ["Links", "Links"])
    }
  }
}

extension Stage {
  /// Plants a page that names a feed, a sitemap and a document whose header sections say nofollow; each has an
  /// entity tag. What they name begins with `/of-` in the folder.
  func plantNofollow(in folder: String) async {
    func plant(_ target: String, _ type: String, _ body: String, _ fields: [String] = []) async {
      let file = Response(
        fields: ["Content-Type: \(type)", "X-Robots-Tag: nofollow"] + fields, body: Array(body.utf8))
      await web.plant(file, Validators(etag: "\"1\""), at: target, on: "h0.test")
    }
    let item = "<rss><channel><item><link>\(url(folder + "/of-feed"))</link></item></channel></rss>"
    await plant("/feed", "application/xml", item)
    await plant("/map", "application/xml", "<urlset><url><loc>\(url(folder + "/of-map"))</loc></url></urlset>")
    let fields = ["Refresh: 0;url=\(folder)/of-refresh", "Link: <\(folder)/of-link>; rel=next"]
    await plant("/document", "application/pdf", "%PDF", fields)
    await web.plant(.links(["/feed", "/map", "/document"]), at: "/start", on: "h0.test")
    for target in ["/of-feed", "/of-map", "/of-refresh", "/of-link"] {
      await web.plant(.links([]), at: folder + target, on: "h0.test")
    }
  }
}
