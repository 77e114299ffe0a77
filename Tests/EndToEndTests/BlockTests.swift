import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// `crawlctl block` and `unblock`.
  @Suite struct Blocks {
    @Test func nothingIsSentToABlockedHostAlsoAfterAKillUntilItIsUnblocked() throws {
      try Stage.play(Site(hosts: 2, pages: 6)) { stage in
        let seeds = [stage.url("/", host: 0), stage.url("/", host: 1)]
        try await stage.withDaemon { daemon in
          try await stage.add("two", ["--paused"], seeds: seeds)
          let shown = try await stage.control("block", "h0.test")
          #expect(shown.contains("http://h0.test:") && shown.contains("until "), "\(shown)")
          try await stage.control("resume", "two")
          // Its robots.txt and six pages.
          try await stage.web.waitForRequests(7, on: "h1.test")
          let why = try await stage.control("why", "two")
          #expect(why.contains("blocked by a user"), "\(why)")
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          let hosts = try await stage.control("hosts", "--json")
          #expect(hosts.contains("\"block_reason\":\"user\""), "\(hosts)")
          #expect(await stage.web.requests(on: "h0.test") == 0)
          let shown = try await stage.control("unblock", "h0.test", "--json")
          #expect(!shown.contains("blocked_until"), "\(shown)")
          try await stage.control("wait", "two", "--for", "done")
        }
        #expect(await stage.web.requests(on: "h0.test") == 7)
        #expect(
          try stage.number(
            "SELECT count(*) FROM hosts WHERE blocked_until IS NOT NULL OR user_blocked_until IS NOT NULL") == 0)
        try await stage.expectSound()
      }
    }

    /// It would be a host of that very name, which blocks nothing that is meant.
    @Test func aPatternIsNoHost() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          for place in ["*.h0.test", "http://*:80", "*"] {
            let refused = try await stage.crawlctl(["block", place])
            #expect(
              refused.code == 2 && refused.errors.contains("“\(place)” is no host; accepted: one host"), "\(refused)")
          }
        }
        #expect(try stage.number("SELECT count(*) FROM hosts") == 0)
      }
    }

    @Test func aBlockEndsByItself() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("short", ["--paused"], seeds: [stage.url("/")])
          // A later block takes the place of an earlier one.
          for place in ["h0.test/private", "user@h0.test", "h0.test:80/x", "h0.test?x"] {
            try await stage.control("block", place, "--for", "1h", exit: 4)
          }
          try await stage.control("block", "H0.Test", "--for", "1h")
          let blocked = stage.loop.now
          try await stage.control("block", "http://h0.test:\(stage.site.port)", "--for", "1s")
          try await stage.control("resume", "short")
          try await stage.control("wait", "short", "--for", "done")
          let first = try #require(await stage.web.log.entries.first)
          #expect(first.arrived - blocked >= .milliseconds(990))
        }
        try await stage.expectSound()
      }
    }

    @Test func aBlockDoesNotShortenWhatTheHostAskedFor() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        await stage.web.plant(Response(status: 429, fields: ["Retry-After: 3000"]), at: "/", on: "h0.test")
        @Sendable func expectRetryAfter() async throws {
          // It is among the hosts while a task has a URL there, which is put off and comes back.
          while try await !stage.control("hosts", "--json").contains("\"block_reason\":\"retry_after\"") {
            try await stage.control("status")
          }
        }
        let minutes = "SELECT count(*) FROM hosts WHERE blocked_until - user_blocked_until > 1000000000"
        try await stage.withDaemon { daemon in
          try await stage.add("later", seeds: [stage.url("/")])
          try await stage.web.waitForAnswers(2)
          try await stage.control("block", "h0.test", "--for", "2h")
          try await stage.control("block", "h0.test", "--for", "1m")
          try await expectRetryAfter()
          #expect(try stage.number(minutes) == 1)
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          try await expectRetryAfter()
          await stage.web.plant(nil, at: "/", on: "h0.test")
          try await stage.control("unblock", "h0.test")
          try await stage.control("wait", "later", "--for", "done")
        }
        try await stage.expectSound()
      }
    }

    @Test func aHostThatNoTaskKnowsYetCanBeBlocked() throws {
      try Stage.play(Site(hosts: 2, pages: 3)) { stage in
        try await stage.withDaemon { daemon in
          let early = try await stage.crawlctl(["block", "h0.test:\(stage.site.port)"])
          #expect(early.code == 0 && early.errors.contains("no task knows http://h0.test:"), "\(early)")
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          try await stage.add("site", seeds: [stage.url("/"), stage.url("/", host: 1)])
          try await stage.web.waitForRequests(4, on: "h1.test")
          #expect(try await stage.control("why", "site").contains("blocked by a user"))
          #expect(try await stage.control("hosts").contains("user until crawlctl unblock"))
          #expect(await stage.web.requests(on: "h0.test") == 0)
          let again = try await stage.control("block", "h0.test", "--json")
          #expect(!again.contains("new"), "\(again)")
          // Both that the first block was for.
          #expect(try await stage.control("unblock", "h0.test", "--json").split(separator: "\n").count == 2)
          try await stage.control("wait", "site", "--for", "done")
        }
        try await stage.expectSound()
      }
    }

    /// The other host has no row of its own as long as the robots.txt that leads to it is not read.
    @Test func aHostThatARobotsFileHasJustLedToCanBeBlocked() throws {
      try Stage.play(Site(hosts: 2, pages: 3)) { stage in
        let target = stage.url("/rules", host: 1)
        await stage.web.plant(Response(status: 301, fields: ["Location: \(target)"]), at: "/robots.txt", on: "h0.test")
        await stage.web.plant([.hold], at: "/rules", on: "h1.test")
        try await stage.withDaemon { daemon in
          try await stage.add("one", seeds: [stage.url("/")])
          try await stage.web.waitForRequests(1, on: "h1.test")
          try await stage.control("block", "h1.test")
          #expect(try stage.number("SELECT count(*) FROM hosts WHERE user_blocked_until IS NOT NULL") == 1)
          try await daemon.kill()
        }
        try await stage.expectSound()
      }
    }

    @Test func whatAUserWantsOfAHostCountsForEveryTaskAndAfterAKill() throws {
      try Stage.play(Site(hosts: 2, pages: 12)) { stage in
        try await stage.withDaemon { daemon in
          try await stage.add(
            "early", ["--paused", "--delay", "2s"], seeds: [stage.url("/"), stage.url("/", host: 1)])
          let shown = try await stage.control(
            "set", "--host", "h0.test", "delay=1h", "concurrency=1", "budget=5", "--json")
          #expect(shown.contains(#""budget":5,"concurrency":1,"delay":3600000000,"#), "\(shown)")
          for (arguments, code, words) in [
            (["--host", "nowhere.test", "delay=1s"], Int32(4), "that a task knows"),
            (["--host", "h0.test", "rate=3"], 2, "accepted: delay concurrency budget"),
            (["--host", "h0.test", "delay=soon"], 2, "delay: "), (["--host", "h0.test", "early"], 2, "key=value"),
            (["delay=3s"], 2, "which task?"),
          ] {
            let refused = try await stage.crawlctl(["set"] + arguments)
            #expect(refused.code == code && refused.errors.contains(words), "\(arguments): \(refused)")
          }
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          try await stage.add("late", seeds: [stage.url("/")])
          try await stage.control("resume", "early")
          while true {
            let hosts = try await stage.control("hosts")
            if hosts.contains("1h 0m (user)"), hosts.contains("2 s (task 1)") { break }
          }
          let why = try await stage.control("why", "h0.test")
          #expect(why.contains("(as a user said)") && why.contains("at most 5 of its URLs"), "\(why)")
          try await stage.control("set", "--host", "h0.test", "delay=30ms")
          // Its robots.txt once, and five pages of each task.
          try await stage.web.waitForRequests(11, on: "h0.test")
          try await stage.control("wait", "late", "--for", "done")
          let back = try await stage.control(
            "set", "--host", "h0.test", "delay=none", "concurrency=none", "budget=none")
          #expect(
            back.split(separator: "\n").last?.split(separator: " ").suffix(3) == ["none", "none", "none"], "\(back)")
        }
        #expect(try stage.number("SELECT count(*) > 0 FROM urls WHERE reason = 'budget_host'") == 1)
        let starts = await stage.web.log.entries.filter { $0.host == "h0.test" }.map(\.arrived)
        #expect(zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 >= .milliseconds(25) })
        #expect(
          try stage.number("SELECT count(*) FROM hosts WHERE user_delay IS NOT NULL OR user_budget IS NOT NULL") == 0)
        let taken =
          "SELECT count(*) FROM urls u JOIN hosts h ON h.id = host_id WHERE h.name = 'h0.test' AND state = 'done'"
        #expect(try stage.number(taken) == 10)
        try await stage.expectSound()
      }
    }

    @Test func whatWasNotSentIsTakenBack() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        // Connections to this host are never accepted.
        let deaf = DeafServer(address: 0x7F00_09F9, port: stage.site.port)
        defer { withExtendedLifetime(deaf) {} }
        var names = await stage.web.hostsFile
        names.add("deaf.test", at: "127.0.9.249")
        try TextFile.write(names.text, to: stage.hostsFile)
        try await stage.withDaemon { _ in
          try await stage.add("deaf", ["--robots", "ignore"], seeds: [stage.url("/", on: "deaf.test")])
          while try await !stage.control("ps").contains("connect") { try await stage.control("status") }
          try await stage.control("block", "deaf.test")
          while try await stage.control("ps").contains("deaf.test") { try await stage.control("status") }
          #expect(try stage.rows("SELECT state, attempts FROM urls") == [["ready", "0"]])
          #expect(try stage.number("SELECT count(*) FROM fetches") == 0)
        }
        try await stage.expectSound()
      }
    }

    @Test func whatCannotBeBlockedIsSaidInOneLine() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("one", ["--paused"], seeds: [stage.url("/")])
          for (arguments, code, words) in [
            (["no/where.test"], 4, "no/where.test"), (["h0.test", "--until", "2020-01-01T00:00:00Z"], 5, "has passed"),
            (["h0.test", "--for", "soon"], 2, "--for"), (["h0.test", "--until", "soon"], 2, "--until"),
            (["h0.test", "no/where.test"], 8, "no/where.test"),
          ] {
            let answer = try await stage.crawlctl(["block"] + arguments)
            #expect(answer.code == code && answer.errors.contains(words), "\(arguments): \(answer)")
          }
        }
      }
    }

    @Test func aReloadNamesFilesThatHaveAnotherSecret() throws {
      try Stage.play { stage in
        let file = "\(stage.directory)/password"
        try TextFile.write("before\n", to: file)
        let rest = "user = \"u\"\npassword_file = \"\(file)\"\n"
        try stage.configure(
          "[credentials.shop]\norigins = [\"https://shop.test\"]\n\(rest)[proxies.office]\nurl = \"http://h:1\"\n\(rest)"
        )
        try await stage.withDaemon { _ in
          let same = try await stage.control("reload")
          #expect(same.contains("nothing differs"), "\(same)")
          try TextFile.write("after\n", to: file)
          let told = try await stage.control("reload")
          let keys = "credentials.shop.password_file, proxies.office.password_file"
          #expect(told.contains("from the next start: \(keys)") && !told.contains("after"), "\(told)")
          try TextFile.write("before\n", to: file)
          let back = try await stage.control("reload")
          #expect(back.contains("nothing differs"), "\(back)")
        }
      }
    }

    @Test func aReloadSaysWhatIsWrong() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          let answer = try await stage.crawlctl(["reload"])
          #expect(
            answer.code == 0 && answer.output.contains("the configuration is right; nothing differs"), "\(answer)")
          try stage.configure("[tasks]\nmax_running = 3\n[defaults]\ndelay = 2")
          let told = try await stage.control("reload")
          #expect(told.contains("from the next start: defaults.delay, tasks.max_running"), "\(told)")
          // An option that the daemon was started with.
          try stage.configure("[dns]\nhosts_file = \"/etc/hosts\"")
          let overridden = try await stage.control("reload")
          #expect(
            overridden.contains("is right; the command line wins over dns.hosts_file (--hosts-file)"), "\(overridden)")
          try stage.configure("[nonsense]\n")
          let refused = try await stage.crawlctl(["reload"])
          #expect(refused.code == 1 && refused.errors.contains("nonsense"), "\(refused)")
        }
      }
    }

    /// Each reload tells the service manager twice, and this one reads only that the daemon is ready.
    @Test func aServiceManagerThatDoesNotReadIsNotWaitedFor() throws {
      try Stage.play { stage in
        let queue = Int(TextFile.read("/proc/sys/net/unix/max_dgram_qlen")?.filter(\.isNumber) ?? "") ?? 0
        try await stage.withDaemon { _ in
          for _ in 0..<min(queue, 600) / 2 + 2 { try await stage.control("reload") }
        }
      }
    }

    @Test func aShellIsToldOfEveryVerb() throws {
      try Stage.play { stage in
        let verbs = try await stage.loop.run(Programs.crawlctl, ["help"]).output.split(separator: "\n")
          .drop { $0 != "SUBCOMMANDS:" }.dropFirst().compactMap { line in
            line.hasPrefix("  ") && !line.hasPrefix("   ") ? line.split(separator: " ").first : nil
          }.filter { $0 != "See" }
        #expect(verbs.contains("unblock"))
        for shell in ["bash", "zsh", "fish"] {
          let script = try await stage.loop.run(Programs.crawlctl, ["completions", shell])
          #expect(script.code == 0)
          for verb in verbs { #expect(script.output.contains(verb), "\(shell): \(verb)") }
          for word in ["prefix", "scheduled", "first_byte_timeout"] {
            #expect(script.output.contains(word), "\(shell)")
          }
        }
        #expect(try await stage.loop.run(Programs.crawlctl, ["completions", "csh"]).code == 2)
        // As such a script asks for the names of tasks.
        let question = ["---completion", "show", "--", "positional@0", "0", "0"]
        let place = ["CRAWLD_SOCKET": stage.socket]
        #expect(try await stage.loop.run(Programs.crawlctl, question, environment: place).output == "\n")
        try await stage.withDaemon { _ in
          try await stage.add("docs", ["--paused"], seeds: [stage.url("/")])
          #expect(try await stage.loop.run(Programs.crawlctl, question, environment: place).output == "docs\n")
        }
      }
    }
  }
}
