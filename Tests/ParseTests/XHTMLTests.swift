import Parse
import Testing
import WebURL

/// Pages that are XML by their type (HTML Standard, section 14; XML 1.0; Namespaces in XML 1.0).
struct XHTMLTests {
  private func read(
    _ text: String, _ contentType: String = "application/xhtml+xml", limits: ParseLimits = ParseLimits()
  )
    -> Page
  {
    PageReader.read(Array(text.utf8), url: documentURL, contentType: contentType, limits: limits)
  }

  private func document(_ body: String, declaring more: String = "", type: String = "") -> Page {
    read(
      "<?xml version=\"1.0\"?>\(type)<html xmlns=\"http://www.w3.org/1999/xhtml\" \(more)><body>\(body)</body></html>")
  }

  private func values(_ body: String, declaring more: String = "") -> [String] {
    document(body, declaring: more).links.map(\.value)
  }

  @Test func aDocumentWithoutATypeIsReadByXMLsRules() {
    let text = "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><A href='no'/><a href='é'/></html>"
    for contentType in ["", "*/*", "text/xml"] {
      let page = read(text, contentType)
      #expect(page.links.map(\.value) == ["é"])
      #expect(page.charset == "utf-8")
    }
    #expect(read(text, "text/html").links.count == 2)
  }

  @Test func anyXMLInUTF16MayBeXHTML() {
    let text = "<html xmlns='http://www.w3.org/1999/xhtml'>"
    for (bytes, name) in [([0xFE, 0xFF] as [UInt8], "be"), ([0xFF, 0xFE], "le")] {
      let body = bytes + text.utf8.flatMap { name == "be" ? [0, $0] : [$0, 0] }
      let kind = body.withUnsafeBufferPointer { ContentKind.sniff("application/xml", $0) }
      #expect(kind == .xhtml)
    }
  }

  // MARK: Names and namespaces

