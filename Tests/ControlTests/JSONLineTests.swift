import Control
import Testing

/// Lines of JSON are safe to show and in a stable order.
struct JSONLineTests {
  private func encode(_ text: String) throws -> String {
    String(decoding: try JSONLine.encode(text), as: UTF8.self)
  }

  @Test func textsFromTheWebCannotSteerATerminal() throws {
    #expect(try encode("a\u{1B}[31mb\n") == #""a\u001b[31mb\n""#)
    #expect(try encode("\u{7F}\u{80}\u{9B}\u{9F}") == #""\u007f\u0080\u009b\u009f""#)
    #expect(
      try encode("\u{202E}\u{2066}\u{200F}\u{061C}\u{2028}\u{2029}") == #""\u202e\u2066\u200f\u061c\u2028\u2029""#)
  }

  @Test func everythingElseStays() throws {
    for text in ["plain", "/path", "Zürich · 東京 😀", "\u{A0}\u{2065}\u{2070}\u{200B}", "e\u{301}"] {
      #expect(try encode(text) == "\"\(text)\"")
    }
  }

  @Test func keysAreInOrder() throws {
    let line = String(decoding: try JSONLine.encode(TaskBytes(wire: 2, body: 1)), as: UTF8.self)
    #expect(line == #"{"body":1,"wire":2}"#)
  }

  @Test func whatHasNoValueIsLeftOut() throws {
    let line = String(decoding: try JSONLine.encode(PageParameters()), as: UTF8.self)
    #expect(line == "{}")
  }

  @Test func quotedTextsAreWhatTheEncoderWrites() throws {
    for text in ["", "plain", "\"\\/", "Zürich 東京 😀", "\u{7F}\u{9B}\u{202E}", "\u{1F}\u{1}"] {
      #expect(String(decoding: JSONLine.quoted(text), as: UTF8.self) == (try encode(text)))
    }
    // Where JSON allows a short form, the long one means the same.
    #expect(String(decoding: JSONLine.quoted("a\n"), as: UTF8.self) == #""a\u000a""#)
  }
}
