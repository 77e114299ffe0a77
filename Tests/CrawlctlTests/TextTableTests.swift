import Testing
import crawlctl

/// Tables are aligned, as wide as the terminal, and safe to show.
struct TextTableTests {
  private func table(_ rows: [[String]]) -> TextTable {
    var table = TextTable([
      .init("ID", .right), .init("NAME", givesWay: true), .init("URL", givesWay: true), .init("N", .right),
    ])
    for row in rows { table.append(row) }
    return table
  }

  @Test func columnsAreAligned() {
    let text = table([["1", "a", "http://a/", "5"], ["100", "longer", "", "1,234"]]).rendered(width: nil)
    #expect(
      text == """
         ID  NAME    URL            N
          1  a       http://a/      5
        100  longer             1,234

        """)
  }

  @Test func noBlanksAtTheEndOfALine() {
    var table = TextTable([.init("A"), .init("B")])
    table.append(["x", ""])
    #expect(table.rendered(width: nil) == "A  B\nx\n")
  }

  @Test func theWidestGivesWayFirst() {
    let long = String(repeating: "u", count: 60)
    let text = table([["1", "name-of-a-task", long, "5"]]).rendered(width: 50)
    let lines = text.split(separator: "\n")
    #expect(lines.allSatisfy { TextWidth.columns(of: String($0)) == 50 })
    #expect(lines[1].contains("name-of-a-task") && lines[1].contains("u…"))
  }

  @Test func bothGiveWayWhenTheyMust() {
    let text = table([["1", String(repeating: "n", count: 40), String(repeating: "u", count: 40), "5"]])
      .rendered(width: 30)
    #expect(TextWidth.columns(of: String(text.split(separator: "\n")[1])) == 30)
    // Narrower than that is not possible: nothing is cut below eight columns.
    let narrow = table([["1", String(repeating: "n", count: 40), String(repeating: "u", count: 40), "5"]])
      .rendered(width: 1)
    #expect(narrow.split(separator: "\n")[1] == " 1  nnnnnnn…  uuuuuuu…  5")
  }

  @Test func columnsLeaveInTheirOrder() {
    var table = TextTable([
      .init("A", leaves: .last), .init("NAME", givesWay: true), .init("FIRST", leaves: .first), .init("B"),
      .init("LAST", leaves: .last),
    ])
    table.append(["a", String(repeating: "n", count: 12), "first", "b", "last"])
    let heads = [40, 31, 30, 24, 23, 20, 19, 16, 15, 14, 13, 12, 1].map { width in
      table.rendered(width: width).split(separator: "\n")[0].split(separator: " ").joined(separator: " ")
    }
    #expect(
      heads == [
        "A NAME FIRST B LAST", "A NAME FIRST B LAST", "A NAME B LAST", "A NAME B LAST", "A NAME B LAST",
        "A NAME B LAST",
        "A NAME B", "A NAME B", "A NAME B", "A NAME B", "NAME B", "NAME B", "NAME B",
      ], "\(heads)")
  }

  @Test func whatWrapsIsNotCut() {
    var table = TextTable([.init("field"), .init("kind", leaves: .first), .init("meaning", wraps: 12)])
    table.append(["a_long_field", "table", "when it was added to the task"])
    table.append(["b", "view", "http://a.example/long/path"])
    #expect(
      table.rendered(width: 30) == """
        field         meaning
        a_long_field  when it was
                      added to the
                      task
        b             http://a.example
                      /long/path

        """)
    // As narrow as may be.
    #expect(table.rendered(width: 1).split(separator: "\n").allSatisfy { TextWidth.columns(of: String($0)) <= 26 })
    #expect(table.rendered(width: nil).split(separator: "\n").count == 3)
  }

  @Test(arguments: [
    ("one two three", 7, ["one two", "three"]), ("one", 2, ["one"]), ("a  b", 1, ["a", "b"]), ("", 5, [""]),
    ("東京 東京", 5, ["東京", "東京"]),
  ])
  func wrapping(text: String, limit: Int, lines: [String]) {
    #expect(TextWidth.wrap(text, to: limit) == lines)
  }

  @Test func titlesAreEscaped() {
    var table = TextTable([.init("a\u{1B}[31m")])
    table.append(["b"])
    #expect(table.rendered(width: nil) == "a\\u{1B}[31m\nb\n")
  }

  @Test func nothingIsCutWithoutATerminal() {
    let long = String(repeating: "u", count: 500)
    #expect(table([["1", "a", long, "5"]]).rendered(width: nil).contains(long))
  }

  @Test func webTextIsEscaped() {
    let text = table([["1", "a\u{1B}[2Jb", "x\ny\u{202E}", "5"]]).rendered(width: nil)
    #expect(text.contains("a\\u{1B}[2Jb") && text.contains("x\\u{A}y\\u{202E}"))
    #expect(text.split(separator: "\n").count == 2)
  }

  @Test(arguments: [
    ("abc", 3), ("Zürich", 6), ("東京", 4), ("e\u{301}", 1), ("한글", 4), ("😀", 2), ("\u{200B}", 0), ("", 0), ("…", 1),
  ])
  func columnsOfATerminal(text: String, columns: Int) {
    #expect(TextWidth.columns(of: text) == columns)
  }

  @Test(arguments: [("abcdef", 4, "abc…"), ("abc", 3, "abc"), ("東京都", 4, "東…"), ("東京都", 5, "東京…"), ("ab", 1, "…")])
  func cutting(text: String, limit: Int, expected: String) {
    #expect(TextWidth.cut(text, to: limit) == expected)
    #expect(TextWidth.columns(of: expected) <= limit)
  }

  @Test func sheets() {
    var sheet = TextSheet()
    sheet.add("seeds", "http://a/")
    sheet.add("", "http://b/\u{7}")
    sheet.add("last errors", "")
    #expect(sheet.rendered() == "seeds        http://a/\n             http://b/\\u{7}\nlast errors  \n")
    sheet.add("limits", "one and two and three")
    #expect(sheet.rendered(width: 33).hasSuffix("limits       one and two and\n             three\n"))
    #expect(sheet.rendered(width: 33).contains("seeds        http://a/\n"))
  }
}
