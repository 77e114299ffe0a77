import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// The daemon is stopped (SIGSTOP) with fetches in flight, for longer than any of them may take, and goes on.
  @Suite struct StarveStandstill {
    private static let seconds = Starve.isLong ? Soak.number("STARVE_SECONDS", usual: 60) : 3

    private static func hasty(firstByte: String = "1s") -> String {
      """
      [daemon]
      shutdown_grace = 0
      [fetch]
      connect_timeout = "1s"
      first_byte_timeout = "\(firstByte)"
      low_speed_time = "1s"
      total_timeout = "1500ms"
      [politeness]
      max_attempts = 2
      retry_delay = "100ms"
      [robots]
      tries = 2
      window = "1s"

      """
    }

    private static func stop(_ daemon: Daemon, _ stage: Stage, _ body: () async throws -> Void) async throws {
      kill(daemon.process.id, SIGSTOP)
      try await body()
      try await stage.loop.sleep(for: .seconds(seconds))
      kill(daemon.process.id, SIGCONT)
    }

    /// Heads and bodies that came meanwhile were in time, and those that come now are: the time of the standstill is not
    /// the servers'.
    @Test(arguments: [true, false]) func answersAreNotTooLate(areSentMeanwhile: Bool) throws {
      try Stage.play(Site(hosts: 40, pages: 10), limit: Starve.limit) { stage in
        let site = stage.site
        try stage.replaceConfiguration(Self.hasty())
        await stage.web.setScript { name, target, visit in
          guard let host = site.host(named: name), let page = site.page(atTarget: target), page == 1, visit == 1 else {
            return nil
          }
          let bytes = Response.html(site.html(host: host, page: page)).serialised()
          // One half waits for its head, the other for the rest of its body.
          return host % 2 == 0
            ? [.hold, .send(bytes)] : [.send(Array(bytes.dropLast(50))), .hold, .send(bytes.suffix(50).map(\.self))]
        }
        let (_, status) = try await stage.withDaemon { daemon in
          try await stage.add("still", seeds: (0..<site.hosts).map { stage.url("/", host: $0) })
          try await stage.web.waitForHolds(site.hosts)
          await stage.web.setScript(nil)
          try await Self.stop(daemon, stage) {
            if areSentMeanwhile { await stage.web.release() }
          }
          if !areSentMeanwhile {
            // It runs again.
            try await stage.control("status")
            await stage.web.release()
          }
          try await stage.control("wait", "still", "--for", "done")
        }
        #expect(status.isSuccess)
        // What was being connected to just then is asked for once more.
        let outcomes = try stage.column("SELECT DISTINCT outcome FROM fetches WHERE outcome <> 'local_resource'")
        #expect(outcomes == ["ok"])
        let missed = try stage.number("SELECT count(DISTINCT url_id) FROM fetches WHERE outcome = 'local_resource'")
        let held = "SELECT count(*) FROM fetches f JOIN urls u ON u.id = f.url_id WHERE u.url LIKE '%/p/1'"
        #expect(try stage.number(held) == site.hosts)
        try await stage.expectComplete(hosts: Array(0..<site.hosts), refetched: missed)
        Soak.say(
          "stopped for \(Self.seconds) s with \(site.hosts) answers under way, which came "
            + "\(areSentMeanwhile ? "meanwhile" : "afterwards"): none too late, none lost, none twice")
      }
    }

    /// A connection that is not there yet is tried again, and its server not blamed; also when this program's own timer,
    /// which a short limit of the first byte sets early, is asked before libcurl is when the daemon goes on.
    @Test(arguments: ["1s", "500ms"]) func connectionsAreNotTooLate(firstByte: String) throws {
      try Stage.play(Site(hosts: 1, pages: 3), limit: Starve.limit) { stage in
        let deaf = DeafServer(address: 0x7F00_09F9, port: stage.site.port)
        defer { withExtendedLifetime(deaf) {} }
        var names = await stage.web.hostsFile
        names.add("deaf.test", at: "127.0.9.249")
        try TextFile.write(names.text, to: stage.hostsFile)
        try stage.replaceConfiguration(Self.hasty(firstByte: firstByte))
        let (_, status) = try await stage.withDaemon { daemon in
          try await stage.add(
            "deaf", ["--robots", "ignore"], seeds: [stage.url("/", on: "deaf.test"), stage.url("/")])
          while try await !stage.control("ps").contains("deaf.test") {}
          try await Self.stop(daemon, stage) {}
          try await stage.control("wait", "deaf", "--for", "done")
        }
        #expect(status.isSuccess)
        let outcomes = try stage.column(
          "SELECT outcome FROM fetches f JOIN hosts h ON h.id = f.host_id WHERE h.name = 'deaf.test' ORDER BY f.id")
        #expect(outcomes == ["local_resource", "connect_timeout", "connect_timeout"])
        let done = Set(try stage.column("SELECT url FROM urls WHERE state = 'done'"))
        #expect(done.isSuperset(of: stage.site.urls()))
        try await stage.expectSound()
      }
    }
  }
}
