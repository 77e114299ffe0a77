import Store
import Testing
import crawlctl

/// What programs and people get of rows, hostile ones among them.
struct RowFormatTests {
  private func text(_ format: RowFormat, _ rows: [[QueryValue]]) -> String {
    let written = Written()
    format.show(["a", "b"], rows) { written.bytes += $0 }
    return String(decoding: written.bytes, as: UTF8.self)
  }

  private final class Written {
    var bytes: [UInt8] = []
  }

  @Test func csvIsInert() {
    let rows: [[QueryValue]] = [
      [.text("=HYPERLINK(\"http://evil/\")"), .integer(-5)], [.text("a,b"), .null], [.text("-1+1"), .real(-1.5)],
      [.text("line\r\nbreak\u{1B}[31m"), .blob([0, 255])], [.text("@SUM(1)"), .text("plain")],
      [.text("=\u{301}1+1"), .text("x;=1+1")], [.text("two words"), .text("über")],
      [.text("http://a.test/?b=c&d#e"), .text("a|=1+1")],
    ]
    #expect(
      text(.csv, rows) == """
        a,b
        "'=HYPERLINK(""http://evil/"")",-5
        "a,b",
        '-1+1,-1.5
        "line\\u{D}\\u{A}break\\u{1B}[31m",x'00ff'
        '@SUM(1),plain
        "'=\u{301}1+1","x;=1+1"
        "two words","über"
        http://a.test/?b=c&d#e,"a|=1+1"

        """)
  }

  /// An empty line is what separates the results of two statements.
  @Test func aRowOfCSVIsNoEmptyLine() {
    let written = Written()
    RowFormat.csv.show(["a"], [[.null], [.text("")], [.integer(1)]]) { written.bytes += $0 }
    #expect(String(decoding: written.bytes, as: UTF8.self) == "a\n\"\"\n\"\"\n1\n")
  }

  @Test func markdownIsInert() {
    let rows: [[QueryValue]] = [[.text("a|b <script> [x](y) `c`"), .integer(1)]]
    #expect(text(.markdown, rows) == "| a | b |\n| --- | --- |\n| a\\|b &lt;script> \\[x\\](y) \\`c\\` | 1 |\n")
  }

  @Test func jsonIsALinePerRow() {
    #expect(text(.json, [[.text("\u{1B}\u{9B}\u{202E}"), .null]]) == "{\"a\":\"\\u001b\\u009b\\u202e\",\"b\":null}\n")
  }

  @Test func parametersOfTheCommandLine() throws {
    let values = try QueryParameters.read(
      ["task=docs", "n=5", "x=1.5", "y=007", "z=", "w=a=b", "v=1.2.3", "u=1.10", "t=-0.5", "s=.5"])
    #expect(
      values == [
        "task": .text("docs"), "n": .integer(5), "x": .real(1.5), "y": .text("007"), "z": .text(""), "w": .text("a=b"),
        "v": .text("1.2.3"), "u": .text("1.10"), "t": .real(-0.5), "s": .text(".5"),
      ])
    for bad in [["task"], ["=x"], ["a=1", "a=2"]] {
      #expect(throws: (any Error).self) { try QueryParameters.read(bad) }
    }
  }
}
