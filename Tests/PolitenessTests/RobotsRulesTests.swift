import Politeness
import Testing

@Suite struct RobotsRulesTests {
  private func rules(_ text: String, for agent: String = "crawld") -> RobotsRules {
    RobotsRules.parse(Array(text.utf8), productToken: agent)
  }

  // MARK: Groups

  @Test func ownGroupsAreMergedAndReplaceTheGlobalOnes() {
    let text = "User-agent: *\nDisallow: /\nuser-agent: CRAWLD\nDisallow: /a\n\nUser-agent: crawld/2.0\nDisallow: /b\n"
    let own = rules(text)
    #expect(own.allows("/c"))
    #expect(!own.allows("/a"))
    #expect(!own.allows("/b"))
    #expect(!rules(text, for: "other").allows("/c"))
  }

  @Test func userAgentLinesInARowShareTheirRules() {
    let text = "User-agent: a\nunknown: x\nCrawl-delay: 2\n\nUser-agent: crawld\nDisallow: /\nUser-agent: b\nAllow: /x"
    #expect(!rules(text).allows("/x"))
    #expect(!rules(text, for: "a").allows("/x"))
    #expect(rules(text, for: "b").allows("/y"))
    #expect(rules(text, for: "a").crawlDelay == 2_000_000)
    #expect(rules(text).crawlDelay == nil)
  }

  @Test func anEmptyRuleEndsTheUserAgents() {
    #expect(rules("User-agent: crawld\nDisallow:\nUser-agent: *\nDisallow: /").allows("/x"))
  }

  @Test func aGroupWithoutRulesAllowsAll() {
    #expect(rules("User-agent: *\nDisallow: /\nUser-agent: crawld").allows("/x"))
  }

  @Test func rulesBeforeAnyGroupAreIgnored() {
    #expect(rules("Disallow: /\nCrawl-delay: 9\nUser-agent: x\nDisallow: /").allows("/"))
  }

  @Test func tokensAreComparedWhole() {
    let text = "User-agent: crawl\nDisallow: /\nUser-agent: crawldx\nDisallow: /\nUser-agent: crawld2\nDisallow: /"
    #expect(rules(text).allows("/x"))
    #expect(!rules("User-agent: crawld*\nDisallow: /").allows("/x"))
    #expect(!rules("User-agent: *\nDisallow: /\nUser-agent: *x\nAllow: /").allows("/x"))
  }

  @Test func longestTokenOfAWholeUserAgentWins() {
    let text = "User-agent: Mozilla\nDisallow: /\nUser-agent: examplebot\nDisallow: /x\nUser-agent: *\nDisallow: /"
    let agent = "Mozilla/5.0 (compatible; ExampleBot/2.1; +https://example.org/bot)"
    #expect(rules(text, for: agent).allows("/y"))
    #expect(!rules(text, for: agent).allows("/x"))
    #expect(!rules(text, for: "").allows("/y"))
  }

  // MARK: Rules

  @Test func theLongestRuleWinsAndAllowWinsATie() {
    let some = rules("User-agent: *\nAllow: /p\nDisallow: /\nDisallow: /page\nAllow: /page\nDisallow: /*.htm")
    #expect(some.allows("/page"))
    #expect(!some.allows("/page.htm"))
    #expect(!some.allows("/x"))
    #expect(some.verdict("/page.htm") == RobotsVerdict(allowed: false, rule: "Disallow: /*.htm", line: 6))
    #expect(some.verdict("/page") == RobotsVerdict(allowed: true, rule: "Allow: /page", line: 5))
  }

  @Test func robotsTextItselfIsAlwaysAllowed() {
    let none = rules("User-agent: *\nDisallow: /")
    #expect(none.verdict("/robots.txt") == RobotsVerdict(allowed: true, rule: nil, line: nil))
    #expect(!none.allows("/robots.txt2"))
    #expect(!none.allows("/Robots.txt"))
  }

  @Test(arguments: [
    ("/fish", "/fish.html", true), ("/fish", "/Fish", false), ("/fish*", "/fish", true), ("/fish/", "/fish", false),
    ("/*.php", "/a/b.php?x", true), ("/*.php$", "/a.php", true), ("/*.php$", "/a.php?x", false),
    ("/*.php$", "/a.php.php", true), ("/a*b*c", "/a-b-c-d", true), ("/a*b*c", "/acb", false), ("/$", "/", true),
    ("/$", "/x", false), ("*/x", "/a/x", true), ("x", "/x", false), ("/a$b", "/a$b", true), ("/a$b", "/a", false),
    ("/*$", "/anything", true), ("/a**b", "/a-b", true), ("/*aab", "/aaab", true), ("/*abab*c", "/abaababac", true),
    ("/a*", "/", false), ("$", "/", false), ("*", "/", true), ("/ab*ab$", "/ab", false), ("/ab*ab$", "/abab", true),
  ])
  func patterns(pattern: String, target: String, matches: Bool) {
    #expect(rules("User-agent: *\nDisallow: \(pattern)").allows(target) == !matches, "\(pattern) on \(target)")
  }

