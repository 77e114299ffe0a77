import Politeness
import Testing

@Suite struct RobotsHostileTests {
  private func rules(_ text: String) -> RobotsRules {
    RobotsRules.parse(Array(text.utf8), productToken: "crawld")
  }

  @Test func ofAFileThatIsCutShortAHalfRuleCountsIfItForbids() {
    func part(_ text: String) -> String {
      String(decoding: RobotsRules.reliablePart(ofCut: Array(text.utf8)), as: UTF8.self)
    }
    let begun = "User-agent: *\nDisallow: /a\r\n"
    for last in ["", "disallow: /b", " Disallow : /", "Disallow: /b # and"] {
      #expect(part(begun + last) == begun + last)
    }
    for last in ["Allow: /", "Disallow:", "Disallow: # all", "Disa", "User-agent: x", "#"] {
      #expect(part(begun + last) == begun, "\(last)")
    }
    #expect(part("Allow: /") == "")
  }

  @Test(arguments: ["%", "%2", "%e", "$"])
  func ofARuleThatIsCutWithinAnEscapeOrAtADollarWhatComesBeforeForbids(end: String) {
    func rules(_ text: String) -> RobotsRules {
      RobotsRules.parse(RobotsRules.reliablePart(ofCut: Array(text.utf8)), productToken: "crawld")
    }
    let cut = rules("User-agent: *\nDisallow: /a/b" + end)
    for path in ["/a/b", "/a/b%20c", "/a/b%25", "/a/b%e4", "/a/b$c", "/a/bc"] { #expect(!cut.allows(path), "\(path)") }
    #expect(cut.allows("/a/c") && cut.ruleCount == 1)
    // Nothing is left of it.
    #expect(rules("User-agent: *\nDisallow: " + end).ruleCount == 0)
    // Whole ones are as they are written.
    #expect(rules("User-agent: *\nDisallow: /a/b\(end)\n").allows("/a/bc"))
    #expect(!rules("User-agent: *\nDisallow: /a%20").allows("/a%20b"))
    #expect(rules("User-agent: *\nDisallow: /a%20").allows("/a"))
  }

  @Test func thousandsOfWildcardsAreMatchedInLinearTime() {
    let pattern = String(repeating: "*a", count: 2_048)
    let text = "/" + String(repeating: "a", count: 4_000) + "b"
    #expect(!rules("User-agent: *\nDisallow: /\(pattern)").allows(text))
    #expect(rules("User-agent: *\nDisallow: /\(pattern)c").allows(text))
    #expect(rules("User-agent: *\nDisallow: /\(pattern)$").allows(text))
    #expect(!rules("User-agent: *\nDisallow: /" + String(repeating: "*", count: 100_000) + "b$").allows(text))
  }

  /// Each segment is found where the last one ended: a rule with as many wildcards as the URL has bytes is read once.
  @Test func aRuleThatFollowsTheURLByteByByteDecides() {
    let some = rules("User-agent: *\nDisallow: /" + String(repeating: "*a", count: 20_000) + "\nAllow: /x")
    #expect(some.verdict("/" + String(repeating: "a", count: 20_000)).line == 2)
    #expect(some.allows("/" + String(repeating: "a", count: 19_999)))
  }

  @Test func aSegmentThatAlmostMatchesEverywhereIsLinearToo() {
    // 60,000 × 60,000 comparisons would not end.
    let almost = String(repeating: "a", count: 60_000)
    #expect(rules("User-agent: *\nDisallow: /*\(almost)b").allows("/" + almost + almost + almost))
    #expect(!rules("User-agent: *\nDisallow: /*\(almost)b").allows("/" + almost + almost + almost + "b"))
  }

  @Test func rulesThatAreMadeToBeSlowForbid() {
    var text = "User-agent: *\n"
    for _ in 0..<2_000 { text += "Disallow: /*aaaaaaaab\n" }
    let some = rules(text)
    let slow = "/" + String(repeating: "a", count: 2_000)
    #expect(!some.allows(slow))
    #expect(some.verdict(slow) == RobotsVerdict(allowed: false, rule: "more wildcards than can be compared", line: nil))
    #expect(some.allows("/robots.txt"))
    // The same rules are no trouble for a URL that is not made for them.
    #expect(some.allows("/articles/2026/a-title?page=2"))
  }

  @Test func onlyTheFirst500KiBAreReadAndACutLineIsDropped() {
    let head = "User-agent: *\nDisallow: /early\n"
    let filler = String(repeating: "#", count: RobotsRules.maximumBytes - head.utf8.count - 12) + "\n"
    // The limit falls after `Disallow: /`, which as a rule would forbid everything.
    let some = rules(head + filler + "Disallow: /late\nDisallow: /later\n")
    #expect(!some.allows("/early"))
    #expect(some.allows("/late"))
    #expect(some.allows("/x"))
    #expect(some.ruleCount == 1)
    let exact = String(repeating: "#", count: RobotsRules.maximumBytes - head.utf8.count - 16)
    #expect(!rules(head + exact + "\nDisallow: /late").allows("/late"))
  }

  @Test func aLineWithoutEndIsNoRule() {
    #expect(rules("User-agent: *\nDisallow: /" + String(repeating: "x", count: 600_000)).ruleCount == 0)
    #expect(rules(String(repeating: "x", count: 600_000)).allows("/x"))
  }

  @Test func manyRulesAreAllKept() {
    var text = "User-agent: *\n"
    for number in 0..<20_000 { text += "Disallow: /\(number)/\n" }
    let some = rules(text)
    #expect(some.ruleCount == 20_000)
    #expect(!some.allows("/19999/x"))
    #expect(some.allows("/20000/x"))
    #expect(some.verdict("/19999/x").line == 20_001)
  }

  @Test func anyBytesAreRead() {
    var generator = SplitMix(state: 20_260_131)
    let words = [
      "User-agent:", "Disallow:", "Allow:", "Crawl-delay:", "Sitemap:", "*", "/", "$", "%", "%2", "\r", "\n", "crawld",
      "\0", "#",
    ]
    for _ in 0..<2_000 {
      var bytes: [UInt8] = []
      for _ in 0..<Int(generator.next() % 40) {
        if generator.next() % 3 == 0 {
          bytes.append(UInt8(truncatingIfNeeded: generator.next()))
        } else {
          bytes += Array(words[Int(generator.next() % UInt64(words.count))].utf8)
        }
      }
      let some = RobotsRules.parse(bytes, productToken: "crawld")
      let target = "/" + String(decoding: bytes.prefix(50), as: UTF8.self)
      #expect(some.allows(target) == some.verdict(target).allowed)
      #expect(some.allows("/robots.txt"))
    }
  }

  /// The matcher against one that tries everything, on short texts of few letters.
  @Test func agreesWithAMatcherThatTriesEverything() {
    var generator = SplitMix(state: 7)
    let letters = Array("aab*".utf8)
    for _ in 0..<20_000 {
      var pattern: [UInt8] = Array("/".utf8)
      var target: [UInt8] = Array("/".utf8)
      for _ in 0..<Int(generator.next() % 8) { pattern.append(letters[Int(generator.next() % 4)]) }
      for _ in 0..<Int(generator.next() % 10) { target.append(letters[Int(generator.next() % 3)]) }
      let isAnchored = generator.next() % 2 == 0
      let text = String(decoding: pattern, as: UTF8.self) + (isAnchored ? "$" : "")
      let some = rules("User-agent: *\nDisallow: \(text)")
      let expected = Self.tries(pattern[...], target[...], isAnchored)
      #expect(some.allows(String(decoding: target, as: UTF8.self)) == !expected, "\(text) on \(target)")
    }
  }

  private static func tries(_ pattern: ArraySlice<UInt8>, _ target: ArraySlice<UInt8>, _ isAnchored: Bool) -> Bool {
    guard let first = pattern.first else { return !isAnchored || target.isEmpty }
    if first == UInt8(ascii: "*") {
      if tries(pattern.dropFirst(), target, isAnchored) { return true }
      return !target.isEmpty && tries(pattern, target.dropFirst(), isAnchored)
    }
    return target.first == first && tries(pattern.dropFirst(), target.dropFirst(), isAnchored)
  }

  private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var value = state
      value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
      value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
      return value ^ (value >> 31)
    }
  }
}
