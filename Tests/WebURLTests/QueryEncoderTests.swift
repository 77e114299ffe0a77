import Testing
import WebURL

/// The parser's `encoding` argument (URL Standard, query state), with an encoder that shows what it was asked.
@Suite struct QueryEncoderTests {
  /// Each byte becomes the one above it.
  private func parse(_ text: String, base: String? = nil) throws -> String {
    try Array(text.utf8).withUnsafeBufferPointer {
      try WebURL.parse($0, base: base.flatMap { WebURL($0) }, keepFragment: true) { $0.map { $0 &+ 1 } }.href
    }
  }

  @Test func theQueryIsEncodedThenPercentEncoded() throws {
    #expect(try parse("http://h/p?é") == "http://h/p?%C4%AA")
    #expect(try parse("http://h/p?é&\u{7F}!") == "http://h/p?%C4%AA%27%80%22")
    #expect(try parse("?é#é", base: "http://h/p?x#y") == "http://h/p?%C4%AA#%C3%A9")
    #expect(try parse("file:?é") == "file:///?%C4%AA")
  }

  @Test func printableASCIIIsTheSameInEveryEncoding() throws {
    #expect(try parse("http://h/p?a b~'") == "http://h/p?a%20b~%27")
  }

  @Test func otherPartsAndOtherSchemesStayUTF8() throws {
    #expect(try parse("http://é:é@h/é#é") == "http://%C3%A9:%C3%A9@h/%C3%A9#%C3%A9")
    #expect(try parse("ws://h/?é") == "ws://h/?%C3%A9")
    #expect(try parse("wss://h/?é") == "wss://h/?%C3%A9")
    #expect(try parse("x://h/?é") == "x://h/?%C3%A9")
  }

  @Test func theQueryOfTheBaseIsNotEncodedAgain() throws {
    #expect(try parse("#f", base: "http://h/p?é") == "http://h/p?%C3%A9#f")
  }
}
