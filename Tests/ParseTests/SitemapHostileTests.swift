import CZlib
import Parse
import Testing
import WebURL

/// Packs bytes with zlib's best compression, as a gzip member.
private func gzip(_ bytes: [UInt8]) -> [UInt8] {
  var stream = z_stream()
  guard czlib_deflate_init(&stream, 9, czlib_gzip_window_bits) == Z_OK else { return [] }
  defer { deflateEnd(&stream) }
  var bytes = bytes
  let capacity = Int(deflateBound(&stream, UInt(bytes.count))) + 32
  return bytes.withUnsafeMutableBufferPointer { input in
    [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
      stream.next_in = input.baseAddress
      stream.avail_in = UInt32(input.count)
      stream.next_out = output.baseAddress
      stream.avail_out = UInt32(output.count)
      #expect(deflate(&stream, Z_FINISH) == Z_STREAM_END)
      count = output.count - Int(stream.avail_out)
    }
  }
}

/// Sitemaps that are packed, and sitemaps that nobody meant well.
struct SitemapHostileTests {
  private func read(_ bytes: [UInt8], limits: SitemapLimits = SitemapLimits()) -> Sitemap {
    SitemapReader.read(bytes, url: sitemapURL, contentType: "application/octet-stream", limits: limits)
  }

  private let some = Array((0..<200).map { "<url><loc>http://e/\($0)</loc></url>" }.joined().utf8)
  private let start = Array("<urlset>".utf8)

  // MARK: gzip

  @Test func aPackedSitemapIsUnpacked() {
    let sitemap = read(gzip(start + some))
    #expect(sitemap.kind == .urlset && sitemap.entries.count == 200 && sitemap.lack == nil)
    let lines = read(gzip(Array("http://e/a\nhttp://e/b".utf8)))
    #expect(lines.kind == .text && lines.entries.count == 2)
  }

  @Test func membersFollowEachOther() {
    let sitemap = read(gzip(start) + gzip(some) + gzip(some) + [0, 0, 0, 0])
    #expect(sitemap.entries.count == 400 && sitemap.cut == nil)
  }

  @Test func whatFollowsAMemberAndIsNoneIsPassedOver() {
    for rest in [[0x1F], [0x1F, 0x00, 0x08, 0x00], Array("\n".utf8)] as [[UInt8]] {
      let sitemap = read(gzip(start + some) + rest)
      #expect(sitemap.entries.count == 200 && sitemap.cut == nil, "\(rest)")
    }
  }

  /// From its first block on, so that nothing of it is unpacked.
  @Test func aMemberThatIsBrokenIsNotPassedOver() {
    var broken = gzip(some)
    for index in 10..<broken.count { broken[index] = 0xFF }
    let sitemap = read(gzip(start + some) + broken)
    #expect(sitemap.entries.count == 200 && sitemap.cut == .broken)
  }

  @Test func whatIsCutOrBrokenGivesWhatCameBefore() {
    let packed = gzip(start + some)
    let cut = read(Array(packed.prefix(packed.count / 2)))
    #expect(cut.kind == .urlset && cut.cut == .broken && (1..<200).contains(cut.entries.count))
    var broken = packed
    for index in (packed.count / 2)..<packed.count { broken[index] = 0xFF }
    #expect(read(broken).cut == .broken && read(broken).entries.count < 200)
    #expect(read([0x1F, 0x8B]).kind == nil)
    #expect(read([0x1F, 0x8B, 8, 0]).cut == .broken)
    #expect(read(gzip(gzip(start + some))).kind == nil)
  }

  @Test func aBombEndsAtTheRatio() {
    let bomb = gzip(start + some + [UInt8](repeating: 0x20, count: 20 << 20) + some)
    #expect(bomb.count < 100_000)
    let sitemap = read(bomb)
    #expect(sitemap.cut == .ratio && sitemap.entries.count == 200)
    #expect(sitemap.lack == "the sitemap grows more than 200 times when it is unpacked: the rest was not read")
  }

