import Address
import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// The delay is from request to request as the server sees them, however long it takes until one is sent.
  @Suite struct RequestTimes {
    /// Requests that arrived so much earlier than their delay allows are impolite: the rest is what a busy machine stamps
    /// late.
    private static func tooNear(_ log: RequestLog, delay: Duration) -> [String] {
      let tolerance = delay / 4
      return Dictionary(grouping: log.entries, by: \.host).values.flatMap { entries in
        zip(entries, entries.dropFirst()).filter { $1.arrived - $0.arrived < delay - tolerance }
          .map { "\($1.host)\($1.target) \($1.arrived - $0.arrived) after \($0.target)" }
      }
    }

    @Test func anAddressThatIsDeadIsNoPartOfTheDelay() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        let deaf = DeafServer(address: 0x7F00_09F9, port: stage.site.port)
        defer { withExtendedLifetime(deaf) {} }
        try stage.replaceConfiguration("[fetch]\nconnect_timeout = \"1s\"\n")
        try TextFile.write("127.0.9.249 h0.test\n127.0.9.1 h0.test\n", to: stage.hostsFile)
        try await stage.withDaemon { _ in
          try await stage.add("dead", ["--delay", "1s"], seeds: [stage.url("/")])
          try await stage.control("wait", "dead", "--for", "done")
        }
        #expect(await stage.web.log.count == 4)
        #expect(Self.tooNear(await stage.web.log, delay: .seconds(1)) == [])
      }
    }

    @Test func aSlowNameServerIsNoPartOfTheDelay() throws {
      try Stage.play { stage in
        let names = try NameServer(loop: stage.loop) { question in
          question.isIPv6 ? .nothing : .addresses([Address("127.0.9.1")!], seconds: 0)
        }
        await stage.web.setScript { _, _, _ in
          var page = Response.html(Fault.page)
          page.closes = true
          return [.send(page), .close]
        }
        try stage.configure("[dns]\nservers = [\"127.0.0.1:\(names.port)\"]\n")
        try await stage.withDaemon { _ in
          let seeds = (0..<4).map { stage.url("/\($0)", on: "slow.test") }
          try await stage.add("slow", ["--delay", "1s", "--robots", "ignore"], seeds: seeds)
          try await stage.web.waitForAnswers(1)
          names.holds = true
          var why = ""
          repeat {
            why = try await stage.control("why", "slow")
          } while !why.contains("to send its request") && !why.contains("2 fetches are in flight")
          names.release()
          try await stage.control("wait", "slow", "--for", "done")
        }
        #expect(await stage.web.log.count == 4)
        #expect(Self.tooNear(await stage.web.log, delay: .seconds(1)) == [])
        await names.close()
      }
    }

    @Test func aRobotsFileThatIsElsewhereIsAskedForInTheTimeOfItsHost() throws {
      try Stage.play(Site(hosts: 2, pages: 1)) { stage in
        let deaf = DeafServer(address: 0x7F00_09F9, port: stage.site.port)
        defer { withExtendedLifetime(deaf) {} }
        try stage.replaceConfiguration("[fetch]\nconnect_timeout = \"1s\"\n")
        try TextFile.write("127.0.9.1 h0.test\n127.0.9.249 h1.test\n127.0.9.2 h1.test\n", to: stage.hostsFile)
        await stage.web.plant(.redirect(to: stage.url("/robots.txt", host: 1)), at: "/robots.txt", on: "h0.test")
        await stage.web.plant(.redirect(to: stage.url("/", host: 1)), at: "/", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("elsewhere", ["--delay", "1s"], seeds: [stage.url("/")])
          try await stage.control("wait", "elsewhere", "--for", "done")
        }
        #expect(await stage.web.requests(on: "h1.test") == 3, "robots.txt for both, and the page")
        #expect(Self.tooNear(await stage.web.log, delay: .seconds(1)) == [])
      }
    }

    @Test func whatTheHostOfARobotsFileElsewhereAsksForOutlivesTheDaemon() throws {
      try Stage.play(Site(hosts: 2, pages: 1)) { stage in
        await stage.web.plant(.redirect(to: stage.url("/rules.txt", host: 1)), at: "/robots.txt", on: "h0.test")
        await stage.web.plant(Response(status: 429, fields: ["Retry-After: 3600"]), at: "/rules.txt", on: "h1.test")
        let blocked = "SELECT name FROM hosts WHERE block_reason = 'retry_after'"
        try await stage.withDaemon { daemon in
          try await stage.add("before", seeds: [stage.url("/")])
          while try stage.column(blocked) != ["h1.test"] { try await stage.control("status") }
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          while try await !stage.control("ps").contains(" turn (robots) ") {}
          let told = "redirects to \(stage.url("", host: 1)): left alone because of Retry-After"
          #expect(try await stage.control("why", "before").contains(told))
        }
        #expect(try stage.column(blocked) == ["h1.test"])
        #expect(await stage.web.requests(on: "h1.test") == 1)
      }
    }

    /// A server may close a kept connection at any time, and then a request is lost that it has not seen.
    @Test func aRequestThatIsNotTakenIsSentAgainInItsTime() throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        await stage.web.setScript { _, target, visit in
          target == "/page?never" || target == "/page?later" && visit == 1 ? [.close] : nil
        }
        try await stage.withDaemon { _ in
          let seeds = [stage.url("/page?later"), stage.url("/page?never")]
          try await stage.add("kept", ["--delay", "500ms", "--concurrency", "1"], seeds: seeds)
          try await stage.control("wait", "kept", "--for", "done")
        }
        #expect(Self.tooNear(await stage.web.log, delay: .milliseconds(500)) == [])
        let never = Array(repeating: "/page?never", count: 3)
        #expect(await stage.web.log.entries.map(\.target) == ["/robots.txt", "/page?later", "/page?later"] + never)
        let fetches = "SELECT attempt, outcome, reused FROM fetches WHERE url_id IS NOT NULL ORDER BY id"
        #expect(
          try stage.rows(fetches) == [
            ["1", "reset", "1"], ["1", "ok", "0"], ["1", "reset", "1"], ["1", "reset", "0"], ["2", "reset", "0"],
          ])
        #expect(
          try stage.rows("SELECT state, attempts FROM urls ORDER BY id") == [["done", "1"], ["failed", "2"]])
        try await stage.expectSound()
      }
    }

    @Test func whatTheThrottleAsksForOutlivesTheDaemon() throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        await stage.web.setScript { _, target, visit in
          visit == 1 && ["/page?a", "/page?b"].contains(target) ? [.send(Response(status: 429))] : nil
        }
        try await stage.withDaemon { daemon in
          let seeds = ["a", "b", "c", "d"].map { stage.url("/page?\($0)") }
          try await stage.add("slow", ["--robots", "ignore", "--concurrency", "1"], seeds: seeds)
          while try stage.number("SELECT max(throttle_delay) FROM hosts") < 1_500_000 {
            try await stage.control("status")
          }
          try await daemon.kill()
        }
        let before = await stage.web.log.count
        try await stage.withDaemon { _ in
          try await stage.web.waitForRequests(before + 2)
          try await stage.control("wait", "slow", "--for", "done")
        }
        let arrivals = await stage.web.log.entries.map(\.arrived)
        #expect(arrivals[before] - arrivals[before - 1] > .seconds(1))
        #expect(arrivals[before + 1] - arrivals[before] > .seconds(1), "also from the second request on")
      }
    }

    /// The fetch with the cause is that of the host whose robots.txt it is, wherever it was asked for.
    @Test func whyARobotsFileElsewhereCouldNotBeHadIsTold() throws {
      try Stage.play(Site(hosts: 2, pages: 1)) { stage in
        await stage.web.plant(.redirect(to: stage.url("/rules.txt", host: 1)), at: "/robots.txt", on: "h0.test")
        await stage.web.plant(Response(status: 503), at: "/rules.txt", on: "h1.test")
        try await stage.withDaemon { _ in
          try await stage.add("elsewhere", seeds: [stage.url("/")])
          try await stage.control("wait", "elsewhere", "--for", "done", exit: 10)
          let why = try await stage.control("why", stage.url("/"))
          #expect(why.contains("503"), "\(why)")
        }
        #expect(
          try stage.rows("SELECT outcome, status, reason FROM v_errors") == [
            ["server_error", "503", "robots_unreachable"]
          ])
      }
    }
  }
}
