import Politeness

extension HostileReader {
  /// What is asked is the path that the last line holds, and a path that the first hundred bytes are.
  static let robots = HostileReader(
    "robots",
    Grammar(
      documents: [
        "User-agent: *\nDisallow: /a*b$\nAllow: /a/\nCrawl-delay: 1.5\nSitemap: http://e/s.xml\n/a/x?y",
        "User-agent: crawld\r\nUser-agent: other\r\n\r\nDisallow: /%7Ex/%2f?a=%3F\r\n#c\r\nAllow: *.html$\r\n/~x//?a=?",
        "\u{FEFF}user agent : crawld/1.0\rdisalow /x\rcrawl-delay: 99999999999\r/x",
      ],
      pieces: [
        "User-agent:", "User-agent: *\n", "user-agent: crawld\n", "Disallow:", "Disallow: /", "Allow:", "Allow: /",
        "Crawl-delay:", "Sitemap:", "*", "**", "*a", "/", "$", "%", "%2", "%2A", "%2f", "%3F", "?", "#", ":", "crawld",
        "/robots.txt", "a", "ab", "aab",
      ]),
    shapes: Shape.robots,
    read: { bytes in
      let rules = RobotsRules.parse(bytes, productToken: "crawld")
      _ = rules.verdict(lastLine(bytes))
    },
    properties: { bytes in
      let rules = RobotsRules.parse(bytes, productToken: "crawld")
      try require(rules.ruleCount <= bytes.count, "more rules than bytes")
      try require(rules.allows("/robots.txt"), "/robots.txt is forbidden")
      if let delay = rules.crawlDelay {
        try require((0...1_000_000_000_000_000).contains(delay), "a delay of \(delay)")
      }
      for target in [lastLine(bytes), "/" + String(decoding: bytes.prefix(100), as: UTF8.self)] {
        let verdict = rules.verdict(target)
        try require(rules.allows(target) == verdict.allowed, "two verdicts on \(target)")
        if let line = verdict.line { try require((1...max(1, bytes.count)).contains(line), "line \(line)") }
        if rules.ruleCount == 0 { try require(verdict.allowed, "forbidden without a rule") }
      }
    })

  private static func lastLine(_ bytes: [UInt8]) -> String {
    let start = bytes.lastIndex { $0 == 0x0A || $0 == 0x0D }.map { $0 + 1 } ?? bytes.startIndex
    return String(decoding: bytes[start...], as: UTF8.self)
  }

  static let retryAfter = HostileReader(
    "retry-after",
    Grammar(
      documents: [
        "120", " 0 ", "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Thu, 29 Feb 2024 23:59:60 GMT",
      ],
      pieces: [
        "Sun", "Sunday", ",", " ", "06", "6", "Nov", "nov", "-", "94", "1994", "9999", ":", "08:49:37", "GMT", "gmt",
        "+1",
      ]),
    shapes: [
      Shape("9"), Shape("0"), Shape(" "), Shape(" ", after: "1"), Shape(":"), Shape("Sun, "),
      Shape("\u{301}", after: "1"),
    ],
    read: { bytes in _ = RetryAfter.parse(String(decoding: bytes, as: UTF8.self), now: 1_800_000_000) },
    properties: { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      for now in [0, 1_800_000_000, Int64.min, .max] {
        let seconds = RetryAfter.parse(text, now: now)
        if let seconds { try require((0...RetryAfter.maximum).contains(seconds), "wait \(seconds) s") }
        guard let date = HTTPDate.parse(text, now: now) else { continue }
        try require((-11_644_473_600...253_402_300_800).contains(date), "the date \(date)")
      }
    })
}

extension Shape {
  private static let agent = "User-agent: crawld\n"

  fileprivate static let robots: [Shape] = [
    Shape("*a", after: agent + "Disallow: /", before: "\n/" + String(repeating: "a", count: 2_000)),
    Shape("*", after: agent + "Disallow: /", before: "b$\n/aaaa"), Shape("*a", after: agent + "Disallow: /\n/"),
    Shape("a", after: agent + "Disallow: /" + String(repeating: "*a", count: 1_024) + "b\n/", named: "long path"),
    Shape(
      "a", after: agent + "Disallow: /*" + String(repeating: "a", count: 4_000) + "b\n/", named: "almost everywhere"),
    Shape("%2f", after: agent + "Disallow: /*%2fx\n/?"), Shape("%41", after: agent + "Disallow: /"),
    Shape("User-agent: crawld\nDisallow: /a\n"), Shape("User-agent: crawld\n"), Shape("User-agent: *\n"),
    Shape("User-agent: other\nDisallow: /a\n"), Shape("Disallow: /\n"), Shape("\n"), Shape("\r"), Shape("#"),
    Shape("x"),
    Shape(" ", after: agent + "Disallow:"), Shape(":"), Shape("Disallow: /a", named: "rules on one line"),
    Shape("Sitemap: http://e/\n", after: agent), Shape("Crawl-delay: 1\n", after: agent),
    Shape("9", after: agent + "Crawl-delay: "), Shape("9", after: agent + "Crawl-delay: 1."),
    Shape("different rules", after: agent) { "Disallow: /\($0)/\n" },
    Shape("rules of growing length", after: agent) { "Allow: /" + String(repeating: "a", count: $0 % 200) + "\n" },
    Shape("different rules with wildcards", after: agent, before: "\n/a/b/c/d") { "Disallow: /*x\($0)\n" },
    Shape("different groups") { "User-agent: bot\($0)\nDisallow: /\n" },
  ]
}
