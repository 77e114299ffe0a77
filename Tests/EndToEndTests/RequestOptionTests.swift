import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// What a task says of its requests: fields and User-Agent. The server's log is the judge.
  @Suite struct RequestOptions {
    private func plant(_ stage: Stage, robots: String) async {
      await stage.web.keepFields()
      await stage.web.plant(.text(robots), at: "/robots.txt", on: "h0.test")
      await stage.web.plant(.html("<!doctype html><a href=/open>o</a><a href=/closed>c</a>"), at: "/", on: "h0.test")
      await stage.web.plant(.redirect(to: stage.url("/end")), at: "/open", on: "h0.test")
      for target in ["/closed", "/end"] { await stage.web.plant(.html("<p>x"), at: target, on: "h0.test") }
    }

    private func targets(_ stage: Stage, agent: String) async -> [String] {
      await stage.web.log.entries.filter { $0.field("user-agent") == agent }.map(\.target).sorted()
    }

    @Test func fieldsGoOutWithEveryRequestOfTheTaskAndOfNoOther() throws {
      try Stage.play { stage in
        await plant(stage, robots: "User-agent: *\nDisallow: /closed\n")
        try await stage.withDaemon { _ in
          let fields = ["--header", "Accept-Language: de, en;q=0.5", "--header", "X-Empty:", "--header", "Accept: a/b"]
          try await stage.add("german", fields, seeds: [stage.url("/")])
          try await stage.control("wait", "german", "--for", "done")
          let shown = try await stage.control("show", "german")
          for field in ["Accept-Language: de, en;q=0.5", "X-Empty: ", "Accept: a/b"] {
            #expect(shown.contains("headers=\(field)\n"), "\(shown)")
          }
          let german = await stage.web.log.entries
          #expect(german.map(\.target) == ["/robots.txt", "/", "/open", "/end"])
          for request in german {
            #expect(request.field("accept-language") == "de, en;q=0.5" && request.field("x-empty") == "")
            #expect(request.fields.filter { $0.name == "accept" }.map(\.value) == ["a/b"])
            #expect(request.field("host") == "h0.test:\(stage.site.port)")
          }
          await stage.web.resetLog()
          try await stage.add("plain", seeds: [stage.url("/")])
          try await stage.control("wait", "plain", "--for", "done")
          let plain = await stage.web.log.entries
          #expect(plain.map(\.target) == ["/robots.txt", "/", "/open", "/end"])
          for request in plain { #expect(request.field("accept-language") == nil && request.field("x-empty") == nil) }
        }
        try await stage.expectSound()
      }
    }

    /// robots.txt speaks to the letters that an agent begins with, and each task is told what is meant for it.
    @Test func anAgentOfItsOwnIsHeldToItsOwnGroup() throws {
      try Stage.play { stage in
        await plant(
          stage, robots: "User-agent: shop-bot\nDisallow: /open\n\nUser-agent: *\nDisallow: /closed\nCrawl-delay: 1\n")
        let agent = "Shop-Bot/2.0 (+https://shop.test/)"
        try await stage.withDaemon { _ in
          for (name, options) in [("plain", []), ("shop", ["--user-agent", agent])] {
            try await stage.add(name, options, seeds: [stage.url("/")])
          }
          for name in ["plain", "shop"] { try await stage.control("wait", name, "--for", "done") }
          #expect(await targets(stage, agent: "crawld/1.0") == ["/", "/end", "/open", "/robots.txt"])
          #expect(await targets(stage, agent: agent) == ["/", "/closed", "/robots.txt"])
        }
        // It is asked for again after a restart, since the row has what ordinary requests get.
        await stage.web.resetLog()
        try await stage.withDaemon { _ in
          for (name, options) in [("plain2", []), ("shop2", ["--user-agent", agent])] {
            try await stage.add(name, options + ["--depth", "0"], seeds: [stage.url("/open"), stage.url("/closed")])
            try await stage.control("wait", name, "--for", "done")
          }
        }
        let excluded = "SELECT t.name, u.url FROM urls u JOIN tasks t ON t.id = u.task_id WHERE u.reason = 'robots'"
        #expect(
          try stage.rows(excluded + " AND t.name LIKE '%2' ORDER BY 1")
            == [["plain2", stage.url("/closed")], ["shop2", stage.url("/open")]])
        #expect(await targets(stage, agent: agent) == ["/closed", "/robots.txt"])
        #expect(try stage.column("SELECT robots_state FROM hosts") == ["known"])
        try await stage.expectSound()
      }
    }

    /// What robots.txt said to one agent holds for a day, and for no other.
    @Test func anotherConfigurationsAgentAsksForRobotsItself() throws {
      try Stage.play { stage in
        await plant(stage, robots: "User-agent: *\nDisallow:\n")
        let configurations = [
          "", "", "[fetch]\nuser_agent = \"newbot/1.0\"\n", "[fetch]\nuser_agent = \"newbot/1.0\"\n",
        ]
        for (place, configuration) in configurations.enumerated() {
          if place == 2 {
            await stage.web.plant(.text("User-agent: *\nDisallow: /closed\n"), at: "/robots.txt", on: "h0.test")
          }
          try stage.replaceConfiguration(configuration)
          try await stage.withDaemon { _ in
            try await stage.add("task\(place)", ["--depth", "0"], seeds: [stage.url("/closed")])
            try await stage.control("wait", "task\(place)", "--for", "done", exit: place < 2 ? 0 : 10)
          }
        }
        let requests = await stage.web.log.entries.map { "\($0.target) \($0.field("user-agent") ?? "")" }
        #expect(
          requests == ["/robots.txt crawld/1.0", "/closed crawld/1.0", "/closed crawld/1.0", "/robots.txt newbot/1.0"])
        #expect(try stage.column("SELECT reason FROM urls ORDER BY id DESC LIMIT 2") == ["robots", "robots"])
        #expect(
          try stage.rows("SELECT id, user_agent FROM agents ORDER BY id") == [
            ["1", "crawld/1.0"], ["2", "newbot/1.0"],
          ])
        #expect(try stage.column("SELECT robots_agent_id FROM hosts") == ["2"])
        try await stage.expectSound()
      }
    }

    @Test func anotherAgentHoldsFromTheNextRequestOnAndIsRecorded() throws {
      try Stage.play { stage in
        await stage.web.keepFields()
        for number in 0..<3 {
          await stage.web.plant(.html("<a href=/\(number + 1)>x</a>"), at: "/\(number)", on: "h0.test")
        }
        await stage.web.plant([.hold, .send(Response.html("<a href=/2>x</a>").serialised())], at: "/1", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("task", ["--robots", "ignore"], seeds: [stage.url("/0")])
          try await stage.web.waitForHolds(1)
          for wrong in ["headers=Host: x", "user_agent=1", "headers=X-A: 1\r\nX-B: 2"] {
            let refused = try await stage.crawlctl(["set", "task", wrong])
            #expect(refused.code == 2 && refused.errors.contains("accepted: "), "\(refused)")
          }
          try await stage.control("set", "task", "user_agent=second/2", "headers=X-A: 1", "headers=X-B: 2")
          await stage.web.release()
          try await stage.control("wait", "task", "--for", "done")
        }
        let log = await stage.web.log.entries
        #expect(log.map { $0.field("user-agent") } == ["crawld/1.0", "crawld/1.0", "second/2", "second/2"])
        #expect(log.map { $0.field("x-b") } == [nil, nil, "2", "2"])
        // The fetch that was in flight went by the settings that it began with.
        #expect(
          try stage.rows("SELECT f.settings_revision FROM fetches f ORDER BY id") == [["1"], ["1"], ["2"], ["2"]])
        let settings = try stage.column("SELECT settings ->> 'headers' FROM tasks")
        #expect(settings == [#"["X-A: 1","X-B: 2"]"#])
        try await stage.expectSound()
      }
    }
  }
}
