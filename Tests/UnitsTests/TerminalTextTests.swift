import Testing
import Units

@Suite struct TerminalTextTests {
  @Test(arguments: [
    ("plain", "plain"), ("", ""), ("Übung 漢字 🎉", "Übung 漢字 🎉"), ("a\u{1B}[31mb", "a\\u{1B}[31mb"),
    ("a\r\nb\tc", "a\\u{D}\\u{A}b\\u{9}c"), ("\u{0}\u{7F}\u{9B}", "\\u{0}\\u{7F}\\u{9B}"),
    ("evil\u{202E}gpj.exe", "evil\\u{202E}gpj.exe"),
    ("\u{2066}\u{2069}\u{200F}\u{61C}", "\\u{2066}\\u{2069}\\u{200F}\\u{61C}"),
    ("line\u{2028}break", "line\\u{2028}break"), ("👩‍👩‍👧", "👩‍👩‍👧"),
  ])
  func escapes(text: String, shown: String) {
    #expect(TerminalText.escape(text) == shown)
  }

  @Test func escapesControlsThatJoinALongerCharacter() {
    #expect(TerminalText.escape("e\u{301}\u{200E}x") == "e\u{301}\\u{200E}x")
  }
}
