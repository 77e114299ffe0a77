/// Certificates that are wrong (made by `Certificates`), and servers that speak no TLS, or only the beginning of it.
extension Fault {
  static let tls: [Fault] = certificates + handshakes

  private static func server(
    _ name: String, is outcomes: Set<String> = ["tls_failed"], limit: Limit = .none, _ manner: TLSServer.Manner
  ) -> Fault {
    Fault("tls-\(name)", is: outcomes, limit: limit, at: .tls(manner))
  }

  private static let certificates: [Fault] = [
    server("in-order", is: ["ok"], .init()),
    server("expired", .init(.expired)),
    server("not-yet-valid", .init(.notYetValid)),
    server("wrong-host", .init(.wrongHost)),
    server("too-wide-wildcard", .init(.tooWideWildcard)),
    server("self-signed", .init(.selfSigned)),
    server("unknown-authority", .init(.unknownAuthority)),
    server("issued-by-a-host", .init(.issuedByAHost)),
    server("short-key", .init(.shortKey)),
    server("version-1.0-alone", .init(versions: "TLSv1")),
    server("version-1.1-alone", .init(versions: "TLSv1.1")),
    server("version-1.2-alone", is: ["ok"], .init(versions: "TLSv1.2")),
    server("version-1.3-alone", is: ["ok"], .init(versions: "TLSv1.3")),
    server("other-application-protocol", is: ["tls_failed"], .init(applicationProtocol: "other")),
    server("wants-a-certificate", is: ["tls_failed", "reset", "protocol_error"], .init(wantsCertificate: true)),
    server("truncated", is: ["truncated"], .init(target: "/fault/truncated")),
    server("empty-reply", is: ["reset"], .init(target: "/fault/empty-reply")),
    server("gzip-bomb", is: ["bomb"], .init(target: "/fault/gzip-bomb")),
    server("slow-body", is: ["too_slow"], limit: .lowSpeed, .init(target: "/fault/slow-body")),
  ]

  private static func raw(
    _ name: String, is outcomes: Set<String> = ["tls_failed"], limit: Limit = .none, _ steps: [WireStep]
  ) -> Fault {
    Fault("tls-\(name)", is: outcomes, limit: limit, at: .bytes(scheme: "https", steps))
  }

  /// What comes after the ClientHello. Records are RFC 8446 section 5.1: type, version, length.
  private static let handshakes: [Fault] = [
    raw("silence", is: ["tls_timeout"], limit: .connect, [.hold]),
    raw("half-a-record", is: ["tls_timeout"], limit: .connect, [.send([22, 3, 3, 0x20, 0, 2, 0, 0]), .hold]),
    raw(
      "trickle", is: ["tls_timeout"], limit: .connect,
      [
        .send([22, 3, 3, 0x40, 0]), .trickleForever([2, 0, 0x3F, 0xFC], every: .milliseconds(50)),
      ]),
    raw("plain-http", [.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), .close]),
    raw("garbage", [.send(thousand), .close]),
    raw("zeros", [.send([UInt8](repeating: 0, count: 1_000)), .close]),
    raw("close", is: ["reset"], [.close]),
    raw("reset", is: ["reset"], [.reset]),
    raw("alert-of-handshake", [.send([21, 3, 3, 0, 2, 2, 40]), .close]),
    raw("alert-of-name", [.send([21, 3, 3, 0, 2, 2, 112]), .close]),
    raw("alert-of-close", is: ["tls_failed", "reset"], [.send([21, 3, 3, 0, 2, 1, 0]), .close]),
    raw("endless-warnings", [.sendForever([21, 3, 3, 0, 2, 1, 90])]),
    raw("endless-cipher-changes", [.sendForever([20, 3, 3, 0, 1, 1])]),
    raw(
      "endless-empty-records", is: ["tls_failed", "tls_timeout"], limit: .connect, [.sendForever([22, 3, 3, 0, 0])]),
    raw("record-of-64-kilobytes", [.send([22, 3, 3, 0xFF, 0xFF]), .sendForever(thousand)]),
    raw(
      "hello-of-16-megabytes", is: ["tls_failed", "tls_timeout"], limit: .connect,
      [
        .send([22, 3, 3, 0, 4, 2, 0xFF, 0xFF, 0xFF]), .sendForever([22, 3, 3, 0, 4, 3, 3, 3, 3]),
      ]),
    raw("record-of-ssl-2", [.send([0x80, 0x2E, 1, 0, 2, 0, 0x15]), .close]),
    raw("application-data-first", [.send([23, 3, 3, 0, 4, 1, 2, 3, 4]), .close]),
    raw("client-hello-back", [.send([22, 3, 1, 0, 5, 1, 0, 0, 1, 0]), .close]),
  ]
}
