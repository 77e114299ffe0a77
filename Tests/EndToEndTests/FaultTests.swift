import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  @Suite struct Faults {
    /// What a fetch can come to: the closed list of the database's page.
    static let vocabulary: Set<String> = [
      "ok", "not_modified", "redirected", "client_error", "gone", "server_error", "rate_limited", "dns_not_found",
      "dns_failed", "dns_timeout", "connect_refused", "connect_timeout", "connect_failed", "tls_failed", "tls_timeout",
      "first_byte_timeout", "body_timeout", "too_slow", "reset", "protocol_error", "too_large", "bomb", "header_limit",
      "truncated", "redirect_limit", "address_refused", "scheme_refused", "local_resource", "aborted",
    ]

    /// What the last fetch of each fault may come to, where the words leave no doubt, or little.
    static let expected: [Fault: Set<String>] = [
      .slowFirstByte: ["first_byte_timeout"],
      .slowBody: ["too_slow", "body_timeout"],
      .emptyReply: ["reset", "protocol_error"],
      .resetBeforeAnswer: ["reset"],
      .resetMidBody: ["reset"],
      .closesSilently: ["ok"],
      .truncated: ["truncated"],
      .truncatedChunk: ["truncated"],
      .missingLastChunk: ["truncated"],
      .badChunk: ["protocol_error"],
      .hugeChunkSize: ["protocol_error"],
      .noLength: ["ok"],
      .garbage: ["protocol_error"],
      .oldProtocol: ["protocol_error"],
      .foldedHeader: ["ok"],
      .hugeHeaders: ["header_limit"],
      .endlessHeaders: ["header_limit"],
      .endlessContinue: ["header_limit", "protocol_error"],
      .earlyHints: ["ok"],
      .endlessBody: ["too_large"],
      .gzipBomb: ["bomb"],
      .notGzip: ["protocol_error"],
      .emptyPage: ["ok"],
      .noContent: ["ok"],
      .notModified: ["not_modified"],
      .binary: ["ok"],
      .deepNesting: ["ok"],
      .manyLinks: ["ok"],
      .longLink: ["ok"],
      .terminalEscapes: ["ok"],
      .rateLimited: ["ok"],
      .unavailable: ["ok"],
      .serverError: ["server_error"],
      .gone: ["gone"],
      .forbidden: ["client_error"],
      .redirectToItself: ["redirected"],
    ]

    /// Each fault has a host of its own: none has to wait for what another one did to the host's clock.
    @Test func everyFaultHasATypedOutcomeAndTheDaemonLivesOn() throws {
      let faults = Fault.allCases
      try Stage.play(Site(hosts: faults.count, pages: 1)) { stage in
        try stage.replaceConfiguration(
          """
          [fetch]
          first_byte_timeout = "1s"
          low_speed_time = "1s"
          [politeness]
          max_attempts = 2
          retry_delay = "100ms"
          max_retry_delay = "1s"
          """)
        try await stage.withDaemon { _ in
          let seeds = faults.enumerated().map { stage.url($1.target, host: $0) }
          try await stage.add("faults", ["--depth", "0"], seeds: seeds)
          try await stage.control("wait", "faults", "--for", "done")
          try await stage.control("status")
          // Nothing that came from the web steers a terminal.
          let shown = try await stage.control(
            "url", stage.url(Fault.terminalEscapes.target, host: host(of: .terminalEscapes)))
          #expect(!shown.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x9B || $0.value == 0x202E })
        }
        let sql = """
          SELECT u.url, f.outcome FROM urls u JOIN fetches f ON f.id =
            (SELECT max(id) FROM fetches WHERE url_id = u.id) WHERE u.via_url_id IS NULL
          """
        var outcomes: [String: String] = [:]
        for row in try stage.rows(sql) { outcomes[row[0] ?? ""] = row[1] }
        for (host, fault) in faults.enumerated() {
          let outcome = outcomes[stage.url(fault.target, host: host)] ?? "(no fetch)"
          #expect((Faults.expected[fault] ?? Faults.vocabulary).contains(outcome), "\(fault.rawValue): \(outcome)")
        }
        let words = Set(try stage.column("SELECT outcome FROM fetches"))
        #expect(words.subtracting(Faults.vocabulary) == [])
        try stage.expectSound()
      }
    }

    private func host(of fault: Fault) -> Int { Fault.allCases.firstIndex(of: fault) ?? 0 }

    @Test func aRedirectToAPrivateNetworkIsRefusedThoughLoopbackIsAllowed() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("metadata", ["--scope", "any"], seeds: [stage.url(Fault.redirectToMetadata.target)])
          _ = try await stage.crawlctl(["wait", "metadata", "--for", "done"])
        }
        let asked = try stage.column(
          """
          SELECT DISTINCT f.outcome FROM fetches f JOIN hosts h ON h.id = f.host_id WHERE h.name = '169.254.169.254'
          """)
        #expect(asked == ["address_refused"])
        let states = try stage.column("SELECT state FROM urls WHERE url LIKE 'http://169.254.169.254/%'")
        #expect(states.count == 1 && states != ["done"])
      }
    }

    @Test func aHostThatClosesEveryConnection() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.control("run", "--delay", "0", stage.url("/", on: "closed.test"), exit: 10)
        }
        #expect(try stage.rows("SELECT state, reason FROM urls") == [["failed", "robots_unreachable"]])
      }
    }
  }
}
