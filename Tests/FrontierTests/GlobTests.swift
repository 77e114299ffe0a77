import Frontier
import Testing
import WebURL

@Suite struct GlobTests {
  @Test(arguments: [
    ("http://a/*", "http://a/x", true), ("http://a/*", "http://a/x/y", false), ("http://a/**", "http://a/x/y", true),
    ("**/y", "http://a/x/y", true), ("**/y", "http://a/x/yy", false), ("http://a/", "http://a/", true),
    ("http://a/", "http://a/b", false), ("**.pdf", "http://a/b/c.pdf", true), ("**.pdf", "http://a/c.pdf?x", false),
    ("http://*/a", "http://host/a", true), ("http://*/a", "http://host/b/a", false), ("**", "", true),
    ("*", "a/b", false),
    ("**/a/*/c", "x/a/b/a/d/c", true), ("", "", true), ("", "a", false), ("***", "a/b", true),
  ])
  func matches(pattern: String, text: String, expected: Bool) {
    #expect(Glob(pattern).matches(text) == expected)
  }

  /// Each spelling of a pattern matches each spelling of a URL.
  @Test(arguments: [
    "**/straße/**", "**/stra%c3%9fe/*", "http://a/~u/str%61%C3%9Fe/*", "http*://a/%7eu/**", "http://a/**/stra%c3%9Fe/x",
  ])
  func percentEncodingIsNoDifference(pattern: String) {
    for spelling in ["http://a/~u/straße/x", "http://a/%7eu/stra%c3%9fe/x", "http://a/%7Eu/str%61%C3%9Fe/x"] {
      #expect(Glob(pattern).flaw == nil && Glob(pattern).matches(WebURL(spelling)!.canonical().href), "\(spelling)")
    }
  }

  @Test func aHostMayBeWrittenInItsOwnLetters() {
    let pattern = Glob("https://münchen.test:8443/stra\u{DF}e/**")
    #expect(pattern.matches(WebURL("https://M\u{DC}nchen.test:8443/stra%c3%9fe/x")!.canonical().href))
    #expect(!pattern.matches(WebURL("https://xn--mnchen-3ya.test/stra%c3%9fe/x")!.canonical().href))
    #expect(pattern.description == "https://münchen.test:8443/stra\u{DF}e/**")
  }

  /// What is an asterisk of the URL, and what is half of an escape, stay as they are.
  @Test func otherEscapesStay() {
    #expect(Glob("http://a/%2a").matches("http://a/%2A") && !Glob("http://a/%2a").matches("http://a/x"))
    #expect(Glob("http://a/%C3*").matches("http://a/%C3%BC") && Glob("http://a/%").matches("http://a/%"))
  }

  /// 2⁴⁰ comparisons would not end.
  @Test(arguments: ["**a*b", "**a*a*b", "*a*b", "**a**a**b", "*a*a*a*a*b"])
  func aLongTextIsReadOnce(pattern: String) {
    let text = String(repeating: "a", count: 1 << 20)
    #expect(!Glob(pattern).matches(text))
    #expect(Glob(pattern).matches(text + "b"))
    #expect(Glob(pattern).matches(text + "/b") == pattern.hasPrefix("**a**"))
  }

  @Test(arguments: [
    "**.html", "**", "*://a/**", "http://a/*", "https://**", "http*//a/", "**/[x]", "http**", "https://a/?q=*&b=[1]",
    "h*:**",
  ])
  func aPatternThatAURLMayMatch(pattern: String) {
    #expect(Glob(pattern).flaw == nil)
  }

  @Test(arguments: ["[", "*.html", "*", "/docs/**", "example.org/**", "http*", "http://", "ftp://a/**", "", "?**"])
  func aPatternThatNoURLMatches(pattern: String) {
    #expect(Glob(pattern).flaw?.contains("whole URLs, as '**.html'") == true)
  }

  @Test(arguments: ["**/a b", "http://*.ü/", "**<", "**\"", "**\t", "**\u{7F}"])
  func aPatternWithACharacterThatNoURLHas(pattern: String) {
    #expect(Glob(pattern).flaw?.contains("percent-encoding") == true)
  }

  @Test func manyStarsAreNoBurden() {
    let pattern = Glob(String(repeating: "*a", count: 1_000) + "b")
    #expect(!pattern.matches(String(repeating: "a", count: 2_000)))
  }

  /// Every pattern of at most five of these against every text of at most five.
  @Test func matchesAsItsPlacesOneByOneSay() {
    for pattern in Self.words(of: ["a", "/", "*", "**"], upTo: 5) {
      let glob = Glob(pattern)
      for text in Self.words(of: ["a", "/"], upTo: 5) where glob.matches(text) != Self.matches(pattern, text) {
        Issue.record("\(pattern) and \(text)")
      }
    }
  }

  private static func words(of letters: [String], upTo length: Int) -> [String] {
    var (all, longest) = ([""], [""])
    for _ in 0..<length {
      longest = longest.flatMap { word in letters.map { word + $0 } }
      all += longest
    }
    return all
  }

  /// By the definition, place by place of both.
  private static func matches(_ pattern: String, _ text: String) -> Bool {
    let (pattern, text) = (Array(pattern.utf8), Array(text.utf8))
    func matches(_ place: Int, _ start: Int) -> Bool {
      guard place < pattern.count else { return start == text.count }
      let asterisk = UInt8(ascii: "*")
      guard pattern[place] == asterisk else {
        return start < text.count && pattern[place] == text[start] && matches(place + 1, start + 1)
      }
      let rest = pattern[place...].firstIndex { $0 != asterisk } ?? pattern.count
      for end in start...text.count {
        if matches(rest, end) { return true }
        if end < text.count, text[end] == UInt8(ascii: "/"), rest - place == 1 { return false }
      }
      return false
    }
    return matches(0, 0)
  }

  /// However many `**` a pattern has, a text is read once.
  @Test(arguments: [1, 10, 600]) func theWorkIsLinearInTheText(count: Int) {
    let patterns = [Glob(String(repeating: "**a", count: count) + "ab**")]
    let text = Array("ab".utf8) + Array(repeating: UInt8(ascii: "a"), count: 100_000)
    var work = 0
    #expect(!text.withUnsafeBufferPointer { patterns.anyMatches($0, work: &work) })
    #expect(work < 20 * text.count, "\(work)")
  }

  /// Of which a URL lacks something costs next to nothing.
  @Test func mostPatternsAreNotLookedAtClosely() {
    let patterns = (0..<256).map { Glob("**/word\($0)/**") }
    let text = Array("http://example.org/some/path/with/several/segments/index.html?page=17&lang=en".utf8)
    var work = 0
    #expect(!text.withUnsafeBufferPointer { patterns.anyMatches($0, work: &work) })
    #expect(work < 2_000, "\(work)")
    #expect(Array("http://h/word255/".utf8).withUnsafeBufferPointer { patterns.anyMatches($0, work: &work) })
  }
}
