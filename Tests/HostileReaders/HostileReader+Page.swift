import Parse
import WebURL

extension HostileReader {
  private static let documentURL = WebURL("http://example.org/dir/page.html?q")!

  private static let document = """
    <!doctype html><html lang=en><head><title>T &amp; t</title><base href="/b/"><meta charset=utf-8>
    <meta http-equiv=refresh content="5; url=r"><link rel="canonical next" href=c hreflang=de imagesrcset="a 1x, b 2x">
    <script>if (a < b) { "<!-- <script>" }</script><style>a>b{}</style><noscript><link href=n></noscript></head>
    <body><p>One<b>two<i>three</p><a href=x title='q"'>four<table><a href=y>five<tr><td><a href="z?a=1&amp;b&copy=2">six
    </table></b></i><svg><a xlink:href=s><![CDATA[ <x> ]]><foreignObject><p></svg><math><mi><a href=m></math>
    <select><option><a href=no></select><template><a href=t></template><img src=i srcset="1.jpg 1x,2.jpg 2x" alt=A>
    <form action=f><input type=image src=g><button><button></form><!-- c --><h1>Head &#x1F600; ing</h1></body></html>
    """

  private static let xmlDocument = """
    <?xml version="1.0" encoding="utf-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "d" [<!ENTITY e "x">]>
    <html xmlns="http://www.w3.org/1999/xhtml" xml:lang="en"><head><title>T &amp; &eacute;</title><base href="/b/"/>
    <link rel="next" href="c"/><script src="s"/></head><body><p><a href="x">one</a><A href="no"/><![CDATA[<a href="n">]]>
    <h:a xmlns:h="http://www.w3.org/1999/xhtml" href="y"/><x:a xmlns:x="urn:x" href="z"/><svg xmlns="http://www.w3.org/2000/svg">
    <a href="q"/></svg></p></body></html>
    """

  private static let pieces = [
    "<a href=x>", "</a>", "<p>", "</p>", "<table>", "</table>", "<tr>", "<td>", "</td>", "</tr>", "<caption>",
    "<colgroup>",
    "<col>", "<tbody>", "</tbody>", "<select>", "</select>", "<option>", "<optgroup>", "<template>", "</template>",
    "<svg>",
    "</svg>", "<math>", "<mi>", "</math>", "<annotation-xml encoding=text/html>", "<foreignObject>", "<desc>",
    "<title>",
    "</title>", "<b>", "</b>", "<b id=1>", "<i>", "</i>", "<nobr>", "<font color=x>", "<form action=y>", "</form>",
    "<button>", "</button>", "<frameset>", "</frameset>", "<frame src=z>", "<noframes>", "<script>", "</script>",
    "<style>",
    "</style>", "<textarea>", "<xmp>", "<iframe src=i>", "<plaintext>", "<!--", "-->", "--!>", "<![CDATA[", "]]>",
    "<!doctype html>", "<?xml ?>", "<h1>", "</h1>", "<html lang=a>", "</html>", "<body>", "</body>", "<head>",
    "</head>",
    "<noscript>", "</noscript>", "<li>", "<dd>", "<dt>", "<div>", "</div>", "<base href=/b/>", "<object data=q>",
    "</object>", "<applet>", "<marquee>", "<ruby>", "<rt>", "<rb>", "<rtc>", "<input>", "<input type=hidden>", "<br>",
    "</br>", "<hr>", "<image>", "<meta http-equiv=refresh content=0;r>", "<meta charset=big5>", "<img srcset='a 1x,b'>",
    "<meta name=robots content=none>", "<area href=x alt=y>", "<link rel=next href=l>", "</sarcasm>", "<x/>", "<a ",
    "href",
    "=", "'", "\"", ">", "<", "</", "/", "<!", "&", "&amp", "&amp;", "&#", "&#x0;", "&#x110000;", "&notin;",
    "&CounterC",
    "text ", " ", "-", "--", "]", "xmlns=", "xmlns='http://www.w3.org/1999/xhtml'", "xmlns:h=", "<h:a href='x'/>",
    "</h:a>",
    "xml:base='u'",
  ]

  private static let grammar = Grammar(documents: [document, xmlDocument, ""], pieces: pieces)

  static let page = HostileReader(
    "page", grammar, shapes: Shape.pages, read: { bytes in _ = page(bytes, "text/html; charset=utf-8") },
    properties: { bytes in
      try requireSound(page(bytes, "text/html; charset=utf-8"), isUTF8: true)
      try requireSound(page(bytes, nil), isUTF8: false)
      var limits = ParseLimits()
      (limits.depth, limits.links, limits.titleBytes, limits.anchorBytes, limits.textBytes) = (8, 5, 9, 3, 10)
      limits.valueBytes = 20
      try requireSound(page(bytes, "text/html; charset=utf-8", limits), isUTF8: true, limits)
    })

  static let xhtml = HostileReader(
    "xhtml", grammar, shapes: Shape.xml, read: { bytes in _ = page(bytes, "application/xhtml+xml") },
    properties: { bytes in
      try requireSound(page(bytes, "application/xhtml+xml; charset=utf-8"), isUTF8: true)
      try requireSound(page(bytes, "application/xml"), isUTF8: false)
    })

