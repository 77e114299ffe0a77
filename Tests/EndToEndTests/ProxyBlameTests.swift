import EventLoop
import TestWeb
import Testing

extension EndToEndTests.Proxies {
  /// The proxy serves everything else, also of the same host.
  @Test func aServerThatMakesTheProxyLookBrokenIsFoundOut() throws {
    try play { stage, proxy in
      let challenge = Response(status: 407, fields: ["Proxy-Authenticate: Basic realm=\"origin\""])
      await stage.web.plant(challenge, at: "/p/1", on: "h0.test")
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
        try await run(stage, "site", options, [stage.url("/"), stage.url("/", host: 1), "https://hidden.test/"])
      }
      let fates = "SELECT state, reason, attempts, count(*) FROM urls WHERE state <> 'excluded' GROUP BY 1, 2, 3"
      #expect(
        try stage.rows(fates) == [
          ["done", nil, "1", "14"], ["done", "client_error", "1", "1"], ["failed", "connect_failed", "2", "1"],
        ])
      let outages = try stage.number("SELECT count(*) FROM fetches WHERE outcome = 'proxy_failed'")
      #expect((1...6).contains(outages), "\(outages)")
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
