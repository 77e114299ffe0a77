import Parse
import Testing
import WebURL

@Suite struct SimHashTests {
  private static func simhash(_ text: String, textBytes: Int = 1 << 20) throws -> UInt64? {
    var limits = ParseLimits()
    limits.textBytes = textBytes
    return PageReader.read(
      Array(text.utf8), url: try #require(WebURL("http://a.test/")), contentType: "text/html; charset=utf-8",
      limits: limits
    ).simhash
  }

  /// Words of a text that a seed decides.
  private static func words(_ count: Int, seed: UInt64) -> [String] {
    var state = seed
    return (0..<count).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return "w\(state >> 33 % 5_000)"
    }
  }

  /// Letters of Han that a seed decides.
  private static func letters(_ count: Int, seed: UInt64) -> String {
    var state = seed
    var text = String.UnicodeScalarView()
    for _ in 0..<count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      text.append(Unicode.Scalar(UInt32(0x4E00 + state >> 33 % 5_000)) ?? "?")
    }
    return String(text)
  }

  @Test func markupWhiteSpaceAndLetterCaseDoNotCount() throws {
    let plain = try #require(try Self.simhash("<p>One two three four five</p>"))
    #expect(try Self.simhash("<div class=x><b>ONE</b>\n two   three <i>four</i>\tFive</div>") == plain)
    #expect(try Self.simhash("<p>One two three five four</p>") != plain)
  }

  @Test func aTextWithoutWordsHasNone() throws {
    #expect(try Self.simhash("<img src=a.png> \u{A0}") == nil)
    #expect(try Self.simhash("a text that nobody wants", textBytes: 0) == nil)
    #expect(try Self.simhash("one") != nil)
    #expect(try Self.simhash("one two") != Self.simhash("two one"))
  }

  /// A few words among a thousand change few bits; another text about half of them.
  @Test(arguments: 1...20) func similarTextsDifferInFewBits(seed: UInt64) throws {
    let text = Self.words(1_000, seed: seed)
    var similar = text
    similar[Int(seed) * 37 % 1_000] = "another"
    let hash = try #require(try Self.simhash(text.joined(separator: " ")))
    let near = try #require(try Self.simhash(similar.joined(separator: " ")))
    let far = try #require(try Self.simhash(Self.words(1_000, seed: seed + 100).joined(separator: " ")))
    #expect((hash ^ near).nonzeroBitCount <= 6)
    #expect((16...48).contains((hash ^ far).nonzeroBitCount))
  }

  /// As of words: one letter changes few bits, and a portal's menu does not make two articles one.
  @Test(arguments: 1...20) func textsWithoutSpacesAreComparedByTheirLetters(seed: UInt64) throws {
    let text = Self.letters(1_500, seed: seed)
    var similar = Array(text.unicodeScalars)
    similar[Int(seed) * 37 % 1_500] = "変"
    let menu = (0..<300).map { Self.letters(4, seed: UInt64(900 + $0)) }.joined(separator: " ")
    let hash = try #require(try Self.simhash(text))
    let near = try #require(try Self.simhash(String(String.UnicodeScalarView(similar))))
    #expect((hash ^ near).nonzeroBitCount <= 6)
    let one = try #require(try Self.simhash("\(menu)<p>\(text)"))
    let other = try #require(try Self.simhash("\(menu)<p>\(Self.letters(1_500, seed: seed + 100))"))
    #expect((one ^ other).nonzeroBitCount >= 12)
  }

  @Test func wordsOfOtherScriptsStayWhole() throws {
    let text = try #require(try Self.simhash("<p>新しいiPhoneと15"))
    #expect(try Self.simhash("<p>新 し い iPhone と 15") == text)
    #expect(try Self.simhash("<p>新しいiPhneoと15") != text)
    #expect(try Self.simhash("<p>한국어 텍스트 입니다") != Self.simhash("<p>한 국 어 텍 스 트 입 니 다"))
  }
}
