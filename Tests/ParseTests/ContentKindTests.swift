import Parse
import Testing

struct ContentKindTests {
  private func sniff(_ contentType: String?, _ body: String) -> ContentKind {
    Array(body.utf8).withUnsafeBufferPointer { ContentKind.sniff(contentType, $0) }
  }

  @Test(
    arguments: [
      ("text/html", .html), ("TEXT/HTML ; charset=x", .html), ("application/xhtml+xml", .xhtml), ("text/xml", .xml),
      ("application/rss+xml", .xml), ("text/css", .text), ("application/ld+json", .text), ("image/png", .binary),
      ("application/octet-stream", .binary), ("application/json", .text),
    ] as [(String, ContentKind)])
  func theHeaderDecides(contentType: String, kind: ContentKind) {
    #expect(sniff(contentType, "<html>") == kind)
  }

  @Test(
    arguments: [
      ("<!DOCTYPE html>", .html), (" \n<HTML lang=x>", .html), ("<!--x-->", .html), ("<p>", .html), ("<px>", .text),
      ("<a", .text), ("<?xml version='1.0'?>", .xml), ("plain words", .text), ("%PDF-1.4", .binary),
      ("\u{1}x", .binary),
      ("", .text), ("\u{FEFF}x\u{1}", .text), ("GIF89a", .binary),
    ] as [(String, ContentKind)])
  func withoutAHeaderTheBytesDecide(body: String, kind: ContentKind) {
    #expect(sniff(nil, body) == kind)
    #expect(sniff("unknown/unknown", body) == kind)
    #expect(sniff("nonsense", body) == kind)
  }

  @Test func plainTextMayBeBinary() {
    #expect(sniff("text/plain", "<html>") == .text)
    #expect(sniff("text/plain", "a\u{2}b") == .binary)
    #expect(sniff("text/plain", String(repeating: "a", count: ContentKind.byteCount) + "\u{2}") == .text)
  }
}
