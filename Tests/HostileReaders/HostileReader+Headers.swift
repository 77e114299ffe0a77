import Fetch
import Parse
import WebURL

extension HostileReader {
  private static let documentURL = WebURL("http://example.org/dir/page.html?q")!

  /// A header section and what it says: Link, X-Robots-Tag, Refresh, Content-Language.
  static let headerFields = HostileReader(
    "header-fields",
    Grammar(
      documents: [
        "HTTP/1.1 200 OK\r\nLink: <a>; rel=\"next canonical\"; title*=UTF-8'en'%e2%82%ac, <b?x>;rel=prev;hreflang=de\r\n"
          + "X-Robots-Tag: crawld: noindex, nofollow, other: none\r\nRefresh: 5; url='/x'\r\nContent-Language: en\r\n\r\n",
        "HTTP/1.1 200\nlink: <>\nLINK: <//h/>; anchor=\"#x\"; rel=alternate\n folded: <c>; rel=next\nrefresh: 0;/y\n\n",
      ],
      pieces: [
        "Link:", "Link: <a>; rel=next\r\n", "<", ">", ";", ",", "rel=", "rel=\"", "\"", "\\", "'", "title*=", "UTF-8''",
        "%e2", "%", "anchor=", "hreflang=", "X-Robots-Tag:", "crawld:", "max-snippet: 1", "none", "noindex", "Refresh:",
        "0;url=", "Content-Language:", "\r\n", "\n", " ", ":", "=", "canonical", "//h/", "*",
      ]),
    shapes: Shape.headers,
    read: { bytes in _ = facts(bytes) },
    properties: { bytes in
      let facts = facts(bytes)
      try require(facts.links.count <= ParseLimits().links, "\(facts.links.count) links")
      for (place, link) in facts.links.enumerated() {
        try require(link.position == place, "link \(place) says that it is \(link.position)")
        try require(link.value.utf8.count <= ParseLimits().valueBytes, "a value of \(link.value.utf8.count) bytes")
        try require((link.anchor?.utf8.count ?? 0) <= ParseLimits().anchorBytes, "an anchor that is too long")
        let whole = WebURL(link.value, base: documentURL)?.withoutFragment()
        if link.value.utf8.count < ParseLimits().valueBytes {
          try require(link.url == whole, "\(link.value) is joined wrongly")
        }
      }
      try require((facts.robots.text?.utf8.count ?? 0) <= 3 * ParseLimits().titleBytes, "robots' text is too long")
      var page = PageReader.read(bytes, url: documentURL, contentType: nil)
      let before = page.links.count
      page.add(facts)
      try require(page.links.count == before + facts.links.count, "links were lost")
    })

  private static func facts(_ bytes: [UInt8]) -> HeaderFacts {
    let headers = ResponseHeaders(bytes: bytes)
    return HeaderFacts(url: documentURL, productToken: "crawld") { headers.all($0) }
  }

  static let refresh = HostileReader(
    "refresh",
    Grammar(
      documents: ["5; url='http://e/'", "0,URL=x", "1.5 /y", "  7 ; \"z\""],
      pieces: [";", ",", " ", "url", "URL", "u", "ur", "=", "'", "\"", ".", "5", "/x"]),
    shapes: [
      Shape("9"), Shape(" "), Shape(".", after: "1"), Shape(" ", after: "1;"), Shape(" ", after: "1;url"),
      Shape(" ", after: "1;url="), Shape("'", after: "1;url="), Shape("a", after: "1;url='"), Shape(";", after: "1"),
    ],
    read: { bytes in _ = Refresh(String(decoding: bytes, as: UTF8.self)) },
    properties: { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      guard let refresh = Refresh(text) else { return }
      try require((0...Int(Int32.max)).contains(refresh.seconds), "\(refresh.seconds) s")
      try require((refresh.url?.utf8.count ?? 0) <= text.utf8.count, "a URL longer than the text")
    })

