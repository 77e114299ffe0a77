import TestWeb
import Testing

extension EndToEndTests {
  /// Handlers of a task whose settings change.
  @Suite struct HandlerRules {
    private func drops(_ stage: Stage, _ name: String, _ ends: String...) throws -> String {
      let body =
        "answer['drop'] = {url: '\(name)' for url in call['urls'] if url.endswith((\(ends.map { "'\($0)'," }.joined())))}"
      return try Stage.handler(name, stage.python(name, body))
    }

    /// What was asked for, be it again after a kill.
    private func asked(_ stage: Stage) async -> [String] { Set(await stage.web.log.pages.map(\.target)).sorted() }

    /// What a handler dropped is judged by those that the task has.
    @Test(arguments: ["none", "other"], [false, true])
    func whatAHandlerDroppedIsLetInWhenTheTaskHasItNoMore(handlers: String, isKilled: Bool) throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        try stage.configure(drops(stage, "first", "/x", "/y") + drops(stage, "other", "/y"))
        await stage.web.plant(.links(["/x", "/y", "/z"]), at: "/links", on: "h0.test")
        for place in ["/x", "/y", "/z"] { await stage.web.plant(.html("page"), at: place, on: "h0.test") }
        try await stage.withDaemon { daemon in
          try await stage.add("t", ["--handler", "first", "--open"], seeds: [stage.url("/links")])
          try await stage.reached { try stage.number("SELECT count(*) FROM urls WHERE reason = 'handler'") == 2 }
          try await stage.control("set", "t", "handlers=first,other")
          // A kill may leave the judgement to the next daemon.
          try await stage.control("set", "t", "handlers=\(handlers)")
          if isKilled { try await daemon.kill() }
        }
        try await stage.withDaemon { _ in
          try await stage.control("seal", "t")
          try await stage.control("wait", "t", "--for", "done")
        }
        #expect(await asked(stage) == ["/links", "/x"] + (handlers == "none" ? ["/y"] : []) + ["/z"])
        let excluded = try stage.rows("SELECT url, reason, handler, words FROM v_excluded")
        let expected: [[String?]] = handlers == "none" ? [] : [[stage.url("/y"), "handler", "other", "other"]]
        #expect(excluded == expected)
        #expect(
          try stage.number("SELECT count(*) FROM handler_verdicts") == excluded.count, "verdicts that hold no more")
        try await stage.expectSound()
      }
    }

    /// Of a page that was not modified the links of the earlier crawl lead to what a handler had written.
    @Test func aRecrawlAsksHandlersOfWhatPagesName() throws {
      var site = Site(hosts: 1, pages: 3)
      site.isVersioned = true
      try Stage.play(site) { stage in
        let adds = { (end: String) in
          "answer['rewrite'] = {url: url + '\(end)' for url in call['urls'] if 'p/1' in url}"
        }
        try stage.configure(
          Stage.handler("a", stage.python("a", adds("?a"))) + Stage.handler("b", stage.python("b", adds("&b"))))
        try await stage.withDaemon { _ in
          var crawls: [[String]] = []
          try await stage.add("t", ["--handler", "a", "--handler", "b"], seeds: [stage.url("/")])
          for (earlier, name) in [("", "t"), ("t", "t-2"), ("t-2", "t-3"), ("t-3", "t-4")] {
            if !earlier.isEmpty {
              await stage.web.resetLog()
              try await stage.control("add", "--recrawl", earlier, "--name", name, "--delay", "0")
            }
            try await stage.control("wait", name, "--for", "done")
            crawls.append(await asked(stage))
            // What the first crawl knew of the rewrites the later ones know as well.
            if name == "t-3" {
              for old in ["t", "t-2"] { try await stage.control("rm", old) }
              try await stage.reached { try stage.number("SELECT count(*) FROM tasks") == 1 }
            }
          }
          #expect(crawls.count == 4 && crawls.allSatisfy { $0 == crawls[0] && $0.contains("/p/1?a&b") }, "\(crawls)")
        }
        #expect(
          try stage.rows("SELECT url, handler, words FROM handler_verdicts GROUP BY url ORDER BY url") == [
            [stage.url("/p/1"), "a", stage.url("/p/1?a")], [stage.url("/p/1?a"), "b", stage.url("/p/1?a&b")],
          ])
        try await stage.expectSound()
      }
    }

    /// No page has asked of a link that was not followed.
    @Test(arguments: [false, true]) func handlersAreAskedOfWhatWiderRulesLetIn(isKilled: Bool) throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        let filter = """
          for url in call['urls']:
              if url.endswith('/3'): answer.setdefault('drop', {})[url] = call['found_on']
              if url.endswith('/4'): answer.setdefault('rewrite', {})[url] = '/40'
          """
        try stage.configure(Stage.handler("f", stage.python("f", filter)))
        await stage.plant("<a href=/1>a</a><img src=/3><img src=/4><img src=/5>", at: "/links")
        for place in ["/1", "/3", "/4", "/40", "/5"] { await stage.web.plant(.html("page"), at: place, on: "h0.test") }
        try await stage.withDaemon { daemon in
          try await stage.add("t", ["--handler", "f", "--open"], seeds: [stage.url("/links")])
          try await stage.reached { try stage.number("SELECT count(*) FROM urls WHERE reason = 'follow'") == 3 }
          try await stage.control("set", "t", "follow=+img")
          if isKilled { try await daemon.kill() }
        }
        try await stage.withDaemon { _ in
          try await stage.control("seal", "t")
          try await stage.control("wait", "t", "--for", "done")
        }
        #expect(await asked(stage) == ["/1", "/40", "/5", "/links"])
        #expect(
          try stage.rows("SELECT url, reason, handler, words FROM v_excluded ORDER BY url") == [
            [stage.url("/3"), "handler", "f", stage.url("/links")],
            [stage.url("/4"), "handler", "f", "has \(stage.url("/40")) offered instead"],
          ])
        try await stage.expectSound()
      }
    }
  }
}
