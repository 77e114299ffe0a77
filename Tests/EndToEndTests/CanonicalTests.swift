import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// A task's rules for which URLs are one: sessions and campaigns in queries, letter case, order.
  @Suite struct Canonical {
    /// Spellings of the shop's pages: by row those that are one URL when `sid` and `utm_*` are dropped and queries sorted.
    private static let pages = [
      ["/list?sid=1&page=2", "/list?page=2&sid=2", "/list?page=2"],
      ["/item?utm_source=mail&id=1", "/item?id=1", "/item?id=1&utm_campaign=x&sid=3", "/%69tem?id=1"],
      ["/item?id=2&colour=red", "/item?colour=red&id=2"],
      ["/Help", "/help?sid=4"],
    ]
    private static let rules = ["--drop-parameter", "sid", "--drop-parameter", "utm_*", "--sort-query", "on"]

    /// The front page names all spellings in turn, first ones first; each other page names its own spellings again.
    private func plantShop(_ stage: Stage) async {
      func page(_ targets: [String]) -> Response {
        .html("<!doctype html><title>x</title>" + targets.map { "<a href='\($0)'>x</a>" }.joined())
      }
      for target in ["/", "/?sid=0"] {
        await stage.web.plant(page(Self.pages.flatMap { $0 }), at: target, on: "h0.test")
      }
      for spellings in Self.pages {
        for target in spellings { await stage.web.plant(page(spellings.reversed()), at: target, on: "h0.test") }
      }
    }

    private func requests(_ stage: Stage) async -> [String] { await stage.web.log.pages.map(\.target).sorted() }

    private func done(_ stage: Stage) throws -> [String] {
      try stage.column("SELECT url FROM urls WHERE state = 'done' ORDER BY url")
    }

    private func expectOnly(_ targets: [String], _ stage: Stage) async throws {
      #expect(await requests(stage) == targets.sorted())
      #expect(try done(stage) == targets.map { stage.url($0) }.sorted())
      #expect(try stage.number("SELECT count(*) FROM urls") == targets.count, "every URL that is known was fetched")
      #expect(try stage.number("SELECT count(*) FROM pages") == targets.count)
      try await stage.expectSound()
    }

    @Test func withoutRulesEverySpellingIsAURL() throws {
      try Stage.play { stage in
        await plantShop(stage)
        try await stage.withDaemon { _ in
          try await stage.add("shop", seeds: [stage.url("/")])
          try await stage.control("wait", "shop", "--for", "done")
        }
        // But for the percent-encoding of a letter, which means the same on every server.
        try await expectOnly(["/"] + Self.pages.flatMap { $0 }.filter { !$0.contains("%") }, stage)
      }
    }

    @Test func withRulesEachPageIsFetchedOnceAsItWasFoundFirst() throws {
      try Stage.play { stage in
        await plantShop(stage)
        try await stage.withDaemon { _ in
          try await stage.add("shop", Self.rules, seeds: [stage.url("/")])
          try await stage.control("wait", "shop", "--for", "done")
        }
        let found = ["/", "/list?sid=1&page=2", "/item?utm_source=mail&id=1", "/item?id=2&colour=red"]
        try await expectOnly(found + ["/Help", "/help?sid=4"], stage)
        #expect(
          try stage.column("SELECT settings ->> 'drop_parameters' FROM tasks") == ["[\"sid\",\"utm_*\"]"])
      }
    }

    @Test func onlyKeptParametersCountAndLetterCaseMayNot() throws {
      try Stage.play { stage in
        await plantShop(stage)
        try await stage.withDaemon { _ in
          let options = ["--keep-parameter", "id", "--keep-parameter", "page", "--lower-case-path", "on"]
          try await stage.add("shop", options, seeds: [stage.url("/?sid=0"), stage.url("/")])
          try await stage.control("wait", "shop", "--for", "done")
        }
        let found = ["/list?sid=1&page=2", "/item?utm_source=mail&id=1", "/item?id=2&colour=red", "/Help"]
        try await expectOnly(["/?sid=0"] + found, stage)
      }
    }

    /// The daemon is killed at several requests: what it knew it tells apart by the same rules when it starts again.
    @Test func theRulesHoldAfterARestart() throws {
      try Stage.play { stage in
        await plantShop(stage)
        for requests in 1...5 {
          // On a busy machine the kills come late.
          if requests > 1, try stage.number("SELECT count(*) FROM urls WHERE state = 'ready'") == 0 { break }
          // The daemon goes on crawling before it can be asked.
          let before = await stage.web.log.count
          try await stage.withDaemon { daemon in
            if requests == 1 {
              try await stage.add("shop", Self.rules + ["--concurrency", "1"], seeds: [stage.url("/")])
            }
            try await stage.web.waitForRequests(max(requests, before + 1))
            try await daemon.kill()
          }
          try await stage.expectSound()
        }
        try await stage.withDaemon { _ in try await stage.control("wait", "shop", "--for", "done") }
        let found = ["/", "/list?sid=1&page=2", "/item?utm_source=mail&id=1", "/item?id=2&colour=red"]
        let all = (found + ["/Help", "/help?sid=4"]).sorted()
        #expect(Set(await requests(stage)) == Set(all))
        #expect(try done(stage) == all.map { stage.url($0) }.sorted())
        #expect(try stage.number("SELECT count(*) FROM urls") == all.count)
        try await stage.expectSound()
      }
    }

    @Test func aURLIsFoundInWhateverSpelling() throws {
      try Stage.play { stage in
        await plantShop(stage)
        try await stage.withDaemon { _ in
          try await stage.add("shop", Self.rules, seeds: [stage.url("/")])
          try await stage.control("wait", "shop", "--for", "done")
          try await stage.add("plain", ["--depth", "0"], seeds: [stage.url("/")])
          try await stage.control("wait", "plain", "--for", "done")
          let asked = stage.url("/item?sid=77&id=1")
          let found = stage.url("/item?utm_source=mail&id=1")
          for task in [[], ["--task", "shop"]] {
            let answer = try await stage.crawlctl(["url", asked] + task)
            #expect(answer.code == 0 && answer.output.contains(found), "\(answer)")
            let why = try await stage.crawlctl(["why", asked] + task)
            #expect(why.output.contains("it counts as the same URL as \(found)"), "\(why)")
          }
          // A task without rules knows the page under one name only.
          let plain = try await stage.crawlctl(["url", asked, "--task", "plain"])
          #expect(plain.code == 4, "\(plain)")
          let both = try await stage.control("url", stage.url("/"), "--json")
          #expect(both.contains("\"shop\"") && both.contains("\"plain\""), "\(both)")
        }
      }
    }

    @Test func theRulesOfATaskAreForGood() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("fixed", ["--paused", "--drop-parameter", "b,a"], seeds: [stage.url("/")])
          for change in ["drop_parameters=c", "keep-parameters=c", "sort_query=on", "lower_case_path=on"] {
            let refused = try await stage.crawlctl(["set", "fixed", "delay=3s", change])
            #expect(refused.code == 5, "\(refused)")
            #expect(refused.errors.contains("is chosen when a task is added"), "\(refused)")
            #expect(refused.errors.split(separator: "\n").count == 1, "\(refused)")
          }
          let shown = try await stage.control("show", "fixed")
          #expect(shown.contains("drop_parameters=a,b\n") && shown.contains("delay=0s\n"), "\(shown)")
          try await stage.control("set", "fixed", "drop_parameters=a,b", "delay=3s")
          let wrong = try await stage.crawlctl(["add", "--keep-parameter", "a=b", stage.url("/")])
          #expect(wrong.code == 2 && wrong.errors.contains("--keep-parameter: “a=b”"), "\(wrong)")
        }
        #expect(try stage.number("SELECT settings_revision FROM tasks WHERE name = 'fixed'") == 2)
      }
    }

    /// Sites that put a session into the query send the first request on with it; others send it away.
    @Test func aRedirectToAnotherSpellingIsFollowed() throws {
      try Stage.play { stage in
        func plant(_ response: Response, at target: String) async {
          await stage.web.plant(response, at: target, on: "h0.test")
        }
        await plant(.redirect(to: "/start?sid=9"), at: "/start")
        await plant(.html("<!doctype html><a href='/end?sid=9'>x</a><a href='/turn?sid=1'>x</a>"), at: "/start?sid=9")
        await plant(.redirect(to: "/end"), at: "/end?sid=9")
        await plant(.html("<!doctype html><a href='/start'>x</a>"), at: "/end")
        for session in 1...20 { await plant(.redirect(to: "/turn?sid=\(session + 1)"), at: "/turn?sid=\(session)") }
        try await stage.withDaemon { _ in
          try await stage.add("sessions", ["--drop-parameter", "sid"], seeds: [stage.url("/start")])
          try await stage.control("wait", "sessions", "--for", "done")
        }
        let turns = (1...11).map { "/turn?sid=\($0)" }
        #expect(await requests(stage) == (["/start", "/start?sid=9", "/end?sid=9", "/end"] + turns).sorted())
        #expect(try done(stage) == [stage.url("/end"), stage.url("/start?sid=9")])
        let rest = "SELECT url, state, reason FROM urls WHERE state <> 'done'"
        #expect(try stage.rows(rest) == [[stage.url("/turn?sid=12"), "excluded", "redirect_limit"]])
        #expect(
          try stage.column("SELECT url FROM v_pages ORDER BY url") == [stage.url("/end"), stage.url("/start?sid=9")])
        let redirected = "SELECT count(*) FROM fetches WHERE outcome = 'redirected' AND redirect_to IS NOT NULL"
        #expect(try stage.number(redirected) == 2 + turns.count)
        try await stage.expectSound()
      }
    }

    /// robots.txt often forbids the very parameter that the user drops.
    @Test func aSpellingThatIsExcludedDoesNotHideThePage() throws {
      try Stage.play { stage in
        let links = "<a href='/x?sid=1'>x</a><a href='/y?sid=1'>x</a><a href='/y'>x</a><a href='/z'>x</a>"
        await stage.web.plant(.text("User-agent: *\nDisallow: /*sid=\n"), at: "/robots.txt", on: "h0.test")
        for target in ["/", "/x", "/y", "/z"] {
          let page = Response.html("<!doctype html>" + links + (target == "/z" ? "<a href=/x>x</a>" : ""))
          await stage.web.plant(page, at: target, on: "h0.test")
        }
        try await stage.withDaemon { _ in
          try await stage.add("careful", ["--drop-parameter", "sid"], seeds: [stage.url("/")])
          try await stage.control("wait", "careful", "--for", "done")
        }
        try await expectOnly(["/", "/x", "/y", "/z"], stage)
      }
    }

    @Test func checkAnswersByTheRulesOfTheLine() throws {
      try Stage.play { stage in
        let lines = [
          #"{"id":1,"input":"http://h/A?b=1&a=2&sid=3#x"}"#,
          #"{"id":2,"input":"http://h/A?b=1&a=2&sid=3","drop_parameters":["s*"],"sort_query":true}"#,
          #"{"id":3,"input":"A?b=1&a=2","base":"http://h/","keep_parameters":["a"],"lower_case_path":true}"#,
          #"{"id":4,"input":"http://h/","drop_parameters":["a=b"]}"#,
          #"{"id":5,"input":"http://h/","sort_query":"on"}"#,
        ]
        let script = "printf '%s\\n' '\(lines.joined(separator: "' '"))' | \(Programs.crawlctl) check url"
        let answers = try await stage.loop.run("/bin/sh", ["-c", script]).output.split(separator: "\n")
        let canonical = answers.map { answer in
          answer.split(separator: "\"canonical\":\"").dropFirst().first?.split(separator: "\"").first ?? ""
        }
        let expected = ["http://h/A?b=1&a=2&sid=3", "http://h/A?a=2&b=1", "http://h/a?a=2", "", ""]
        #expect(canonical.map { String($0).replacing("\\/", with: "/") } == expected, "\(answers)")
        #expect(answers.map { $0.contains("\"error\":") } == [false, false, false, true, true], "\(answers)")
      }
    }
  }
}
