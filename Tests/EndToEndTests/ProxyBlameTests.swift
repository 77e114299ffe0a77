import EventLoop
import TestWeb
import Testing

extension EndToEndTests.Proxies {
  /// The proxy serves everything else.
  @Test func aServerThatMakesTheProxyLookBrokenIsFoundOut() throws {
    try play { stage, proxy in
      let challenge = Response(status: 407, fields: ["Proxy-Authenticate: Basic realm=\"origin\""])
      await stage.web.plant(challenge, at: "/", on: "hidden.test")
      await proxy.dropTunnels(to: "hidden.test")
      try stage.replaceConfiguration(
        """
        [politeness]
        retry_delay = "100ms"
        max_attempts = 2
        [proxies.office]
        url = "http://127.0.0.1:\(await proxy.port)"
        resolve = "proxy"
        """)
      try await stage.withDaemon(Self.network, allowingLoopback: false) { _ in
        let options = ["--proxy", "office", "--robots", "ignore", "--scope", "host"]
        let hidden = [stage.url("/", on: "hidden.test"), "https://hidden.test/"]
        try await run(stage, "site", options, [stage.url("/"), stage.url("/", host: 1)] + hidden)
      }
      let fates = "SELECT state, reason, attempts, count(*) FROM urls WHERE state <> 'excluded' GROUP BY 1, 2, 3"
      #expect(try stage.rows(fates) == [["done", nil, "1", "16"], ["failed", "connect_failed", "2", "2"]])
      let outages = try stage.number("SELECT count(*) FROM fetches WHERE outcome = 'proxy_failed'")
      #expect((1...20).contains(outages), "\(outages)")
      #expect(try stage.number("SELECT count(*) FROM fetches WHERE status = 407") == 0)
      try await stage.expectSound()
    }
  }

  /// As one does while it can't ask who may use it: what it says is no answer to the page, to robots.txt or to the jar.
  @Test func aProxyThatAnswers407NowAndThenLosesNoPage() throws {
    try play { stage, proxy in
      for target in ["/robots.txt", "/p/1"] { await proxy.refuse(stage.url(target), times: 3) }
      try stage.configure("[proxies.office]\nurl = \"http://127.0.0.1:\(await proxy.port)\"")
      try await stage.withDaemon(Self.network, allowingLoopback: false) { _ in
        let options = ["--proxy", "office", "--cookies", "--scope", "host"]
        try await run(stage, "site", options, [stage.url("/"), stage.url("/", host: 1)])
      }
      #expect(try stage.number("SELECT count(*) FROM pages WHERE title LIKE 'Page %'") == 8)
      let others = "SELECT count(*) FROM urls WHERE state NOT IN ('done', 'excluded') OR attempts > 1"
      #expect(try stage.number(others) == 0)
      #expect(try stage.number("SELECT count(*) FROM fetches WHERE outcome = 'proxy_failed' AND status IS NULL") == 6)
      #expect(try stage.number("SELECT count(*) FROM fetches WHERE outcome NOT IN ('ok', 'proxy_failed')") == 0)
      #expect(try stage.number("SELECT count(*) FROM cookies") == 0)
      let served = await stage.web.log.entries
      #expect(!served.contains { $0.target.hasPrefix("/private") || $0.field("cookie") != nil })
      try await stage.expectSound()
    }
  }

  /// Such as one behind which packets are dropped: the proxy waits for it longer than the daemon waits for the proxy.
  @Test func aHostThatTheProxyWaitsForInVainFailsAndHoldsUpNoOther() throws {
    try play { stage, proxy in
      let dead = ["dead1.test", "dead2.test", "dead3.test"]
      for name in dead { await proxy.keepSilent(about: name) }
      try stage.replaceConfiguration(
        """
        [fetch]
        connect_timeout = "300ms"
        [politeness]
        retry_delay = "100ms"
        max_attempts = 2
        [proxies.office]
        url = "http://127.0.0.1:\(await proxy.port)"
        resolve = "proxy"
        """)
      try await stage.withDaemon(Self.network, allowingLoopback: false) { _ in
        let options = ["--proxy", "office", "--robots", "ignore", "--scope", "host"]
        // Nothing is known of the proxy yet, and for all that can be seen it is out of order.
        try await run(stage, "dead", options, ["https://dead1.test/"])
        let seeds = [stage.url("/"), stage.url("/", host: 1)] + dead.map { "https://\($0)/" }
        try await run(stage, "site", options, seeds)
      }
      let fates = "SELECT state, reason, attempts, count(*) FROM urls WHERE state <> 'excluded' GROUP BY 1, 2, 3"
      // Four pages and four private ones of each of the two hosts.
      #expect(try stage.rows(fates) == [["done", nil, "1", "16"], ["failed", "connect_timeout", "2", "4"]])
      let before = """
        SELECT count(*) FROM fetches f WHERE outcome = 'proxy_failed'
        AND f.task_id = (SELECT id FROM tasks WHERE name = 'dead')
        """
      #expect(try stage.number(before) == 4)
      try await stage.expectSound()
    }
  }
}
