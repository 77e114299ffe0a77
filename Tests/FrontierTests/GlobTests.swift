import Frontier
import Testing

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

  @Test(arguments: ["**/a b", "http://a/ü", "**<", "**\"", "**\t", "**\u{7F}"])
  func aPatternWithACharacterThatNoURLHas(pattern: String) {
    #expect(Glob(pattern).flaw?.contains("percent-encoding") == true)
  }

  @Test func manyStarsAreNoBurden() {
    let pattern = Glob(String(repeating: "*a", count: 1_000) + "b")
    #expect(!pattern.matches(String(repeating: "a", count: 2_000)))
  }
}
