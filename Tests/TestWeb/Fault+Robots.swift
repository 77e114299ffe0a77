/// robots.txt in every failure (RFC 9309). The page behind it is `/page`: it may come to `ok`, to `robots` (it is
/// disallowed) or to `robots_unreachable`.
extension Fault {
  static let robots: [Fault] = robotsStatuses + robotsConnections + robotsRedirects + robotsContents

  private static let none = "robots_unreachable"
  private static let disallow = "User-agent: *\nDisallow: /page\n"

  private static func robots(_ name: String, is outcome: String, limit: Limit = .none, _ steps: [WireStep]) -> Fault {
    Fault("robots-\(name)", is: [outcome], limit: limit, at: .robots { _, _ in steps })
  }

  private static func robots(_ name: String, is outcome: String, status: Int, _ fields: String...) -> Fault {
    var response = Response.text(disallow, status: status)
    response.fields += fields
    return robots(name, is: outcome, [.send(response)])
  }

  private static func robots(_ name: String, is outcome: String, text: [UInt8], fields: [String] = []) -> Fault {
    robots(name, is: outcome, [.send(Response(fields: ["Content-Type: text/plain"] + fields, body: text))])
  }

  private static func robots(_ name: String, is outcome: String, text: String) -> Fault {
    robots(name, is: outcome, text: Array(text.utf8))
  }

  private static func hour(_ name: String, _ status: Int) -> Fault {
    var response = Response.text(disallow, status: status)
    response.fields.append("Retry-After: 3600")
    return robots(name, is: "waiting", limit: .hour, [.send(response)])
  }

  private static let robotsStatuses: [Fault] = [
    robots("404", is: "ok", status: 404), robots("403", is: "ok", status: 403), robots("401", is: "ok", status: 401),
    robots("410", is: "ok", status: 410), robots("418", is: "ok", status: 418), robots("429", is: none, status: 429),
    robots("500", is: none, status: 500), robots("503", is: none, status: 503), robots("599", is: none, status: 599),
    robots("999", is: none, status: 999), robots("304", is: none, status: 304),
    robots("204", is: "ok", [.send(Response(status: 204))]),
    // The host is left alone for that time, before robots.txt is tried again.
    hour("503-for-an-hour", 503), hour("429-for-an-hour", 429),
    Fault(
      "robots-503-once", is: ["robots"],
      at: .robots { visit, _ in [.send(Response.text(disallow, status: visit == 1 ? 503 : 200))] }),
    Fault(
      "robots-reset-once", is: ["robots"],
      at: .robots { visit, _ in visit == 1 ? [.reset] : [.send(Response.text(disallow))] }),
  ]

  private static let robotsConnections: [Fault] = [
    robots("silence", is: none, limit: .firstByte, [.hold]),
    robots(
      "trickle", is: none, limit: .lowSpeed,
      [
        .send(head(length: 1_000)), .trickleForever([0x23], every: .milliseconds(50)),
      ]),
    robots("close", is: none, [.close]),
    robots("reset", is: none, [.reset]),
    robots("close-in-head", is: none, [.send(pageHead), .close]),
    robots("garbage", is: none, [.send(thousand), .close]),
    robots("endless-headers", is: none, [.send(pageHead), .sendForever("A: b\r\n")]),
    robots(
      "contradictory-lengths", is: none,
      [
        .send(pageHead + "Content-Length: 4\r\nContent-Length: 5\r\n\r\n" + disallow), .close,
      ]),
    robots("bad-chunk", is: none, [.send(chunkedHead + "zz\r\n\(disallow)\r\n0\r\n\r\n"), .close]),
    // What came of it holds as far as it goes (section 2.5).
    robots("truncated", is: "robots", [.send(head(length: 1_000) + disallow), .close]),
    robots("truncated-at-once", is: none, [.send(head(length: 1_000)), .close]),
    robots("interim-first", is: "robots", [.send("HTTP/1.1 103 Hints\r\n\r\n"), .send(Response.text(disallow))]),
  ]