  @Test(arguments: [
    ("/foo/bar/ツ", "/foo/bar/%E3%83%84", true), ("/foo/bar/%e3%83%84", "/foo/bar/%E3%83%84", true),
    ("/foo/%62%61%7A", "/foo/baz", true), ("/foo/baz", "/foo/%62%61%7a", true), ("/a%2Fb", "/a/b", false),
    ("/a/b", "/a%2fb", false), ("/a%2fb", "/a%2Fb", true), ("/a%3Fb", "/a?b", false), ("/a%2A", "/a*", true),
    ("/a%2A", "/abc", false), ("/a*c", "/a%2Ac", true), ("/a%24", "/a$", true), ("/a%24", "/a$b", true),
    ("/a%3cd", "/a<d", true), ("/a%3", "/a%3", true), ("/100%", "/100%25", true),
    ("/x?u=https://a.b", "/x?u=https%3A%2F%2Fa.b", true), ("/x?u=https%3A%2F%2Fa.b", "/x?u=https://a.b", true),
    ("/*u=%2Fa", "/x?u=%2Fa", true), ("/*u=/a", "/x?u=/a", true), ("/~mak", "/%7Emak", true),
    ("/*%", "/a%20b", true), ("/*%", "/П", true), ("/*%", "/a%41", false), ("/*%", "/100%", true),
    ("/*%", "/a?b", false),
    ("/*%2", "/a%2fb", true), ("/*%2", "/a%3Fb", false), ("/*%d", "/П", true), ("/*%D", "/%d0%9f", true),
    ("/%2*x", "/%2Fax", true), ("/%2*x", "/%3Fax", false), ("/%7Ea%", "/~a%20", true), ("/é*%", "/%C3%A9%20", true),
    ("/100%$", "/100%", true), ("/100%$", "/100%25", false), ("/%zz", "/%zz", true),
  ])
  func percentEncoding(pattern: String, target: String, matches: Bool) {
    #expect(rules("User-agent: *\nDisallow: \(pattern)").allows(target) == !matches, "\(pattern) on \(target)")
  }

  @Test func specificityCountsEncodedOctets() {
    // `/ツ` is ten octets in the standard's encoding, `/%62%62` three.
    #expect(rules("User-agent: *\nAllow: /ツ\nDisallow: /*******").allows("/ツ"))
    #expect(!rules("User-agent: *\nAllow: /%62%62\nDisallow: /bb**").allows("/bb"))
  }

  // MARK: Lines

  @Test(arguments: ["\n", "\r", "\r\n"])
  func lineEnds(end: String) {
    let text = ["\u{FEFF}User-Agent : * # all", " \tDISALLOW:\t/x  # not this", "", "disallow /y", "Disalow: /z"]
    let some = rules(text.joined(separator: end))
    #expect(some.verdict("/x").line == 2)
    #expect(some.verdict("/y").line == 4)
    #expect(some.verdict("/z").line == 5)
    #expect(some.ruleCount == 3)
  }

  @Test func linesThatAreNoRules() {
    #expect(
      rules("User-agent: *\ndisallow /x y\n:\n: /\nDisallow\n#Disallow: /\nDisallow;/\n<b>Disallow: /</b>").allows("/x")
    )
    #expect(!rules("User-agent: *\0\n\0\0Disallow: /x\0\0").allows("/x"))
  }

  @Test(arguments: [
    ("10", 10_000_000 as Int64?), ("0.5", 500_000), (".25", 250_000), ("3<BR>", 3_000_000), ("1.1234567", 1_123_456),
    ("0", 0), ("99999999999999999999", 1_000_000_000_000_000), ("1000000000.5", 1_000_000_000_000_000), ("word", nil),
    ("-1", nil), ("", nil), (".", nil),
  ])
  func crawlDelay(value: String, microseconds: Int64?) {
    #expect(rules("User-agent: *\nCrawl-delay: \(value)").crawlDelay == microseconds)
  }

  @Test func theLargestCrawlDelayOfTheGroupCounts() {
    let text = "User-agent: *\nCrawl-delay: 50\nUser-agent: crawld\nDisallow: /x\nCrawl-delay: 2\nCrawl-delay: 1"
    #expect(rules(text).crawlDelay == 2_000_000)
    #expect(rules("User-agent: *\nCrawl-delay: 50\nDisallow: /\nUser-agent: crawld\nDisallow: /x").crawlDelay == nil)
  }

  @Test func sitemapsBelongToNoGroup() {
    let text =
      "Sitemap: https://a.example/1.xml\nUser-agent: x\nsitemap:/2.xml # two\nDisallow: /\nSitemap:\nSITE-MAP: 3"
    #expect(rules(text).sitemaps == ["https://a.example/1.xml", "/2.xml", "3"])
  }

  @Test func whatTheyTakeInMemoryIsCounted() {
    let lines = (0..<1_000).map { "Disallow: /\($0)\n" }.joined()
    #expect((25_000...50_000).contains(rules("User-agent: *\n" + lines).byteCount))
    #expect(rules("User-agent: other\n" + lines).byteCount == 0)
    #expect((10_000...100_000).contains(rules(String(repeating: "Sitemap: /a\n", count: 1_000)).byteCount))
  }

  // MARK: Availability

  @Test(arguments: [
    (200 as Int?, RobotsAvailability.available), (204, .available), (301, .unreachable), (400, .unavailable),
    (404, .unavailable), (410, .unavailable), (429, .unreachable), (500, .unreachable), (503, .unreachable),
    (0, .unreachable), (999, .unreachable), (nil, .unreachable),
  ])
  func availability(status: Int?, expected: RobotsAvailability) {
    #expect(RobotsAvailability(status: status) == expected)
  }

  @Test func fixedRules() {
    #expect(RobotsRules.allowAll.allows("/x") && RobotsRules.allowAll.byteCount == 0)
    #expect(!RobotsRules.disallowAll.allows("/x"))
    #expect(RobotsRules.disallowAll.allows("/robots.txt"))
    #expect(rules("").allows("/x"))
  }
}
