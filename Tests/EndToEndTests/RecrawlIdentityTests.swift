import EventLoop
import TestWeb
import Testing

// Recrawls that are others for the server, or for its directives, than the crawls before them.
extension EndToEndTests.Recrawls {
  /// What a page says to one name alone was read by the name that the configuration had then.
  @Test func whatTheAgentOfAnotherConfigurationReadIsReadAgain() throws {
    try Stage.play { stage in
      let (web, name) = (stage.web, "h0.test")
      for (target, agent) in [("/old", "crawld"), ("/new", "newbot")] {
        let page = Response.html("<meta name=\(agent) content=nofollow><a href=\(target)/link>x</a>")
        await web.plant(page, Validators(etag: "\"1\""), at: target, on: name)
        await web.plant(.links([]), at: target + "/link", on: name)
      }
      await web.plant(.links(["/old", "/new"]), Validators(etag: "\"1\""), at: "/start", on: name)
      try await stage.withDaemon { _ in
        try await stage.crawl("first", seeds: [stage.url("/start")])
        try await stage.recrawl("first", ["--name", "second"])
      }
      try stage.replaceConfiguration("[fetch]\nuser_agent = \"newbot/1.0\"\n")
      try await stage.withDaemon { _ in
        try await stage.recrawl("second", ["--name", "third"])
        try await stage.recrawl("third", ["--name", "fourth"])
      }
      func answers(_ task: String) throws -> [String] {
        let rows = try stage.column(
          """
          SELECT u.url || ' ' || coalesce((SELECT status FROM fetches f WHERE f.url_id = u.id ORDER BY id DESC), u.reason)
          FROM urls u JOIN tasks t ON t.id = u.task_id WHERE t.name = '\(task)' ORDER BY u.url
          """)
        return rows.map { String($0.dropFirst(stage.url("/").count - 1)) }
      }
      let before = ["/new/link 200", "/old 304", "/old/link nofollow", "/start 304"]
      #expect(try answers("second") == ["/new 304"] + before)
      #expect(try answers("third") == ["/new 200", "/new/link nofollow", "/old 200", "/old/link 200", "/start 200"])
      #expect(try answers("fourth") == ["/new 304", "/new/link nofollow", "/old 304", "/old/link 200", "/start 304"])
      #expect(try stage.column("SELECT product_token FROM agents ORDER BY id") == ["crawld", "newbot"])
      try await stage.expectSound()
    }
  }

  /// A server may date the pages of a guest and of a member alike.
  @Test func aRecrawlThatIsSomebodyElseReadsAllAnew() throws {
    try Stage.play { stage in
      await stage.web.plant(.links([]), Validators(etag: "\"1\""), at: "/start", on: "h0.test")
      try await stage.withDaemon { _ in
        try await stage.crawl("first", seeds: [stage.url("/start")])
        for (name, options) in [
          ("german", ["--header", "Accept-Language: de"]), ("again", []), ("cookies", ["--cookies"]), ("last", []),
        ] {
          let latest = try stage.column("SELECT name FROM tasks ORDER BY id DESC LIMIT 1")[0]
          try await stage.recrawl(latest, ["--name", name] + options)
        }
      }
      #expect(await stage.web.log.pages.map(\.status) == [200, 200, 304, 200, 304])
      try await stage.expectSound()
    }
  }

  @Test func whatAPageSaysToAnotherUserAgentIsRead() throws {
    try Stage.play { stage in
      let web = stage.web
      let page = Response.html("<meta name=shopbot content=nofollow><a href=/secret>s</a>")
      await web.plant(page, Validators(etag: "\"1\""), at: "/start", on: "h0.test")
      await web.plant(.links([]), at: "/secret", on: "h0.test")
      try await stage.withDaemon { _ in
        try await stage.crawl("first", seeds: [stage.url("/start")])
        try await stage.recrawl("first", ["--name", "second", "--user-agent", "crawld-again"])
        try await stage.recrawl("second", ["--name", "third", "--user-agent", "shopbot/1.0"])
        try await stage.recrawl("third", ["--name", "fourth", "--user-agent", "shopbot/1.1"])
      }
      let requests = await web.log.pages.map { "\($0.target) \($0.status)" }
      #expect(
        requests == ["/start 200", "/secret 200", "/start 200", "/secret 200", "/start 200", "/start 304"])
      let robots = "SELECT p.robots FROM pages p JOIN urls u ON u.id = p.url_id WHERE url LIKE '%/start' ORDER BY u.id"
      #expect(try stage.rows(robots) == [[nil], [nil], ["nofollow"], ["nofollow"]])
      try await stage.expectSound()
    }
  }
}
