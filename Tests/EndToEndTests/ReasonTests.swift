import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// The answers that lead from "it did not work" to its cause.
  @Suite struct Reasons {
    @Test func aServersErrorIsAFinalAnswerThatIsToldOf() throws {
      try Stage.play { stage in
        await stage.web.plant(Response(status: 503), at: "/", on: "h0.test")
        try await stage.withDaemon { _ in
          let run = try await stage.crawlctl(["run", "--delay", "0", "--name", "busy", stage.url("/")])
          #expect(run.code == 0, "\(run)")
          let told = "1 URL ended in a server's error (crawlctl retry 1 --socket \(stage.socket))"
          #expect(run.output.contains("in vain") && run.output.contains(told), "\(run)")
          #expect(try await stage.control("show", "busy").contains(told))
          let wait = try await stage.crawlctl(["wait", "busy"])
          #expect(wait.code == 0 && wait.errors.contains("task 1 busy: \(told)"), "\(wait)")
          let why = try await stage.control("why", stage.url("/"))
          #expect(why.contains("server_error was its final answer, after 2 attempts"), "\(why)")
          #expect(try await stage.control("retry", "busy", "--json").contains("\"urls\":1"))
        }
      }
    }

    @Test func theCauseOfARobotsFileThatCannotBeRead() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          let url = stage.url("/", on: "closed.test")
          try await stage.add("away", seeds: [url])
          try await stage.control("wait", "away", exit: 10)
          let cause = "robots.txt could not be read: "
          for subject in [url, "closed.test"] {
            let why = try await stage.control("why", subject)
            #expect(why.contains(cause) && why.contains("(reset)"), "\(why)")
          }
          let shown = try await stage.control("url", url)
          #expect(shown.contains("could not be read") && shown.contains("(reset)"), "\(shown)")
          #expect(
            try stage.rows("SELECT url, state, outcome, reason FROM v_errors") == [
              [url, "failed", "reset", "robots_unreachable"]
            ])
        }
        // A daemon that does not hold the host in memory says the same.
        try await stage.withDaemon { _ in
          let why = try await stage.control("why", "closed.test")
          #expect(why.contains("robots.txt could not be read: ") && why.contains("(reset)"), "\(why)")
        }
      }
    }

    /// The line of robots.txt that decided, from memory and after a restart, and what the file says by now.
    @Test func theLineOfRobotsThatExcludesAURLIsNamed() throws {
      try Stage.play { stage in
        await stage.web.plant(.text("User-agent: *\nDisallow: /private\n"), at: "/robots.txt", on: "h0.test")
        await stage.web.plant(.html("<a href=/private/page>page</a>"), at: "/", on: "h0.test")
        let url = stage.url("/private/page")
        try await stage.withDaemon { _ in
          try await stage.crawl("site", seeds: [stage.url("/")])
          let why = try await stage.control("why", url)
          #expect(why.contains("robots.txt disallows it: line 2, Disallow: /private"), "\(why)")
        }
        try stage.write("UPDATE hosts SET robots_text = CAST('Allow: /' AS BLOB)")
        try await stage.withDaemon { _ in
          let why = try await stage.control("why", url)
          #expect(why.contains("what that file says by now allows it"), "\(why)")
        }
      }
    }

    /// A URL that waits for another try is told of with its time, whether its task, its host or itself is asked about; and a
    /// host whose tasks are paused is not said to be asked soon.
    @Test func whatWaitsForAnotherTryHasATime() throws {
      try Stage.play { stage in
        try stage.replaceConfiguration("[politeness]\nretry_delay = \"1h\"\nmax_retry_delay = \"2h\"\n")
        await stage.web.plant(.links(["/away", "/next"]), at: "/start", on: "h0.test")
        await stage.web.plant([.close], at: "/away", on: "h0.test")
        await stage.web.plant([.hold], at: "/next", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.control("add", "--name", "site", "--delay", "0", stage.url("/start"))
          try await stage.web.waitForHolds(1)
          while try stage.number("SELECT count(*) FROM urls WHERE state = 'delayed'") < 1 {
            try await stage.control("status")
          }
          for subject in ["site", "H0.TEST", stage.url("/away")] {
            let why = try await stage.control("why", subject, "--json")
            let line = why[...].text(after: "\"kind\":\"delayed\"").prefix { $0 != "}" }
            #expect(line.contains("\"until\":"), "\(subject): \(why)")
            #expect(why.contains("\"next_due_at\":"), "\(subject): \(why)")
          }
          try await stage.control("pause", "site", "--now")
          try await stage.control("wait", "site", "--for", "paused")
          let hosts = try await stage.control("hosts")
          #expect(hosts.contains(" held ") && !hosts.contains(" now "), "\(hosts)")
          let why = try await stage.control("why", "h0.test")
          #expect(why.contains("none of its tasks starts fetches now"), "\(why)")
          try await stage.control("cancel", "site")
        }
      }
    }

    @Test func whileItIsTriedAgainTheTriesAreCounted() throws {
      try Stage.play { stage in
        try stage.replaceConfiguration("[robots]\ntries = 3\nwindow = \"1h\"\n")
        await stage.web.plant(Response(status: 500), at: "/robots.txt", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("waiting", seeds: [stage.url("/")])
          try await stage.web.waitForAnswers(1)
          while try stage.number("SELECT count(*) FROM fetches") < 1 { try await stage.control("status") }
          for subject in [stage.url("/"), "h0.test"] {
            let why = try await stage.control("why", subject)
            #expect(
              why.contains("robots.txt could not be read: HTTP 500 (server_error); 1 of 3 tries were in vain"), "\(why)"
            )
          }
        }
      }
    }

    /// Most of all then.
    @Test func whyAnUrlIsExcludedIsToldWhileNothingCanBeCommitted() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        await stage.web.plant(.text("User-agent: *\nDisallow: /p/2\n"), at: "/robots.txt", on: "h0.test")
        try await stage.withDaemon { _ in
          let answer = Response.html(stage.site.html(host: 0, page: 1)).serialised()
          await stage.web.plant([.hold, .send(answer)], at: stage.site.target(ofPage: 1), on: "h0.test")
          let seeds = [stage.url("/p/2"), stage.url(stage.site.target(ofPage: 1))]
          try await stage.add("held", ["--depth", "0"], seeds: seeds)
          try await stage.web.waitForHolds(1)
          while try stage.number("SELECT count(*) FROM urls WHERE reason = 'robots'") < 1 {
            try await stage.control("status")
          }
          let holder = try Holder(stage.database, "BEGIN IMMEDIATE")
          await stage.web.release()
          while try await !stage.control("ps", "--json").isEmpty {}
          let why = try await stage.control("why", stage.url("/p/2"))
          #expect(why.contains("it is excluded (robots)") && why.contains("Disallow: /p/2"), "\(why)")
          holder.close()
          try await stage.control("wait", "held", "--for", "done")
        }
      }
    }

    @Test func aQuotaThatWasRaisedIsNotUsedUpAnyMore() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("few", ["--max-pages", "1"], seeds: [stage.url("/")])
          try await stage.control("wait", "few", "--for", "paused")
          let before = try await stage.control("why", "few")
          #expect(before.contains("its quota max_pages=1 is used up: raise it"), "\(before)")
          try await stage.control("set", "few", "max_pages=10")
          let after = try await stage.control("why", "few")
          #expect(after.contains("its quota max_pages was used up, and is 10 now: resume it"), "\(after)")
        }
      }
    }

    /// A daemon that has just started has none of its hosts in memory.
    @Test func whatWaitsOnAHostThatIsNotInMemoryIsTold() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        try await stage.withDaemon { _ in
          try await stage.control("add", "--name", "later", "--paused", stage.url("/p/1"), stage.url("/p/2"))
        }
        try await stage.withDaemon { _ in
          let why = try await stage.control("why", "h0.test")
          #expect(why.contains("task later, which is paused: 2 URLs of it wait"), "\(why)")
          #expect(!why.contains("no URL of it"), "\(why)")
        }
      }
    }

    @Test func whatMakesADelayIsTold() throws {
      try Stage.play(Site(hosts: 1, pages: 5)) { stage in
        try await stage.withDaemon { _ in
          // The quick one would end before the other comes.
          for (name, delay) in [("slow", "1h"), ("quick", "10ms")] {
            try await stage.control("add", "--name", name, "--delay", delay, "--robots", "ignore", stage.url("/p/1"))
          }
          let hosts = try await stage.control("hosts")
          #expect(hosts.contains("1h 0m (task 1)"), "\(hosts)")
          let why = try await stage.control("why", "h0.test", "--task", "quick")
          #expect(why.contains("one start every 1 h (the delay of task slow)"), "\(why)")
          #expect(try await stage.control("hosts", "--json").contains("\"delay_origin\":\"task\",\"delay_task\":1"))
        }
        // Nothing has been asked since the start: it is no delay of a task that is waited for.
        try await stage.withDaemon { _ in
          let reason = "waiting after the daemon's start for the delay from before it"
          // Its rows are read first.
          while try await !stage.control("why", "slow").contains(reason) {}
        }
      }
    }

    @Test func fewerTasksRunAfterAStartThatAllowsFewer() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          for name in ["first", "second", "third"] {
            try await stage.control("add", "--name", name, "--delay", "1h", stage.url("/"))
          }
          #expect(try stage.column("SELECT DISTINCT state FROM tasks") == ["running"])
        }
        try stage.configure("[tasks]\nmax_running = 1\n")
        try await stage.withDaemon { _ in
          #expect(try stage.column("SELECT state FROM tasks ORDER BY id") == ["running", "queued", "queued"])
          #expect(try await stage.control("why", "third").contains("it is number 2 of those that wait for a place"))
          try await stage.control("cancel", "first")
          try await stage.control("wait", "first", exit: 12)
          while try stage.state(of: "second") != "running" { try await stage.control("status") }
        }
      }
    }

    /// A robots.txt that redirects waits for the other host's turn: that, and until when, is what all of the first one waits
    /// for.
    @Test func whoHoldsUpARedirectedRobotsFileIsTold() throws {
      try Stage.play(Site(hosts: 2, pages: 1)) { stage in
        try stage.replaceConfiguration("[robots]\nwindow = \"1h\"\n")
        await stage.web.plant(.redirect(to: stage.url("/rules", host: 1)), at: "/robots.txt", on: "h0.test")
        await stage.web.plant(.text("User-agent: *\nAllow: /\n"), at: "/rules", on: "h1.test")
        try await stage.withDaemon { _ in
          try await stage.control("block", stage.url("", host: 1), "--for", "2h")
          try await stage.add("moved", seeds: [stage.url("/")])
          while try await !stage.control("ps").contains(" turn (robots) ") {}
          let told =
            "the robots.txt of \(stage.url("", host: 0)) redirects to \(stage.url("", host: 1)): blocked by a user, until"
          for subject in ["moved", "h0.test", stage.url("/")] {
            let why = try await stage.control("why", subject)
            #expect(why.contains(told) && !why.contains("in flight (crawlctl"), "\(why)")
            #expect(why.contains("next fetch: ") && why.contains("(in 1h 59m"), "\(why)")
          }
          try await stage.control("unblock", "h1.test")
          try await stage.control("wait", "moved", "--for", "done")
        }
      }
    }

    /// Nothing is wrong with the first host, and its URLs wait as long as the other one is to be left alone.
    @Test func aRobotsFileThatRedirectsToABlockedHostFailsNoURL() throws {
      try Stage.play(Site(hosts: 2, pages: 1)) { stage in
        try stage.replaceConfiguration("[robots]\nwindow = \"1s\"\n")
        await stage.web.plant(.redirect(to: stage.url("/rules", host: 1)), at: "/robots.txt", on: "h0.test")
        await stage.web.plant(.text("User-agent: *\nAllow: /\n"), at: "/rules", on: "h1.test")
        try await stage.withDaemon { _ in
          try await stage.control("block", stage.url("", host: 1), "--for", "2h")
          try await stage.add("moved", seeds: [stage.url("/")])
          try await stage.web.waitForRequests(3)  // Longer than the window.
          #expect(try stage.column("SELECT state FROM urls") == ["ready"])
          try await stage.control("unblock", "h1.test")
          try await stage.control("wait", "moved", "--for", "done")
        }
        #expect(try stage.column("SELECT state FROM urls WHERE url = '\(stage.url("/"))'") == ["done"])
      }
    }

    @Test func aQueuedTaskKnowsItsPlace() throws {
      try Stage.play { stage in
        try stage.configure("[tasks]\nmax_running = 1\n")
        try await stage.withDaemon { _ in
          for name in ["first", "second", "third"] {
            try await stage.control("add", "--name", name, "--delay", "1h", stage.url("/"))
          }
          let why = try await stage.control("why", "third")
          #expect(
            why.contains(
              "number 2 of those that wait for a place: at most 1 run at once ([tasks] max_running), now first"),
            "\(why)")
        }
      }
    }

    @Test func aRefusedAddressNamesTheRemedy() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          let run = try await stage.crawlctl(["run", "http://10.0.0.1/"])
          #expect(run.code == 10 && run.output.contains("--allow-network CIDR"), "\(run)")
          for subject in ["1", "http://10.0.0.1/"] {
            let why = try await stage.control("why", subject)
            #expect(why.contains("--allow-network CIDR"), "\(why)")
          }
        }
      }
    }

    @Test func aBlockWithoutAnEndAndAHostThatIsNone() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("site", ["--paused"], seeds: [stage.url("/")])
          let block = try await stage.control("block", "h0.test")
          #expect(block.contains("until crawlctl unblock"), "\(block)")
          for verb in [["why", "h0.test"], ["hosts"], ["block", "h0.test"]] {
            let told = try await stage.control(verb)
            #expect(told.contains("crawlctl unblock") && !told.contains("36524d"), "\(told)")
          }
          let unknown = try await stage.crawlctl(["unblock", "h1.test"])
          #expect(unknown.code == 4 && unknown.errors.contains("name, name:port or scheme://name:port"), "\(unknown)")
        }
        // Also of a host that waits in no queue.
        try await stage.withDaemon { _ in
          try await stage.control("cancel", "site")
          try await stage.control("wait", "site", exit: 12)
        }
        try await stage.withDaemon { _ in
          let why = try await stage.control("why", "h0.test")
          #expect(why.contains("blocked (user), until crawlctl unblock"), "\(why)")
        }
      }
    }

    /// They are in the database as the page has them, whatever they are.
    @Test func aLinkThatIsNoURLIsExplained() throws {
      try Stage.play { stage in
        await stage.web.plant(
          .html("<a href='mailto:x@y.test'>m</a><a href='http://[bad'>b</a>"), at: "/", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("site", seeds: [stage.url("/")])
          try await stage.control("wait", "site", "--for", "done")
          let mail = try await stage.control("why", "mailto:x@y.test")
          #expect(mail.contains("excluded (scheme_refused)") && mail.contains("found through"), "\(mail)")
          let bad = try await stage.control("why", "http://[bad")
          #expect(bad.contains("excluded (url_invalid)"), "\(bad)")
          for unknown in ["mailto:z@y.test", "h9.test:80", "http://[worse"] {
            try await stage.control("why", unknown, exit: 4)
          }
        }
      }
    }

    /// Hosts of which nothing is ready, in memory or not.
    @Test func aHostWhoseURLsWaitForAnotherTryIsListed() throws {
      try Stage.play { stage in
        try stage.replaceConfiguration(
          "[politeness]\nmax_attempts = 3\nretry_delay = \"1h\"\nmax_retry_delay = \"2h\"\n")
        await stage.web.plant(Response(status: 500), at: "/", on: "h0.test")
        @Sendable func expectHost() async throws {
          let host = try await stage.control("hosts", "--json")
          #expect(host.contains(#""delayed":1,"#) && host.contains("next_try_at"), "\(host)")
          #expect(try await stage.control("hosts").contains("(in 1h"))
          #expect(try await stage.control("hosts", "site").contains("h0.test"))
          let asked = try await stage.control("why", "h0.test", "--task", "site")
          #expect(asked.contains("1 URL waits for another try"), "\(asked)")
        }
        try await stage.withDaemon { daemon in
          try await stage.add("site", seeds: [stage.url("/")])
          while try await !stage.control("show", "site").contains("1 delayed") {}
          try await expectHost()
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          try await expectHost()
          // Nothing is tried again of a task that does not run, and nobody is told when.
          try await stage.control("pause", "site")
          try await stage.control("wait", "site", "--for", "paused")
          let host = try await stage.control("hosts", "--json")
          #expect(host.contains(#""delayed":1,"#) && !host.contains("next_try_at"), "\(host)")
          let asked = try await stage.control("why", "h0.test")
          #expect(asked.contains("task site, which is paused: 1 URL waits for another try"), "\(asked)")
          let url = try await stage.control("why", stage.url("/"), "--json")
          #expect(url.contains("would be tried again after server_error, but it was paused by a user"), "\(url)")
          #expect(!url.contains("until") && !url.contains("next_due_at"), "\(url)")
          let held = try await stage.crawlctl(["retry", stage.url("/")])
          #expect(held.code == 5 && held.errors.contains("which is paused (crawlctl resume 1"), "\(held)")
          try await stage.control("cancel", "site")
          try await stage.control("wait", "site", exit: 12)
          #expect(try await stage.control("why", stage.url("/")).contains("but it was cancelled by a user"))
          #expect(try await !stage.control("why", "h0.test").contains("another try"))
          let cancelled = try await stage.crawlctl(["retry", stage.url("/")])
          #expect(cancelled.code == 5 && cancelled.errors.contains("is cancelled and can't be retried"), "\(cancelled)")
          let none = try await stage.crawlctl(["hosts"])
          #expect(none.output.isEmpty && none.errors.contains("no host has work"), "\(none)")
        }
      }
    }

    /// As the crawls of a site that is crawled again and again are named.
    @Test func aHostIsMeantWhoseNameSeveralTasksBeginWith() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          for number in [7, 8] { try await stage.add("h0.test-\(number)", ["--paused"], seeds: [stage.url("/")]) }
          #expect(try await stage.control("why", "h0.test").contains("http://h0.test:"))
          let none = try await stage.crawlctl(["why", "h0"])
          #expect(none.code == 4 && none.errors.contains("h0.test-7 h0.test-8"), "\(none)")
        }
      }
    }

    /// Such a host allows everything (RFC 9309, section 2.3.1.3).
    @Test func aHostWithoutARobotsFileIsNoError() throws {
      try Stage.play { stage in
        await stage.web.plant(Response(status: 404), at: "/robots.txt", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("site", seeds: [stage.url("/")])
          try await stage.control("wait", "site", "--for", "done")
          #expect(try stage.number("SELECT count(*) FROM fetches WHERE outcome = 'client_error'") == 1)
          #expect(try await !stage.control("why", "site").contains("last error"))
          #expect(try await !stage.control("show", "site").contains("LAST ERRORS"))
        }
      }
    }
  }
}
