/// Redirects that lead nowhere, to where nobody may go, or round and round (RFC 9110, section 15.4).
extension Fault {
  package static let redirectToMetadata = to(
    "redirect-to-metadata", "http://169.254.169.254/latest/", is: "address_refused")

  static let redirects: [Fault] = [redirectToMetadata] + games + places + locations

  private static func to(_ name: String, _ location: String, is outcomes: String, status: Int = 302) -> Fault {
    Fault(name, is: [outcomes], [.send(Response.redirect(to: location, status: status))])
  }

  /// A refusal by rule, or that the host's robots.txt could not be had.
  private static func nowhere(_ name: String, _ location: String) -> Fault {
    Fault(name, is: ["robots_unreachable"], [.send(Response.redirect(to: location))])
  }

  private static let games: [Fault] = [
    to("redirect-to-itself", "/fault/redirect-to-itself", is: "redirected"),
    to("redirect-to-fragment", "#here", is: "redirected"),
    to("redirect-to-nothing", "", is: "redirected"),
    // Two that lead to each other; a third visit of either would be one too many.
    Fault(
      "redirect-loop", is: ["redirected"],
      at: .answer { argument, _ in
        [.send(Response.redirect(to: "/fault/redirect-loop/\(argument == 1 ? 2 : 1)", status: 301))]
      }),
    Fault(
      "redirect-for-ever", is: ["redirect_limit"],
      at: .answer { argument, _ in
        [.send(Response.redirect(to: "/fault/redirect-for-ever/\((argument ?? 0) + 1)", status: 308))]
      }),
    Fault(
      "redirect-that-grows", is: ["redirect_limit", "trap_repeat"],
      [.send(Response.redirect(to: "redirect-that-grows/1"))]),
    Fault(
      "ten-redirects", is: ["ok"],
      at: .answer { argument, _ in
        let hops = argument ?? 0
        return hops == 10
          ? [wholePage] : [.send(Response.redirect(to: "/fault/ten-redirects/\(hops + 1)", status: 303))]
      }),
    Fault("redirect-without-location", is: ["redirected"], [.send(Response(status: 302))]),
    Fault(
      "redirect-with-endless-body", is: ["ok"], limit: .total,
      [
        .send("HTTP/1.1 302 Found\r\nLocation: /robots.txt\r\n\r\n"), .sendForever(thousand),
      ]),
    Fault(
      // Where it leads may be lost with the connection.
      "redirect-and-reset", is: ["ok", "reset"],
      [
        .send("HTTP/1.1 302 Found\r\nLocation: /robots.txt\r\nContent-Length: 100\r\n\r\n"), .reset,
      ]),
    Fault(
      "redirect-not-gzip", is: ["ok"],
      [
        .send(Response(status: 301, fields: ["Location: /robots.txt", "Content-Encoding: gzip"], body: thousand))
      ]),
    Fault(
      "redirect-cut-short", is: ["ok"],
      [.send("HTTP/1.1 301 Moved\r\nLocation: /robots.txt\r\nContent-Length: 500\r\n\r\nmoved"), .close]),
    Fault(
      "error-not-gzip", is: ["client_error"],
      [.send(Response(status: 404, fields: ["Content-Encoding: gzip"], body: Array(page.utf8)))]),
    to("redirect-by-307", "/robots.txt", is: "ok", status: 307),
    to("redirect-by-300", "/robots.txt", is: "ok", status: 300),
    Fault(
      "location-in-a-page", is: ["ok"],
      [
        .send(
          Response(fields: ["Location: http://169.254.169.254/", "Content-Type: text/html"], body: Array(page.utf8)))
      ]),
  ]

  private static let places: [Fault] = [
    to("redirect-to-script", "javascript:alert(1)", is: "scheme_refused"),
    to("redirect-to-file", "file:///etc/passwd", is: "scheme_refused"),
    to("redirect-to-ftp", "ftp://127.0.0.1/", is: "scheme_refused"),
    to("redirect-to-data", "data:text/html,hello", is: "scheme_refused"),
    to("redirect-to-gopher", "gopher://127.0.0.1:6379/_FLUSHALL", is: "scheme_refused"),
    to("redirect-to-private-4", "http://10.0.0.1/", is: "address_refused"),
    to("redirect-to-private-6", "http://[fd00::1]/", is: "address_refused"),
    to("redirect-to-loopback-6", "http://[::1]/", is: "address_refused"),
    to("redirect-to-mapped", "http://[::ffff:10.0.0.1]/", is: "address_refused"),
    to("redirect-to-octal", "http://012.0.0.1/", is: "address_refused"),
    to("redirect-to-one-number", "http://2851995905/", is: "address_refused"),
    to("redirect-to-zero", "http://0/", is: "address_refused"),
    to("redirect-to-multicast", "http://224.0.0.1/", is: "address_refused"),
    to("redirect-to-metadata-name", "http://metadata.google.internal/", is: "address_refused"),
    nowhere("redirect-to-localhost", "http://localhost:1/"),
    nowhere("redirect-to-name-that-is-none", "http://no-such-name.test/"),
    nowhere("redirect-to-closed-port", "http://127.0.0.1:1/"),
  ]

  private static let locations: [Fault] = [
    to("redirect-to-nonsense", "http://[::nonsense/", is: "url_invalid"),
    to("redirect-to-port-99999", "http://host.test:99999/", is: "url_invalid"),
    to("redirect-to-no-host", "http://", is: "url_invalid"),
    to("redirect-to-forbidden-host", "http://a b.test/", is: "url_invalid"),
    Fault(
      "redirect-to-long-location", is: ["redirected"],
      at: .answer { _, _ in [.send(Response.redirect(to: "/" + String(repeating: "l", count: 20_000)))] }),
    to("redirect-with-escapes", "/robots.txt?\u{1B}[2J\u{202E}", is: "ok"),
    Fault(
      "redirect-with-raw-bytes", is: ["ok"],
      [
        .send(
          Array("HTTP/1.1 302 Found\r\nLocation: /robots.txt?".utf8) + [0xE9, 0xFF]
            + Array("\r\nContent-Length: 0\r\n\r\n".utf8))
      ]),
    Fault(
      "two-locations", is: ["ok"],
      [
        .send("HTTP/1.1 302 Found\r\nLocation: /robots.txt\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n")
      ]),
    to("redirect-with-backslashes", "\\robots.txt", is: "ok"),
  ]
}
