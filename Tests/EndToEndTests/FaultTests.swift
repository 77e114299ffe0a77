import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  @Suite struct Faults {
    /// What a fetch can come to: the closed list of the database's page.
    static let vocabulary: Set<String> = [
      "ok", "not_modified", "redirected", "client_error", "gone", "server_error", "rate_limited", "dns_not_found",
      "dns_failed", "dns_timeout", "proxy_failed", "connect_refused", "connect_timeout", "connect_failed", "tls_failed",
      "tls_timeout",
      "first_byte_timeout", "body_timeout", "too_slow", "reset", "protocol_error", "too_large", "bomb", "header_limit",
      "truncated", "address_refused", "scheme_refused", "local_resource", "aborted",
    ]

    /// Every fault at once, each on a host of its own (none waits for what another one did to a host's clock), and one
    /// good host to nine bad ones.
    @Test func everyFaultHasATypedOutcomeAndTheDaemonLivesOn() throws {
      let goodHosts = Fault.all.count / 9
      try Stage.play(Site(hosts: goodHosts, pages: 20)) { stage in
        try await HostileWeb.run(beside: stage.web, in: "\(stage.directory)/tls") { hostile in
          try stage.replaceConfiguration(HostileCrawl.configuration(hostile))
          try await stage.withDaemon { _ in
            let crawl = HostileCrawl(stage: stage, hostile: hostile)
            try await crawl.add()
            try await stage.add("good", seeds: (0..<goodHosts).map { stage.url("/", host: $0) })
            try await stage.control("wait", "good", "--for", "done")
            try await crawl.waitUntilDone()
            try await stage.control("status")
            // Nothing that came from the web steers a terminal.
            let shown = try await stage.control("url", hostile.url(.terminalEscapes))
            #expect(!shown.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x9B || $0.value == 0x202E })
          }
          let verdicts = try HostileCrawl.verdicts(stage)
          for fault in Fault.all {
            let (verdict, error) = verdicts[hostile.url(fault)] ?? ("nothing", "")
            #expect(
              fault.outcomes.contains(verdict), "\(fault.name): \(verdict) (\(error)), not \(fault.outcomes.sorted())")
          }
        }
        let words = Set(try stage.column("SELECT outcome FROM fetches"))
        #expect(words.subtracting(Faults.vocabulary) == [])
        let goodPages =
          "SELECT count(*) FROM pages JOIN urls u ON u.id = url_id JOIN tasks t ON t.id = task_id WHERE t.name = 'good'"
        #expect(try stage.number(goodPages) == goodHosts * 20)
        // However long a server asks for, it gets an hour.
        #expect(try stage.number("SELECT max(retry_after) FROM fetches") == 3_600_000_000)
        try await stage.expectSound()
      }
    }

    @Test func thereAreEnoughOfThem() {
      #expect(Fault.all.count >= 120)
      #expect(Set(Fault.all.map(\.name)).count == Fault.all.count)
      for fault in Fault.all { #expect(!fault.outcomes.isEmpty, "\(fault.name)") }
    }

    @Test func anAnswerThatIsCutAfterAnyByte() throws {
      try Stage.play { stage in
        try stage.replaceConfiguration("[politeness]\nmax_attempts = 1\n")
        let whole = Fault.lengthOfWholePage
        let headLength = whole - Fault.lengthOfPage
        // Behind one after which nothing is heard of the host comes one that is an answer, or it would be left alone.
        let silent = (0..<headLength).flatMap { ["/fault/close-after/\($0)", "/fault/reset-after/\($0)"] }
        let heard = (headLength...whole).flatMap { ["/fault/close-after/\($0)", "/fault/reset-after/\($0)"] }
        let pairs = zip(silent, heard).flatMap { [$0, $1] }
        let cuts = pairs + silent.dropFirst(pairs.count / 2) + heard.dropFirst(pairs.count / 2)
        try await stage.withDaemon { _ in
          try await stage.add("cuts", seeds: cuts.map { stage.url($0) })
          _ = try await stage.crawlctl(["wait", "cuts", "--for", "done"])
        }
        let rows = try stage.rows("SELECT url, outcome FROM fetches JOIN urls ON urls.id = url_id")
        #expect(Set(rows.map { $0[0] }).count == cuts.count)
        #expect(rows.count <= cuts.count + 2, "a kept connection that ends without a byte")
        for row in rows {
          guard let target = row[0]?.split(separator: "/"), let count = target.last.flatMap({ Int($0) }) else {
            continue
          }
          let cutOff = target[target.count - 2] == "close-after" && count >= headLength ? "truncated" : "reset"
          let possible: Set<String> =
            count < whole ? [cutOff] : target.contains("reset-after") ? ["ok", "reset"] : ["ok"]
          #expect(possible.contains(row[1] ?? ""), "\(row)")
        }
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
