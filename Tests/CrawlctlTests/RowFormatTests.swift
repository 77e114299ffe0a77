import Store
import Testing
import Units
import crawlctl

/// What programs and people get of rows, hostile ones among them.
struct RowFormatTests {
  private func text(_ format: RowFormat, _ rows: [[QueryValue]]) throws -> String {
    let written = Written()
    try format.show(["a", "b"], rows) { written.bytes += $0 }
    return String(decoding: written.bytes, as: UTF8.self)
  }

  private final class Written {
    var bytes: [UInt8] = []
  }

  @Test func csvIsInert() throws {
    let rows: [[QueryValue]] = [
      [.text("=HYPERLINK(\"http://evil/\")"), .integer(-5)], [.text("a,b"), .null], [.text("-1+1"), .real(-1.5)],
      [.text("line\r\nbreak\u{1B}[31m"), .blob([0, 255])], [.text("@SUM(1)"), .text("plain")],
      [.text("=\u{301}1+1"), .text("x;=1+1")], [.text("two words"), .text("über")],
      [.text("http://a.test/?b=c&d#e"), .text("a|=1+1")],
    ]
    #expect(
      try text(.csv, rows) == """
        a,b
        "'=HYPERLINK(""http://evil/"")",-5
        "a,b",
        '-1+1,-1.5
        "line\\u{D}\\u{A}break\\u{1B}[31m",x'00ff'
        '@SUM(1),plain
        "'=\u{301}1+1","x;'=1+1"
        "two words","über"
        http://a.test/?b=c&d#e,"a|=1+1"

        """)
  }

  /// Swift's characters are no unit of these formats: a mark that follows a quote makes another character of both.
  @Test(arguments: ["\u{301}", "\u{200D}", "\u{FE0F}"])
  func marksBehindWhatHasAMeaning(mark: String) throws {
    #expect(
      try text(.csv, [[.text("x\"\(mark),=1+1"), .integer(1)]]) == "a,b\n\"x\"\"\(TerminalText.escape(mark)),=1+1\",1\n"
    )
    #expect(
      try text(.markdown, [[.text("a|\(mark)b<\(mark)"), .integer(1)]])
        == "| a | b |\n| --- | --- |\n| a\\|\(TerminalText.escape(mark))b&lt;\(TerminalText.escape(mark)) | 1 |\n")
    #expect(ShellText.quote("it'\(mark)s") == "'it'\\''\(mark)s'")
  }

  /// A program that splits at semicolons takes a quote within a cell for a part of it.
  @Test(arguments: [
    ("b;=1+1", "\"b;'=1+1\""), ("b; =1+1;-2", "\"b; '=1+1;'-2\""), ("b;\"@x", "\"b;\"\"'@x\""),
    ("a=b;c=d", "\"a=b;c=d\""),
    (" =1", "\" '=1\""), ("a,=1", "\"a,=1\""), ("a\t=1", "\"a\\u{9}=1\""), (";;+1", "\";;'+1\""),
    ("\"=1", "\"\"\"'=1\""),
    ("a;b", "\"a;b\""),
  ])
  func csvIsInertWhereItIsSplitAtSemicolons(cell: String, expected: String) throws {
    #expect(try text(.csv, [[.text(cell), .integer(-5)]]) == "a,b\n\(expected),-5\n")
  }

  /// A row that is long makes all rows of a table as long.
  @Test func aTableIsBounded() throws {
    let long = QueryValue.text(String(repeating: "x", count: 1 << 20))
    let rows = [[long, .integer(1)]] + Array(repeating: [QueryValue.text("y"), .integer(1)], count: 70)
    let error = #expect(throws: Failure.self) { try text(.table, rows) }
    #expect(error?.status == .failed && error?.message?.contains("64 MiB; --json, and --format csv") == true)
    #expect(try text(.csv, rows).utf8.count < 2 << 20)
    // On a terminal it is cut, and of a last column only what is there counts.
    let written = Written()
    try RowFormat.table.show(["a", "b"], rows, width: 80) { written.bytes += $0 }
    #expect(written.bytes.count < 72 * 82)
    let last = [[.integer(1), long]] + Array(repeating: [QueryValue.integer(1), .text("y")], count: 70)
    #expect(try text(.table, last).utf8.count < 2 << 20)
    #expect(throws: Failure.self) { try text(.table, Array(repeating: [.null, long], count: 65)) }
  }

  @Test func aTaskThatIsNotThereIsSaid() {
    let tasks: [(id: Int64, name: String)] = [(1, "docs"), (2, "news"), (3, "7")]
    #expect(QueryParameters.hint("docs", rows: 0, among: tasks) == nil)
    #expect(QueryParameters.hint("7", rows: 0, among: tasks) == nil)
    #expect(
      QueryParameters.hint("typo", rows: 5, among: tasks)
        == "crawlctl: no task has the name “typo” (crawlctl ls lists them)")
    #expect(
      QueryParameters.hint("ne", rows: 0, among: tasks)
        == "crawlctl: no task has the name “ne”; is it --param task=news?")
    #expect(QueryParameters.hint("1", rows: 0, among: tasks)?.contains("task=docs") == true)
    #expect(QueryParameters.hint("1", rows: 1, among: tasks) == nil)
  }

  /// An empty line is what separates the results of two statements.
  @Test func aRowOfCSVIsNoEmptyLine() throws {
    let written = Written()
    try RowFormat.csv.show(["a"], [[.null], [.text("")], [.integer(1)]]) { written.bytes += $0 }
    #expect(String(decoding: written.bytes, as: UTF8.self) == "a\n\"\"\n\"\"\n1\n")
  }

  @Test func markdownIsInert() throws {
    let rows: [[QueryValue]] = [[.text("a|b <script> [x](y) `c`"), .integer(1)]]
    #expect(try text(.markdown, rows) == "| a | b |\n| --- | --- |\n| a\\|b &lt;script> \\[x\\](y) \\`c\\` | 1 |\n")
  }

  @Test func jsonIsALinePerRow() throws {
    #expect(
      try text(.json, [[.text("\u{1B}\u{9B}\u{202E}"), .null]]) == "{\"a\":\"\\u001b\\u009b\\u202e\",\"b\":null}\n")
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
