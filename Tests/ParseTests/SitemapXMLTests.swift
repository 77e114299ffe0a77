import Parse
import Testing

/// XML as it should be, and as it is.
struct SitemapXMLTests {
  private func location(_ text: String) -> [String] { entries("<urlset><url><loc>\(text)</loc></url></urlset>") }

  @Test(
    arguments: [
      ("http://e/?a=1&amp;b=2", "http://e/?a=1&b=2"), ("http://e/?&lt;&gt;", "http://e/?%3C%3E"),
      ("http://e/?&quot;&apos;", "http://e/?%22%27"), ("http://e/&#x41;&#66;", "http://e/AB"),
      ("http://e/?a=1&b=2&copy=3", "http://e/?a=1&b=2&copy=3"), ("http://e/?a&eacute;", "http://e/?a&eacute;"),
      ("http://e/?&amp;amp;", "http://e/?&amp;"), ("<![CDATA[http://e/?a&amp;b]]>", "http://e/?a&amp;b"),
      ("http<![CDATA[://]]>e/a", "http://e/a"), ("http://e/<!-- <loc> - -- x -->a", "http://e/a"),
      ("http://e/a<?pi > <loc> ?>b", "http://e/ab"), ("\n\thttp://e/a\r\n", "http://e/a"),
      ("http://e/a &#x0;", "http://e/a%20%EF%BF%BD"), ("http://e/1 < 2", "http://e/1%20%3C%202"),
    ])
  func text(written: String, url: String) {
    #expect(location(written) == [url])
  }

  @Test func declarationsOfTheDocumentTypeAreFoundInIt() {
    let text = """
      <?xml version="1.0"?>
      <!DOCTYPE urlset [ <!ENTITY e "evil"> <!-- ]> " --> <?p ]> ?> <!ENTITY f SYSTEM "file:///etc/passwd">
        <!ELEMENT loc (#PCDATA)> <!ATTLIST a b CDATA "]><!ENTITY g 'g'>"> <!ENTITY % h "h"><!ENTITY h 'more' > ]>
      <urlset><url><loc>http://&e;/</loc></url><url><loc>http://e/&e;&f;&g;&h;</loc></url></urlset>
      """
    #expect(entries(text) == ["http://evil/", "http://e/evil&f;&g;more"])
    #expect(entries("<!DOCTYPE urlset SYSTEM \"a>b.dtd\"><urlset><url><loc>http://e/a</loc>") == ["http://e/a"])
    #expect(entries("<!DOCTYPE urlset <urlset><url><loc>http://e/a</loc>") == ["http://e/a"])
  }

  @Test(
    arguments: [
      "<?xml version='1.0' encoding='utf-8'><urlset><url><loc>http://e/a</loc></url></urlset>",
      "\n\n<?xml version='1.0'?><urlset><url><loc>http://e/a</loc></url></urlset>",
      "<urlset a=1 b c = '2' \"d\" e='>'><url><loc>http://e/a</loc></url></urlset>",
      "<urlset><url><loc>http://e/a</url></urlset>", "<urlset><url><loc>http://e/a</urlset>",
      "<urlset></b><url></loc><loc>http://e/a</loc></url></urlset>",
      "<urlset <url <loc>http://e/a</loc </url></urlset>",
      "<urlset><url><x><y/><z></x><loc>http://e/a</loc></url></urlset>",
      "<urlset><url/><url><loc/><loc>http://e/a</loc>",
      "<!-- <urlset> --><urlset><!-- <url><loc>http://e/b</loc></url> --><url><loc>http://e/a</loc></url></urlset>",
      "<urlset><url><![CDATA[<loc>http://e/b</loc>]]><loc>http://e/a</loc></url></urlset>",
      "<urlset x='<url><loc>http://e/b</loc></url>'><url><loc>http://e/a</loc></url></urlset>",
    ])
  func whatIsBrokenIsReadAsFarAsItMakesSense(text: String) {
    #expect(entries(text) == ["http://e/a"])
  }

  @Test func anItemWithoutItsEndEndsAtTheNext() {
    #expect(
      entries("<urlset><url><loc>http://e/a</loc><lastmod>1</lastmod><url><loc>http://e/b</loc></url></urlset>")
        == ["http://e/a 1", "http://e/b"])
  }

  @Test func attributesAreDecoded() {
    #expect(
      entries(
        "<feed><entry><link title='a > b' rel = ' ALTERNATE ' href = \"http://e/&#97;?b&amp;c\" /></entry></feed>")
        == ["http://e/a?b&c"])
    #expect(entries("<feed><entry><link href=http://e/a></link></entry></feed>") == ["http://e/a"])
    #expect(entries("<feed><entry><link href='http://e/a") == [])
  }
}