  /// The first byte chooses the encoding.
  static let legacyPage = HostileReader(
    "legacy-page",
    Grammar(
      documents: (0..<UInt8(charsets.count)).map {
        [$0] + Array(document.utf8) + [0x81, 0x30, 0x81, 0x30, 0x8F, 0xA2, 0xAF]
      },
      pieces: pieces.map { Array($0.utf8) } + [
        [0x1B, 0x24, 0x42], [0x1B, 0x28, 0x4A], [0x1B, 0x28, 0x49], [0x1B], [0x81], [0x8E, 0xA1], [0x8F, 0xA1, 0xA1],
        [0x84, 0x31, 0xA4, 0x37], [0xFE, 0xFE], [0x87, 0x40], [0xD8, 0x00], [0x00, 0xD8], [0xDC, 0x00],
      ]),
    shapes: Shape.legacyPages, read: { bytes in _ = legacyPage(bytes) },
    properties: { bytes in try requireSound(legacyPage(bytes), isUTF8: false) })

  private static let charsets = [
    "utf-8", "windows-1252", "utf-16le", "utf-16be", "shift_jis", "iso-2022-jp", "gb18030", "gbk", "big5", "euc-jp",
    "euc-kr", "koi8-u", "windows-1255", "iso-8859-8-i", "x-user-defined", "replacement", "macintosh",
  ]

  private static func legacyPage(_ bytes: [UInt8]) -> Page {
    let charset = charsets[Int(bytes.first ?? 0) % charsets.count]
    return page(Array(bytes.dropFirst()), "text/html; charset=\(charset)")
  }

  /// The value of a `srcset` attribute.
  static let sourceSet = HostileReader(
    "srcset",
    Grammar(
      documents: ["a.jpg 1x, b.jpg 2x", "a,b 100w,c(,) 3x", "data:,x 1x"],
      pieces: [",", " ", "(", ")", "a", "a.jpg", "1x", "100w", ",,", "data:,"]),
    shapes: [
      Shape(","), Shape("a,"), Shape("a ,"), Shape("a 1x,"), Shape(" "), Shape("("), Shape("a (,"), Shape("a"),
      Shape("a,,"),
    ],
    read: { bytes in _ = sourceSet(bytes) },
    properties: { bytes in
      let page = sourceSet(bytes)
      try requireSound(page, isUTF8: true)
      for link in page.links {
        try require(
          !link.value.isEmpty && link.value.utf8.first != 0x2C, "the candidate \(link.value.debugDescription)")
        guard link.value.utf8.count < ParseLimits().valueBytes else { continue }
        try require(link.value.utf8.last != 0x2C, "the candidate \(link.value.debugDescription)")
      }
    })

  private static func sourceSet(_ bytes: [UInt8]) -> Page {
    let value = bytes.flatMap { $0 == 0x22 ? Array("&quot;".utf8) : $0 == 0x26 ? Array("&amp;".utf8) : [$0] }
    return page(Array("<img srcset=\"".utf8) + value + Array("\">".utf8), "text/html; charset=utf-8")
  }

  private static func page(_ bytes: [UInt8], _ contentType: String?, _ limits: ParseLimits = ParseLimits()) -> Page {
    PageReader.read(bytes, url: documentURL, contentType: contentType, productToken: "crawld", limits: limits)
  }

  private static func requireSound(_ page: Page, isUTF8: Bool, _ limits: ParseLimits = ParseLimits()) throws {
    try require(page.links.count <= 2 * limits.links, "\(page.links.count) links")
    let base = page.base ?? documentURL
    for (place, link) in page.links.enumerated() {
      try require(link.position == place, "link \(place) says that it is \(link.position)")
      let count = link.value.utf8.count
      try require(count <= limits.valueBytes + 3, "a value of \(count) bytes")
      try require((link.anchor?.utf8.count ?? 0) <= limits.anchorBytes, "an anchor that is too long")
      guard isUTF8, count < limits.valueBytes, !page.linksTruncated else { continue }
      // A refresh is joined with a base that stands before it.
      let bases = link.kind == .base ? [documentURL] : link.kind == .metaRefresh ? [documentURL, base] : [base]
      let urls = bases.map { WebURL(link.value, base: $0)?.withoutFragment() }
      try require(urls.contains(link.url), "\(link.value.debugDescription) is joined as \(link.url?.href ?? "none")")
    }
    for text in [page.title, page.h1, page.description, page.openGraph.title, page.language] {
      try require((text?.utf8.count ?? 0) <= max(limits.titleBytes, 256), "a text of \(text?.utf8.count ?? 0) bytes")
      try require(text?.isEmpty != true, "an empty text")
    }
    try require((page.text?.utf8.count ?? 0) <= limits.textBytes, "more visible text than asked for")
    try require((page.textHash == nil) == (page.wordCount == 0), "\(page.wordCount) words and a hash")
  }
}
