import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// When the next fetch starts, and what it waits for, whoever is asked. No time here is reached.
  @Suite struct NextFetches {
    /// The part of an answer that says when.
    private static func next(_ answer: String) -> Substring { answer[...].text(after: "next fetch: ") }

    /// Beside it a host waits for its delay, and another may start: neither does before.
    @Test func theRateOfATaskIsLongerThanTheDelayOfAHost() throws {
      try Stage.play(Site(hosts: 2, pages: 3)) { stage in
        try await stage.withDaemon { _ in
          let seeds = [stage.url("/p/1"), stage.url("/p/2"), stage.url("/p/1", host: 1)]
          let options = ["--rate", "0.001", "--delay", "1m", "--robots", "ignore"]
          try await stage.add("slow", options, seeds: seeds)
          while try stage.number("SELECT count(*) FROM fetches") < 1 { try await stage.control("status") }
          for subject in ["slow", "h0.test", "h1.test", seeds[1], seeds[2]] {
            let why = try await stage.control("why", subject)
            #expect(Self.next(why).contains("(in 16m"), "\(why)")
            #expect(why.contains("its rate allows the next fetch later, until"), "\(why)")
          }
          #expect(try await stage.control("why", "h1.test").contains("task slow: its rate allows"))
          let hosts = try await stage.control("hosts")
          let rows = hosts.split(separator: "\n").dropFirst()
          #expect(rows.count == 2 && rows.allSatisfy { $0.contains("in 16m") }, "\(hosts)")
        }
      }
    }

    /// Its host may be asked sooner, but not for it.
    @Test func aURLBehindOthersHasNoTime() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        try await stage.withDaemon { _ in
          let seeds = (1...3).map { stage.url("/p/\($0)") }
          try await stage.add("slow", ["--delay", "1h", "--depth", "0", "--robots", "ignore"], seeds: seeds)
          while try stage.number("SELECT count(*) FROM fetches") < 1 { try await stage.control("status") }
          let first = try await stage.control("why", seeds[1])
          #expect(first.contains("the first of its task's there") && Self.next(first).contains("(in 59m"), "\(first)")
          let last = try await stage.control("why", seeds[2])
          #expect(last.contains("behind 1 URL of its task") && !last.contains("next fetch"), "\(last)")
        }
      }
    }

    /// It is judged when its turn comes, which is told at once.
    @Test func aURLThatTheRulesOfNowExcludeHasNoNextFetch() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("slow", ["--delay", "1h", "--robots", "ignore"], seeds: [stage.url("/")])
          while try stage.number("SELECT count(*) FROM urls WHERE state = 'done'") < 1 {
            try await stage.control("status")
          }
          let url = try stage.column("SELECT url FROM urls WHERE state = 'ready' ORDER BY id LIMIT 1")[0]
          #expect(Self.next(try await stage.control("why", url)).contains("(in 59m"))
          try await stage.control("set", "slow", "exclude=**/p/**")
          let why = try await stage.control("why", url)
          let told = "when its turn comes it is excluded (exclude): it matches an exclude pattern (exclude=**/p/**)"
          #expect(why.contains(told) && !why.contains("next fetch"), "\(why)")
        }
      }
    }

    /// Also by a daemon that has not asked the host yet.
    @Test func aURLThatIsTriedAgainWaitsForTheDelayOfItsHost() throws {
      try Stage.play { stage in
        try stage.replaceConfiguration("[politeness]\nretry_delay = \"1m\"\n")
        await stage.web.plant(Response(status: 500), at: "/", on: "h0.test")
        @Sendable func expectTimes() async throws {
          for subject in ["site", "h0.test", stage.url("/")] {
            let why = try await stage.control("why", subject)
            #expect(Self.next(why).contains("(in 59m"), "\(why)")
          }
          let url = try await stage.control("url", stage.url("/"))
          #expect(url.contains("(in 59m"), "\(url)")
          let hosts = try await stage.control("hosts")
          #expect(hosts.contains("(in 59m"), "\(hosts)")
        }
        try await stage.withDaemon { daemon in
          try await stage.add("site", ["--delay", "1h", "--robots", "ignore"], seeds: [stage.url("/")])
          while try await !stage.control("show", "site").contains("1 delayed") {}
          try await expectTimes()
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in try await expectTimes() }
      }
    }

    /// A URL that waits for another try waits for the block of its host, too, which is named whoever is asked; one without an end
    /// has no time.
    @Test func theBlockOfAHostIsToldOfWhatWaitsForAnotherTry() throws {
      try Stage.play { stage in
        try stage.replaceConfiguration("[politeness]\nretry_delay = \"1h\"\n")
        await stage.web.plant(Response(status: 500), at: "/", on: "h0.test")
        let url = stage.url("/")
        try await stage.withDaemon { _ in
          try await stage.add("site", ["--robots", "ignore"], seeds: [url])
          while try await !stage.control("show", "site").contains("1 delayed") {}
          try await stage.control("block", "h0.test")
          let told = ", until crawlctl unblock"
          let site = try await stage.control("why", "site")
          #expect(site.contains("blocked by a user: 1 host of URLs that wait for another try" + told), "\(site)")
          let why = try await stage.control("why", url)
          #expect(why.contains("its host: blocked by a user" + told), "\(why)")
          #expect(try await stage.control("url", url).contains("not before crawlctl unblock"))
          for verb in [["why", "site"], ["why", url], ["why", "h0.test"], ["hosts"], ["url", url]] {
            let text = try await stage.control(verb)
            #expect(!text.contains("36524d") && !text.contains("next fetch"), "\(text)")
            let json = try await stage.control(verb + ["--json"])
            for time in ["next_try_at", "next_fetch_at", "due_at"] { #expect(!json.contains(time), "\(json)") }
            let block = json[...].text(after: "\"host_blocked").prefix { $0 != "}" }
            #expect(!block.contains("\"until\""), "\(json)")
            #expect(block.isEmpty == (verb[0] != "why"), "\(json)")
          }
          try await stage.control("block", "h0.test", "--for", "3h")
          for subject in ["site", "h0.test", url] {
            let why = try await stage.control("why", subject)
            #expect(why[...].text(after: "next fetch: ").contains("(in 2h 59m"), "\(why)")
          }
        }
      }
    }

    /// Whatever its hosts wait for: nobody knows when one of the others ends.
    @Test func aDaemonWithAsManyFetchesAsItMayHaveHoldsEveryHostUp() throws {
      try Stage.play(Site(hosts: 3, pages: 1)) { stage in
        await stage.web.setScript { _, target, visit in
          target == "/" && visit == 1 ? [.hold, .send(Response.html("<title>one</title>"))] : nil
        }
        try stage.replaceConfiguration("[daemon]\nshutdown_grace = 0\n[fetch]\nmax_in_flight = 2\n")
        try await stage.withDaemon { _ in
          try await stage.add("three", ["--robots", "ignore"], seeds: (0..<3).map { stage.url("/", host: $0) })
          try await stage.web.waitForHolds(2)
          for subject in ["three", "h2.test", stage.url("/", host: 2)] {
            let why = try await stage.control("why", subject, "--json")
            #expect(why.contains("\"daemon_in_flight\",\"text\":\"no fetch starts: the daemon's maximum"), "\(why)")
            #expect(!why.contains("its maximum of") && !why.contains("next_due_at"), "\(why)")
          }
          let hosts = try await stage.control("hosts", "--json").split(separator: "\n")
            .filter { $0.contains("h2.test") }
          #expect(hosts.count == 1 && !hosts[0].contains("next_fetch_at"), "\(hosts)")
          #expect(try await stage.control("hosts").contains(" held "))
        }
      }
    }

    @Test func aTaskThatHasEndedHasNoNextFetch() throws {
      try Stage.play { stage in
        try stage.configure(Stage.handler("dying", "/bin/false"))
        try await stage.withDaemon { _ in
          try await stage.add("done", ["--handler", "dying"], seeds: [stage.url("/")])
          try await stage.control("wait", "done", "--for", "done")
          let why = try await stage.control("why", "done")
          #expect(why.contains("it is finished") && !why.contains("next fetch"), "\(why)")
        }
      }
    }

    /// At once, and for as long as another process writes to the database, whose name is told.
    @Test func visitsThatWaitForTheirCommitAreCounted() throws {
      try Stage.play(Site(hosts: 1, pages: 2)) { stage in
        try await stage.withDaemon { _ in
          let answer = Response.html("<title>one</title>").serialised()
          await stage.web.plant([.hold, .send(answer)], at: "/p/1", on: "h0.test")
          try await stage.add("site", ["--depth", "0", "--robots", "ignore"], seeds: [stage.url("/p/1")])
          try await stage.web.waitForHolds(1)
          let holder = try Holder(stage.database, "BEGIN IMMEDIATE")
          await stage.web.release()
          while try await !stage.control("ps", "--json").isEmpty {}
          var why = try await stage.control("why", "site")
          #expect(why.contains("1 visit waits for its commit"), "\(why)")
          // The URL is in no queue any more.
          let ofURL = try await stage.control("why", stage.url("/p/1"))
          #expect(ofURL.contains("its visit has ended, and waits for its commit"), "\(ofURL)")
          #expect(!ofURL.contains("waits in the queue") && !ofURL.contains("next fetch"), "\(ofURL)")
          #expect(try await stage.control("url", stage.url("/p/1"), "--json").contains("\"state\":\"in_flight\""))
          while !why.contains("no fetch starts: ") { why = try await stage.control("why", "site") }
          #expect(why.contains("1 visit waits for its commit"), "\(why)")
          #expect(why.contains("no fetch starts: process \(getpid()) (") && why.contains(") writes to the"), "\(why)")
          holder.close()
          try await stage.control("wait", "site", "--for", "done")
        }
      }
    }
  }
}
