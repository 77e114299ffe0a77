import EventLoop
import Glibc
import TestWeb
import Testing

extension Stage {
  /// The configuration of a handler of pages.
  static func pageHandler(_ name: String, _ program: String, _ more: String = "") -> String {
    "[handlers.\(name)]\nprogram = \"\(program)\"\nkinds = [\"on-page\"]\n\(more)\n"
  }

  /// A handler in Python: `body` has the call as `call` and fills `answer`.
  func python(_ name: String, _ body: String) throws -> String {
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }.joined(
      separator: "\n")
    return try program(
      "\(name).py",
      """
      #!/usr/bin/python3
      import json, sys
      for line in sys.stdin:
          call = json.loads(line)
          answer = {"id": call["id"]}
      \(lines)
          print(json.dumps(answer), flush=True)
      """)
  }

  func plant(_ html: String, at target: String) async {
    await web.plant(
      Response(fields: ["Content-Type: text/html"], body: Array(html.utf8)), at: target, on: "h0.test")
  }

  /// A file of the checkout.
  static func checkout(_ path: String) -> String {
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/") + "/" + path
  }
}

extension EndToEndTests {
  /// Handlers that say more of pages.
  @Suite struct PageHandlers {
    @Test func fieldsAndLinksAreStoredWithThePage() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        let about = """
          page = call["page"]
          answer["fields"] = {"h1": page["h1"], "links": len(page["links"]), "big": 9007199254740993, "half": 0.5,
                              "nested": {"none": None, "list": [True, "\\u00e4\\0"]}}
          if page["url"].endswith("/"):
              answer["links"] = ["/more#x", "//elsewhere.test/", "http://[", "/dropped", "/p/1", "mailto:a@b"]
          """
        let drops = "answer['drop'] = {url: 'no' for url in call['urls'] if url.endswith('/dropped')}"
        try stage.configure(
          Stage.pageHandler("about", try stage.python("about", about))
            + Stage.pageHandler(
              "second", try stage.python("second", "answer['fields'] = {'words': call['page']['word_count']}"))
            + Stage.handler("drops", try stage.python("drops", drops)))
        await stage.plant("<title>more</title>", at: "/more")
        try await stage.withDaemon { _ in
          let handlers = ["about", "second", "drops"].flatMap { ["--handler", $0] }
          try await stage.add("t", handlers, seeds: [stage.url("/")])
          try await stage.control("wait", "t", "--for", "done")
          #expect(try await stage.control("why", stage.url("/more")).contains("(link of kind handler)"))
        }
        #expect(
          try stage.rows(
            """
            SELECT url, json_extract(fields, '$.about.h1'), json_extract(fields, '$.about.big'),
              json_extract(fields, '$.about.half'), json_type(fields, '$.about.nested.none'),
              json_extract(fields, '$.about.nested.list[0]'), json_extract(fields, '$.second.words') > 2
            FROM v_pages WHERE url LIKE '%/p/%' ORDER BY url
            """)
            == (1..<4).map { [stage.url("/p/\($0)"), "Page \($0)", "9007199254740993", "0.5", "null", "1", "1"] })
        #expect(try stage.number("SELECT count(*) FROM pages WHERE fields IS NULL") == 0)
        #expect(
          try stage.rows(
            """
            SELECT u.url, u.state, u.reason FROM links JOIN urls u ON u.id = target_url_id WHERE kind = 'handler'
            ORDER BY position
            """) == [
              [stage.url("/more"), "done", nil], ["http://elsewhere.test/", "excluded", "scope"],
              ["http://[", "excluded", "url_invalid"], [stage.url("/dropped"), "excluded", "handler"],
              [stage.url("/p/1"), "done", nil], ["mailto:a@b", "excluded", "scheme_refused"],
            ])
        try await stage.expectSound()
      }
    }

    /// What a page says of a 304 is what was said of it.
    @Test func aRecrawlKeepsWhatWasSaidOfAPage() throws {
      var site = Site(hosts: 1, pages: 3)
      site.isVersioned = true
      try Stage.play(site) { stage in
        let about = "answer['fields'] = {'url': call['page']['url']}\nanswer['links'] = ['/p/2?added']"
        try stage.configure(Stage.pageHandler("about", try stage.python("about", about)))
        try await stage.withDaemon { _ in
          try await stage.add("first", ["--handler", "about"], seeds: [stage.url("/")])
          try await stage.control("wait", "first", "--for", "done")
          try await stage.control("add", "--name", "second", "--recrawl", "first", "--delay", "0")
          try await stage.control("wait", "second", "--for", "done")
        }
        let pages = "SELECT url, json_extract(fields, '$.about.url') FROM v_pages WHERE status <> 404 AND task = "
        let first = try stage.rows(pages + "'first' ORDER BY url")
        #expect(first.count == 3 && first.allSatisfy { $0[0] == $0[1] })
        #expect(try stage.rows("SELECT DISTINCT change FROM v_changes WHERE status = 304") == [["not_modified"]])
        #expect(try stage.rows(pages + "'second' ORDER BY url") == first)
        #expect(
          try stage.rows(
            """
            SELECT t.name, u.state, count(*) FROM links JOIN urls u ON u.id = target_url_id
            JOIN tasks t ON t.id = u.task_id WHERE kind = 'handler' GROUP BY 1, 2 ORDER BY 1
            """) == [["first", "done", "3"], ["second", "done", "3"]])
        try await stage.expectSound()
      }
    }

    /// A handler that was down for a crawl is asked again in the next one, whatever the server would say of the page.
    @Test func aPageWhoseCallFailedIsReadAgain() throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        let down = stage.directory + "/down"
        let about = """
          import os
          answer.update({'error': 'down'} if os.path.exists('\(down)') else {'fields': {'h1': 'x'}})
          """
        try TextFile.write("", to: down)
        try stage.configure(
          Stage.pageHandler("about", try stage.python("about", about))
            + Stage.pageHandler("other", try stage.python("other", "answer['fields'] = {'h1': 'y'}")))
        await stage.web.plant(.links([]), Validators(etag: "\"1\""), at: "/", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.crawl("first", ["--handler", "about", "--handler", "other"], seeds: [stage.url("/")])
          // Who does not want it does not ask for it.
          try await stage.recrawl("first", ["--name", "without", "--handler", "other"])
          #expect(unlink(down) == 0)
          try await stage.recrawl("first", ["--name", "second"])
          try await stage.recrawl("second", ["--name", "third"])
        }
        #expect(await stage.web.log.pages.map(\.status) == [200, 304, 200, 304])
        #expect(
          try stage.rows("SELECT task, fields FROM v_pages ORDER BY fetched_at") == [
            ["first", #"{"other":{"h1":"y"}}"#], ["without", #"{"other":{"h1":"y"}}"#],
            ["second", #"{"about":{"h1":"x"},"other":{"h1":"y"}}"#],
            ["third", #"{"about":{"h1":"x"},"other":{"h1":"y"}}"#],
          ])
        try await stage.expectSound()
      }
    }

    static let wrong: [(name: String, body: String)] = [
      ("fields that are no object", "answer['fields'] = [1]"),
      ("fields that are too long", "answer['fields'] = {'x': 'x' * 200}"),
      ("links that are no texts", "answer['links'] = [1]"),
      ("too many links", "answer['links'] = ['/x'] * 1001"),
      ("fields that are too deep", "answer['fields'] = {'x': json.loads('[' * 70 + ']' * 70)}"),
    ]

    @Test(arguments: wrong) func aWrongAnswerLeavesThePageAsItIs(name: String, body: String) throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        try stage.configure(Stage.pageHandler("wrong", try stage.python("wrong", body), "max_fields = \"100B\""))
        try await stage.withDaemon { _ in
          try await stage.add("t", ["--handler", "wrong"], seeds: [stage.url("/")])
          try await stage.control("wait", "t", "--for", "done")
        }
        try await stage.expectComplete(hosts: [0])
        #expect(try stage.column("SELECT DISTINCT kind || ' ' || reason FROM handler_failures") == ["on-page invalid"])
        #expect(try stage.number("SELECT count(*) FROM handler_failures") == 3)
        #expect(try stage.number("SELECT count(*) FROM pages WHERE fields IS NOT NULL") == 0)
      }
    }

    @Test func textAndHTMLAreWhatIsAskedFor() throws {
      try Stage.play { stage in
        let facts = "answer['fields'] = {k: v for k, v in call['page'].items() if k in ('text', 'html')}"
        let program = try stage.python("facts", facts)
        try stage.configure(
          Stage.pageHandler("all", program, "text = \"1KiB\"\nhtml = \"1KiB\"")
            + Stage.pageHandler("some", program, "text = 4\nhtml = 17") + Stage.pageHandler("nothing", program))
        await web(stage, "<p>\u{E4}\u{F6}\u{FC} \u{DF}<p>end", type: "text/html; charset=iso-8859-1")
        try await stage.withDaemon { _ in
          let handlers = ["all", "some", "nothing"].flatMap { ["--handler", $0] }
          try await stage.add("t", handlers, seeds: [stage.url("/")])
          try await stage.control("wait", "t", "--for", "done")
        }
        let sql = "SELECT fields ->> '$.all.text', fields ->> '$.all.html', fields ->> '$.some.text', "
        #expect(
          try stage.rows(sql + "fields ->> '$.some.html', fields -> '$.nothing' FROM pages") == [
            ["äöü ß end", "<p>äöü ß<p>end", "äö", "<p>äöü ß<p>en", nil]
          ])
      }
    }

    /// Plants a page whose characters are its bytes.
    private func web(_ stage: Stage, _ text: String, type: String) async {
      let body = text.unicodeScalars.map { UInt8($0.value) }
      await stage.web.plant(Response(fields: ["Content-Type: \(type)"], body: body), at: "/", on: "h0.test")
    }

    @Test func aKillLosesNothingThatWasSaid() throws {
      try Stage.play(Site(hosts: 1, pages: 60)) { stage in
        let slow = "import time\ntime.sleep(0.01)\nanswer['fields'] = {'h1': call['page']['h1']}"
        try stage.configure(
          Stage.pageHandler("slow", try stage.python("slow", slow), "max_waiting = 4\nprocesses = 2"))
        for pages in [10, 30] {
          try await stage.withDaemon { daemon in
            if pages == 10 { try await stage.add("t", ["--handler", "slow"], seeds: [stage.url("/")]) }
            try await stage.reached { try stage.number("SELECT count(*) FROM pages") >= pages }
            try await daemon.kill()
          }
        }
        try await stage.withDaemon { _ in try await stage.control("wait", "t", "--for", "done") }
        try await stage.expectComplete(hosts: [0], repeated: 0...20)
        #expect(try stage.number("SELECT count(*) FROM pages WHERE fields ->> '$.slow.h1' IS h1") == 60)
        #expect(try stage.number("SELECT count(*) FROM handler_failures") == 0)
      }
    }

    /// The program in config/handlers, as it stands there.
    @Test func theExampleInPythonFindsPrices() throws {
      try Stage.play { stage in
        await stage.plant("<p>Now &euro; 12.50, was EUR 20<i data-next=\"/next\"></i>", at: "/")
        await stage.plant("<p>nothing to be bought", at: "/next")
        try stage.configure(
          Stage.pageHandler(
            "prices", Stage.checkout("config/handlers/prices.py"), "text = \"64KiB\"\nhtml = \"256KiB\""))
        try await stage.withDaemon { _ in
          try await stage.add("t", ["--handler", "prices"], seeds: [stage.url("/")])
          try await stage.control("wait", "t", "--for", "done")
        }
        let sql =
          "SELECT url, json_extract(fields, '$.prices.lowest'), json_extract(fields, '$.prices.count') FROM v_pages"
        #expect(
          try stage.rows(sql + " ORDER BY url") == [
            [stage.url("/"), "12.5", "2"], [stage.url("/next"), nil, nil],
          ])
        #expect(try stage.number("SELECT count(*) FROM handler_failures") == 0)
      }
    }

    /// Calls have the fields that README says, and its answers have the effects that it says.
    @Test func theProtocolIsWhatTheReadmeSays() throws {
      try Stage.play { stage in
        let text = try #require(TextFile.read(Stage.checkout("README.md")))
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("    {\"id\":") }
        #expect(lines.count == 3 * 2)
        let origin = stage.url("/").dropLast()
        let examples = lines.map { $0.dropFirst(4).replacing("https://example.org", with: origin) }
        try TextFile.write(examples.joined(separator: "\n"), to: "\(stage.directory)/examples")
        let replay = """
          pairs = [json.loads(text) for text in open("\(stage.directory)/examples")]
          told, said = next(pair for pair in zip(pairs[::2], pairs[1::2]) if pair[0]["kind"] == call["kind"])
          def shape(value):
              if isinstance(value, dict): return {key: shape(item) for key, item in value.items()}
              if isinstance(value, list): return [shape(value[0])] if value else []
              return type(value).__name__
          if shape(call) != shape(told): answer["error"] = f"{json.dumps(call)} is no {json.dumps(told)}"
          elif call.get("page", told.get("page")) == told.get("page") or call["page"]["url"].endswith("/"):
              answer.update({key: item for key, item in said.items() if key != "id"})
              if "urls" in call:
                  for verdict in ("drop", "rewrite"):
                      answer[verdict] = {key: item for key, item in answer[verdict].items() if key in call["urls"]}
          """
        try stage.configure(
          """
          [handlers.replay]
          program = "\(try stage.python("replay", replay))"
          kinds = ["filter-url", "on-page", "on-task-done"]
          text = "64B"
          """)
        let page = """
          <html lang=en><title>Home</title><meta name=description content=Things><meta name=robots content=noarchive>
          <link rel=canonical href=/><h1>Home</h1><a href=/a?print rel=next>a</a><a href=/b rel=next>b</a>
          """
        await stage.plant(page, at: "/")
        await stage.plant(page, at: "/a")
        await stage.plant(page, at: "/more")
        try await stage.withDaemon { _ in
          try await stage.add("docs", ["--handler", "replay"], seeds: [stage.url("/")])
          try await stage.control("wait", "docs", "--for", "done")
          try await stage.reached { try stage.number("SELECT count(*) FROM tasks WHERE untold") == 0 }
        }
        #expect(try stage.column("SELECT detail FROM handler_failures") == [])
        #expect(
          try stage.rows("SELECT url, words FROM v_excluded WHERE reason = 'handler'") == [
            [stage.url("/b"), "seen enough"]
          ])
        #expect(
          try stage.column("SELECT url FROM urls WHERE state = 'done' ORDER BY url")
            == ["/", "/a", "/more"].map { stage.url($0) })
        #expect(
          try stage.column("SELECT json_extract(fields, '$.replay.price') FROM v_pages WHERE url = '\(stage.url("/"))'")
            == ["12.5"])
      }
    }
  }
}