  @Test func aBombEndsAtTheLimit() {
    var limits = SitemapLimits()
    limits.bytes = 300_000
    let filler = [UInt8](repeating: 0x20, count: 400_000)
    let sitemap = read(gzip(start + some + filler + some), limits: limits)
    #expect(sitemap.cut == .bytes && sitemap.entries.count == 200)
  }

  // MARK: XML

  @Test func deepNestingIsCounted() {
    let depth = 100_000
    let nested = String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)
    let url = "<url><loc>http://e/a</loc></url>"
    #expect(entries("<urlset>\(nested)\(url)</urlset>") == ["http://e/a"])
    #expect(entries("<urlset><url>\(nested)<loc>http://e/a</loc></url></urlset>") == ["http://e/a"])
    #expect(entries("<urlset>" + String(repeating: "<url><loc>", count: depth) + "http://e/a") == [])
    #expect(entries(String(repeating: "<urlset>", count: depth) + url) == [])
  }

  @Test func laughsStayWithin() {
    var text = "<!DOCTYPE lolz [<!ENTITY lol0 \"lol\">"
    for level in 1...9 {
      text += "<!ENTITY lol\(level) \"" + String(repeating: "&lol\(level - 1);", count: 10) + "\">"
    }
    text += "]><urlset><url><loc>http://e/&lol9;</loc></url></urlset>"
    #expect(entries(text) == ["http://e/&lol9;"])
  }

  @Test func aLongAttributeIsPassedOver() {
    let long = String(repeating: "a ", count: 5 << 20)
    #expect(entries("<urlset x='\(long)'><url y=\"\(long)\"><loc>http://e/a</loc></url></urlset>") == ["http://e/a"])
    #expect(
      entries("<feed xml:base='http://\(long)'><entry><link href='\(long)'/><link href='/b'/></entry></feed>")
        == ["http://example.org/b"])
  }

  @Test func aLongBaseDoesNotMultiply() {
    let base = "http://e/" + String(repeating: "b", count: 2_000) + "/"
    let links = (0..<40_000).map { "<link href='\($0)'/>" }.joined()
    let sitemap = readSitemap("<feed xml:base='\(base)'><entry>\(links)</entry></feed>")
    #expect(sitemap.cut == .urlBytes)
    #expect(sitemap.entries.reduce(0) { $0 + $1.url.href.utf8.count } <= SitemapLimits().urlBytes)
  }

  /// Each of these makes a reader that looks for an end again and again take quadratic time: at eight million bytes it
  /// would not come back.
  @Test(
    arguments: [
      "<", "<a", "<a ", "<a b", "<a b='", "<!--", "<!-- ->", "<!", "<!D [", "<![CDATA[", "<![CDATA[ ]>", "<?", "<?a>",
      "<?xml ", "</", "</a", "&", "&#", "&#1", "&amp", "<a:", "\"", "<loc>", "</url>", "<url>", "<lastmod>1</lastmod>",
    ])
  func everyEndIsLookedForOnce(piece: String) {
    let many = String(repeating: piece, count: 8_000_000 / piece.utf8.count)
    for before in ["<urlset>", "<urlset><url><loc>", "<feed><entry><link href='", "<!DOCTYPE a [", "http://e/\n"] {
      #expect(readSitemap(before + many).entries.count <= 1)
    }
  }

  @Test func randomPiecesGiveSomeSitemap() {
    let pieces = [
      "<urlset>", "<url>", "</url>", "<loc>", "</loc>", "http://e/a", "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>",
      "<",
      ">", "&", "&amp;", "'", "\"", "<feed>", "<entry>", "<link href='http://e/'/>", "</entry>", "<!DOCTYPE a [", "]>",
      "<item>", "<guid>", "</item>", " ", "=", "/", "<a b='c'", "\u{FEFF}", "\0", "é",
    ]
    var state: UInt64 = 7
    for round in 0..<4_000 {
      var text = ["<urlset>", "<rss>", "<feed>", ""][round % 4]
      for _ in 0..<60 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += pieces[Int(state >> 33) % pieces.count]
      }
      let sitemap = readSitemap(text)
      #expect(sitemap.entries.count <= 60)
    }
  }
}
