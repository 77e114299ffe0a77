import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// The clock is set while a crawl goes on, by a day, forward and back: whatever is to be waited for takes as long as it was
  /// said to.
  @Suite struct StarveClock {
    private static let day: Duration = .seconds(86_400)

    private static let configuration = """
      [politeness]
      max_attempts = 4
      retry_delay = "1s"
      max_retry_delay = "1s"
      [robots]
      tries = 3
      window = "60s"

      """

    /// Of five hosts the first is plain, one has a Crawl-delay, one asks for a second with Retry-After, one for the same by
    /// a date, and one has errors.
    private static func script(_ site: Site) -> TestWeb.Script {
      { name, target, visit in
        guard let host = site.host(named: name) else { return nil }
        if target == "/robots.txt" {
          return [
            .send(Response.text("User-agent: *\nDisallow: /private/\n" + (host % 5 == 1 ? "Crawl-delay: 0.4\n" : "")))
          ]
        }
        guard let page = site.page(atTarget: target), page % 3 == 1, visit == 1 else { return nil }
        switch host % 5 {
        case 2: return [.send(Response(status: 429, fields: ["Retry-After: 1"]))]
        case 3:
          // By the server's clock.
          let dates = ["Date: Sun, 06 Nov 1994 08:49:37 GMT", "Retry-After: Sun, 06 Nov 1994 08:49:38 GMT"]
          return [.send(Response(status: 503, fields: dates))]
        case 4: return [.send(Response(status: 500))]
        default: return nil
        }
      }
    }

    private static func judge(_ site: Site) -> PolitenessJudge {
      var judge = PolitenessJudge(tolerance: .milliseconds(50))
      for host in 0..<site.hosts {
        var rules = PolitenessJudge.Host()
        rules.note(PolitenessJudge.Pace(delay: .milliseconds(150), concurrency: 1), at: Instant(nanoseconds: 0))
        if host % 5 == 1 { rules.crawlDelay = .milliseconds(400) }
        if host % 5 == 2 || host % 5 == 3 { rules.retryAfter = .seconds(1) }
        rules.forbidden = ["/private/"]
        judge.hosts[site.name(ofHost: host)] = rules
      }
      return judge
    }

    @Test(arguments: [1, -1]) func aDayIsNotWaitedForAndNothingComesEarly(days: Int) throws {
      let site = Site(hosts: Starve.isLong ? 100 : 5, pages: 7)
      try Stage.play(site, limit: Starve.limit) { stage in
        try stage.replaceConfiguration(Self.configuration)
        await stage.web.setScript(Self.script(site))
        await stage.web.watchStalls()
        let clock = try ShiftedClock(of: stage)
        let (_, status) = try await stage.withDaemon(environment: clock.environment) { _ in
          try await stage.control(
            ["add", "--name", "jump", "--delay", "150ms", "--max-time", "1h"]
              + (0..<site.hosts).map { stage.url("/", host: $0) })
          // In the midst of retries and blocks; and again, when all of it has begun anew.
          for (number, requests) in (Starve.isLong ? Array(stride(from: 150, to: 800, by: 40)) : [14, 26]).enumerated()
          {
            try await stage.web.waitForRequests(requests)
            try clock.set(number % 2 == 0 ? Self.day * days : .zero)
          }
          try await stage.control("wait", "jump", "--for", "done")
          #expect(!(try await stage.control("status")).contains("warning"))
        }
        #expect(status.isSuccess)
        var judge = Self.judge(site)
        judge.stalls = await stage.web.stalls
        let verdict = judge.verdict(on: await stage.web.log)
        #expect(verdict.violations == [])
        try await Self.expectRetries(stage)
        try await Self.expectWhole(stage)
        let times = try stage.rows("SELECT created_at, started_at, finished_at FROM tasks")[0].map {
          Int($0 ?? "") ?? 0
        }
        #expect(times[2] - times[1] < 3_600_000_000 && times[2] >= times[1], "\(times)")
        Soak.say(
          "the clock \(days > 0 ? "forward" : "back") a day and to and fro: \(await stage.web.log.count) requests, no "
            + "violation (delay \(verdict.judged[.delay] ?? 0), Crawl-delay \(verdict.judged[.crawlDelay] ?? 0), Retry-After "
            + "\(verdict.judged[.retryAfter] ?? 0) judged), no retry early, none lost, none twice")
      }
    }

    /// What had an error is asked for again when its delay is over.
    private static func expectRetries(_ stage: Stage) async throws {
      let entries = await stage.web.log.pages.filter { $0.host.hasSuffix("4.test") || $0.host.hasSuffix("9.test") }
      let pages = Dictionary(grouping: entries) { "\($0.host)\($0.target)" }
      let again = pages.values.filter { $0[0].status == 500 }
      #expect(again.count >= 2)
      for entries in again {
        try #require(entries.count == 2, "\(entries[0].target)")
        let pause = entries[1].arrived - (entries[0].answered ?? entries[0].arrived)
        #expect(pause >= .milliseconds(950), "\(entries[0].target): \(pause)")
      }
    }

    private static func expectWhole(_ stage: Stage) async throws {
      let truth = stage.site.urls()
      #expect(Set(try stage.column("SELECT url FROM urls WHERE state = 'done'")) == truth)
      #expect(try stage.number("SELECT count(*) FROM urls WHERE state IN ('ready', 'delayed', 'failed')") == 0)
      #expect(try stage.number("SELECT count(*) FROM pages") == truth.count)
      let twice =
        "SELECT 1 FROM fetches WHERE outcome = 'ok' AND url_id IS NOT NULL GROUP BY url_id HAVING count(*) > 1"
      #expect(try stage.rows(twice).isEmpty)
      let served = await stage.web.log.pages.filter { $0.status == 200 }.map { "\($0.host)\($0.target)" }
      #expect(served.count == truth.count && Set(served).count == truth.count)
      try await stage.expectSound()
    }

    /// The clock is set while the change of a schedule waits to be stored: what is in the database is what the daemon goes by.
    @Test(arguments: [true, false]) func aScheduleIsRightIfTheClockIsSetWhileItIsStored(isSetFirst: Bool) throws {
      try Stage.play(Site(hosts: 2, pages: 60)) { stage in
        let clock = try ShiftedClock(of: stage)
        try await stage.withDaemon(environment: clock.environment) { _ in
          // While something goes on the clock is looked at.
          try await stage.control("add", "--name", "busy", "--delay", "50ms", stage.url("/", host: 1))
          for name in ["site", "other"] {
            try await stage.add(name, ["--every", "10d", "--depth", "0"], seeds: [stage.url("/")])
            try await stage.control("wait", name, "--for", "done")
          }
          let holder = try Holder(stage.database, "BEGIN IMMEDIATE")
          // Of one change the writer waits for the database, another comes behind it.
          let first = try await Self.change(isSetFirst ? "other" : "site", stage)
          try clock.set(Self.day)
          while !(TextFile.read(stage.log) ?? "").contains("the clock was set") { try await stage.control("status") }
          let second = try await Self.change(isSetFirst ? "site" : "other", stage)
          try holder.execute("COMMIT")
          for connection in [first, second] {
            let reply = try await connection.readLine(limit: 1 << 20)
            #expect(String(decoding: reply ?? [], as: UTF8.self).contains("\"result\""))
            connection.close()
          }
          // The shift has been committed, too, and is what the daemon saw of it: a day, but for microseconds.
          try await stage.control("wait", "busy", "--for", "done")
          let days = try stage.number(
            "SELECT (next_run_at - started_at + 43200000000) / 86400000000 FROM tasks WHERE name = 'site'")
          #expect(days == (isSetFirst ? 20 : 21))
          let stored = try stage.number("SELECT next_run_at FROM tasks WHERE name = 'site'")
          let shown = try await stage.control("show", "site", "--json")
          #expect(shown.contains("\"next_run_at\":\(stored)"), "\(shown)")
        }
        try await stage.expectSound()
      }
    }

    /// Asks for a recrawl after 20 days; returns when the daemon has the request.
    private static func change(_ task: String, _ stage: Stage) async throws -> Connection {
      let connection = try await stage.loop.connect(to: .unix(path: stage.socket))
      let parameters = #"{"task":"\#(task)","settings":{"every":"20d"}}"#
      try await connection.write(#"{"jsonrpc":"2.0","id":1,"method":"task.set","params":\#(parameters)}"# + "\n")
      for _ in 0..<2 { try await stage.control("status") }
      return connection
    }

    /// A block that a user wants for some seconds ends after them, and `hosts`, `url` and `why` tell times of the new day.
    @Test(arguments: [1, -1]) func aBlockLastsAsLongAsItWasToldTo(days: Int) throws {
      try Stage.play(Site(hosts: 2, pages: 6), limit: Starve.limit) { stage in
        let clock = try ShiftedClock(of: stage)
        let blocked = try await stage.withDaemon(environment: clock.environment) { _ in
          try await stage.control(
            ["add", "--name", "blocked", "--delay", "100ms", stage.url("/"), stage.url("/", host: 1)])
          try await stage.web.waitForRequests(3, on: "h0.test")
          try await stage.control(["block", "h0.test", "--for", "2s"], by: clock)
          try await stage.web.settle()
          let since = Instant.monotonicNow
          let count = await stage.web.requests(on: "h0.test")
          try clock.set(Self.day * days)
          try await stage.web.waitForRequests(7, on: "h1.test")
          let hosts = try await stage.control(["hosts", "--json"], by: clock)
          #expect(hosts.contains("\"blocked_until\""))
          try await stage.web.waitForRequests(count + 1, on: "h0.test")
          let blocked = Instant.monotonicNow - since
          try await stage.control("wait", "blocked", "--for", "done")
          return blocked
        }.0
        #expect(blocked > .milliseconds(1_500))
        #expect(await stage.web.log.pages.count { _ in true } == 12)
        try await stage.expectSound()
      }
    }

    /// Its time is that of its retry, which a daemon that takes it up counts on from.
    @Test func aRetryHasItsWholeTimeThoughTheClockIsSet() throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        await stage.web.plant(Response(status: 500), at: "/", on: "h0.test")
        try stage.replaceConfiguration("[politeness]\nmax_attempts = 1\n")
        let clock = try ShiftedClock(of: stage)
        try await stage.withDaemon(environment: clock.environment) { daemon in
          try await stage.add("retried", ["--max-time", "1h"], seeds: [stage.url("/")])
          try await stage.control("wait", "retried", "--for", "done")
          let page = Response.html(stage.site.html(host: 0, page: 0)).serialised()
          await stage.web.plant([.hold, .send(page)], at: "/", on: "h0.test")
          try await stage.control("retry", "retried")
          try await stage.web.waitForHolds(1)
          try clock.set(.seconds(3 * 3_600))
          // Whatever is done has the daemon look at the clock; what is asked does not.
          try await stage.control("add", "--name", "other", "--paused", stage.url("/other"))
          while !(TextFile.read(stage.log) ?? "").contains("the clock was set") { try await stage.control("status") }
          while try stage.number("SELECT retried_at - created_at > 10000000000 FROM tasks WHERE id = 1") == 0 {
            try await stage.control("status")
          }
          try await daemon.kill()
        }
        await stage.web.release()
        await stage.web.plant(nil, at: "/", on: "h0.test")
        try await stage.withDaemon(environment: clock.environment) { _ in
          try await stage.control("wait", "retried", "--for", "done")
          #expect(try stage.state(of: "retried") == "finished")
        }
        try await stage.expectSound()
      }
    }

    /// What suspends a machine stops the clock that timers run by, and no other.
    @Test func whatWasDueWhileTheMachineSleptIsDoneWhenItWakes() throws {
      try Stage.play(Site(hosts: 3, pages: 4), limit: Starve.limit) { stage in
        try stage.replaceConfiguration("[politeness]\nretry_delay = \"1h\"\nmax_retry_delay = \"1h\"\n")
        await stage.web.setScript { name, target, visit in
          name == "h2.test" && target == "/" && visit == 1 ? [.send(Response(status: 500))] : nil
        }
        let clock = try ShiftedClock(of: stage)
        try await stage.withDaemon(environment: clock.environment) { _ in
          try await stage.add("again", ["--every", "6h"], seeds: [stage.url("/")])
          try await stage.control("wait", "again", "--for", "done")
          try await stage.add("delayed", seeds: [stage.url("/", host: 2)])
          while try stage.number("SELECT count(*) FROM urls WHERE state = 'delayed'") == 0 {
            try await stage.control("status")
          }
          try await stage.add("blocked", ["--paused"], seeds: [stage.url("/", host: 1)])
          try await stage.control(["block", "h1.test", "--for", "2h"], by: clock)
          try await stage.control("resume", "blocked")
          try await stage.web.settle()
          #expect(await stage.web.requests(on: "h1.test") == 0)
          try clock.sleep(.seconds(7 * 3_600))
          // Otherwise it is noticed within a minute.
          try await stage.add("waker", ["--paused"], seeds: [stage.url("/")])
          for task in ["delayed", "blocked"] { try await stage.control("wait", task, "--for", "done") }
          while try stage.state(of: "again-2") != "finished" { try await stage.control("status") }
          let log = TextFile.read(stage.log) ?? ""
          #expect(log.contains("the machine has slept for 7 h") && !log.contains("the clock was set"), "\(log)")
          let left = try stage.number("SELECT next_run_at - started_at FROM tasks WHERE name = 'again-2'")
          #expect(left == 6 * 3_600_000_000)
        }
        try await stage.expectSound()
      }
    }
  }
}
