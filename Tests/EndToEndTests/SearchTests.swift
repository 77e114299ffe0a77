import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// Texts of pages, from the web to `crawlctl search`.
  @Suite struct Searches {
    private static func found(_ stage: Stage, _ arguments: String...) async throws -> [String] {
      try await stage.control(["search", "--json"] + arguments).split(separator: "\n").map(String.init)
    }

    @Test func pagesAreFoundByTheirWordsUntilTheyChange() throws {
      try Stage.play { stage in
        let (web, name) = (stage.web, "h0.test")
        await web.plant(
          .html("<title>Start</title><p>A crawler is <b>steered</b> while it runs.<a href=/a>a</a><a href=/b>b</a>"),
          Validators(etag: "\"s\""), at: "/start", on: name)
        await web.plant(.html("<title>Alpha</title>The daemon's \u{1B}[31mred\u{202E} words"), at: "/a", on: name)
        await web.plant(.html("<title>Beta</title>words that go"), at: "/b", on: name)
        try await stage.withDaemon { _ in
          try await stage.crawl("plain", seeds: [stage.url("/start")])
          let nothing = try await stage.crawlctl(["search", "words"])
          #expect(nothing.code == 0 && nothing.output == "" && nothing.errors.contains("--store text"), "\(nothing)")
          try await stage.crawl("first", ["--store", "text"], seeds: [stage.url("/start")])
          let found = try await Self.found(stage, "steer*", "while it")
          #expect(found.count == 1)
          #expect(found[0].hasPrefix(#"{"task":"first","url":"\#(stage.url("/start"))","title":"Start","snippet":"A"#))
          #expect(found[0].contains("[steered] [while it] runs"))
          let plain = try await stage.crawlctl(["search", "words", "--task", "plain"])
          #expect(plain.output == "" && plain.errors.contains("no page of plain has its text stored"), "\(plain)")
          let none = try await stage.crawlctl(["search", "nothing", "--task", "first"])
          #expect(none.errors == "crawlctl: no page has these words\n", "\(none)")
          let table = try await stage.control("search", "words")
          #expect(table.contains("Alpha") && table.contains("Beta") && table.contains("[words]"))
          #expect(!table.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
          #expect(try await Self.found(stage, "words", "--limit", "1").count == 1)
          let some = try await stage.crawlctl(["search", "words", "--limit", "1"])
          #expect(some.errors == "crawlctl: more pages than 1 have these words; --limit N shows more\n", "\(some)")
          #expect(try await stage.crawlctl(["search", "words", "--limit", "2"]).errors == "")
          #expect(try await stage.crawlctl(["search", "words", "--limit", "\(Int.max)"]).errors == "")
          #expect(try await stage.crawlctl(["search", "words", "--timeout", "0.000001ms"]).code == 6)
          #expect(try await stage.crawlctl(["search", "…"]).code == 2)
          #expect(try await stage.crawlctl(["search", "words", "--task", "none"]).code == 4)

          await web.plant(.html("<title>Alpha</title>The daemon's other text"), at: "/a", on: name)
          await web.plant(Response(status: 410), at: "/b", on: name)
          try await stage.recrawl("first")
          #expect(try await Self.found(stage, "words") == [], "they are no more")
          #expect(try await Self.found(stage, "other text").count == 1)
          let steered = try await Self.found(stage, "steered")
          #expect(steered.count == 1 && steered[0].contains(#""task":"first-2""#), "\(steered)")
          #expect(try await Self.found(stage, "words", "--task", "first").count == 2)
          #expect(try stage.number("SELECT count(*) FROM page_texts") == 4, "the page of the 304 has the earlier text")
          try await stage.expectSound()
          try await stage.control("rm", "first")
          try await stage.waitForRemovals()
        }
        #expect(try stage.column("SELECT text FROM page_texts ORDER BY text").count == 2)
        #expect(try stage.number("SELECT count(*) FROM v_texts WHERE task = 'first-2'") == 2)
        try await stage.expectSound()
        let alone = try await stage.crawlctl(["search", "other", "--database", stage.database])
        #expect(alone.code == 0 && alone.output.contains("Alpha") && alone.errors == "", "\(alone)")
        try stage.write("UPDATE database SET unindexed_text_id = 1")
        let partly = try await stage.crawlctl(["search", "other", "--database", stage.database])
        #expect(partly.code == 0 && partly.errors.contains("older ones may not be found yet"), "\(partly)")
      }
    }

    /// As `keep_last` has it: the first of three crawls goes, by which the others knew that they have the same.
    @Test func aPageIsFoundOnceWhenTheCrawlThatBroughtItIsGone() throws {
      try Stage.play { stage in
        await stage.web.plant(
          .html("<title>Start</title>stable words"), Validators(etag: "\"s\""), at: "/start", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.crawl("first", ["--store", "text"], seeds: [stage.url("/start")])
          for name in ["first", "first-2", "first-3"] { try await stage.recrawl(name) }
          for name in ["first", "first-2"] {
            try await stage.control("rm", name)
            try await stage.waitForRemovals()
            let found = try await Self.found(stage, "stable")
            #expect(found.count == 1 && found.first?.contains(#""task":"first-4""#) == true, "\(found)")
            #expect(try stage.number("SELECT count(*) FROM v_changes WHERE change = 'not_modified'") > 0)
            #expect(try stage.number("SELECT count(*) FROM v_changes WHERE text_differs") == 0)
          }
        }
        try await stage.expectSound()
      }
    }

    /// When a task ends; and when a daemon was killed before, by the next one.
    @Test func textsThatAreNearlyTheSameAreFoundInTheBackground() throws {
      try Stage.play { stage in
        let words = (0..<400).map { "word\($0)" }.joined(separator: " ")
        for (target, text) in [("/one", words), ("/two", words + " more"), ("/three", String(words.reversed()))] {
          await stage.web.plant(.html("<title>\(target)</title>\(text)"), at: target, on: "h0.test")
        }
        let pairs = "SELECT url || ' ' || other_url FROM v_near_duplicates WHERE task = 'texts'"
        let expected = ["\(stage.url("/one")) \(stage.url("/two"))"]
        try await stage.withDaemon { _ in
          try await stage.crawl("texts", ["--store", "text"], seeds: ["/one", "/two", "/three"].map { stage.url($0) })
          try await stage.waitUntilCompared()
          #expect(try stage.column(pairs) == expected)
        }
        try Holder(stage.database, "DELETE FROM near_duplicates; UPDATE tasks SET compared = 0").close()
        try await stage.withDaemon { _ in
          try await stage.waitUntilCompared()
          #expect(try stage.column(pairs) == expected)
          try await stage.control("rm", "texts")
          try await stage.waitForRemovals()
        }
        try await stage.expectSound()
      }
    }

    /// One row of an old task may be damaged. Here its pairs can't be read.
    @Test func aTaskWhoseTextsCanNotBeComparedKeepsNoOtherFromIt() throws {
      try Stage.play { stage in
        let words = (0..<400).map { "word\($0)" }.joined(separator: " ")
        let seeds = ["/one", "/two"].map { stage.url($0) }
        await stage.web.plant(.html("<title>one</title>" + words), at: "/one", on: "h0.test")
        await stage.web.plant(.html("<title>two</title>more " + words), at: "/two", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.crawl("damaged", ["--store", "text"], seeds: seeds)
          try await stage.waitUntilCompared()
        }
        try stage.write(
          """
          CREATE TABLE stored_pairs AS SELECT * FROM near_duplicates;
          DROP TABLE near_duplicates;
          CREATE VIEW near_duplicates AS SELECT task_id, url_id, other_url_id,
            CASE task_id WHEN 1 THEN json('damaged') ELSE distance END AS distance FROM stored_pairs;
          CREATE TRIGGER pairs_are_stored INSTEAD OF INSERT ON near_duplicates BEGIN
            INSERT INTO stored_pairs VALUES (new.task_id, new.url_id, new.other_url_id, new.distance);
          END;
          UPDATE tasks SET compared = 0;
          """)
        try await stage.withDaemon { _ in
          try await stage.crawl("sound", ["--store", "text"], seeds: seeds)
          let compared = "SELECT compared > 0 AS is_compared FROM tasks WHERE name = 'sound'"
          while try await !stage.control("query", compared, "--json").contains(#""is_compared":1"#) {}
          #expect(try stage.number("SELECT count(*) FROM stored_pairs WHERE task_id = 2") == 1)
          #expect(try await stage.control("why", "damaged").contains("its texts can't be compared"))
          #expect(try await !stage.control("why", "sound").contains("its texts can't be compared"))
        }
      }
    }

    /// A retry takes final answers back, and brings as many again: their texts are new all the same.
    @Test func textsThatARetryBroughtAreComparedToo() throws {
      try Stage.play { stage in
        let words = (0..<400).map { "word\($0)" }.joined(separator: " ")
        await stage.web.plant(.html("<title>one</title>" + words), at: "/one", on: "h0.test")
        await stage.web.plant(Response.html("", status: 503), at: "/two", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.crawl("texts", ["--store", "text"], seeds: ["/one", "/two"].map { stage.url($0) })
          try await stage.waitUntilCompared()
          #expect(try stage.number("SELECT count(*) FROM near_duplicates") == 0)
          await stage.web.plant(.html("<title>two</title>more " + words), at: "/two", on: "h0.test")
          try await stage.control("retry", "texts")
          try await stage.control("wait", "texts", "--for", "done")
          try await stage.waitUntilCompared()
          #expect(try stage.number("SELECT count(*) FROM near_duplicates") == 1)
        }
        try await stage.expectSound()
      }
    }

    @Test func aTextIsCutAtItsLimit() throws {
      try Stage.play { stage in
        let words = Array(repeating: UInt8(ascii: "w"), count: 9) + [UInt8(ascii: " ")]
        let page = Array("<title>Long</title>first ".utf8) + (0..<500_000).flatMap { _ in words } + Array("last".utf8)
        await stage.web.plant(.html(page), at: "/start", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.crawl("one", ["--store", "text"], seeds: [stage.url("/start")])
          #expect(try await Self.found(stage, "first").count == 1)
          #expect(try await Self.found(stage, "last") == [])
        }
        #expect(try (4_194_290...4_194_304).contains(stage.number("SELECT length(text) FROM page_texts")))
        try await stage.expectSound()
      }
    }

    /// Killed in the middle and started again, as often as it takes: each page has its text, once.
    @Test func aKilledDaemonLosesAndDoublesNoText() throws {
      try Stage.play(Site(hosts: 1, pages: 120)) { stage in
        var isAdded = false
        for requests in [20, 50, 80] {
          let added = isAdded
          try await stage.withDaemon { daemon in
            if !added { try await stage.add("one", ["--store", "text"], seeds: [stage.url("/")]) }
            try await stage.web.waitForRequests(requests)
            try await daemon.kill()
          }
          isAdded = true
        }
        try await stage.withDaemon { _ in try await stage.control("wait", "one", "--for", "done") }
        #expect(try stage.number("SELECT count(*) FROM pages WHERE text_id IS NULL") == 0)
        #expect(try stage.number("SELECT count(*) FROM v_texts") == 120)
        #expect(try stage.number("SELECT count(*) FROM page_texts x WHERE text = '' OR title IS NULL") == 0)
        try await stage.expectSound()
      }
    }
  }
}

extension Stage {
  /// Waits until the texts of the only task have been compared, all of its answers' pages.
  fileprivate func waitUntilCompared() async throws {
    let compared = "compared = (SELECT fetches FROM task_counters WHERE task_id = id)"
    let count = ["query", "SELECT \(compared) AS all_of_them FROM tasks", "--json"]
    while try await !control(count).contains(#""all_of_them":1"#) {}
  }
}