  @Test func namesCountInTheirLetterCase() {
    #expect(
      values("<a href='x'/><A href='no'/><a HREF='no'/><Img src='no'/><img Src='no'/><img src='y'/>") == ["x", "y"])
    #expect(anchors("<A HREF='x'>") == ["x"])
  }

  @Test(arguments: [
    ("<h:a xmlns:h='http://www.w3.org/1999/xhtml' href='x'/>", ["x"]), ("<h:a href='no'/>", []),
    ("<h:a href='x' xmlns:h='http://www.w3.org/1999/xhtml'/>", ["x"]), ("<a xmlns='urn:other' href='no'/>", []),
    ("<a xmlns='' href='no'/>", []), ("<a xmlns='HTTP://www.w3.org/1999/xhtml' href='no'/>", []),
    ("<x xmlns='urn:other'><a href='no'/></x><a href='x'/>", ["x"]),
    ("<x xmlns='urn:other'><a xmlns='http://www.w3.org/1999/xhtml' href='x'/></x>", ["x"]),
    ("<x xmlns:h='http://www.w3.org/1999/xhtml'><h:a href='x'/></x><h:a href='no'/>", ["x"]),
    ("<h:x xmlns:h='http://www.w3.org/1999/xhtml'><h:a xmlns:h='urn:other' href='no'/><h:a href='x'/></h:x>", ["x"]),
    ("<svg xmlns='http://www.w3.org/2000/svg'><a href='x'/><A href='no'/><img src='no'/></svg>", ["x"]),
    ("<s:a xmlns:s='http://www.w3.org/2000/svg' xmlns:l='http://www.w3.org/1999/xlink' l:href='x'/>", ["x"]),
    ("<s:a xmlns:s='http://www.w3.org/2000/svg' xlink:href='no'/>", []), ("<a h:href='no'/>", []),
  ])
  func namespacesDecide(body: String, expected: [String]) {
    #expect(values(body) == expected)
  }

  @Test func aPageWithoutTheNamespaceHasNoLinks() {
    #expect(read("<html><a href='no'/></html>").links.isEmpty)
    #expect(
      read("<h:html xmlns:h='http://www.w3.org/1999/xhtml'><h:a href='x'/><a href='no'/></h:html>").links.count == 1)
  }

  // MARK: Syntax

  @Test func aSlashEndsAnyElement() {
    let page = document("<script src='s'/><title/><textarea/><iframe src='i'/><a href='x'/>t<a href='y'>u</a>")
    #expect(page.links.map(\.value) == ["s", "i", "x", "y"])
    #expect(page.links[2].anchor == nil && page.links[3].anchor == "u")
    #expect(page.title == nil)
  }

  @Test func sectionsAreTextAndCommentsAreNot() {
    #expect(values("<![CDATA[<a href='no'>]]><!-- <a href='no'/> --><?x <a href='no'/>?><a href='x'/>") == ["x"])
    let page = document("<h1>a &lt;<![CDATA[b &amp; <i>c]]></h1>")
    #expect(page.h1 == "a <b &amp; <i>c")
  }

  @Test func noTagIsImplied() {
    // In HTML the second a would end the first, the table would be moved, and the select would drop the link.
    let page = document(
      "<p><a href='x'>1<table><tr><a href='y'>2</a></tr></table>3</a></p><select><a href='z'/></select>")
    #expect(page.links.map(\.value) == ["x", "y", "z"])
    #expect(page.links[1].anchor == "2")
  }

  @Test func scriptsHoldElements() {
    #expect(values("<script>if (a &lt; b) <a href='x'/></script><style><a href='y'/></style>") == ["x", "y"])
    #expect(document("<p>a</p><script>b</script><style>c</style><template>d</template>").wordCount == 1)
    #expect(
      document("<p>(<acronym>a</acronym>)<x-y>b</x-y><script>no</script>c<template>no</template></p>").wordCount == 1)
    #expect(document("<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字</ruby>を</p>").wordCount == 2)
    #expect(document("<p>a<textarea>no</textarea>b<svg xmlns='http://www.w3.org/2000/svg'/>c<br/>d</p>").wordCount == 4)
  }

  @Test func aBrokenPageGivesWhatCanBeRead() {
    #expect(values("</b><p><i><a href='x'>1</p></i><a href='y'>2<a href=z><a href='&'/><b") == ["x", "y", "z", "&"])
    #expect(values("<a href='x") == [])
    #expect(read("").links.isEmpty && read("<").links.isEmpty && read("<!DOCTYPE html").links.isEmpty)
  }

  // MARK: References

  private static let strict = "<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'x.dtd'>"

  @Test func entitiesAreThoseOfTheDocumentType() {
    let text = "<title>&eacute;&amp;&lt;&gt;&quot;&apos;&#xe9;&#233;</title><a href='?&amp;copy=1&copy=2&lt;'/>"
    let plain = document(text)
    #expect(plain.title == "&eacute;&<>\"'éé")
    #expect(plain.links.map(\.value) == ["?&copy=1&copy=2<"])
    #expect(document(text, type: XHTMLTests.strict).title == "é&<>\"'éé")
    #expect(document("<title>&eacute;</title>", type: "<!DOCTYPE html PUBLIC '-//X//EN' 'x'>").title == "&eacute;")
    #expect(document("<title>&eacute;</title>", type: "<!DOCTYPE html SYSTEM 'x'>").title == "&eacute;")
    #expect(document("<title>&AMP;&e;&amp</title>", type: "<!DOCTYPE html [<!ENTITY e 'x'>]>").title == "&AMP;x&amp")
  }

  @Test func whiteSpaceInAttributesIsSpaces() {
    let page = document("<a href='a\tb\r\nc&#9;d'/>")
    #expect(page.links.map(\.value) == ["a b c\td"])
    #expect(page.links[0].url?.href == "http://example.org/dir/a%20b%20cd")
  }

  // MARK: Facts

  @Test func aPageSaysWhatItSaysInHTML() {
    let page = document(
      "<title>A <b>b</b></title><title>no</title><base href='/b/'/><meta name='robots' content='noindex'/>"
        + "<link rel='next' href='n'/><h1>H<br/>1</h1><a href='x' rel='nofollow' hreflang='de'>t<img alt='u' src='i'/></a>"
        + "<template><a href='t'/><base href='/no/'/></template>", declaring: "xml:lang='de' lang='en'")
    #expect(page.title == "A b" && page.h1 == "H 1" && page.language == "de" && page.robots.noindex)
    #expect(page.base?.href == "http://example.org/b/" && page.charset == "utf-8")
    #expect(page.links.map(\.kind) == [.base, .linkNext, .a, .img, .a, .base])
    #expect(page.links[2].url?.href == "http://example.org/b/x" && page.links[2].anchor == "t u")
    #expect(page.links[2].hreflang == "de")
  }

  // MARK: Which pages

  @Test(arguments: [
    ("<html xmlns='http://www.w3.org/1999/xhtml'>", ContentKind.xhtml),
    (
      "\u{FEFF}<?xml version='1.0'?><!-- > --><!DOCTYPE html [<!ENTITY a '<html>'>]>\n<h:html xmlns:h='http://www.w3.org/1999/xhtml'>",
      .xhtml
    ),
    ("<html>", .xml), ("<html xmlns='urn:x'>", .xml), ("<h:html xmlns='http://www.w3.org/1999/xhtml'>", .xml),
    ("<x xmlns='http://www.w3.org/1999/xhtml'>", .xml), ("<urlset/>", .xml), ("", .xml), ("<html", .xml),
  ])
  func theRootElementMakesXMLAPage(text: String, expected: ContentKind) {
    for type in ["application/xml", "text/xml; charset=utf-8", "application/x+xml"] {
      let kind = Array(text.utf8).withUnsafeBufferPointer { ContentKind.sniff(type, $0, noSniff: true) }
      #expect(kind == expected, "\(type)")
    }
    if expected == .xhtml {
      let page = read(text + "<a xmlns='http://www.w3.org/1999/xhtml' href='x'/><A href='no'/>", "application/xml")
      #expect(page.links.map(\.value) == ["x"])
    }
  }

  // MARK: Limits

  @Test func depthAndPrefixesAreBounded() {
    var limits = ParseLimits()
    limits.depth = 10
    let root = "<html xmlns='http://www.w3.org/1999/xhtml'>"
    let nested = String(repeating: "<b>", count: 1_000) + "<a href='x'>t</a>" + String(repeating: "</b>", count: 1_000)
    let page = read(root + nested + "<a href='y'>u</a></html>", limits: limits)
    #expect(page.links.map(\.value) == ["x", "y"] && page.links[1].anchor == "u")
    let many = (0..<1_000).map { "xmlns:p\($0)='http://www.w3.org/1999/xhtml' " }.joined()
    #expect(
      values("<p0:a href='x'/><p63:a href='y'/><p64:a href='no'/><a href='z'/>", declaring: many) == ["x", "y", "z"])
    let again = String(repeating: "<h:b xmlns:h='http://www.w3.org/1999/xhtml'>", count: 200)
    #expect(values(again + "<h:a href='x'/>") == ["x"])
  }
}
