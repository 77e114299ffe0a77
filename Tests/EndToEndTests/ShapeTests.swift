import EventLoop
import FoundationEssentials
import TestWeb
import Testing

extension EndToEndTests {
  /// Every line that a verb prints with `--json` is what `crawlctl shapes --json` says of it.
  @Suite struct Shapes {
    @Test func everyVerbPrintsWhatItsShapeSays() throws {
      try Stage.play(Site(hosts: 1, pages: 6)) { stage in
        let judge = try await ShapeJudge(stage)
        try await Self.askOffline(judge)
        try await stage.withDaemon { _ in
          try await Self.askOfACrawl(judge, stage)
          try await Self.askOfARecrawl(judge, stage)
          try await Self.askInTheMiddle(judge, stage)
          try await Self.follow(judge, stage)
          try await judge.see("status")
          try await judge.see("reload")
          try await judge.see("shutdown")
        }
        judge.expectAllSeen()
      }
    }

    /// The judge of these lines finds what is not as it should be.
    @Test func aLineThatIsOtherwiseIsFound() throws {
      try Stage.play { stage in
        let judge = try await ShapeJudge(stage)
        let set = #"{"id":1,"name":"docs","settings_revision":2,"changes":[{"setting":"delay","from":"1s","to":"2s"}]}"#
        #expect(try judge.problems("set", set) == [])
        #expect(try judge.problems("set", set.replacing(#""id":1,"#, with: "")) == [".id is not there"])
        #expect(try judge.problems("set", set.replacing("id", with: "ID")).contains(".ID is in no schema"))
        #expect(
          try judge.problems("set", set.replacing("2,", with: "2.5,")) == [#".settings_revision is no ["integer"]"#])
        #expect(try judge.problems("set", set.replacing("to", with: "in")).contains(".changes[0].to is not there"))
        let event = #"{"kind":"task","to":"paused"}"#
        #expect(try judge.problems("events", event) == [])
        #expect(try judge.problems("events", event.replacing("paused", with: "asleep")).count == 1)
        #expect(try judge.problems("status", "[]") == [#" is no ["object"]"#])
      }
    }

    // MARK: After a crawl

    private static func askOfACrawl(_ judge: ShapeJudge, _ stage: Stage) async throws {
      await stage.web.plant(
        .html("<title>Start</title><p>A crawler is steered while it runs.<a href=/a rel=next>a</a>"),
        Validators(etag: "\"s\""), at: "/start", on: "h0.test")
      await stage.web.plant(.html("<title>Alpha</title>words"), at: "/a", on: "h0.test")
      let seeds = ["/", "/start", "/nowhere"].map { stage.url($0) } + ["http://nowhere.test/"]
      try await judge.see(["add", "--name", "docs", "--delay", "0", "--store", "all"] + seeds)
      try await judge.see("wait", "docs")
      for subject in ["docs", "h0.test", seeds[0], seeds[3]] { try await judge.see("why", subject) }
      for verb in ["ls", "show docs", "url \(seeds[1])", "url \(seeds[3])"] {
        try await judge.see(verb.split(separator: " ").map(String.init))
      }
      let links = try stage.column("SELECT url FROM urls WHERE via_url_id IS NOT NULL AND state = 'done' LIMIT 1")
      try await judge.see("url", try #require(links.first))
      try await judge.see(["run", "--name", "few", "--delay", "0", "--depth", "0", seeds[0]])
      try await judge.see("diff", "docs", "few")
      try await judge.see("query", "SELECT url, depth, 1.5 AS half, NULL AS missing, x'ff' AS blob FROM urls")
      try await judge.see("query", "--schema")
      try await judge.see("search", "steered")
      for rows in ["pages", "links", "urls", "fetches"] { try await judge.see("export", "--rows", rows) }
      try await judge.see("export", "docs", "--output", "\(stage.directory)/pages.jsonl")
      try await judge.see("export", "docs", "--format", "warc", "--output", "\(stage.directory)/docs.warc.gz")
      try await judge.see("backup", "\(stage.directory)/copy.db")
      try await judge.see(["doctor"], lines: 1)
      try await judge.see(["doctor", "--data", stage.directory], exit: 1)
      try await judge.see("retry", seeds[3])
      try await stage.control("wait", "docs")
      try await judge.see("retry", "docs")
      try await stage.control("wait", "docs")
      try await judge.see(["retry", "nobody"], exit: 4)
      try await judge.see(["pause", "docs"], exit: 5)
    }

    private static func askOfARecrawl(_ judge: ShapeJudge, _ stage: Stage) async throws {
      await stage.web.plant(.html("<title>Alpha</title>other words"), at: "/a", on: "h0.test")
      try await judge.see("add", "--recrawl", "docs", "--name", "again")
      try await judge.see("wait", "again")
      try await judge.see("show", "again")
      try await judge.see("diff", "again")
      try await judge.see("url", stage.url("/a"), "--task", "again")
      for rows in ["pages", "fetches"] { try await judge.see("export", "again", "--rows", rows) }
    }

    // MARK: In the middle of a crawl

    private static func askInTheMiddle(_ judge: ShapeJudge, _ stage: Stage) async throws {
      let held = stage.url(Fault.slowFirstByte.target)
      try await stage.add("held", seeds: [held, stage.url("/p/1")])
      try await stage.web.waitForHolds(1)
      for verb in ["ps", "ps held", "ps --all", "hosts", "hosts held", "top --once", "why held", "ls", "status"] {
        try await judge.see(verb.split(separator: " ").map(String.init))
      }
      try await judge.see("url", held)
      try await judge.see("block", "h0.test", "--for", "1h")
      for verb in ["hosts", "why h0.test"] { try await judge.see(verb.split(separator: " ").map(String.init)) }
      try await judge.see("set", "--host", "h0.test", "delay=1s", "concurrency=2", "budget=100")
      try await judge.see("set", "--host", "h0.test", "delay=none")
      try await judge.see("unblock", "h0.test")
      try await judge.see("set", "held", "delay=2s", "max_pages=100")
      for (verb, setting) in [("show", []), ("why", []), ("set", ["delay=3s"])] {
        try await judge.see([verb, "held", "nobody"] + setting, exit: 8, lines: 2)
      }
      try await judge.see("pause", "held", "--now")
      try await judge.see("wait", "held", "--for", "paused")
      try await judge.see("why", "held")
      await stage.web.release()
      try await judge.see("resume", "held")
      try await judge.see("cancel", "held")
      try await judge.see(["wait", "held"], exit: 12)
      try await judge.see("rm", "held")
      try await stage.control("add", "--name", "feed", "--open", "--paused")
      try await judge.see("ls")
      try await judge.see(["offer", "feed", stage.url("/p/2"), "mailto:nobody"], exit: 8)
      try await judge.see("seal", "feed")
      try await judge.see("cancel", "feed")
    }

    private static func follow(_ judge: ShapeJudge, _ stage: Stage) async throws {
      let (lines, _) = try await stage.following(["events", "--json"]) { events in
        _ = try await events.diagnostic()
        try await stage.control("block", "h0.test", "--for", "1h")
        try await stage.control("unblock", "h0.test")
        try await stage.add("told", seeds: [stage.url("/"), "http://nowhere.test/"])
        var lines: [String] = []
        while let line = try await events.line() {
          lines.append(line)
          if line.contains(#""action":"finished""#) { break }
        }
        return lines
      }
      #expect(lines.contains { $0.contains(#""kind":"host""#) } && lines.contains { $0.contains(#""kind":"fetch""#) })
      try judge.judge("events", lines)
    }

    // MARK: Without a daemon

    private static func askOffline(_ judge: ShapeJudge) async throws {
      try judge.judge("shapes", try await judge.shapes().split(separator: "\n").map(String.init))
      try await judge.check(
        "robots",
        #"{"robots":"User-agent: *\nDisallow: /a\nCrawl-delay: 2\nSitemap: http://h/s","agent":"x","url":"http://h/a"}"#,
        #"{"id":2,"status":503,"agent":"x","url":"http://h/a"}"#, "no JSON")
      try await judge.check(
        "url", #"{"id":1,"input":"../b","base":"http://h.example/a/"}"#, #"{"id":"2","input":""}"#, "{}")
      try judge.judge("check url", [try await judge.crawlctl(["check", "url", "http://h.example/"])])
      try await judge.check("address", #"{"id":1.5,"address":"127.1"}"#, #"{"id":true,"url":"http://9.9.9.9/"}"#, "{}")
      try await judge.check("retry-after", #"{"id":1,"value":"60"}"#, #"{"value":"soon"}"#, "{}")
      let names = ["title", "description", "url", "image", "type", "site_name", "locale"]
      let page = page(
        """
        <html lang=en><base href=/b/><title>t</title><meta name=description content=d><meta name=robots content=noindex>
        <meta http-equiv=refresh content="5; url=/c"><link rel=canonical href=/d><link rel=alternate hreflang=de href=/de>
        \(names.map { "<meta property=og:\($0) content=http://h/>" }.joined())<h1>h</h1><a rel=next href="http://[">e</a>
        """)
      try await judge.check("links", page, "[]")
      try await judge.check("page", page, #"{"html_base64":"","url":"http://h/"}"#, #"{"id":1}"#)
      let sitemap = { (name: String, text: String) in
        #"{"url":"http://h/s.xml","base64":""# + Data("<\(name)>\(text)</\(name)>".utf8).base64EncodedString() + #""}"#
      }
      try await judge.check(
        "sitemap", sitemap("urlset", "<url><loc>http://h/a</loc><lastmod>2026-01-02</lastmod></url>"),
        sitemap("sitemapindex", "<sitemap><loc>http://h/b.xml</loc></sitemap>"), sitemap("p", "none"), "{}")
    }

    private static func page(_ html: String) -> String {
      #"{"id":1,"url":"http://h/","html_base64":""# + Data(html.utf8).base64EncodedString() + #""}"#
    }
  }
}

/// Holds what verbs print against their schemas. Belongs to the loop's thread.
private final class ShapeJudge: @unchecked Sendable {
  private let stage: Stage
  private var checks: [String: JSONSchemaCheck] = [:]

  init(_ stage: Stage) async throws {
    self.stage = stage
    for line in try await shapes().split(separator: "\n") {
      let document = try JSONText(String(line))
      let title = try #require(document["title"]?.string)
      checks[String(title.dropFirst("crawlctl ".count))] = JSONSchemaCheck(document)
    }
  }

  func shapes() async throws -> String { try await crawlctl(["shapes", "--json"]) }

  /// Runs a verb that takes no socket.
  func crawlctl(_ arguments: [String]) async throws -> String {
    let ended = try await stage.loop.run(Programs.crawlctl, arguments)
    guard ended.code == 0 else { throw UnexpectedExit(arguments: arguments, ended: ended) }
    return ended.output
  }

  func see(_ arguments: String...) async throws { try await see(arguments) }

  /// Runs a verb with `--json` and judges each of its lines, of which there have to be some.
  func see(_ arguments: [String], exit code: Int32 = 0, lines expected: Int? = nil) async throws {
    let lines = try await stage.control(arguments + ["--json"], exit: code).split(separator: "\n").map(String.init)
    #expect(expected.map { lines.count == $0 } ?? !lines.isEmpty, "\(arguments) printed \(lines.count) lines")
    try judge(arguments[0], lines)
  }

  /// Asks a kind of check, and judges its answers: one of each line.
  func check(_ kind: String, _ questions: String...) async throws {
    let script = #"kind=$1 program=$2; shift 2; printf '%s\n' "$@" | "$program" check "$kind""#
    let ended = try await stage.loop.run("/bin/sh", ["-c", script, "sh", kind, Programs.crawlctl] + questions)
    let answers = ended.output.split(separator: "\n").map(String.init)
    #expect(answers.count == questions.count, "\(ended)")
    try judge("check \(kind)", answers)
  }

  func judge(_ verb: String, _ lines: [String]) throws {
    var check = try #require(checks[verb], "\(verb) has no schema")
    for line in lines { #expect(check.problems(of: try JSONText(line)) == [], "\(verb) printed \(line)") }
    checks[verb] = check
  }

  /// What is wrong with a line, for itself.
  func problems(_ verb: String, _ line: String) throws -> [String] {
    var check = try #require(checks[verb], "\(verb) has no schema")
    return check.problems(of: try JSONText(line))
  }

  /// Every verb was seen, by each of the options that make its lines something else; and of what rows and `check`
  /// answer, which no other test looks at, every field.
  func expectAllSeen() {
    #expect(checks.count > 35)
    for (verb, check) in checks {
      let alternatives = check.document["anyOf"]?.items.count ?? 0
      #expect(check.used.count == alternatives, "of \(verb) lines of \(check.used.sorted()) alone, of \(alternatives)")
      if verb.hasPrefix("check ") || ["query", "search", "diff", "export"].contains(verb) {
        #expect(check.unmet == [], "\(verb)")
      }
    }
  }
}