  /// The first line is Content-Type, the rest the body.
  static let kind = HostileReader(
    "kind",
    Grammar(
      documents: [
        "text/html; charset=\"utf-8\"\n<!doctype html><p>", "text/plain\n\u{1}", "\n<?xml version=\"1.0\"?><rss>",
        "text/html, */*;q=1\n<!-- --><feed xmlns='http://www.w3.org/2005/Atom'>", "*/*\nRIFF\0\0\0\0WEBPVP",
        "application/xml\n<html xmlns='http://www.w3.org/1999/xhtml'>",
      ],
      pieces: [
        "text/", "html", "/", ";", ",", "charset=", "\"", "\\", "=", " ", "\n", "<!--", "-->", "<?", "?>", "<!", "<rss",
        "<",
        "<rdf:RDF", "http://purl.org/rss/1.0/", "+xml", "<html", "xmlns=", "nosniff",
      ]),
    shapes: [
      Shape(","), Shape(";"), Shape("\""), Shape("\\", after: "\""), Shape("a/b,"), Shape("a/b;charset=x,"),
      Shape(";charset=", after: "text/html"), Shape(";a=b", after: "text/html"), Shape(" ", after: "text/html"),
      Shape("a/", named: "slashes"), Shape("x", after: "text/html;charset=\""), Shape("<!-- -->", after: "text/html\n"),
      Shape(" ", after: "text/html\n"), Shape("-", after: "text/html\n<!--"),
    ],
    read: { bytes in _ = kinds(bytes) },
    properties: { bytes in
      let (sniffed, unsniffed) = kinds(bytes)
      try require(unsniffed != .feed, "a feed was recognised although sniffing is forbidden")
      let end = bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
      let long = bytes[..<end] + [0x0A] + bytes[end...].dropFirst().prefix(ContentKind.byteCount)
      try require(kinds(Array(long)).sniffed == sniffed, "bytes behind the first \(ContentKind.byteCount) count")
    })

  private static func kinds(_ bytes: [UInt8]) -> (sniffed: ContentKind, unsniffed: ContentKind) {
    let end = bytes.firstIndex(of: 0x0A) ?? bytes.endIndex
    let type = String(decoding: bytes[..<end], as: UTF8.self)
    _ = ContentKind.forbidsSniffing([type])
    return Array(bytes[end...].dropFirst()).withUnsafeBufferPointer {
      (ContentKind.sniff(type, $0), ContentKind.sniff(type, $0, noSniff: true))
    }
  }
}

extension Shape {
  fileprivate static let headers: [Shape] = [
    Shape("Link: <a>; rel=next\r\n", after: "HTTP/1.1 200\r\n"), Shape("<a>;rel=next,", after: "\nLink: "),
    Shape(";a=b", after: "\nLink: <a>"), Shape(";", after: "\nLink: <a>"), Shape(" ", after: "\nLink: <a>"),
    Shape("<", after: "\nLink: "), Shape("<a>", after: "\nLink: "), Shape(",", after: "\nLink: "),
    Shape("\\", after: "\nLink: <a>;rel=\""), Shape("a", after: "\nLink: <a>;rel=\""),
    Shape(" x", after: "\nLink: <a>;rel=\"next", before: "\""),
    Shape("%e2", after: "\nLink: <a>;rel=next;title*=UTF-8''"),
    Shape(";title*=UTF-8''%e2", after: "\nLink: <a>;rel=next"), Shape("\u{E9}", after: "\nLink: <a>;rel=next;title="),
    Shape(";anchor=x", after: "\nLink: <a>;rel=next"), Shape("<a>;rel=next;anchor=\"\",", after: "\nLink: "),
    Shape("../", after: "\nLink: <", before: ">;rel=next"), Shape("\r\n"), Shape("\n "), Shape(":"), Shape("a:\n"),
    Shape(" ", after: "\nLink: <a>\n", named: "folded blanks"), Shape("crawld:", after: "\nX-Robots-Tag: "),
    Shape("noindex,", after: "\nX-Robots-Tag: "), Shape(" none", after: "\nX-Robots-Tag: "),
    Shape(",", after: "\nX-Robots-Tag: "), Shape("max-x:", after: "\nX-Robots-Tag: "),
    Shape("X-Robots-Tag: noindex\n", after: "\n"), Shape("Refresh: 0;x\n", after: "\n"),
    Shape(" ", after: "\nRefresh: 0;url="),
  ]
}
