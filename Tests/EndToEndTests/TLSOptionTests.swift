import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// A task's say about TLS and the version of HTTP.
  @Suite struct TLSOptions {
    private func play(_ body: @escaping @Sendable (Stage, HostileWeb) async throws -> Void) throws {
      try Stage.play { stage in
        try await HostileWeb.run(beside: stage.web, in: "\(stage.directory)/tls") { hostile in
          try stage.replaceConfiguration(HostileCrawl.configuration(hostile, attempts: 1))
          try await body(stage, hostile)
        }
      }
    }

    private func url(_ name: String, _ hostile: HostileWeb) throws -> String {
      hostile.url(try #require(Fault.named(name)))
    }

    /// Deeper than the seeds, so that connections are kept: their pages might name others.
    private func crawl(_ stage: Stage, _ name: String, _ options: [String], _ seeds: [String]) async throws {
      try await stage.add(name, ["--depth", "1"] + options, seeds: seeds)
      _ = try await stage.crawlctl(["wait", name, "--for", "done"])
    }

    /// What each fetch of a task came to, without the robots.txt files.
    private func fetches(_ stage: Stage, _ name: String, _ column: String) throws -> Set<String> {
      let sql = """
        SELECT DISTINCT f.outcome || ' ' || coalesce(\(column), 'NULL') FROM fetches f JOIN tasks t ON t.id = f.task_id
        WHERE t.name = '\(name)' AND f.url_id IS NOT NULL
        """
      return Set(try stage.column(sql))
    }

    @Test func onlyATaskThatSaysSoTakesAnyCertificate() throws {
      try play { stage, hostile in
        let wrong = try ["expired", "wrong-host", "self-signed", "unknown-authority"].map {
          try url("tls-\($0)", hostile)
        }
        let plain = stage.url("/")
        try await stage.withDaemon { _ in
          let lax = ["--no-verify-tls", "--robots", "ignore"]
          try await crawl(stage, "lax", lax, wrong + [plain])
          // Its connections are open still; nobody else may use them.
          try await crawl(stage, "strict", ["--verify-tls", "--robots", "ignore"], wrong)
          try await crawl(stage, "lax-again", lax, wrong.map { $0 + "?again" })
        }
        #expect(try fetches(stage, "lax", "f.tls_verified") == ["ok 0", "ok NULL"])
        #expect(try fetches(stage, "strict", "f.tls_verified") == ["tls_failed 1"])
        #expect(try fetches(stage, "lax-again", "f.tls_verified || ' ' || f.reused") == ["ok 0 1"])
        try await stage.expectSound()
      }
    }

    @Test func connectionsAndRobotsAreOfOneKindAlone() throws {
      try play { stage, hostile in
        let page = try url("tls-in-order", hostile)
        let host = try #require(Fault.named("tls-in-order")).host
        try await stage.withDaemon { _ in
          for (name, options) in [("strict", []), ("lax", ["--no-verify-tls"]), ("old", ["--http-version", "1.1"])] {
            try await crawl(stage, name, options, [page])
            #expect(await stage.web.log.entries.filter { $0.host == host }.map(\.target) == ["/robots.txt", "/page"])
            await stage.web.resetLog()
          }
          // The daemon says the same, so it is no other kind.
          try await crawl(stage, "two", ["--http-version", "2"], [page])
          #expect(await stage.web.log.entries.filter { $0.host == host }.map(\.target) == ["/page"])
        }
        let firsts = "SELECT t.name || f.reused || f.tls_verified FROM fetches f JOIN tasks t ON t.id = f.task_id"
        #expect(
          try stage.column(firsts + " ORDER BY f.id") == [
            "strict01", "strict11", "lax00", "lax10", "old01", "old11", "two11",
          ])
        #expect(try stage.column("SELECT robots_state FROM hosts WHERE scheme = 'https'") == ["known"])
        try await stage.expectSound()
      }
    }

    /// Each of these servers ends the connection after an answer; that of HTTP/2 has the client do it.
    @Test func aNewConnectionResumesTheSessionOfTheLastOne() throws {
      let servers = [
        ("tls-version-1.2-alone", "/fault/no-length"), ("tls-version-1.3-alone", "/fault/no-length"),
        ("h2-goaway-in-body", "/page"),
      ]
      try Stage.play { stage in
        let certificates = try await HostileWeb.run(beside: stage.web, in: "\(stage.directory)/tls") { hostile in
          try stage.replaceConfiguration(HostileCrawl.configuration(hostile, attempts: 1))
          try await stage.withDaemon { _ in
            for (name, path) in servers {
              let pages = try (1...5).map {
                "https://\(try #require(Fault.named(name)).host):\(hostile.port)\(path)/\($0)"
              }
              try await crawl(stage, name, ["--robots", "ignore", "--concurrency", "1"], pages)
            }
          }
          return hostile.certificates
        }
        for (name, _) in servers {
          #expect(try fetches(stage, name, "f.reused") == ["ok 0"])
          let resumed = TLSServer.resumptions(of: try #require(Fault.named(name)).host, in: certificates)
          #expect(resumed == [false, true, true, true, true], "\(name)")
        }
        try await stage.expectSound()
      }
    }

    /// Each connection takes one stream. The second is none of the URL's attempts, and a sign that the server is busy.
    @Test func aServerThatRefusesStreamsIsAskedLessOften() throws {
      try play { stage, hostile in
        let page = try url("h2-one-stream-for-each-connection", hostile)
        try await stage.withDaemon { _ in
          let options = ["--robots", "ignore", "--concurrency", "1", "--delay", "20ms"]
          try await crawl(stage, "refused", options, (1...2).map { "\(page)?\($0)" })
        }
        let fetches = "SELECT outcome || reused FROM fetches ORDER BY id"
        #expect(try stage.column(fetches) == ["ok0", "reset1", "ok0"])
        // Half as much again after the refusal, an eighth less after the answer.
        #expect(try stage.column("SELECT throttle_delay FROM hosts WHERE scheme = 'https'") == ["26250"])
        try await stage.expectSound()
      }
    }

    /// The server answers nobody before five ask, on one connection.
    @Test func fetchesAtOnceShareAConnectionOfHTTP2() throws {
      try play { stage, hostile in
        let page = try url("h2-answers-five-at-once", hostile)
        try await stage.withDaemon { _ in
          let options = ["--robots", "ignore", "--concurrency", "5"]
          try await crawl(stage, "five", options, (1...5).map { "\(page)?\($0)" })
        }
        #expect(try fetches(stage, "five", "f.http_version") == ["ok 2"])
        #expect(try stage.column("SELECT count(*) FROM fetches GROUP BY reused ORDER BY reused") == ["1", "4"])
        try await stage.expectSound()
      }
    }

    /// The server speaks HTTP/2 alone.
    @Test func aTaskMayForgoHTTP2OrAskForIt() throws {
      try play { stage, hostile in
        let page = try url("h2-in-order", hostile)
        try await stage.withDaemon { _ in
          for version in ["auto", "1.1", "2"] {
            try await crawl(stage, "v\(version)", ["--robots", "ignore", "--http-version", version], [page])
          }
        }
        try stage.replaceConfiguration(
          HostileCrawl.configuration(hostile, attempts: 1).replacing(
            "[fetch]", with: "[fetch]\nhttp_version = \"1.1\"\nverify_tls = false"))
        try await stage.withDaemon { _ in
          for version in ["auto", "2"] {
            try await crawl(stage, "old-\(version)", ["--robots", "ignore", "--http-version", version], [page + "?2"])
          }
        }
        let column = "f.http_version || ' ' || f.tls_verified"
        for name in ["vauto", "v2"] { #expect(try fetches(stage, name, column) == ["ok 2 1"]) }
        #expect(try fetches(stage, "v1.1", "f.http_version") == ["tls_failed NULL"])
        #expect(try fetches(stage, "old-auto", "f.http_version") == ["tls_failed NULL"])
        #expect(try fetches(stage, "old-2", column) == ["ok 2 0"])
        try await stage.expectSound()
      }
    }
  }
}