  private static let robotsRedirects: [Fault] = [
    robots("redirect-to-itself", is: none, [.send(Response.redirect(to: "/robots.txt"))]),
    robots("redirect-loop", is: none, [.send(Response.redirect(to: "/fault/redirect-loop"))]),
    robots("redirect-of-five", is: "ok", [.send(Response.redirect(to: "/redirect/4"))]),
    robots("redirect-of-six", is: none, [.send(Response.redirect(to: "/redirect/5"))]),
    Fault(
      "robots-redirect-to-another-host", is: ["robots"],
      at: .robots { _, port in [.send(Response.redirect(to: "//robots-bom.fault.test:\(port)/robots.txt"))] }),
    robots(
      "redirect-not-gzip", is: "ok",
      [.send(Response(status: 301, fields: ["Location: /redirect/1", "Content-Encoding: gzip"], body: thousand))]),
    robots("redirect-to-private", is: none, [.send(Response.redirect(to: "http://10.0.0.1/robots.txt"))]),
    robots("redirect-to-script", is: none, [.send(Response.redirect(to: "javascript:1"))]),
    robots("redirect-to-nonsense", is: none, [.send(Response.redirect(to: "http://[::x/"))]),
    robots("redirect-to-404", is: "ok", [.send(Response.redirect(to: "/status/404"))]),
    robots("redirect-to-500", is: none, [.send(Response.redirect(to: "/status/500"))]),
    robots("redirect-without-location", is: none, [.send(Response(status: 302))]),
  ]

  private static let robotsContents: [Fault] = [
    robots("empty", is: "ok", text: ""),
    robots("page-instead", is: "ok", [.send(Response.html(page))]),
    robots("binary", is: "ok", text: (0..<5_000).map { UInt8(truncatingIfNeeded: SeededNumbers(seed: 5).draw($0)) }),
    robots("bom", is: "robots", text: "\u{FEFF}" + disallow),
    robots("two-boms", is: "ok", text: "\u{FEFF}\u{FEFF}" + disallow),
    robots("nuls", is: "robots", text: "# \0\0\0\nUser-agent: *\nDisallow: /page\n\0\0\0\n"),
    robots("nul-in-rule", is: "ok", text: "User-agent: *\nDisallow: /pa\0ge\n"),
    robots("utf-16", is: "ok", text: [0xFF, 0xFE] + disallow.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }),
    robots("returns", is: "robots", text: "User-agent: *\rDisallow: /page\r"),
    robots("no-line-end", is: "robots", text: "User-agent: *\nDisallow: /page"),
    robots("no-group", is: "ok", text: "Disallow: /page\n"),
    robots("gzip", is: "robots", text: Gzip.stored(Array(disallow.utf8)), fields: ["Content-Encoding: gzip"]),
    robots("gzip-unsaid", is: "ok", text: Gzip.stored(Array(disallow.utf8))),
    robots("not-gzip", is: none, text: Array(disallow.utf8), fields: ["Content-Encoding: gzip"]),
    robots("gzip-bomb", is: "ok", text: Gzip.zeros(mebibytes: 64), fields: ["Content-Encoding: gzip"]),
    robots("three-codings", is: none, text: thousand, fields: ["Content-Encoding: gzip, gzip, gzip"]),
    robots("megabyte", is: "robots", text: disallow + String(repeating: "# and so on and on and on\n", count: 40_000)),
    robots(
      "rule-after-500-kib", is: "ok", text: String(repeating: "# and so on and on and on\n", count: 20_000) + disallow),
    // The limit is behind "Disallow: /page".
    robots(
      "limit-within-a-rule", is: "ok",
      text: "User-agent: *\n# " + String(repeating: "x", count: 512_000 - 32) + "\nDisallow: /page-to-come\n"),
    robots("cut-behind-a-rule", is: "robots", [.send(head(length: 1_000) + "User-agent: *\nDisallow: /page"), .close]),
    robots(
      "cut-within-a-rule", is: "robots",
      [.send(head(length: 1_000) + "User-agent: *\nDisallow: /page\nAllow: /page"), .close]),
    robots("endless", is: "robots", [.send(pageHead + "\r\n" + disallow), .sendForever("# and so on\n")]),
    robots("endless-line", is: "robots", [.send(pageHead + "\r\n" + disallow + "Allow: /"), .sendForever(thousand)]),
    robots(
      "many-groups", is: "robots", text: (0..<10_000).map { "User-agent: bot\($0)\nDisallow: /\n" }.joined() + disallow),
    robots("stars", is: "ok", text: "User-agent: *\nDisallow: /\(String(repeating: "*a", count: 5_000))$\n"),
    robots(
      "wrong-delay", is: "ok", text: "User-agent: *\nCrawl-delay: -1e20\nCrawl-delay: soon\nCrawl-delay:\nDisallow:\n"),
  ]
}
