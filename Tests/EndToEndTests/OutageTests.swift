import Address
import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// A host that has answered, and then looks for a while as if it were gone for good.
  @Suite struct Outages {
    enum Trouble: String, CaseIterable, Sendable {
      case noSuchName = "dns_not_found"
      case refusedAddress = "address_refused"
      case wrongCertificate = "tls_failed"
      /// As before a balancer that has no server behind it.
      case endOfEveryConnection = "reset"
    }

    private static let name = "away.fault.test"

    /// What the name server says of the host: it is asked for each connection. Confined to the loop's thread.
    private final class Zone: @unchecked Sendable {
      var trouble: Trouble?

      func reply(_ question: NameServer.Question) -> NameServer.Reply {
        guard question.name == Outages.name, !question.isIPv6 else { return .nothing }
        return switch trouble {
        case nil: .addresses([Address("127.0.9.77")!], seconds: 0)
        case .noSuchName: .noSuchNameFor(minimum: 0, seconds: 0)
        case .refusedAddress: .addresses([Address("10.0.0.1")!], seconds: 0)
        case .wrongCertificate: .addresses([Address("127.0.9.78")!], seconds: 0)
        case .endOfEveryConnection: .addresses([Address("127.0.9.251")!], seconds: 0)
        }
      }
    }

    private func play(_ body: @escaping @Sendable (Stage, Zone, ProxyServer) async throws -> Void) throws {
      try Stage.play { stage in
        let zone = Zone()
        let proxy = ProxyServer(on: stage.loop, names: [Outages.name: 0x7F00_094D])
        try await proxy.listen()
        let names = try await NameServer.listening(on: stage.loop) { zone.reply($0) }
        let certificates = try await Certificates.make(in: "\(stage.directory)/tls", on: stage.loop)
        let behind = "127.0.9.1:\(stage.site.port)"
        let doors = [("127.0.9.77", TLSServer.Manner()), ("127.0.9.78", TLSServer.Manner(.wrongHost))].map {
          TLSServer.Door(address: "\($0):\(stage.site.port)", manner: $1, server: behind)
        }
        try stage.replaceConfiguration(
          """
          [politeness]
          max_attempts = 2
          retry_delay = "100ms"
          [fetch]
          certificate_authorities = "\(certificates.authority)"
          [dns]
          servers = ["127.0.0.1:\(names.port)"]
          [proxies.office]
          url = "http://127.0.0.1:\(await proxy.port)"
          resolve = "proxy"
          """)
        _ = try await TLSServer(certificates: certificates, doors: doors).run(on: stage.loop) {
          try await stage.withDaemon { _ in try await body(stage, zone, proxy) }
        }
        await names.close()
        await proxy.close()
      }
    }

    /// A page without a length, behind which the connection ends.
    private static func page(_ links: String = "") -> [WireStep] {
      [.send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + links), .close]
    }

    @Test(arguments: Trouble.allCases) func nothingIsLostOfAHostThatHasAnswered(trouble: Trouble) throws {
      try play { stage, zone, _ in
        try await crawl(stage, [], trouble.rawValue) {
          zone.trouble = trouble
        } ends: {
          zone.trouble = nil
        }
      }
    }

    /// A proxy that does not reach the host for a while, as when nobody listens there.
    @Test func nothingIsLostOfAHostThatTheProxyDoesNotReach() throws {
      try play { stage, _, proxy in
        try await crawl(stage, ["--proxy", "office"], "connect_failed") {
          await proxy.refuseTunnels(with: 503)
        } ends: {
          await proxy.refuseTunnels(with: nil)
        }
      }
    }

    /// A crawl of a page and twelve others; the trouble begins when the page has been asked for, and ends when the host is left
    /// alone.
    private func crawl(
      _ stage: Stage, _ options: [String], _ outcome: String, begins: () async -> Void, ends: () async -> Void
    ) async throws {
      let links = (1...12).map { "<a href=/p/\($0)>p</a>" }.joined()
      await stage.web.plant([.hold] + Self.page(links), at: "/start", on: Outages.name)
      for page in 1...12 { await stage.web.plant(Self.page(), at: "/p/\(page)", on: Outages.name) }
      let seed = "https://\(Outages.name):\(stage.site.port)/start"
      try await stage.add("site", ["--robots", "ignore"] + options, seeds: [seed])
      try await stage.web.waitForHolds(1)
      await begins()
      await stage.web.release()
      var why = ""
      repeat { why = try await stage.control("why", "site") } while !why.contains("was silent")
      await ends()
      try await stage.control("unblock", Outages.name)
      try await stage.control("wait", "site", "--for", "done")
      #expect(try stage.rows("SELECT state, count(*) FROM urls GROUP BY 1") == [["done", "13"]])
      let failures = try stage.column("SELECT outcome FROM fetches WHERE outcome <> 'ok'")
      #expect(Set(failures) == [outcome])
      // Five, and what was in flight beside the fifth.
      #expect((5...8).contains(failures.count), "\(failures.count)")
      try await stage.expectSound()
    }

    /// A crawl of many hosts that are gone is not held up by them.
    @Test(arguments: [Trouble.noSuchName, .refusedAddress, .wrongCertificate])
    func aHostThatHasNeverAnsweredIsTriedOnce(trouble: Trouble) throws {
      try play { stage, zone, _ in
        zone.trouble = trouble
        let seeds = (1...12).map { "https://\(Outages.name):\(stage.site.port)/p/\($0)" }
        try await stage.add("gone", ["--robots", "ignore"], seeds: seeds)
        try await stage.control("wait", "gone", "--for", "done", exit: 10)
        let end = trouble == .refusedAddress ? "excluded" : "failed"
        #expect(
          try stage.rows("SELECT state, reason, attempts, count(*) FROM urls GROUP BY 1, 2, 3") == [
            [end, trouble.rawValue, "1", "12"]
          ])
        try await stage.expectSound()
      }
    }
  }
}
