import CZlib
import Parse
import WebURL

extension HostileReader {
  private static let documents = [
    "<?xml version='1.0' encoding='utf-8'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url>"
      + "<loc>http://e/a?x=1&amp;y=2</loc><lastmod>2026-01-31</lastmod></url><url><loc><![CDATA[ http://e/b ]]></loc></url></urlset>",
    "<sitemapindex><sitemap><loc>http://e/s.xml.gz</loc></sitemap></sitemapindex>", "http://e/a\r\nhttp://e/b\n\nx\n",
    "<!DOCTYPE rss [<!ENTITY e 'x'>]><rss><channel><link>http://e/</link><item><link>/a</link><guid isPermaLink='false'>g"
      + "</guid><pubDate>Sat, 31 Jan 2026 00:00:00 GMT</pubDate></item></channel></rss>",
    "<feed xml:base='http://e/x/'><entry><link rel='alternate' href='a'/><link rel='self' href='b'/><updated>2026-01-31Z"
      + "</updated></entry></feed>",
  ]

  private static let pieces = [
    "<urlset>", "<url>", "</url>", "<loc>", "</loc>", "<lastmod>", "</lastmod>", "http://e/a", "<![CDATA[", "]]>",
    "<!--",
    "-->", "<?", "?>", "<?xml encoding='big5'?>", "<", ">", "</", "/>", "&", "&amp;", "&#x41;", "&#0;", "&e;", "'",
    "\"",
    "<feed>", "<entry>", "</entry>", "<link href='http://e/'/>", "<link>", "</link>", "<!DOCTYPE a [", "]>", "<!ENTITY",
    "<item>",
    "</item>", "<guid>", "</guid>", "<pubDate>", " ", "=", "/", "a:", "xml:base='/b/'", "<a b='c'", "<sitemap>",
    "<rdf:RDF>",
  ]

  static let sitemap = HostileReader(
    "sitemap", Grammar(documents: documents, pieces: pieces), shapes: Shape.sitemaps,
    read: { bytes in _ = sitemap(bytes) },
    properties: { bytes in
      try requireSound(sitemap(bytes))
      var limits = SitemapLimits()
      (limits.entries, limits.entryBytes, limits.urlBytes, limits.bytes) = (2, 20, 30, 300)
      try requireSound(sitemap(bytes, limits), limits)
    })

  /// What is packed is a sitemap; members follow each other.
  static let gzip = HostileReader(
    "gzip",
    Grammar(
      documents: (documents + [String(repeating: "<url><loc>http://e/a</loc></url>", count: 200)]).map {
        packed(Array($0.utf8))
      }
        + [packed(Array(documents[0].utf8)) + packed(Array(documents[1].utf8)) + [0, 0, 0]],
      pieces: [
        [0x1F, 0x8B], [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], [0x1F, 0x8B, 8, 0x1F], [0x78, 0x9C], [3, 0], packed([]),
        [1, 0, 0, 0xFF, 0xFF], [1, 1, 0, 0xFE, 0xFF, 0x61], [0, 0, 0, 0, 0, 0, 0, 0],
      ]),
    shapes: [
      Shape("empty members") { length in Array(repeatElement(packed([]), count: max(1, length / 20)).joined()) },
      Shape("members of one byte") { length in Array(repeatElement(packed([0x61]), count: max(1, length / 21)).joined())
      },
      Shape("one member") { length in
        packed(Array(Shape("<url><loc>http://e/a</loc></url>", after: "<urlset>").bytes(length)))
      },
      Shape("empty blocks") { length in
        [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
          + Array(repeatElement([0, 0, 0, 0xFF, 0xFF] as [UInt8], count: length / 5).joined())
      },
      Shape("zeros behind") { length in packed(Array(documents[0].utf8)) + [UInt8](repeating: 0, count: length) },
    ],
    read: { bytes in _ = sitemap(bytes) }, properties: { bytes in try requireSound(sitemap(bytes)) }
  )

  private static func sitemap(_ bytes: [UInt8], _ limits: SitemapLimits = SitemapLimits()) -> Sitemap {
    SitemapReader.read(bytes, url: WebURL("http://example.org/sitemap.xml")!, contentType: "text/xml", limits: limits)
  }

  private static func requireSound(_ sitemap: Sitemap, _ limits: SitemapLimits = SitemapLimits()) throws {
    try require(sitemap.entries.count <= limits.entries, "\(sitemap.entries.count) entries")
    try require(sitemap.kind != nil || sitemap.entries.isEmpty, "entries of what is no sitemap")
    var bytes = 0
    for entry in sitemap.entries {
      try require(entry.url.isHTTP && entry.url.fragment == nil, "the entry \(entry.url)")
      try require(entry.url.href.utf8.count <= limits.entryBytes, "an entry of \(entry.url.href.utf8.count) bytes")
      try require(WebURL(entry.url.href) == entry.url, "\(entry.url) does not parse")
      // A byte that is no UTF-8 becomes three.
      try require((entry.lastModified?.utf8.count ?? 0) <= 3 * 64, "the date \(entry.lastModified ?? "")")
      bytes += entry.url.href.utf8.count
    }
    try require(bytes <= limits.urlBytes, "\(bytes) bytes of URLs")
  }

  private static func packed(_ bytes: [UInt8]) -> [UInt8] {
    var stream = z_stream()
    guard czlib_deflate_init(&stream, 9, czlib_gzip_window_bits) == Z_OK else { fatalError("zlib does not start") }
    defer { deflateEnd(&stream) }
    var bytes = bytes
    let capacity = Int(deflateBound(&stream, UInt(bytes.count))) + 32
    return bytes.withUnsafeMutableBufferPointer { input in
      [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
        stream.next_in = input.baseAddress
        stream.avail_in = UInt32(input.count)
        stream.next_out = output.baseAddress
        stream.avail_out = UInt32(output.count)
        guard deflate(&stream, Z_FINISH) == Z_STREAM_END else { fatalError("zlib needs more room than it said") }
        count = output.count - Int(stream.avail_out)
      }
    }
  }
}

extension Shape {
  private static let item = "<urlset><url><loc>"

