import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// Proxies, judged by what they and the server were asked. The daemon may connect to the test web's network, and not to
  /// that of the proxies, which are exempt.
  @Suite struct Proxies {
    static let network = ["--allow-network", "127.0.9.0/24"]

    /// A stage with a proxy that knows the web's names.
    func play(
      _ site: Site = Site(hosts: 3, pages: 4), credentials: String? = nil,
      _ body: @escaping @Sendable (Stage, ProxyServer) async throws -> Void
    ) throws {
      try Stage.play(site) { stage in
        var names: [String: UInt32] = ["secure.fault.test": 0x7F00_094D, "hidden.test": 0x7F00_0901]
        for host in 0..<site.hosts { names[site.name(ofHost: host)] = 0x7F00_0901 + UInt32(host % 4) }
        let proxy = ProxyServer(on: stage.loop, names: names, credentials: credentials)
        try await proxy.listen()
        await stage.web.keepFields()
        try await body(stage, proxy)
        await proxy.close()
      }
    }

    func run(_ stage: Stage, _ name: String, _ options: [String], _ seeds: [String]) async throws {
      try await stage.add(name, options, seeds: seeds)
      _ = try await stage.crawlctl(["wait", name, "--for", "done"])
    }

    private func outcomes(_ stage: Stage, _ task: String) throws -> [String] {
      try stage.column(
        """
        SELECT DISTINCT f.outcome || ' ' || coalesce(f.proxy, '-') || ' ' || coalesce(f.remote_address, '-')
        FROM fetches f JOIN tasks t ON t.id = f.task_id WHERE t.name = '\(task)' ORDER BY 1
        """)
    }

    @Test func aTaskGoesThroughItsProxyAndNoOtherTaskDoes() throws {
      try play(credentials: "crawler:open sesame") { stage, proxy in
        try stage.configure(
          """
          [proxies.office]
          url = "http://127.0.0.1:\(await proxy.port)"
          user = "crawler"
          password_env = "PROXY_PASSWORD"
          """)
        // What the environment says counts for nothing: neither its proxy nor where it would be passed by.
        let environment = [
          "PROXY_PASSWORD": "open sesame", "http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1",
          "no_proxy": "*", "NO_PROXY": "*",
        ]
        try await stage.withDaemon(Self.network, allowingLoopback: false, environment: environment) { _ in
          try await run(stage, "direct", [], [stage.url("/")])
          #expect(await proxy.log.isEmpty)
          let direct = await stage.web.log.entries
          await stage.web.resetLog()
          try await run(stage, "proxied", ["--proxy", "office", "--concurrency", "1"], [stage.url("/", host: 1)])
          let (asked, served) = (await proxy.log, await stage.web.log.entries)
          #expect(direct.count == 5 && served.count == 5)
          #expect(asked.map(\.target) == served.map { "http://\($0.host):\(stage.site.port)\($0.target)" })
          #expect(asked.allSatisfy { $0.method == "GET" && $0.authorization != nil })
          #expect(served.allSatisfy { $0.field("proxy-authorization") == nil && $0.field("proxy-connection") == nil })
          #expect(await proxy.connections == 1, "one is kept for all")
        }
        #expect(try outcomes(stage, "direct") == ["ok - 127.0.9.1"])
        #expect(try outcomes(stage, "proxied") == ["ok office 127.0.0.1"])
        let dumped = try await stage.loop.run("/bin/sh", ["-c", "cat \"$0\"/* \"$1\"", stage.data, stage.log])
        #expect(!dumped.output.contains("sesame") && dumped.output.contains("office"))
        try await stage.expectSound()
      }
    }

    /// To http, https and socks5 proxies; the last but one has its own certificate.
    @Test func tlsGoesThroughEveryKindOfProxy() throws {
      try play { stage, proxy in
        let certificates = try await Certificates.make(in: "\(stage.directory)/tls", on: stage.loop)
        let (port, behind) = (stage.site.port, "127.0.9.1:\(stage.site.port)")
        let doors = [
          TLSServer.Door(address: "127.0.9.77:\(port)", manner: .init(), server: behind),
          TLSServer.Door(address: "127.0.0.77:\(port)", manner: .init(), server: "127.0.0.1:\(await proxy.port)"),
          TLSServer.Door(
            address: "127.0.0.78:\(port)", manner: .init(.selfSigned), server: "127.0.0.1:\(await proxy.port)"),
        ]
        var names = await stage.web.hostsFile
        names.add("secure.fault.test", at: "127.0.9.77")
        names.add("proxy.fault.test", at: "127.0.0.77")
        names.add("strange.fault.test", at: "127.0.0.78")
        names.add("plain.test", at: "127.0.0.1")
        try TextFile.write(names.text, to: stage.hostsFile)
        try stage.replaceConfiguration(
          """
          [fetch]
          certificate_authorities = "\(certificates.authority)"
          [politeness]
          retry_delay = "100ms"
          max_attempts = 2
          [proxies.http]
          url = "http://plain.test:\(await proxy.port)"
          [proxies.https]
          url = "https://proxy.fault.test:\(port)"
          [proxies.strange]
          url = "https://strange.fault.test:\(port)"
          [proxies.socks]
          url = "socks5://127.0.0.1:\(await proxy.port)"
          """)
        let page = "https://secure.fault.test:\(port)/page"
        _ = try await TLSServer(certificates: certificates, doors: doors).run(on: stage.loop) {
          try await stage.withDaemon(Self.network, allowingLoopback: false) { _ in
            for name in ["http", "https", "socks"] {
              try await run(stage, name, ["--proxy", name, "--robots", "ignore"], [page])
              try await run(stage, "\(name)-plain", ["--proxy", name, "--depth", "0"], [stage.url("/")])
            }
            try await stage.add("strange", ["--proxy", "strange", "--robots", "ignore"], seeds: [page])
            try await reached(stage) { try !outcomes(stage, "strange").isEmpty }
            try await stage.control("pause", "strange")
          }
        }
        for name in ["http", "https", "socks"] {
          let address = name == "https" ? "127.0.0.77" : "127.0.0.1"
          for task in [name, "\(name)-plain"] { #expect(try outcomes(stage, task) == ["ok \(name) \(address)"]) }
        }
        let tunnelled = try stage.rows(
          "SELECT tls_verified, etag, body_bytes > 5 FROM fetches WHERE tls_version IS NOT NULL AND outcome = 'ok'")
        #expect(tunnelled == Array(repeating: ["1", nil, "1"], count: 3), "what a proxy says is not the server's")
        let secure = "secure.fault.test:\(port)"
        #expect(
          await proxy.log.map { "\($0.method) \($0.target)" } == [
            "CONNECT \(secure)", "GET \(stage.url("/robots.txt"))", "GET \(stage.url("/"))", "CONNECT \(secure)",
            "GET \(stage.url("/robots.txt"))", "GET \(stage.url("/"))", "SOCKS 127.0.9.77:\(port)",
            "SOCKS 127.0.9.1:\(port)",
          ])
        // A proxy whose certificate is wrong is not asked, and whose fault it is is said.
        #expect(try outcomes(stage, "strange").allSatisfy { $0 == "proxy_failed strange 127.0.0.78" })
        try await stage.expectSound()
      }
    }

    @Test func whereAURLLeadsIsLookedAtAllTheSame() throws {
      try play { stage, proxy in
        var names = await stage.web.hostsFile
        names.add("canary.test", at: "127.0.8.1")
        names.add("both.test", at: "127.0.8.1")
        names.add("both.test", at: "127.0.9.1")
        try TextFile.write(names.text, to: stage.hostsFile)
        let port = await proxy.port
        try stage.configure(
          """
          [proxies.http]
          url = "http://127.0.0.1:\(port)"
          [proxies.socks]
          url = "socks5://127.0.0.1:\(port)"
          [proxies.far]
          url = "http://127.0.0.1:\(port)"
          resolve = "proxy"
          [proxies.farsocks]
          url = "socks5://127.0.0.1:\(port)"
          resolve = "proxy"
          [dns]
          servers = ["127.0.0.1:1"]
          timeout = "1s"
          """)
        let seeds = ["127.0.8.1", "[::1]", "canary.test", "both.test", "localhost", "hidden.test", "0x7f.1"].map {
          "http://\($0):\(stage.site.port)/page"
        }
        try await stage.withDaemon(Self.network, allowingLoopback: false) { _ in
          for name in ["http", "socks", "far", "farsocks"] {
            try await run(stage, name, ["--proxy", name, "--robots", "ignore", "--depth", "0"], seeds)
          }
        }
        let asked = await proxy.log.map(\.target)
        let (place, both) = ("127.0.9.1:\(stage.site.port)", "both.test:\(stage.site.port)")
        let far = ["canary.test", "both.test", "hidden.test"].map { "\($0):\(stage.site.port)" }
        // With look-ups of ours only what is allowed is asked for; a name with one bad address goes to SOCKS by its good one.
        #expect(!asked.contains { $0.contains("127.0.8.1") || $0.contains("::1") || $0.contains("localhost") })
        #expect(asked.filter { $0 == place } == [place])
        for target in far {
          let (http, socks) = ("http://\(target)/page", target)
          // Each of these is tried twice unless the proxy knows it.
          #expect(asked.contains(http) && asked.contains(socks), "\(asked)")
        }
        let sql =
          "SELECT t.name FROM urls u JOIN tasks t ON t.id = u.task_id WHERE u.reason = 'address_refused' AND u.url LIKE "
        #expect(try Set(stage.column(sql + "'http://127.%'")) == ["http", "socks", "far", "farsocks"])
        #expect(try Set(stage.column(sql + "'http://localhost%'")) == ["http", "socks", "far", "farsocks"])
        #expect(try Set(stage.column(sql + "'http://canary%'")) == ["http", "socks"])
        #expect(try Set(stage.column(sql + "'http://\(both)%'")) == ["http"])
        #expect(
          try stage.column(
            "SELECT t.name FROM urls u JOIN tasks t ON t.id = u.task_id WHERE u.url LIKE '%hidden%' AND u.state = 'done' ORDER BY 1"
          )
            == ["far", "farsocks"])
        try await stage.expectSound()
      }
    }

    @Test func aProxyThatFailsCostsNothing() throws {
      try play(credentials: "crawler:right") { stage, proxy in
        let port = await proxy.port
        await proxy.close()
        func configure(_ password: String) throws {
          try stage.configure(
            """
            [proxies.office]
            url = "http://127.0.0.1:\(port)"
            user = "crawler"
            password = "\(password)"
            [proxies.socks]
            url = "socks5://127.0.0.1:\(port)"
            user = "crawler"
            password = "\(password)"
            """)
        }
        let outOfOrder = "SELECT count(*) FROM fetches WHERE outcome = 'proxy_failed' AND proxy IS NOT NULL"
        try configure("wrong")
        try await stage.withDaemon(Self.network, allowingLoopback: false) { _ in
          try await stage.add("obeying", ["--proxy", "office"], seeds: [stage.url("/")])
          try await stage.add("ignoring", ["--proxy", "socks", "--robots", "ignore"], seeds: [stage.url("/", host: 1)])
          // More tries than a URL, or a robots.txt, has.
          let starts =
            "SELECT f.started_at FROM fetches f JOIN tasks t ON t.id = task_id WHERE name = 'ignoring' ORDER BY f.id"
          try await reached(stage) { try stage.number(outOfOrder) >= 8 && stage.column(starts).count >= 4 }
          // Less and less often: 100, 200 and 400 ms after the first, at least.
          let tries = try stage.column(starts)
          #expect(Int64(tries[3])! - Int64(tries[0])! >= 700_000, "\(tries)")
          let held = try await stage.control("why", "ignoring")
          #expect(held.contains("its proxy socks does not serve it"), "\(held)")
          let now = ProxyServer(on: stage.loop, names: [:], credentials: "crawler:right")
          try await now.listen(port: port)
          // Whoever resumes a task wants to know at once.
          for task in ["obeying", "ignoring"] {
            try await stage.control("pause", task)
            try await stage.control("wait", task, "--for", "paused")
            try await stage.control("resume", task)
          }
          try await reached(stage) { await now.log.count >= 2 }
          let why = try await stage.control("why", "ignoring")
          #expect(why.contains("proxy_failed"), "\(why)")
          await now.close()
        }
        #expect(await stage.web.log.count == 0)
        #expect(try stage.number("SELECT count(*) FROM fetches WHERE outcome <> 'proxy_failed'") == 0)
        #expect(
          try stage.number("SELECT count(*) FROM urls WHERE state NOT IN ('ready', 'delayed') OR attempts > 0") == 0)
        // Without the proxy's name nothing goes out, above all not without the proxy.
        try stage.configure("")
        try await stage.withDaemon(Self.network, allowingLoopback: false) { _ in
          for task in ["obeying", "ignoring"] {
            let state = try stage.state(of: task)
            #expect(state == "paused configuration")
          }
          // A user's pause is for good, also of one that is paused already.
          try await stage.control("pause", "obeying")
          #expect(try stage.state(of: "obeying") == "paused user")
        }
        #expect(await stage.web.log.count == 0)
        try configure("right")
        try await proxy.listen(port: port)
        try await stage.withDaemon(Self.network, allowingLoopback: false) { _ in
          try await stage.control("wait", "ignoring", "--for", "done")
          #expect(try stage.state(of: "obeying") == "paused user")
          try await stage.control("resume", "obeying")
          try await stage.control("wait", "obeying", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM pages WHERE title LIKE 'Page %'") == 8)
        #expect(try stage.number("SELECT count(*) FROM urls WHERE state NOT IN ('done', 'excluded')") == 0)
        try await stage.expectSound()
      }
    }

    /// Returns when a condition holds, which is looked at after each fetch that the daemon tells of.
    private func reached(_ stage: Stage, _ condition: @escaping @Sendable () async throws -> Bool) async throws {
      while try await !condition() { try await stage.control("status") }
    }

    @Test func whatAProxyFindsOutOfAServerIsTheServers() throws {
      try play { stage, proxy in
        let port = await proxy.port
        try stage.configure(
          """
          [proxies.http]
          url = "http://127.0.0.1:\(port)"
          resolve = "proxy"
          [proxies.socks]
          url = "socks5://127.0.0.1:\(port)"
          resolve = "proxy"
          """)
        let options = ["--robots", "ignore", "--depth", "0"]
        try await stage.withDaemon(Self.network, allowingLoopback: false) { _ in
          for name in ["http", "socks"] {
            try await run(stage, name, options + ["--proxy", name], ["https://nobody.test/"])
          }
          await proxy.refuseTunnels(with: 403)
          try await run(stage, "forbidden", options + ["--proxy", "http"], ["https://hidden.test/"])
        }
        for (task, proxy) in [("http", "http"), ("socks", "socks"), ("forbidden", "http")] {
          #expect(try outcomes(stage, task) == ["connect_failed \(proxy) 127.0.0.1"])
        }
        #expect(try stage.column("SELECT DISTINCT state || attempts FROM urls") == ["failed2"])
        #expect(try stage.column("SELECT DISTINCT status FROM fetches").isEmpty, "a proxy's status is no page's")
        try await stage.expectSound()
      }
    }

    @Test func aServerThatAsksForACertificateGetsTheTasks() throws {
      try play { stage, _ in
        let certificates = try await Certificates.make(in: "\(stage.directory)/tls", on: stage.loop)
        let key = "\(stage.directory)/encrypted.pem"
        let encrypt = [
          "ec", "-in", certificates.key(.valid), "-aes256", "-passout", "pass:hunter2-of-the-key", "-out", key,
        ]
        let made = try await stage.loop.run("openssl", encrypt)
        #expect(made.code == 0, "\(made)")
        let door = TLSServer.Door(
          address: "127.0.9.77:\(stage.site.port)", manner: .init(wantsCertificate: true),
          server: "127.0.9.1:\(stage.site.port)")
        var names = await stage.web.hostsFile
        names.add("secure.fault.test", at: "127.0.9.77")
        try TextFile.write(names.text, to: stage.hostsFile)
        try stage.replaceConfiguration(
          """
          [fetch]
          certificate_authorities = "\(certificates.authority)"
          [politeness]
          max_attempts = 1
          [certificates.partner]
          certificate = "\(certificates.certificate(.valid))"
          key = "\(key)"
          key_password_env = "KEY_PASSWORD"
          """)
        let page = "https://secure.fault.test:\(stage.site.port)/page"
        _ = try await TLSServer(certificates: certificates, doors: [door]).run(on: stage.loop) {
          try await stage.withDaemon(
            Self.network, allowingLoopback: false, environment: ["KEY_PASSWORD": "hunter2-of-the-key"]
          ) { _ in
            let options = ["--robots", "ignore", "--depth", "0"]
            for (name, more) in [("nobody", []), ("partner", ["--certificate", "partner"]), ("nobody2", [])] {
              try await run(stage, name, options + more, [page])
            }
            let shown = try await stage.control("show", "partner")
            #expect(shown.contains("certificate=partner\n") && !shown.contains("proxy="), "\(shown)")
          }
        }
        #expect(try outcomes(stage, "partner") == ["ok - 127.0.9.77"])
        for task in ["nobody", "nobody2"] { #expect(try !outcomes(stage, task).contains { $0.hasPrefix("ok") }) }
        let dumped = try await stage.loop.run("/bin/sh", ["-c", "cat \"$0\"/* \"$1\"", stage.data, stage.log])
        #expect(!dumped.output.contains("hunter2") && dumped.output.contains("partner"))
        try await stage.expectSound()
      }
    }

    @Test func aProxyThatIsNoneStopsTheDaemon() throws {
      try Stage.play { stage in
        let long = String(repeating: "x", count: 256)
        for (lines, part) in [
          ("url = \"ftp://a:1\"", "p.url: is no proxy's URL"), ("url = \"http://a:b@h:1\"", "p.url: is no proxy's URL"),
          ("url = \"http://h:1/x\"", "p.url: is no proxy's URL"),
          ("url = \"http://h:1\"\nuser = \"u\"", "half of a user"),
          ("url = \"http://h:1\"\npassword = \"u\"", "half of a user"),
          ("url = \"socks5://h:1\"\nuser = \"\(long)\"\npassword = \"u\"", "above 255 bytes"),
          ("url = \"socks5://h:1\"\nuser = \"u\"\npassword = \"\(long)\"", "above 255 bytes"),
          (
            "url = \"http://h:1\"\nuser = \"u\"\npassword_env = \"CRAWLD_TEST_NOBODY\"",
            "no variable CRAWLD_TEST_NOBODY"
          ),
        ] {
          try stage.replaceConfiguration("[proxies.p]\n" + lines)
          let ended = try await stage.failingDaemon()
          #expect(ended.code == 2 && ended.errors.contains(part) && !ended.errors.contains("a:b"), "\(ended)")
        }
        for (lines, part) in [
          ("[certificates.c]\ncertificate = \"/nowhere\"", "certificates.c.certificate: /nowhere can't be read"),
          ("[defaults]\nproxy = \"p\"", "defaults.proxy: the daemon's configuration names no “p”"),
        ] {
          try stage.replaceConfiguration(lines)
          let ended = try await stage.failingDaemon()
          #expect(ended.code == 2 && ended.errors.contains(part), "\(ended)")
        }
      }
    }
  }
}
