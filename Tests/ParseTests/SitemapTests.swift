import Parse
import Testing
import WebURL

private let sitemapNamespace = "http://www.sitemaps.org/schemas/sitemap/0.9"

let sitemapURL = WebURL("http://example.org/maps/sitemap.xml")!

/// Reads `text` as UTF-8 without a Content-Type.
func readSitemap(_ text: String, limits: SitemapLimits = SitemapLimits()) -> Sitemap {
  SitemapReader.read(Array(text.utf8), url: sitemapURL, contentType: nil, limits: limits)
}

/// The entries of `text` as `url` or `url date`.
func entries(_ text: String) -> [String] {
  readSitemap(text).entries.map { entry in entry.url.href + (entry.lastModified.map { " " + $0 } ?? "") }
}

struct SitemapTests {
  private let namespace = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\""

  // MARK: The Sitemaps protocol

  @Test func aURLSet() {
    let sitemap = readSitemap(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <urlset \(namespace)>
        <url><loc>http://www.example.com/</loc><lastmod>2005-01-01</lastmod><changefreq>monthly</changefreq></url>
        <url><loc>http://www.example.com/catalog?item=12&amp;desc=vacation_hawaii</loc><priority>0.8</priority></url>
      </urlset>
      """)
    #expect(sitemap.kind == .urlset && sitemap.lack == nil)
    #expect(
      sitemap.entries.map(\.url.href) == [
        "http://www.example.com/", "http://www.example.com/catalog?item=12&desc=vacation_hawaii",
      ])
    #expect(sitemap.entries.map(\.lastModified) == ["2005-01-01", nil])
  }

  @Test func anIndex() {
    let sitemap = readSitemap(
      """
      <sitemapindex \(namespace)><sitemap><loc>http://example.org/1.xml.gz</loc>
      <lastmod>2004-10-01T18:23:17+00:00</lastmod></sitemap><sitemap><loc>http://example.org/2.xml.gz</loc></sitemap>
      <url><loc>http://example.org/page</loc></url></sitemapindex>
      """)
    #expect(sitemap.kind == .sitemapindex)
    #expect(sitemap.entries.map(\.url.path) == ["/1.xml.gz", "/2.xml.gz"])
    #expect(sitemap.entries.first?.lastModified == "2004-10-01T18:23:17+00:00")
  }

  @Test func aTruncatedOneGivesWhatIsWhole() {
    let whole = """
      <urlset><url><loc> http://e/a?x=1&amp;y=2 </loc><lastmod>2026-01-02</lastmod></url>\
      <url><loc><![CDATA[http://e/b]]></loc>
      """
    #expect(entries(whole) == ["http://e/a?x=1&y=2 2026-01-02", "http://e/b"])
    // Half a URL is another URL.
    for cut in ["<loc>http://e/c", "<loc>http://e/c</lo", "<loc><![CDATA[http://e/c]]", "<loc>http://e/c<!-- -"] {
      #expect(entries(whole + "</url><url>" + cut) == ["http://e/a?x=1&y=2 2026-01-02", "http://e/b"], "\(cut)")
    }
  }

  @Test func prefixesAndTheCaseOfNamesDoNotCount() {
    #expect(
      entries("<s:urlset xmlns:s='x'><s:url><s:LOC>http://e/a</s:LOC></s:url><URL><loc>http://e/b</loc></URL>") == [
        "http://e/a", "http://e/b",
      ])
  }

  @Test func onlyTheLocationOfThePageCounts() {
    #expect(
      entries(
        """
        <urlset><url><loc>http://e/page</loc><image:image><image:loc>http://e/image.png</image:loc></image:image>
        <xhtml:link rel="alternate" hreflang="de" href="http://e/de/page"/><video:video><video:url><video:loc>http://e/v\
        </video:loc></video:url></video:video></url><loc>http://e/stray</loc></urlset>
        """) == ["http://e/page"])
  }

  /// A name is another one in another namespace; a prefix that nobody declares stands for one of its own.
  @Test(arguments: [
    ("<urlset><url><loc>http://e/1</loc><image:loc>http://e/no</image:loc></url>", ["http://e/1"]),
    ("<urlset><url><image:loc>http://e/no</image:loc><loc>http://e/1</loc></url>", ["http://e/1"]),
    ("<urlset><url><loc>http://e/1</loc><x:lastmod>2001</x:lastmod><lastmod>2002</lastmod></url>", ["http://e/1 2002"]),
    ("<s:urlset><s:url><s:loc>http://e/1</s:loc><loc>http://e/no</loc></s:url>", ["http://e/1"]),
    ("<sitemapindex><sitemap><loc>http://e/1</loc><x:loc>http://e/no</x:loc></sitemap>", ["http://e/1"]),
    (
      "<urlset xmlns='\(sitemapNamespace)' xmlns:s='\(sitemapNamespace)'><url><s:loc>http://e/1</s:loc></url>",
      ["http://e/1"]
    ),
    (
      "<urlset xmlns='\(sitemapNamespace)'><s:url xmlns:s='\(sitemapNamespace)'><loc>http://e/1</loc></s:url>"
        + "<url><s:loc>http://e/no</s:loc></url>", ["http://e/1"]
    ),
    (
      "<urlset xmlns='\(sitemapNamespace)'><url><loc xmlns='urn:x'>http://e/no</loc><loc>http://e/1</loc></url>",
      ["http://e/1"]
    ),
    ("<urlset><url><x:url/><loc>http://e/1</loc></url>", ["http://e/1"]),
    ("<rss><channel><item><x:item>t</x:item><link>http://e/1</link></item>", ["http://e/1"]),
    ("<feed><entry><link a:href='http://e/no' href='http://e/1'/></entry>", ["http://e/1"]),
    ("<feed><entry><link a:rel='self' href='http://e/1'/></entry>", ["http://e/1"]),
    (
      "<feed><entry><content><div xmlns='http://www.w3.org/1999/xhtml'><entry/></div></content><link href='http://e/1'/>",
      ["http://e/1"]
    ),
    (
      "<urlset xmlns='urn:x' xmlns:i='urn:y'><url><loc>http://e/1</loc><i:loc>http://e/no</i:loc></url>",
      ["http://e/1"]
    ),
  ])
  func onlyTheNamesOfItsOwnNamespaceCount(text: String, expected: [String]) {
    #expect(entries(text) == expected)
  }

  @Test(
    arguments: [
      ("relative", "a"), ("without a scheme", "www.example.org/a"), ("with a port only", "example.org:80/a"),
      ("ftp", "ftp://e/a"), ("empty", ""), ("white space", " \n "), ("nonsense", "http://"),
      ("too long", "http://e/" + String(repeating: "a", count: 2_040)),
      ("too long when encoded", "http://e/" + String(repeating: "é", count: 400)),
    ])
  func whatIsNoAbsoluteURLIsNoEntryAndCounted(what: String, location: String) {
    let sitemap = readSitemap("<urlset><url><loc>\(location)</loc></url><url><loc>http://e/b</loc></url>")
    #expect(sitemap.entries.map(\.url.href) == ["http://e/b"])
    #expect(sitemap.longURLs + sitemap.invalidURLs == 1 && sitemap.lack != nil)
  }

  @Test(arguments: [("/a?b", "http://example.org/a?b"), (" \n/a", "http://example.org/a"), ("//e/a", "http://e/a")])
  func aPathIsJoinedWithTheSitemapsURL(location: String, url: String) {
    #expect(entries("<urlset><url><loc>\(location)</loc></url></urlset>") == [url])
    #expect(entries("<sitemapindex><sitemap><loc>\(location)</loc></sitemap></sitemapindex>") == [url])
    #expect(entries("http://e/\n\(location)") == ["http://e/", url])
  }

  @Test func whatIsNoURLIsSaid() {
    let sitemap = { (text: String) in
      "entries of the sitemap that are no URLs of http or https, left out: \(text)"
    }
    let urls = ["example.org/a", "ftp://e/a", "http://e/b"].map { "<url><loc>\($0)</loc></url>" }.joined()
    #expect(readSitemap("<urlset>\(urls)</urlset>").lack == sitemap("2, the first “example.org/a”"))
    #expect(readSitemap("http://e/\nno URL\n").lack == sitemap("1, the first “no URL”"))
    let long = readSitemap("http://e/\n" + String(repeating: "é", count: 200))
    #expect(long.lack == sitemap("1, the first “\(String(repeating: "é", count: 100))”"))
    // Of an item of RSS one address will do; of an entry of Atom each link should be one.
    let rss = readSitemap(
      "<rss><item><link>http://</link><guid>http://e/1</guid></item><item><guid>g</guid></item><item/>"
        + "<item><guid isPermaLink='false'>g</guid></item><item><link>urn:x:1</link><guid>g</guid></item></rss>")
    #expect(rss.entries.count == 1 && rss.invalidURLs == 2)
    #expect(rss.lack == "entries of the feed that are no URLs of http or https, left out: 2, the first “g”")
    let atom = readSitemap(
      "<feed><entry><link href='urn:x:1'/><link href='mailto:a@e'/><link href='a'/></entry></feed>")
    #expect(atom.entries.count == 1 && atom.invalidURLs == 2)
  }

  @Test func theLongestURLIsOne() {
    let url = "http://e/" + String(repeating: "a", count: 2_039)
    let blanks = String(repeating: " ", count: 3_000)
    #expect(entries("<urlset><url><loc>\(blanks)\(url)\(blanks)</loc></url></urlset>").map(\.utf8.count) == [2_048])
    #expect(entries("<urlset><url><loc>\(url)a</loc></url></urlset>").isEmpty)
  }

  @Test func longURLsAreLeftOutAndCounted() {
    // As written, and when it is percent-encoded.
    let long = ["http://e/" + String(repeating: "a", count: 2_040), "http://e/" + String(repeating: "é", count: 400)]
    let url = { (text: String) in "<url><loc>\(text)</loc></url>" }
    let map = readSitemap("<urlset>\(url(long[0]))\(url("mailto:a@e"))\(url(long[1]))\(url("http://e/b"))</urlset>")
    #expect(map.entries.map(\.url.href) == ["http://e/b"] && map.longURLs == 2 && map.cut == nil)
    #expect(
      map.lack == "URLs of the sitemap that are longer than 2048 bytes, left out: 2; "
        + "entries of the sitemap that are no URLs of http or https, left out: 1, the first “mailto:a@e”")
    let lines = readSitemap("http://e/b\n\(long[0])\nno URL\n\(long[1])\n")
    #expect(lines.entries.count == 1 && lines.longURLs == 2)
    // Of an item of RSS the other address serves as well; of an entry of Atom each link is one.
    let rss = readSitemap(
      "<rss><item><link>\(long[0])</link><guid>http://e/1</guid></item><item><link>\(long[0])</link></item></rss>")
    #expect(rss.entries.map(\.url.href) == ["http://e/1"] && rss.longURLs == 1)
    let atom = readSitemap(
      "<feed><entry><link href='\(long[0])'/><link href='\(long[1])'/><link href='/a'/></entry></feed>")
    #expect(atom.entries.count == 1 && atom.lack == "URLs of the feed that are longer than 2048 bytes, left out: 2")
  }

  @Test func fragmentsAreLeftOut() {
    #expect(entries("<urlset><url><loc>http://e/a#part</loc></url></urlset>") == ["http://e/a"])
  }

  @Test func manyEntriesAreCut() {
    let all = (0..<50_003).map { "<url><loc>http://e/\($0)</loc></url>" }.joined()
    let sitemap = readSitemap("<urlset>" + all)
    #expect(sitemap.entries.count == 50_000 && sitemap.cut == .entries)
    #expect(sitemap.lack == "the sitemap names more than 50000 URLs: the rest was not read")
    #expect(sitemap.entries.last?.url.path == "/49999")
    let within = readSitemap("<urlset><url>" + (0..<50_003).map { "<loc>http://e/\($0)</loc>" }.joined() + "</url>")
    #expect(within.entries.count == 50_000 && within.cut == .entries)
    var limits = SitemapLimits()
    limits.urlBytes = 30
    let few = readSitemap("<urlset>" + all, limits: limits)
    #expect(few.entries.count == 3 && few.cut == .urlBytes)
  }

  @Test func aLongDocumentIsCut() {
    var limits = SitemapLimits()
    limits.bytes = 60
    let sitemap = readSitemap(
      "<urlset><url><loc>http://e/1</loc></url><url><loc>http://e/2</loc></url>", limits: limits)
    #expect(sitemap.entries.map(\.url.path) == ["/1"] && sitemap.cut == .bytes)
  }

  // MARK: Text

  @Test func oneURLPerLine() {
    let sitemap = readSitemap(
      "\u{FEFF}http://e/a\r\nhttp://e/b?x=1&y=2\n\n  https://e/ü \rno URL\n/relative\nftp://e/f\nhttp://e/c")
    #expect(sitemap.kind == .text)
    #expect(
      sitemap.entries.map(\.url.href) == [
        "http://e/a", "http://e/b?x=1&y=2", "https://e/%C3%BC", "http://example.org/relative", "http://e/c",
      ])
    #expect(sitemap.invalidURLs == 2)
  }

  @Test(arguments: ["", " \n", "Some words.\nhttp://e/a", "{\"url\": \"http://e/a\"}", "mailto:a@e\nhttp://e/a"])
  func whatDoesNotBeginWithAURLIsNoSitemap(text: String) {
    #expect(readSitemap(text).kind == nil && readSitemap(text).entries.isEmpty)
  }

  @Test func aLineThatTheLimitCutsIsLeftOut() {
    var limits = SitemapLimits()
    limits.bytes = 18
    #expect(readSitemap("http://e/a\nhttp://e/bcd\n", limits: limits).entries.map(\.url.path) == ["/a"])
  }

  // MARK: Feeds

  @Test func anRSSFeed() {
    let text = """
      <?xml version="1.0"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/">
      <channel><title>Liftoff</title><link>http://e/</link><atom:link href="http://e/feed" rel="self"/>
      <item><title>One</title><link>http://e/1</link><pubDate>Tue, 03 Jun 2003 09:39:21 GMT</pubDate>
        <guid>http://e/permanent/1</guid><description><![CDATA[<a href="http://e/no">no</a>]]></description></item>
      <item><guid>http://e/permanent/2</guid><source url="http://e/s">s</source></item>
      <item><guid isPermaLink="false">http://e/no</guid></item>
      <item><guid>tag-of-4</guid><link> relative/4?a=1&amp;b </link><dc:date>2003-06-03</dc:date></item>
      </channel></rss>
      """
    #expect(readSitemap(text).kind == .rss)
    #expect(
      entries(text) == [
        "http://e/1 Tue, 03 Jun 2003 09:39:21 GMT", "http://e/permanent/2",
        "http://example.org/maps/relative/4?a=1&b 2003-06-03",
      ])
  }

  @Test func anRSSFeedOfVersionOne() {
    let text = """
      <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
      <channel rdf:about="http://e/rss"><link>http://e/</link><items><rdf:Seq><rdf:li resource="http://e/1"/></rdf:Seq></items>
      </channel><item rdf:about="http://e/1"><title>One</title><link>http://e/1</link></item></rdf:RDF>
      """
    #expect(readSitemap(text).kind == .rss)
    #expect(entries(text) == ["http://e/1"])
  }

  @Test func anAtomFeed() {
    let text = """
      <feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://base/"><link href="/"/><link rel="self" href="/feed"/>
      <entry><published>2003-12-12T00:00:00Z</published><link href="/a?x=1&amp;y"/><link rel="edit" href="/edit"/>
        <updated>2003-12-13T18:30:02Z</updated></entry>
      <a:entry xmlns:a="http://www.w3.org/2005/Atom" xml:base='sub/'><a:link a:rel='alternate' type="text/html" href='b'/>
        <a:link rel="alternate" hreflang="de" href="http://e/de"/><content type="xhtml"><link href="/no"/></content></a:entry>
      </feed>
      """
    #expect(readSitemap(text).kind == .atom)
    #expect(
      entries(text) == ["http://base/a?x=1&y 2003-12-13T18:30:02Z", "http://base/sub/b", "http://e/de"])
    #expect(entries("<feed><entry><link href='../x'></link></entry>") == ["http://example.org/x"])
  }

  @Test(arguments: [
    ("<feed><entry><m:link href='http://e/no'/><link href='http://e/1'/></entry>", ["http://e/1"]),
    (
      "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:a='http://www.w3.org/2005/Atom' xmlns:m='urn:m'><entry>"
        + "<m:link href='http://e/no'/><a:link href='http://e/1'/></entry>", ["http://e/1"]
    ),
    (
      "<feed><entry><link rel='http://www.iana.org/assignments/relation/alternate' href='http://e/1'/>"
        + "<link rel='http://www.iana.org/assignments/relation/self' href='http://e/no'/></entry>", ["http://e/1"]
    ),
    (
      "<rss><channel><item><x:link>http://e/no</x:link><x:guid>http://e/no</x:guid><link>http://e/1</link></item>",
      ["http://e/1"]
    ),
    ("<rss><channel><item><atom:link href='http://e/no'/><guid>http://e/1</guid></item>", ["http://e/1"]),
    ("<r:RDF><r:item><r:link>http://e/1</r:link><dc:date>2003</dc:date></r:item></r:RDF>", ["http://e/1 2003"]),
  ])
  func onlyLinksOfTheFeedsOwnNamespaceCount(text: String, expected: [String]) {
    #expect(entries(text) == expected)
  }

  // MARK: What it is not

  @Test(arguments: [
    "<html><body><a href='http://e/'>", "<!doctype html><title>t</title>", "<svg/>", "<", "<!--", "<?xml",
  ])
  func otherDocumentsHaveNoKind(text: String) {
    #expect(readSitemap(text).kind == nil && readSitemap(text).entries.isEmpty)
  }

  // MARK: Encodings

  private func kinds(_ body: [UInt8], _ contentType: String?) -> [String] {
    SitemapReader.read(body, url: sitemapURL, contentType: contentType).entries.map(\.url.path)
  }

  @Test func theEncodingIsHeeded() {
    let latin = Array("<urlset><url><loc>http://e/".utf8) + [0xE9] + Array("</loc></url>".utf8)
    #expect(kinds(latin, "text/xml; charset=iso-8859-1") == ["/%C3%A9"])
    #expect(kinds(Array("<?xml version='1.0' encoding='ISO-8859-1'?>".utf8) + latin, nil) == ["/%C3%A9"])
    let utf8 = Array("<?xml version='1.0' encoding='utf-8'?><urlset><url><loc>http://e/é</loc></url>".utf8)
    #expect(kinds(Array("\u{FEFF}".utf8) + utf8, "text/xml; charset=utf-16") == ["/%C3%A9"])
    #expect(kinds(latin, nil) == ["/%EF%BF%BD"])
    let wide = "\u{FEFF}<urlset><url><loc>http://e/é</loc></url>".utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    #expect(kinds(wide, nil) == ["/%C3%A9"])
  }

  /// The header counts, but where the bytes say that it is wrong.
  @Test(
    arguments: [
      ("utf-8", "iso-8859-1", [0xE9], "/%C3%A9"), ("utf-8", "iso-8859-1", [0xC3, 0xA9], "/%C3%A9"),
      ("windows-1251", "utf-8", [0xE9], "/%D0%B9"), ("windows-1251", "utf-8", [0xC3, 0xA9], "/%C3%A9"),
      ("utf-8", "iso-2022-jp", [0x1B, 0x24, 0x42, 0x24, 0x22, 0x1B, 0x28, 0x42], "/%E3%81%82"),
      ("windows-1251", "iso-8859-1", [0xE9], "/%C3%A9"), ("utf-8", "nonsense", [0xC3, 0xA9], "/%C3%A9"),
      ("utf-8", "utf-16", [0xC3, 0xA9], "/%C3%A9"),
    ] as [(String, String, [UInt8], String)])
  func theHeaderComesBeforeTheDeclaration(declared: String, named: String, bytes: [UInt8], path: String) {
    let start = "<?xml version='1.0' encoding='\(declared)'?><urlset><url><loc>http://e/"
    let document = Array(start.utf8) + bytes + Array("</loc></url></urlset>".utf8)
    #expect(kinds(document, "text/xml; charset=\(named)") == [path])
  }

  @Test func aDeclarationInUTF16SaysSoByItsBytes() {
    let text = "<?xml version='1.0' encoding='utf-16'?><urlset><url><loc>http://e/é</loc></url></urlset>"
    let wide = text.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
    #expect(kinds(wide, "text/xml; charset=utf-8") == ["/%C3%A9"])
  }
}