  fileprivate static let sitemaps: [Shape] = [
    Shape("<url><loc>http://e/a</loc></url>", after: "<urlset>"), Shape("<a>", after: "<urlset>"),
    Shape("<a></a>", after: "<urlset><url>"), Shape("<loc>", after: "<urlset><url>"), Shape("<url>", after: "<urlset>"),
    Shape("<url><loc>", after: "<urlset>"), Shape("</url>", after: "<urlset>"),
    Shape("<lastmod>1</lastmod>", after: "<urlset><url>"),
    Shape("x", after: item), Shape("&amp;", after: item), Shape("&", after: item), Shape("&#", after: item),
    Shape("1", after: item + "&#"), Shape("&lol;", after: item), Shape("<![CDATA[", after: item),
    Shape("<![CDATA[x]]>", after: item), Shape("]", after: item + "<![CDATA["), Shape("]>", after: item + "<![CDATA["),
    Shape("<!--", after: "<urlset>"), Shape("-", after: "<urlset><!--"), Shape("<!-- -->", after: "<urlset>"),
    Shape("<?"),
    Shape("<?x?>", after: "<urlset>"), Shape("?>", after: "<?xml "), Shape("<!D ["),
    Shape("<!ENTITY a 'b'>", after: "<!DOCTYPE a ["),
    Shape("\"", after: "<!DOCTYPE a"), Shape("<"), Shape("<a "), Shape("<a b='", after: "<urlset>"),
    Shape(" a='b'", after: "<urlset"),
    Shape("attributes that differ", after: "<feed ", before: "><entry><link href='/a'/>") { "a\($0)='1' " },
    Shape("a:", after: "<"), Shape("x", after: "<urlset><"), Shape("<x:", after: "<urlset>"),
    Shape("x", after: "<urlset><url><", before: "></x>"), Shape("<link href='a'/>", after: "<feed><entry>"),
    Shape(
      "<entry><link href='a'/></entry>",
      after: "<feed xml:base='http://e/" + String(repeating: "b", count: 1_900) + "/'>"),
    Shape("<a xml:base='b/'/>", after: "<feed>"), Shape("<a xml:base='b/'>", after: "<feed>"),
    Shape("<item><guid>http://e/</guid></item>", after: "<rss><channel>"), Shape("<item>", after: "<rss>"),
    Shape("http://e/a\n"), Shape("\n", after: "http://e/a"), Shape("x\n", after: "http://e/a\n"),
    Shape("x", after: "http://e/"),
    Shape("http://\u{E9}/\n", named: "lines beyond ASCII"), Shape(" "), Shape("\0", after: "<urlset>"),
    Shape(
      "</" + String(repeating: "a", count: 200) + ">",
      after: String(repeating: "<" + String(repeating: "a", count: 199) + "b>", count: 63)),
  ]
}
