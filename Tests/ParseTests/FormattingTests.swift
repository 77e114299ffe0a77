import Parse
import Testing

/// Formatting elements go on in the blocks behind their own (HTML Standard, 13.2.4.3 and 13.2.6.4.7), and their end tags
/// reach through foreign content.
struct FormattingTests {
  @Test(arguments: [
    ("<p><b>x</p><svg></b><a href=1>", ["a 1"]),
    ("<p><a href=1></p><math></a><iframe src=2></iframe>", ["a 1", "iframe 2"]),
    ("<p><b></p><svg></b><a href=1>", ["a 1"]), ("<p><b></p><svg></i><iframe src=no>", []),
    ("<p><b></p><svg></svg><svg></b><a href=1>", ["a 1"]),
    ("<p><nobr></p><math></nobr><img src=1>", ["img 1"]),
    // Only what reconstructs them brings them back: a div does not.
    ("<p><i></p><div><svg></svg></div><svg></i><a href=1>", ["a 1"]),
    ("<p><i></p><table><td><svg></i><a href=no>", []),
  ])
  func endTagsReachThroughForeignContent(html: String, expected: [String]) {
    #expect(links(html) == expected)
  }

  @Test(arguments: [
    // Text and white space reconstruct, a NUL does not.
    ("<p><b></p>x<svg></b><a href=1>", ["a 1"]), ("<p><b></p> <svg></b><a href=1>", ["a 1"]),
    // A marker keeps them out of cells, captions, objects and templates.
    ("<b><table><td><svg></b><a href=no>", []), ("<b><table><caption><svg></b><a href=no>", []),
    ("<b><object><svg></b><a href=no>", []), ("<b><template><svg></b><iframe src=no></iframe>", []),
    ("<p><b></p><object></object><svg></b><a href=1>", ["a 1"]),
    ("<table><td><b></td><td><svg></b><iframe src=no></iframe>", []),
    ("<table><td><b></table><svg></b><iframe src=no></iframe>", []),
  ])
  func markersFence(html: String, expected: [String]) {
    #expect(links(html) == expected)
  }

  @Test(arguments: [
    // The second a ends the first within a block, which then goes on without it.
    ("<a href=1><p><a href=2><svg></a><a href=3>", ["a 1", "a 2", "a 3"]),
    // The adoption agency leaves the block open and the inline elements between closed.
    ("<b><span><p></b><svg></span><iframe src=no></iframe>", []),
    ("<b><i><p></b><svg></i><img src=1>", ["img 1"]),
    // Of more than three between, the outer ones leave the list.
    ("<b><i><u><s><tt><p></b></tt></s></u><svg></i><iframe src=no></iframe>", []),
    ("<b><u><s><tt><p></b></tt></s><svg></u><img src=1>", ["img 1"]),
  ])
  func adoption(html: String, expected: [String]) {
    #expect(links(html) == expected)
  }

  @Test func ofFourWithTheSameAttributesTheEarliestGoes() {
    // Each p ends the open ones; how many come back is how many end tags reach through the svg elements.
    let three = "<p><b x=1 y=2><b y='2' x='1'><b X=1 y=2><b x=1 y=2></p>"
    let ends = "<svg></b>"
    #expect(links(three + ends + ends + ends + "<img src=1>") == ["img 1"])
    #expect(links(three + ends + ends + ends + "<svg></b><iframe src=no></iframe>") == [])
    let different = "<p><b x=1><b x=2><b x=3><b x=4></p>"
    #expect(links(different + ends + ends + ends + "<svg></b><img src=1>") == ["img 1"])
  }

  @Test func whatWouldGrowIsBounded() {
    // Every cell leaves a marker and a b behind.
    let cells = String(repeating: "<table><tr><td><b><object></td></tr></table>", count: 20_000)
    #expect(links(cells + "<a href=x>").count == 1)
    // Four hundred different ones come back in every paragraph: the page ends early.
    let open = (0..<400).map { "<b x=\($0)>" }.joined()
    let page = read("<p>" + open + String(repeating: "<p>x", count: 100_000) + "<a href=x>")
    #expect(page.linksTruncated)
  }
}
