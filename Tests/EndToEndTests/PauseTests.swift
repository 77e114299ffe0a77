import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  @Suite struct PauseAndCancel {
    /// That a task is at rest cannot be seen by waiting; but another task on another host goes on meanwhile, and after
    /// its next 100 requests this one must not have made any.
    private func expectRest(_ stage: Stage, beside other: String, requests: Int) async throws {
      try await stage.add(other, ["--max-pages", "100"], seeds: [stage.url("/", host: 1)])
      try await stage.control("wait", other, "--for", "done", exit: 13)
      #expect(await stage.web.requests(on: "h0.test") == requests)
    }

    /// Adds a task with four fetches in flight that get no answer until the release: it stands in the midst of its work.
    private func addHeld(_ name: String, _ stage: Stage) async throws {
      for page in 1...4 {
        let answer = Response.html(stage.site.html(host: 0, page: page)).serialised()
        await stage.web.plant([.hold, .send(answer)], at: stage.site.target(ofPage: page), on: "h0.test")
      }
      try await stage.add(name, seeds: [stage.url("/")])
      try await stage.web.waitForHolds(4)
    }

    @Test func aPausedTaskRestsOverARestartAndGoesOnWhereItStopped() throws {
      try Stage.play(Site(hosts: 2, pages: 400)) { stage in
        let (requests, _) = try await stage.withDaemon { _ in
          try await addHeld("rest", stage)
          try await stage.control("pause", "rest")
          await stage.web.release()
          try await stage.control("wait", "rest", "--for", "paused")
          let requests = await stage.web.requests(on: "h0.test")
          try await expectRest(stage, beside: "first", requests: requests)
          return requests
        }
        // robots.txt, the first page and the four in flight.
        #expect(requests == 6)
        #expect(try stage.state(of: "rest") == "paused user")
        try await stage.withDaemon { _ in
          let hosts = try await stage.crawlctl(["hosts", "rest"])
          #expect(hosts.errors.contains("no host in memory has work\n1 task is not in memory: "), "\(hosts)")
          try await expectRest(stage, beside: "second", requests: requests)
          try await stage.control("wait", "rest", "--for", "done", exit: 11)
          try await stage.control("resume", "rest")
          #expect(!(try await stage.crawlctl(["hosts", "rest"])).errors.contains("not in memory"))
          try await stage.control("wait", "rest", "--for", "done")
        }
        let pages = await stage.web.log.pages.filter { $0.host == "h0.test" }.map(\.target)
        #expect(pages.count == 400)
        #expect(Set(pages).count == 400)
        try await stage.expectSound()
      }
    }

    /// Nothing is in flight, but the last visit waits for its commit: paused is what has committed what it fetched.
    @Test func aTaskWhoseLastVisitIsNotCommittedIsNotPausedYet() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        try await stage.withDaemon { _ in
          let answer = Response.html(stage.site.html(host: 0, page: 1)).serialised()
          await stage.web.plant([.hold, .send(answer)], at: stage.site.target(ofPage: 1), on: "h0.test")
          let seed = stage.url(stage.site.target(ofPage: 1))
          try await stage.control("add", "--name", "slow", "--robots", "ignore", "--delay", "1h", seed)
          try await stage.web.waitForHolds(1)
          let holder = try Holder(stage.database, "BEGIN IMMEDIATE")
          await stage.web.release()
          while try await !stage.control("ps", "--json").isEmpty {}
          let connection = try await stage.loop.connect(to: .unix(path: stage.socket))
          let pause = #"{"jsonrpc":"2.0","id":1,"method":"task.pause","params":{"tasks":["slow"]}}"#
          try await connection.write(pause + "\n")
          // Its change waits behind the commit.
          for _ in 0..<2 { try await stage.control("status") }
          try holder.execute("COMMIT")
          let reply = String(decoding: try await connection.readLine(limit: 1 << 20) ?? [], as: UTF8.self)
          connection.close()
          #expect(reply.contains(#""to":"pausing""#), "\(reply)")
          try await stage.control("wait", "slow", "--for", "paused")
          #expect(try stage.number("SELECT count(*) FROM pages") == 1)
        }
        try await stage.expectSound()
      }
    }

    /// What its hosts wait for does not matter any more: nothing starts then.
    @Test func aTaskThatIsBeingPausedWaitsForItsFetchesAlone() throws {
      try Stage.play(Site(hosts: 2, pages: 4)) { stage in
        try await stage.withDaemon { _ in
          let answer = Response.html(stage.site.html(host: 0, page: 1)).serialised()
          await stage.web.plant([.hold, .send(answer)], at: stage.site.target(ofPage: 1), on: "h0.test")
          let seeds = [stage.url(stage.site.target(ofPage: 1)), stage.url("/", host: 1), stage.url("/x", host: 1)]
          try await stage.add("held", ["--delay", "1h", "--robots", "ignore"], seeds: seeds)
          try await stage.web.waitForHolds(1)
          try await stage.web.waitForRequests(1, on: "h1.test")
          #expect(try await stage.control("why", "held", "--json").contains(#""kind":"host_"#))
          try await stage.control("pause", "held")
          let why = try await stage.control("why", "held", "--json")
          #expect(why.contains(#""kind":"in_flight""#) && !why.contains(#""kind":"host_"#), "\(why)")
          await stage.web.release()
          try await stage.control("wait", "held", "--for", "paused")
        }
      }
    }

    @Test func whatIsInFlightAtAPauseEndsAndCounts() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("held", seeds: [stage.url(Fault.slowFirstByte.target)])
          try await stage.web.waitForHolds(1)
          try await stage.control("pause", "held")
          await stage.web.release()
          try await stage.control("wait", "held", "--for", "paused")
        }
        #expect(try stage.column("SELECT state FROM urls") == ["done"])
        #expect(await stage.web.log.statistics().distinct == 1)
        #expect(await stage.web.log.statistics().duplicates == 0)
      }
    }

    @Test func pauseNowAbortsWhatIsInFlight() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("held", seeds: [stage.url(Fault.slowFirstByte.target)])
          try await stage.web.waitForHolds(1)
          try await stage.control("pause", "--now", "held")
          // Its robots.txt was answered; the second answer is the one that was given up.
          try await stage.web.waitForAnswers(2)
          try await stage.control("wait", "held", "--for", "paused")
          #expect(try stage.column("SELECT state FROM urls") == ["ready"])
          try await stage.control("resume", "held")
          try await stage.web.waitForHolds(2)
          await stage.web.release()
          try await stage.control("wait", "held", "--for", "done")
        }
        #expect(try stage.column("SELECT state FROM urls") == ["done"])
        try await stage.expectSound()
      }
    }

    @Test func aTaskThatIsPausedSlowsNoOtherDown() throws {
      try Stage.play(Site(hosts: 1, pages: 20)) { stage in
        try await stage.withDaemon { _ in
          let seeds = [stage.url("/p/1"), stage.url("/p/2")]
          try await stage.control(["add", "--name", "slow", "--delay", "1h", "--robots", "ignore"] + seeds)
          try await stage.web.waitForAnswers(1)
          try await stage.add("quick", ["--robots", "ignore"], seeds: [stage.url("/")])
          while try await !stage.control("why", "quick").contains("in 59m") {}
          try await stage.control("pause", "slow")
          try await stage.control("wait", "quick", "--for", "done")
        }
        try await stage.expectSound()
      }
    }

    @Test func aTaskCanBeginPaused() throws {
      try Stage.play(Site(hosts: 2, pages: 200)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("later", ["--paused"], seeds: [stage.url("/")])
          try await expectRest(stage, beside: "other", requests: 0)
          try await stage.control("resume", "later")
          try await stage.control("wait", "later", "--for", "done")
        }
        #expect(Set(await stage.web.log.pages.filter { $0.host == "h0.test" }.map(\.target)).count == 200)
      }
    }

    /// As long as it has nothing to do, no quota ends it, and the daemon does nothing for it.
    @Test func anIdleTaskWhoseTimeIsUpCostsNothingAndIsPausedWhenItHasWork() throws {
      try Stage.play { stage in
        try await stage.withDaemon { daemon in
          try await stage.control("add", "--open", "--name", "feed", "--delay", "0", "--max-time", "1ms")
          let (before, own) = (Footprint(of: daemon.process.id), Footprint(of: getpid()))
          for _ in 0..<30 { try await stage.control("status") }
          let time = Footprint(of: daemon.process.id).processorTime - before.processorTime
          let childrensTime = Footprint(of: getpid()).childrensTime - own.childrensTime
          #expect(time < childrensTime / 2, "\(time) s, while others took \(childrensTime) s to ask it")
          #expect(try await stage.control("ls").contains("running"))
          try await stage.control("offer", "feed", stage.url("/"))
          try await stage.control("wait", "feed", "--for", "done", exit: 13)
        }
        #expect(try stage.state(of: "feed") == "paused quota_time")
        #expect(await stage.web.requests() == 0)
        try await stage.expectSound()
      }
    }

    @Test func aFetchThatWouldComeAfterTheEndOfItsTimeIsNotPromised() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        try await stage.withDaemon { _ in
          let rules = ["--delay", "1h", "--max-time", "30m", "--robots", "ignore"]
          try await stage.control(["add", "--name", "slow"] + rules + [stage.url("/")])
          while try stage.number("SELECT count(*) FROM fetches WHERE url_id IS NOT NULL") == 0 {
            try await stage.control("status")
          }
          for place in ["slow", stage.url("/p/1")] {
            let why = try await stage.control("why", place)
            #expect(why.contains("no fetch of it may start before its max_time is used up, until"), "\(why)")
            #expect(!why.contains("next fetch"), "\(why)")
          }
          try await stage.control("set", "slow", "max_time=2h")
          let why = try await stage.control("why", "slow")
          #expect(why.contains("next fetch") && !why.contains("max_time"), "\(why)")
        }
      }
    }

    @Test func tasksAreChosenByStateAndName() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          for name in ["docs-1", "docs-2", "shop"] { try await stage.add(name, ["--paused"], seeds: [stage.url("/")]) }
          try await stage.control("cancel", "docs-2")
          #expect(try await stage.crawlctl(["wait", "docs-2", "--for", "done"]).code == 12)
          let listed = try await stage.control(
            "ls", "--state", "paused", "--state", "cancelled", "--name", "docs-?", "--json")
          #expect(listed.split(separator: "\n").count == 2 && !listed.contains("shop"), "\(listed)")
          let cancelled = try await stage.control("cancel", "--state", "paused", "--name", "d*", "--json")
          #expect(
            cancelled.contains(#""name":"docs-1""#) && cancelled.split(separator: "\n").count == 1, "\(cancelled)")
          let none = try await stage.crawlctl(["resume", "--name", "nothing*"])
          #expect(none.code == 0 && none.errors.contains("no task that this can be done to"), "\(none)")
          for (arguments, words) in [
            (["pause", "--state", "idle"], "is no state; accepted: queued"),
            (["pause", "shop", "--name", "s*"], "either tasks"), (["pause"], "which task?"),
          ] {
            let refused = try await stage.crawlctl(arguments)
            #expect(refused.code == 2 && refused.errors.contains(words), "\(arguments): \(refused)")
          }
        }
      }
    }

    @Test func cancelIsFinal() throws {
      try Stage.play(Site(hosts: 2, pages: 400)) { stage in
        let (requests, _) = try await stage.withDaemon { _ in
          try await addHeld("over", stage)
          try await stage.control("cancel", "over")
          try await stage.control("wait", "over", "--for", "done", exit: 12)
          let requests = await stage.web.requests(on: "h0.test")
          #expect(requests == 6, "robots.txt, the first page and the four that were in flight")
          try await expectRest(stage, beside: "first", requests: requests)
          try await stage.control("resume", "over", exit: 5)
          return requests
        }
        #expect(try stage.state(of: "over").hasPrefix("cancelled"))
        try await stage.withDaemon { _ in
          try await expectRest(stage, beside: "second", requests: requests)
        }
        #expect(try stage.number("SELECT count(*) FROM pages") > 0)
        try await stage.expectSound()
      }
    }
  }
}
