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
        #expect(try stage.number("SELECT count(*) FROM hosts WHERE blocked_until IS NOT NULL") == 0)
        try await stage.expectSound()
      }
    }

    @Test func aBlockEndsByItself() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("short", ["--paused"], seeds: [stage.url("/")])
          // A later block takes the place of an earlier one.
          try await stage.control("block", "h0.test", "--for", "1h")
          try await stage.control("block", "http://h0.test:\(stage.site.port)", "--for", "1s")
          try await stage.control("resume", "short")
          try await stage.control("wait", "short", "--for", "done")
        }
        try await stage.expectSound()
      }
    }

    @Test func whatCannotBeBlockedIsSaidInOneLine() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("one", ["--paused"], seeds: [stage.url("/")])
          for (arguments, code, words) in [
            (["nowhere.test"], 4, "nowhere.test"), (["h0.test", "--until", "2020-01-01T00:00:00Z"], 5, "has passed"),
            (["h0.test", "--for", "soon"], 2, "--for"), (["h0.test", "--until", "soon"], 2, "--until"),
            (["h0.test", "nowhere.test"], 8, "nowhere.test"),
          ] {
            let answer = try await stage.crawlctl(["block"] + arguments)
            #expect(answer.code == code && answer.errors.contains(words), "\(arguments): \(answer)")
          }
        }
      }
    }

    @Test func aReloadSaysWhatIsWrong() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          let answer = try await stage.crawlctl(["reload"])
          #expect(answer.code == 0 && answer.output.contains("the configuration is right"), "\(answer)")
          try stage.configure("[nonsense]\n")
          let refused = try await stage.crawlctl(["reload"])
          #expect(refused.code == 1 && refused.errors.contains("nonsense"), "\(refused)")
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
        }
        #expect(try await stage.loop.run(Programs.crawlctl, ["completions", "csh"]).code == 2)
      }
    }
  }
}
