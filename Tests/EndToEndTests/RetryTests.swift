import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// `crawlctl retry`.
  @Suite struct Retries {
    private static let broken = ["/p/1", "/p/2"]

    /// One page answers with an error, the other not at all.
    private func breakPages(_ stage: Stage) async {
      await stage.web.plant(Response(status: 500), at: Self.broken[0], on: "h0.test")
      await stage.web.plant([.close], at: Self.broken[1], on: "h0.test")
    }

    private func mendPages(_ stage: Stage) async {
      for target in Self.broken { await stage.web.plant(nil, at: target, on: "h0.test") }
    }

    /// A crawl of a site two pages of which were out of order, and what is behind them was not found.
    private func crawlBrokenSite(_ stage: Stage) async throws {
      await breakPages(stage)
      try await stage.add("site", seeds: [stage.url("/")])
      try await stage.control("wait", "site", "--for", "done")
      #expect(try stage.number("SELECT sum(failed) FROM task_counters") == 1)
      #expect(try stage.number("SELECT count(*) FROM urls WHERE state = 'done' AND reason = 'server_error'") == 1)
      await mendPages(stage)
    }

    private func expectWholeSite(_ stage: Stage) async throws {
      #expect(
        try stage.number("SELECT count(*) FROM urls u JOIN pages p ON p.url_id = u.id WHERE state = 'done'") == 40)
      #expect(try stage.number("SELECT failed FROM task_counters") == 0)
      #expect(try stage.number("SELECT final_answers FROM task_counters") == 40, "each once")
      #expect(try stage.number("SELECT count(*) FROM runs WHERE finished_at IS NOT NULL") == 1)
      try await stage.expectSound()
    }

    @Test func ofAllTasksThoseInWhichSomethingFailedAreTriedAgain() throws {
      try Stage.play(Site(hosts: 1, pages: 40)) { stage in
        try await stage.withDaemon { _ in
          try await stage.crawl("sound", ["--depth", "0"], seeds: [stage.url("/")])
          try await crawlBrokenSite(stage)
          #expect(try await stage.control("retry", "--state", "paused") == "")
          #expect(try await stage.control("retry", "--name", "so*") == "")
          let retried = try await stage.control("retry", "--all", "--json")
          #expect(retried.split(separator: "\n").count == 1 && retried.contains(#""name":"site""#), "\(retried)")
          try await stage.control("wait", "site", "--for", "done")
          #expect(try stage.number("SELECT sum(failed) FROM task_counters") == 0)
        }
      }
    }

    @Test func whatFailedIsTriedAgainAndTheEndedTaskRunsOn() throws {
      try Stage.play(Site(hosts: 1, pages: 40)) { stage in
        try await stage.withDaemon { _ in
          try await crawlBrokenSite(stage)
          let shown = try await stage.control("retry", "site", "--json")
          #expect(shown.contains("\"from\":\"finished\"") && shown.contains("\"urls\":2"), "\(shown)")
          try await stage.control("wait", "site", "--for", "done")
          let again = try await stage.crawlctl(["retry", "site"])
          #expect(again.code == 5 && again.errors.contains("no URL of task 1 site has failed"), "\(again)")
        }
        try await expectWholeSite(stage)
        #expect(try stage.column("SELECT action FROM task_events WHERE actor LIKE 'uid%'") == ["add", "retry"])
      }
    }

    /// By a daemon that may connect there; the one that refused it says no again.
    @Test func whatWasRefusedForItsAddressIsTriedAgain() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        try await stage.withDaemon(allowingLoopback: false) { _ in
          try await stage.add("site", seeds: [stage.url("/")])
          try await stage.control("wait", "site", "--for", "done", exit: 10)
          try await stage.control("retry", "site")
          try await stage.control("wait", "site", "--for", "done", exit: 10)
          #expect(try stage.column("SELECT state || ' ' || reason FROM urls") == ["excluded address_refused"])
        }
        #expect(await stage.web.log.count == 0)
        try await stage.withDaemon { _ in
          #expect(try await stage.control("retry", stage.url("/"), "--json").contains("\"urls\":1"))
          try await stage.control("wait", "site", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 4)
        try await stage.expectSound()
      }
    }

    @Test func aRetryOutlivesRestartsAndKills() throws {
      try Stage.play(Site(hosts: 1, pages: 40)) { stage in
        try await stage.withDaemon { _ in try await crawlBrokenSite(stage) }
        try await stage.withDaemon { daemon in
          try await stage.control("retry", "site")
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in try await stage.control("wait", "site", "--for", "done") }
        try await expectWholeSite(stage)
      }
    }

    @Test func oneURLIsTriedAgain() throws {
      try Stage.play(Site(hosts: 1, pages: 40)) { stage in
        try await stage.withDaemon { _ in
          try await crawlBrokenSite(stage)
          try await stage.control("retry", stage.url("/p/1"))
          try await stage.control("wait", "site", "--for", "done")
          #expect(try stage.number("SELECT failed FROM task_counters") == 1, "the other one")
          let done = try await stage.crawlctl(["retry", stage.url("/p/1")])
          #expect(done.code == 5 && done.errors.contains("it has not failed in task 1 site"), "\(done)")
          #expect(try await stage.crawlctl(["retry", "http://nowhere.test/"]).code == 4)
        }
        try await stage.expectSound()
      }
    }

    /// The first row and one of the last, which only the last page of the deepest level names: what fails lies more than one
    /// look apart.
    @Test func whateverLiesBetweenThemAllAreTriedAgain() throws {
      let pages = 20_500
      try Stage.play(Site(hosts: 1, pages: pages), limit: .seconds(120)) { stage in
        await stage.web.plant(.html("<a href=/last>last</a>"), at: "/p/\(pages - 1)", on: "h0.test")
        for target in ["/first", "/last"] { await stage.web.plant([.close], at: target, on: "h0.test") }
        try await stage.withDaemon { _ in
          try await stage.add("site", ["--concurrency", "16"], seeds: [stage.url("/first"), stage.url("/")])
          try await stage.control("wait", "site", "--for", "done")
          #expect(try stage.number("SELECT max(id) - min(id) > 20000 FROM urls WHERE state = 'failed'") == 1)
          for target in ["/first", "/last"] { await stage.web.plant(nil, at: target, on: "h0.test") }
          // A pause that comes meanwhile does not wait for the last of them.
          let retrying = try await stage.loop.connect(to: .unix(path: stage.socket))
          let pausing = try await stage.loop.connect(to: .unix(path: stage.socket))
          let request = { (verb: String) in
            #"{"jsonrpc":"2.0","id":1,"method":"task.\#(verb)","params":{"tasks":["site"]}}"# + "\n"
          }
          // It is answered before the pause is read: the retry is under way then.
          let status = #"{"jsonrpc":"2.0","id":0,"method":"daemon.status"}"# + "\n"
          try await retrying.write(request("retry"))
          try await pausing.write(status + request("pause"))
          _ = try await pausing.readLine(limit: 65_536)
          let reply = String(decoding: try await retrying.readLine(limit: 4_096) ?? [], as: UTF8.self)
          #expect(reply.contains("\"urls\":2"), "\(reply)")
          let paused = String(decoding: try await pausing.readLine(limit: 4_096) ?? [], as: UTF8.self)
          #expect(paused.contains("\"from\":\"running\""), "\(paused)")
          try await stage.control("wait", "site", "--for", "paused")
          let log = (TextFile.read(stage.log) ?? "").split(separator: "\n")
          let pausedAt = try #require(log.firstIndex { $0.contains("(user)") })
          let retriedAt = try #require(log.firstIndex { $0.contains("failed URLs are tried again") })
          #expect(pausedAt < retriedAt)
          try await stage.control("resume", "site")
          try await stage.control("wait", "site", "--for", "done")
        }
        #expect(try stage.number("SELECT failed FROM task_counters") == 0)
        try await stage.expectSound()
      }
    }

    @Test func aURLIsTriedAgainInTheCrawlThatDidNotGetIt() throws {
      try Stage.play(Site(hosts: 1, pages: 40)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("site", seeds: [stage.url("/")])
          try await stage.control("wait", "site", "--for", "done")
          await breakPages(stage)
          try await stage.recrawl("site", ["--name", "again"])
          let base = try await stage.crawlctl(["retry", "site"])
          #expect(base.code == 5, "\(base)")
          await mendPages(stage)
          let shown = try await stage.control("retry", stage.url("/p/2"), "--json")
          #expect(shown.contains("\"name\":\"again\"") && !shown.contains("\"name\":\"site\""), "\(shown)")
          try await stage.control("wait", "again", "--for", "done")
        }
        try await stage.expectSound()
      }
    }

    @Test func aHostThatWasGivenUpIsAskedAtOnce() throws {
      for byURL in [false, true] {
        try Stage.play(Site(hosts: 1, pages: 1)) { stage in
          try await stage.withDaemon { _ in
            await stage.web.plant([.close], at: "/robots.txt", on: "h0.test")
            try await stage.add("site", seeds: [stage.url("/")])
            #expect(try await stage.crawlctl(["wait", "site"]).code == 10)
            #expect(try stage.column("SELECT reason FROM urls") == ["robots_unreachable"])
            await stage.web.plant(nil, at: "/robots.txt", on: "h0.test")
            try await stage.control("retry", byURL ? stage.url("/") : "site")
            try await stage.control("wait", "site", "--for", "done")
            #expect(try stage.column("SELECT state FROM urls WHERE via_url_id IS NULL") == ["done"])
          }
          try await stage.expectSound()
        }
      }
    }

    @Test func aTaskIsNotTakenUpWithoutWhatItsSettingsName() throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        let options = ["--credentials", "shop", "--robots", "ignore"]
        try stage.configure(
          """
          [credentials.shop]
          origins = ["\(stage.url("/").dropLast())"]
          user = "shopper"
          password = "secret"
          """)
        await stage.web.plant([.close], at: "/", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("shop", options, seeds: [stage.url("/")])
          #expect(try await stage.crawlctl(["wait", "shop"]).code == 10)
        }
        let before = await stage.web.log.count
        try stage.configure("")
        try await stage.withDaemon { _ in
          for subject in ["shop", stage.url("/")] {
            let refused = try await stage.crawlctl(["retry", subject])
            #expect(refused.code == 5 && refused.errors.contains("names no “shop”"), "\(refused)")
          }
        }
        #expect(await stage.web.log.count == before)
        #expect(try stage.state(of: "shop").hasPrefix("failed"))
      }
    }

    @Test func aPausedTaskStaysPausedAndACancelledOneIsRefused() throws {
      try Stage.play(Site(hosts: 1, pages: 40)) { stage in
        try await stage.withDaemon { _ in
          await breakPages(stage)
          try await stage.add("site", ["--delay", "50ms"], seeds: [stage.url("/")])
          while try stage.number("SELECT count(*) FROM fetches WHERE attempt = 2") < 2 {
            try await stage.control("status")
          }
          try await stage.control("pause", "site")
          #expect(try await stage.crawlctl(["wait", "site", "--for", "paused"]).code == 0)
          await mendPages(stage)
          let shown = try await stage.control("retry", "site", "--json")
          #expect(shown.contains("\"to\":\"paused\"") && shown.contains("\"urls\":2"), "\(shown)")
          try await stage.control("resume", "site")
          try await stage.control("wait", "site", "--for", "done")
          try await expectWholeSite(stage)
          try await stage.add("other", ["--paused"], seeds: [stage.url("/")])
          try await stage.control("cancel", "other")
          let refused = try await stage.crawlctl(["retry", "other"])
          #expect(refused.code == 5, "\(refused)")
        }
      }
    }

    /// What an ended task was at rest does not count; it would be paused at once, and not be crawled again.
    @Test func aRetryHasTheWholeTimeAnew() throws {
      try Stage.play(Site(hosts: 1, pages: 40)) { stage in
        try await stage.withDaemon { _ in
          await breakPages(stage)
          try await stage.add("site", ["--max-time", "1h", "--every", "10d"], seeds: [stage.url("/")])
          try await stage.control("wait", "site", "--for", "done")
        }
        let day = 86_400_000_000
        try stage.write(
          "UPDATE tasks SET started_at = started_at - \(day), finished_at = finished_at - \(day), "
            + "next_run_at = next_run_at - \(day)")
        await stage.web.plant([.hold, .send(Response.html("x"))], at: Self.broken[0], on: "h0.test")
        await stage.web.plant(nil, at: Self.broken[1], on: "h0.test")
        try await stage.withDaemon { daemon in
          let count = await stage.web.log.count
          try await stage.control("retry", "site")
          try await stage.web.waitForRequests(count + 1)
          try await daemon.kill()
        }
        await stage.web.plant(nil, at: Self.broken[0], on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.control("wait", "site", "--for", "done")
        }
        #expect(try stage.state(of: "site") == "finished")
        #expect(try stage.number("SELECT (next_run_at - started_at) / \(day) FROM tasks") == 10)
        try await expectWholeSite(stage)
      }
    }
  }
}
