import Parse
import Testing

/// Sections 6 and 7 of the MIME Sniffing Standard.
struct ContentKindTests {
  private func sniff(_ contentType: String?, _ body: String, noSniff: Bool = false) -> ContentKind {
    Array(body.utf8).withUnsafeBufferPointer { ContentKind.sniff(contentType, $0, noSniff: noSniff) }
  }

  @Test(
    arguments: [
      ("text/html", .html), ("TEXT/HTML ; charset=x", .html), ("application/xhtml+xml", .xhtml), ("text/xml", .xml),
      ("application/rss+xml", .xml), ("text/css", .text), ("application/ld+json", .text), ("image/png", .binary),
      ("application/octet-stream", .binary), ("application/json", .text), ("image/svg+xml", .xml),
      ("application/atom+xml;type=feed", .xml),
    ] as [(String, ContentKind)])
  func theHeaderDecides(contentType: String, kind: ContentKind) {
    #expect(sniff(contentType, "<html>") == kind)
  }

  @Test(
    arguments: [
      ("<!DOCTYPE html>", .html), (" \n<HTML lang=x>", .html), ("<p>", .html), ("<px>", .text), ("<a", .text),
      ("<h1>", .html), ("<h1\n>", .text), ("<!doctype html\t>", .text),
      // A comment too needs a tag-terminating byte.
      ("<!-- x -->", .html), ("<!-->", .html), ("<!--x-->", .text),
      ("<?xml version='1.0'?>", .xml), ("<?xml ?><!DOCTYPE html><html xmlns='http://www.w3.org/1999/xhtml'>", .xhtml),
      ("<?xml ?><rss><html xmlns='http://www.w3.org/1999/xhtml'>", .xml), ("<?xml ?><html>", .xml),
      ("<?XML version='1.0'?>", .text), (" <?xml", .xml),
      ("plain words", .text), ("", .text), ("\u{FEFF}x\u{1}", .text), ("\u{1}x", .binary), ("a\u{1B}b", .text),
      ("%PDF-1.4", .binary), ("%pdf-1.4", .text), (" %PDF-1.4", .text), ("%!PS-Adobe-2", .binary), ("GIF89a", .binary),
      ("gif89a", .text), ("BM1234", .binary), ("bm", .text), ("ID3x", .binary), (".snd", .binary), ("OTTO", .binary),
      ("wOF2", .binary), ("RIFFabcdWAVE", .binary), ("RIFFabcdWEBPVP", .binary), ("RIFFabcdtext", .text),
      ("FORMabcdAIFF", .binary),
    ] as [(String, ContentKind)])
  func withoutAHeaderTheBytesDecide(body: String, kind: ContentKind) {
    for contentType in [
      nil, "unknown/unknown", "application/unknown", "*/*", "nonsense", "text/", "/html", "text/ht ml", "te xt/html",
      "text/html/x", "",
    ] {
      #expect(sniff(contentType, body) == kind, "\(contentType ?? "none")")
    }
  }

  @Test func plainTextMayBeBinaryWhereApacheGuessed() {
    #expect(sniff("text/plain", "<html>") == .text)
    #expect(sniff("text/plain", "GIF89a") == .text)
    for value in [
      "text/plain", "text/plain; charset=ISO-8859-1", "text/plain; charset=iso-8859-1", "text/plain; charset=UTF-8",
    ] {
      #expect(sniff(value, "a\u{2}b") == .binary)
      #expect(sniff("text/html, \(value)", "a\u{2}b") == .binary)
      #expect(sniff(value, "a\u{2}b", noSniff: true) == .text)
    }
    for value in ["text/plain;charset=UTF-8", "text/plain; charset=utf-8", "TEXT/plain", "text/plain; x=y"] {
      #expect(sniff(value, "a\u{2}b") == .text)
    }
    #expect(sniff("text/plain", String(repeating: "a", count: ContentKind.byteCount) + "\u{2}") == .text)
  }

  @Test(arguments: [
    ("text/plain, text/html", ContentKind.html), ("text/html, text/plain", .text), ("text/html,nonsense", .html),
    ("text/html, */*", .html), ("text/html, text/", .html), ("nonsense, image/png", .binary),
    ("text/html; x=\"a, text/plain\"", .html), (",text/css,", .text),
  ])
  func ofSeveralTheLastValidOneCounts(contentType: String, kind: ContentKind) {
    #expect(sniff(contentType, "") == kind)
  }

  @Test(arguments: [
    ("text/html;charset=gbk, text/html", "gbk"), ("text/html;charset=gbk, text/plain", "utf-8"),
    ("text/html;charset=gbk, text/html;charset=koi8-r", "koi8-r"), ("text/html, text/plain;charset=gbk, x", "gbk"),
    ("text/html;charset=\"a,b\";charset=gbk, text/html", "utf-8"),
    ("text/html;charset=gbk, text/html;charset=koi8-r, text/html", "gbk"),
    ("text/html, text/html;charset=gbk, text/html", "utf-8"),
    ("text/html;charset=gbk, text/plain;charset=koi8-r, text/plain", "koi8-r"),
  ])
  func aCharsetPassesOnToTheSameType(contentType: String, charset: String) {
    let page = PageReader.read(Array("é".utf8), url: documentURL, contentType: contentType)
    #expect(page.charset == charset)
  }

  @Test(arguments: [
    "<rss version='2.0'>", "\n <feed xmlns='x'>", "<?xml version='1.0'?><!-- <html> --><!DOCTYPE rss><rss>",
    "\u{FEFF}<rss>", "<!-->--><rss>",
    "<rdf:RDF xmlns='http://purl.org/rss/1.0/' xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>",
    "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>",
  ])
  func aFeedMaySayThatItIsHTML(body: String) {
    #expect(sniff("text/html", body) == .feed)
    #expect(sniff("text/html", body, noSniff: true) == .html)
  }

  @Test(arguments: [
    "<RSS>", "x<rss>", "<html><rss>", "<!-- <rss>", "<?xml ><rss>", "<", "<!", "<?", "<!--", "", "\u{FEFF}", "</rss>",
    "<rdf:RDF xmlns='http://purl.org/rss/1.0/'>",
  ])
  func whatHasNoFeedsRootIsHTML(body: String) {
    #expect(sniff("text/html", body) == .html)
  }

  @Test func nosniffForbidsToGuess() {
    #expect(sniff(nil, "<html>", noSniff: true) == .text)
    #expect(sniff(nil, "<?xml", noSniff: true) == .text)
    #expect(sniff(nil, "GIF89a", noSniff: true) == .binary)
    #expect(ContentKind.forbidsSniffing(["NoSniff"]))
    #expect(ContentKind.forbidsSniffing([" nosniff , x", "y"]))
    #expect(!ContentKind.forbidsSniffing(["x, nosniff"]))
    #expect(!ContentKind.forbidsSniffing(["x", "nosniff"]))
    #expect(!ContentKind.forbidsSniffing(["'nosniff'"]))
    #expect(!ContentKind.forbidsSniffing([]))
  }
}
