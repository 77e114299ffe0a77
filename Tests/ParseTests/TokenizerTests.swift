import Parse
import Testing

/// Cases from the states of section 13.2.5 of the HTML Standard.
struct TokenizerTests {
  @Test(arguments: [
    ("<a href=x>", ["x"]), ("<A HREF=x>", ["x"]), ("<a\thref\n=\u{0C}x>", ["x"]), ("<a href='x'>", ["x"]),
    ("<a href=\"x\"class=y>", ["x"]), ("<a/href=x>", ["x"]), ("<a / href = 'x' / >", ["x"]),
    ("<a href=x/>", ["x/"]), ("<a href=x\"y'z=<`>", ["x\"y'z=<`"]), ("<a href=>y", [""]), ("<a href>", [""]),
    ("<a href=1 HREF=2>", ["1"]), ("<a title='>' href=x>", ["x"]), ("<a title=\"<a href=y>\" href=x>", ["x"]),
    ("<a =href=x>", []), ("<a \"href=x>", []), ("<a x=y=z href=x>", ["x"]), ("<a x'y href=x>", ["x"]),
    ("< a href=x>", []), ("<3><a href=x>", ["x"]), ("<<a href=x>", ["x"]), ("<a<b href=x>", []),
    ("<a href=x", []), ("<a href='x>", []), ("<a href='x'", []), ("<a href", []), ("<a", []), ("<", []), ("</", []),
    ("</a href=x>", []), ("</><a href=x>", ["x"]), ("</ a href=y><a href=x>", ["x"]),
    ("<a href='x\r\ny\rz'>", ["x\ny\nz"]),
    ("<a href='x\0y'>", ["x\u{FFFD}y"]), ("<a\0 href=x>", []), ("<a hr\0ef=x>", []), ("<a \0=no href=x>", ["x"]),
    ("<a href=x class>", ["x"]),
    ("<abcdefghij href=x><a aveeeeerylongname=1 href=x>", ["x"]),
  ])
  func tagsAndAttributes(html: String, values: [String]) {
    #expect(anchors("<!DOCTYPE html><body>" + html) == values)
  }

  @Test(arguments: [
    "<!-- <a href=no> -->", "<!--><!-- <a href=no> -->", "<!---><!-- <a href=no>-->", "<!--a--!>",
    "<!-- -- > <a href=no> -->", "<!-- <!-- <a href=no> -->", "<!----><!----!>", "<!--a-- --!-->", "<!--a<!--->",
    "<!bogus <a href=no>", "<?php <a href=no >", "<!>", "<?>", "<!-<a href=no>", "<![CDATA[<a href=no>",
    "<!doctype html \"<a href=no>", "<!-->", "<!--->", "</!--<a href=no>", "<!--\0-->",
  ])
  func commentsAndTheLikeHoldNoLinks(html: String) {
    #expect(anchors(html + "<a href=yes>") == ["yes"])
  }

  @Test(arguments: [
    "<!-- <a href=no>", "<!--<a href=no>--", "<!--<a href=no>--!", "<!-", "<!doctype", "<!--<a href=no>- ->",
  ])
  func whatTheEndCutsOffHoldsNoLinks(html: String) {
    #expect(anchors(html).isEmpty)
  }

  @Test(arguments: ["title", "textarea", "style", "xmp", "iframe", "noembed", "noframes"])
  func rawTextEndsAtItsOwnEndTag(name: String) {
    #expect(anchors("<body><\(name)><a href=no></a></\(name)x><!--</\(name.uppercased()) ><a href=yes>") == ["yes"])
    #expect(anchors("<body><\(name)></\(name)/x='>'><a href=yes>") == ["yes"])
    #expect(anchors("<body><\(name)><a href=no></\(name)").isEmpty)
    #expect(anchors("<body><\(name)><a href=no></ \(name)>").isEmpty)
  }

  @Test(arguments: [
    "x = '<a href=no>'", "<!-- <a href=no>", "<!-- <script> <a href=no> </script> <a href=no> -->",
    "<!--<script></script>--><a href=no>", "<!--<scriptx></script><a href=yes><script>", "<!-->", "<!--->",
    "<!--<script>--><a href=no>", "<!-- <script/> </script > <a href=no>", "<!-", "<!--<SCRIPT ></SCRIPT\t>",
    "</scrip><a href=no>", "</scripts>", "<!--<script>--",
  ])
  func scriptsHideTheirText(script: String) {
    let expected = script.contains("yes") ? ["yes", "yes"] : script == "<!--<script>--" ? [] : ["yes"]
    #expect(anchors("<script>\(script)</script><a href=yes>") == expected)
  }

  @Test func plaintextHasNoEnd() {
    #expect(anchors("<a href=x><plaintext><a href=no></plaintext><a href=no>") == ["x"])
  }

  @Test func cdataIsTextInForeignContentOnly() {
    #expect(anchors("<svg><![CDATA[<a href=no>]]></svg><a href=yes>") == ["yes"])
    #expect(anchors("<svg><![CDATA[<a href=no>]] >]>]]></svg><a href=yes>") == ["yes"])
    #expect(anchors("<svg><![cdata[ > <p> ]]><a href=yes>") == ["yes"])
    #expect(anchors("<div><![CDATA[<p>]]><a href=yes>") == ["yes"])
    #expect(anchors("<math><![CDATA[<a href=no>").isEmpty)
  }

  @Test(arguments: [
    ("&amp;", "&"), ("&AMP", "&"), ("&lt", "<"), ("&notin;", "\u{2209}"), ("&notit;", "&notit;"), ("&not;", "¬"),
    ("&copy=1", "&copy=1"), ("&copyx", "&copyx"), ("&copy1", "&copy1"), ("&copy", "©"), ("&copy;=1", "©=1"),
    ("&copy-", "©-"), ("&nGt;", "\u{226B}\u{20D2}"), ("&CounterClockwiseContourIntegral;", "\u{2233}"),
    ("&zwnj;", "\u{200C}"), ("&AElig", "Æ"), ("&bogus;", "&bogus;"), ("&", "&"), ("&;", "&;"), ("&&amp;", "&&"),
    ("&#65;", "A"), ("&#x41", "A"), ("&#X41;", "A"), ("&#65x", "Ax"), ("&#", "&#"), ("&#;", "&#;"), ("&#x;", "&#x;"),
    ("&#xg", "&#xg"), ("&#0;", "\u{FFFD}"), ("&#xD800;", "\u{FFFD}"), ("&#x110000;", "\u{FFFD}"),
    ("&#99999999999999999999;", "\u{FFFD}"), ("&#x80;", "€"), ("&#150;", "–"), ("&#x81;", "\u{81}"),
    ("&#x1F600;", "😀"), ("&#xFFFF;", "\u{FFFF}"), ("&amp;lt;", "&lt;"), ("a&b=c&d", "a&b=c&d"),
    ("&sect=1&sect;", "&sect=1§"), ("&euro", "&euro"), ("&euro;", "€"), ("&fjlig;", "fj"),
  ])
  func characterReferencesInAttributes(written: String, meant: String) {
    #expect(anchors("<a href='\(written)'>") == [meant])
  }

  @Test func characterReferencesInTextNeedNoSemicolon() {
    #expect(read("<title>&copy=1 &copyx &notit; &ampamp;&lt&#x41</title>").title == "©=1 ©x ¬it; &amp;<A")
  }
}
