import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// "Why is it doing that?": every answer names what the server or the database shows to be so.
  @Suite struct Asking {
    @Test func whatIsInFlightIsShownWithItsPhase() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          let held = stage.url(Fault.slowFirstByte.target)
          try await stage.add("held", seeds: [held])
          try await stage.web.waitForHolds(1)
          let coroutines = try await stage.control("ps", "--json")
          #expect(coroutines.contains(held) && coroutines.contains("\"request_sent\""), "\(coroutines)")
          // Every coroutine of the loop, the daemon's own among them.
          let all = try await stage.control("ps", "--all", "--json")
          for row in [
            "\"name\":\"\(held)\"", "\"waiting_for\":\"request sent\"", "\"waiting_for\":\"to be told to stop\"",
            "\"name\":\"store: commits groups\"",
          ] {
            #expect(all.replacing("\\/", with: "/").contains(row), "\(all)")
          }
          let reason = try await stage.control("why", "held", "--json")
          #expect(reason.contains("\"in_flight\""), "\(reason)")
          let url = try await stage.control("url", held, "--json")
          #expect(url.contains("\"in_flight\""), "\(url)")
          await stage.web.release()
          try await stage.control("wait", "held", "--for", "done")
          #expect(try await stage.control("why", held).contains("ok"))
          #expect(try await !stage.control("ps", "--json").contains(held))
        }
      }
    }

    @Test func aDisallowedURLIsExplained() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("site", seeds: [stage.url("/")])
          try await stage.control("wait", "site", "--for", "done")
          let disallowed = try stage.column("SELECT url FROM urls WHERE reason = 'robots' LIMIT 1")
          let url = try #require(disallowed.first)
          let answer = try await stage.control("why", url)
          #expect(answer.contains("robots.txt"), "\(answer)")
          let rows = try await stage.control("query", "SELECT count(*) FROM v_excluded WHERE reason = 'robots'")
          #expect(!rows.isEmpty)
        }
      }
    }

    @Test func aHostThatWaitsForItsDelayIsExplained() throws {
      try Stage.play(Site(hosts: 1, pages: 50)) { stage in
        try await stage.withDaemon { _ in
          let options = ["--delay", "1h", "--robots", "ignore"]
          try await stage.add("slow", options, seeds: [stage.url("/"), stage.url("/p/1")])
          try await stage.web.waitForAnswers(1)
          // The first visit commits, and then nothing moves for an hour.
          let answer = try await stage.control("why", "slow", "--json")
          #expect(answer.contains("\"host_delay\"") || answer.contains("\"host_concurrency\""), "\(answer)")
          let host = try await stage.control("why", "h0.test", "--json")
          #expect(host.contains("\"host\""), "\(host)")
          #expect(await stage.web.requests(on: "h0.test") == 1)
        }
      }
    }

    @Test func aSettingHoldsAtOnceAndIsRecorded() throws {
      try Stage.play(Site(hosts: 1, pages: 60)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("live", ["--delay", "1h"], seeds: [stage.url("/")])
          // robots.txt has been answered; the first page waits for an hour.
          try await stage.web.waitForAnswers(1)
          let wrong = try await stage.crawlctl(["set", "live", "delay=soon"])
          #expect(wrong.code == 2, "\(wrong)")
          try await stage.control("set", "live", "delay=0", "concurrency=8")
          try await stage.control("wait", "live", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 60)
        #expect(try stage.number("SELECT settings_revision FROM tasks") == 2)
        #expect(try stage.number("SELECT max(settings_revision) FROM fetches") == 2)
        #expect(try stage.column("SELECT action FROM task_events ORDER BY id") == ["add", "set", "finished"])
      }
    }

    @Test func aQuotaThatIsReachedSaysHowToGoOn() throws {
      try Stage.play(Site(hosts: 1, pages: 30)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("quota", ["--max-pages", "7"], seeds: [stage.url("/")])
          try await stage.control("wait", "quota", "--for", "done", exit: 13)
          #expect(try stage.number("SELECT count(*) FROM pages") == 7)
          #expect(try await stage.control("why", "quota").contains("max_pages"))
          let refused = try await stage.crawlctl(["resume", "quota"])
          #expect(refused.code == 5, "\(refused)")
          try await stage.control("set", "quota", "max_pages=none")
          try await stage.control("resume", "quota")
          try await stage.control("wait", "quota", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 30)
        #expect(await stage.web.log.statistics().duplicates == 0)
        try await stage.expectSound()
      }
    }
  }
}
