import Parse
import Testing
import WebURL

/// Entities that a document declares itself (XML 1.0, sections 4.4 and 5.1).
struct XMLEntitiesTests {
  /// The URL of a sitemap whose internal subset has these declarations.
  private func location(_ text: String, _ declarations: String) -> String? {
    entries("<!DOCTYPE urlset [\(declarations)]><urlset><url><loc>\(text)</loc></url></urlset>").first
  }

  private func page(_ body: String, _ declarations: String) -> Page {
    let text = "<!DOCTYPE html [\(declarations)]><html xmlns='http://www.w3.org/1999/xhtml'>\(body)</html>"
    return PageReader.read(Array(text.utf8), url: documentURL, contentType: "application/xhtml+xml")
  }

  @Test(arguments: [
    ("&b;/a", "<!ENTITY b 'http://h'>", "http://h/a"), ("&b;/a&b2;", "<!ENTITY b \"http://h\" >", "http://h/a&b2;"),
    ("&b;/a", "<!ENTITY h 'h'><!ENTITY b 'http://&h;'>", "http://h/a"),
    ("&b;/a", "<!ENTITY b 'http://h'><!ENTITY b 'http://no'>", "http://h/a"),
    ("http://h/&b;", "<!ENTITY b '&#x41;&amp;c'>", "http://h/A&c"),
    ("http://h/?&b;", "<!ENTITY b \"'>]]&#62;\">", "http://h/?%27%3E]]%3E"),
    ("http://h/&amp;", "<!ENTITY amp 'x'>", "http://h/&"), ("http://h/&é;", "<!ENTITY é 'x'>", "http://h/x"),
    ("http://h/<!-- &b; --><?p &b;?>&b;", "<!ENTITY b '--'>", "http://h/--"),
    ("http://h/<![CDATA[&b;]]>&b;", "<!ENTITY b 'x'>", "http://h/&b;x"),
  ])
  func whatIsDeclaredStandsForItsText(text: String, declarations: String, url: String) {
    #expect(location(text, declarations) == url)
  }

  private static let long = "<!ENTITY b '\(String(repeating: "x", count: 4_097))'>"
  private static let many = (0..<64).map { "<!ENTITY e\($0) 'x'>" }.joined() + "<!ENTITY b 'x'>"

  @Test(arguments: [
    "", "<!ENTITY b SYSTEM 'http://evil/'>", "<!ENTITY b PUBLIC '-//x' 'http://evil/'>", "<!ENTITY % b 'x'>",
    "<!ENTITY b '<loc/>'>", "<!ENTITY b '&b;'>", "<!ENTITY b '&later;'><!ENTITY later 'x'>", "<!ENTITY b 'a & b'>",
    "<!ENTITY b SYSTEM 'http://evil/'><!ENTITY b 'x'>", "<!ENTITY b '<i/>'><!ENTITY b 'x'>",
    "<!ENTITY % p 'x'>%p;<!ENTITY b 'x'>", "<!-- <!ENTITY b 'x'> -->", "<!entity b 'x'>", "<!ENTITY b",
    XMLEntitiesTests.long, XMLEntitiesTests.many,
  ])
  func whatIsNoShortTextIsLeftAlone(declarations: String) {
    #expect(location("http://h/&b;", declarations) == "http://h/&b;")
  }

  @Test func linksAndTextOfAPageHaveThem() {
    let entities = "<!ENTITY b \"https://h/x\"><!ENTITY nbsp '&#160;'><!ENTITY q '\"'>"
    let found = page("<title>a&nbsp;b</title><body><a href=\"&b;/1?&q;\" rel='next'>&b;</a></body>", entities)
    #expect(found.links.map { $0.url?.href } == ["https://h/x/1?%22"] && found.links.map(\.rel) == ["next"])
    #expect(found.links.map(\.anchor) == ["https://h/x"] && found.title == "a\u{A0}b")
    #expect(page("<body><a href='&b;/1'/></body>", "").links.map(\.value) == ["&b;/1"])
  }

  /// However often they are named.
  @Test func aDocumentGrowsByNoMoreThanTheLimit() {
    let long = String(repeating: "x", count: 2_000)
    let urls = String(repeating: "<url><loc>http://h/&b;</loc></url>", count: 1_000)
    let found = entries("<!DOCTYPE urlset [<!ENTITY b '\(long)'>]><urlset>\(urls)</urlset>")
    #expect(found.count == 1_000)
    #expect(found.filter { $0 == "http://h/" + long }.count == (1 << 20) / 2_000)
    #expect(found.last == "http://h/&b;")
  }
}
