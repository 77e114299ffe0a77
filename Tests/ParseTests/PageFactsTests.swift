import Parse
import Testing
import WebURL

/// Facts in `meta` elements, the languages of links, and the visible text.
struct PageFactsTests {
  @Test func openGraph() {
    let page = read(
      """
      <base href=/b/><meta property="og:title" content=" The  title "><meta property=OG:Title content=no>
      <meta property=og:description content="About &amp; on"><meta property=og:url content=/u>
      <meta property=og:image content=i.png><meta property=og:type content=article>
      <meta property=og:site_name content=Site><meta property=og:locale content=de_AT>
      <meta property=og:other content=no><meta property=title content=no><meta property=og: content=no>
      """)
    #expect(page.openGraph.title == "The title" && page.openGraph.description == "About & on")
    #expect(page.openGraph.url == "http://example.org/u" && page.openGraph.image == "http://example.org/b/i.png")
    #expect(page.openGraph.type == "article" && page.openGraph.siteName == "Site" && page.openGraph.locale == "de_AT")
    // A page without a title and a description has none, whatever it tells those who share it.
    #expect(page.title == nil && page.description == nil)
    #expect(read("<meta property=og:title content=a><title> </title>").title == nil)
    let both = read(
      "<meta property=og:title content=a><meta property=og:description content=b><title>c</title>"
        + "<meta name=description content=d>")
    #expect(both.title == "c" && both.description == "d")
    #expect(read("<title>x</title>").openGraph.isEmpty)
    #expect(read("<template><meta property=og:title content=a></template>").openGraph.isEmpty)
  }

  @Test func directivesForThisCrawler() {
    func robots(_ html: String, _ token: String) -> MetaRobots {
      PageReader.read(Array(html.utf8), url: documentURL, contentType: nil, productToken: token).robots
    }
    let html = "<meta name=Crawld content=nofollow><meta name=otherbot content=noindex>"
    #expect(robots(html, "crawld").nofollow && !robots(html, "crawld").noindex)
    #expect(robots(html, "crawld").text == "nofollow")
    #expect(!robots(html, "crawl").nofollow && !robots(html, "").nofollow)
    #expect(!robots("<meta name='' content=nofollow>", "").nofollow)
    #expect(robots("<meta name=robots content=noindex>" + html, "crawld").noindex)
    #expect(!read("<meta name=robots content='max-image-preview: none'>").robots.nofollow)
  }

  @Test func nameAndPragmaOfAMetaAreIndependent() {
    let page = read("<meta name=robots http-equiv=refresh content='0;url=/a'>")
    #expect(page.refresh?.url?.path == "/a" && page.robots.text == "0;url=/a")
    let other = read("<meta name=description property=og:type http-equiv=content-language content=de>")
    #expect(other.description == "de" && other.openGraph.type == "de" && other.language == "de")
  }

  /// HTML Standard, 3.2.6.2: the empty string says that the language is not known, and nothing else counts then.
  @Test(arguments: ["<html lang=''>", "<html lang=''><html lang=en>", "<html lang=' '>"])
  func anEmptyLanguageIsUnknown(html: String) {
    let page = read(html + "<meta http-equiv=content-language content=de>")
    #expect(page.language == nil && page.hasLanguage)
    #expect(!read("<p>").hasLanguage)
  }

  @Test func languagesOfLinks() {
    let page = read(
      "<link rel=alternate hreflang=de href=/de><link rel=alternate href=/feed><link rel=next hreflang=it href=/n>"
        + "<a rel='Alternate x' hreflang=' fr ' href=/fr>f</a><a hreflang=no>x</a><a href=/y hreflang=''>y</a>")
    #expect(page.links.map(\.hreflang) == ["de", nil, "it", "fr", nil])
    #expect(page.alternates.map { $0.hreflang ?? "-" } == ["de", "-", "fr"])
    // Links that a frameset takes back take theirs along.
    let frames = read("<span><link hreflang=de href=1></span><frameset><frame src=2></frameset>")
    #expect(frames.links.map(\.hreflang) == [nil])
  }

  @Test func namesOfFactsAreDecoded() {
    let html =
      "<meta http-equiv='ref&#114;esh' content='0;url=/r'/><link rel='canon&#105;cal' href='/c'/>"
      + "<link rel='x&#32;next' href='/n'/><meta name='robot&#115;' content='noindex'/>"
      + "<meta name='crawl&#100;' content='nofollow'/><meta name='d&#101;scription' content='d'/>"
      + "<meta property='og&#58;type' content='t'/><meta http-equiv='content&#45;language' content='de'/>"
    let document = "<html xmlns='http://www.w3.org/1999/xhtml'><head>\(html)</head></html>"
    for (text, type) in [(html, "text/html"), (document, "application/xhtml+xml")] {
      let page = PageReader.read(Array(text.utf8), url: documentURL, contentType: type, productToken: "crawld")
      #expect(page.refresh?.url?.path == "/r" && page.canonical?.path == "/c", "\(type)")
      #expect(page.links.map(\.kind) == [.metaRefresh, .canonical, .linkNext], "\(type)")
      #expect(page.robots.text == "noindex,nofollow" && page.robots.noindex && page.robots.nofollow, "\(type)")
      #expect(page.description == "d" && page.openGraph.type == "t" && page.language == "de", "\(type)")
    }
    let other = read("<meta http-equiv='ref&amp;#114;esh' content='0;url=/r'><meta name='robot&#115;x' content=none>")
    #expect(other.refresh == nil && other.robots.text == nil)
  }

  /// The "content-language" pragma (HTML Standard, 4.2.5.3).
  @Test(arguments: [
    ([" de fr"], "de"), (["de,fr"], nil), (["de&#44;fr"], nil), ([""], nil), ([" \n "], nil), (["de", "fr"], "fr"),
    (["de", "fr,it"], "de"), (["de", " "], "de"), (["de&#9;fr"], "de"), (["de-&#65;T"], "de-AT"),
  ])
  func theLastLanguageOfAPragmaCounts(contents: [String], expected: String?) {
    let html = contents.map { "<meta http-equiv=Content-Language content='\($0)'>" }.joined()
    #expect(read(html).language == expected)
    #expect(read("<html lang=en>" + html).language == "en")
  }

  @Test func aLongLanguageIsCutAtACharacter() {
    let language = read("<meta http-equiv=content-language content=a" + String(repeating: "é", count: 600) + ">")
      .language
    #expect(language == "a" + String(repeating: "é", count: (ParseLimits().titleBytes - 1) / 2))
  }

  // MARK: - Visible text

  private func text(_ html: String, bytes: Int = 1_000, charset: String = "utf-8") -> String? {
    var limits = ParseLimits()
    limits.textBytes = bytes
    return PageReader.read(
      Array(html.utf8), url: documentURL, contentType: "text/html; charset=\(charset)", limits: limits
    ).text
  }

  @Test(arguments: [
    ("a&#32;b", "a b"), ("a&nbsp;b", "a b"), ("a&#x3000;b", "a b"), ("a\u{A0}b", "a b"),
    ("a\u{2003}b\u{3000}c", "a b c"),
    ("a &nbsp; b", "a b"), ("&nbsp;a&nbsp;", "a"), ("a&amp;b", "a&b"), ("&lt;a&gt;", "<a>"), ("a&b &c; &", "a&b &c; &"),
    ("&auml;&#246;ü", "äöü"), ("&NotEqualTilde;x y", "≂̸x y"), ("a < b", "a < b"), ("a<b>b</b><i>c</i>", "abc"),
    ("<p>a<p>b<br>c<div>d</div>e", "a b c d e"), ("<td>a<td>b", "a b"), ("<xmp>a &amp; <b></xmp>b", "a &amp; <b> b"),
    ("(<acronym>a</acronym>)<my-tag>b</my-tag>c<output>d</output><slot>e</slot><blink>f</blink>", "(a)bcdef"),
    ("a<script>no</script>b<style>no</style>c<template>no</template>d<link><meta itemprop=x content=y>e", "abcde"),
    ("a<noscript>b</noscript>c<map><area></map>d<picture></picture>e<noframes>no</noframes>f", "abcdef"),
    ("<ruby>a<rb>b<rt>c</ruby>", "ab c"), ("<fieldset><legend>a</legend>b</fieldset>c<dialog>d</dialog>", "a b c d"),
    (
      "<p>これは<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rp>(</rp><rt>じ</rt><rp>)</rp></ruby>を<b>読む</b>。<p>次",
      "これは漢字を読む。 かんじ 次"
    ), ("<ruby>a<rt>one &amp;</rt>b<rt>two<rtc>three</ruby>c<br>d", "abc one & two three d"),
    ("<ruby>漢<rt> かん</rt>字<rt>じ", "漢字 かんじ"), ("<ruby>a<svg><text>b</text></svg><rp>no</rp>c</ruby>", "a b c"),
    ("a<object>b</object>c<iframe></iframe>d<select><option>e<option>f</select>g", "a b c d e f g"),
    ("<svg><text>a</text><text>b</text><title>no</title>c</svg>d", "a b c d"), ("<math><x>a</x><x>b</x></math>", "a b"),
    ("<xmp>one</xmp>two", "one two"), ("<plaintext>a&amp;<b>", "a&amp;<b>"),
    ("<svg><style>no</style><script>no</script><title>no</title><desc>no</desc><text>yes</text></svg>", "yes"),
    ("<math><mi>x</mi></math>y", "x y"), ("<svg><![CDATA[a&amp;<b]]></svg>", "a&amp;<b"),
    ("<title>no</title><script>no</script><style>no</style><textarea>no</textarea><iframe>no</iframe>yes", "yes"),
    ("<template>no</template><noscript>yes</noscript><!-- no -->", "yes"), ("", ""), ("<p> <p>&nbsp;", ""),
    ("“quoted” – naïve  日本 語", "“quoted” – naïve 日本 語"),
    ("Donau&shy;dampf&shy;schiff a\u{AD}b &shy; c\u{2060}d", "Donaudampfschiff ab cd"),
    ("e&#8288;f\u{AD} g\u{200B}h", "ef g\u{200B}h"),
    ("twelve chars &amp; then some more of them", "twelve chars & then some more of them"),
  ])
  func visibleText(html: String, expected: String) {
    #expect(text(html) == expected)
    // Words are what white space leaves of the text.
    #expect(read(html).wordCount == expected.split(separator: " ").count)
  }

  /// In HTML's content NUL is no character; elsewhere it stands for U+FFFD.
  @Test(arguments: [
    ("<p>a\0b", "ab"), ("a<b>\0b</b>", "ab"), ("<p>a\0\0\0b \0c", "ab c"), ("<p>\0a \0 b\0", "a b"), ("<p>\0", ""),
    ("<table><tr><td>a\0b", "ab"), ("<table>\0x", "x"), ("<select><option>a\0b", "ab"),
    ("<p>one\0two three", "onetwo three"),
    ("<p>a long text, a NU\0L in it, &amp; more of it\0 behind", "a long text, a NUL in it, & more of it behind"),
    ("<p>\0          a long text after white spa\0ce", "a long text after white space"),
    ("<p>naïve te\0xt – 日本\0語", "naïve text – 日本語"), ("<p>a&am\0p;b", "a&amp;b"), ("<p>&#0;", "\u{FFFD}"),
    ("<template>\0</template>a\0b", "ab"), ("<math><mi>a\0b</mi></math>", "ab"),
    ("<svg><foreignObject>a\0b</foreignObject></svg>", "ab"),
    ("<svg><text>a\0b</text></svg>", "a\u{FFFD}b"), ("<svg><![CDATA[a\0b]]></svg>", "a\u{FFFD}b"),
    ("<math>\0</math>", "\u{FFFD}"), ("<xmp>a\0b</xmp>", "a\u{FFFD}b"), ("<plaintext>a\0b", "a\u{FFFD}b"),
    ("<b><plaintext>a\0b", "a\u{FFFD}b"), ("<xmp>\0</xmp>a\0b", "\u{FFFD} ab"),
  ])
  func nulIsNoCharacter(html: String, expected: String) {
    #expect(text(html) == expected)
    #expect(read(html).wordCount == expected.split(separator: " ").count)
    #expect(text(html, charset: "windows-1252")?.contains("\0") == false)
  }

  @Test func nulIsNoCharacterOfHeadingsAndAnchors() {
    let page = read(
      "<title>a\0b</title><h1>a\0b</h1><a href=x title='a\0b'>a\0b<img alt='c\0d'></a>"
        + "<svg><a href=y>a\0b<desc>c\0d</desc></a></svg>")
    #expect(page.title == "a\u{FFFD}b" && page.h1 == "ab")
    #expect(page.links.map(\.anchor) == ["ab c\u{FFFD}d", "a\u{FFFD}b cd"])
    #expect(read("<p>x\0<frameset><a href=1>").links.count == 1 && links("<p>\0<frameset><frame src=1>") == ["frame 1"])
  }

  /// Text of an element ends where a browser closes the element (HTML Standard, 13.2.6.4.7 and 13.2.6.4.15).
  @Test(arguments: [
    ("<h1>Title<h1><p>text of the page", "Title"), ("<div><h1>a</div><p>b", "a"), ("<h1>a<h2>b</h2>c", "a"),
    ("<table><tr><td><h1>a<td>b</table>", "a"), ("<header><h1>a</header><main>text", "a"),
    ("<h1>a<div><h3>b</h3>c</div>d</h1>e", "a b c d"), ("<h1>a<div><h1>b</h1>c</div>d</h1>e", "a b c d"),
    ("<h1>a<table><tr><td>b</h2>c</table>d</h1>e", "a b c d"), ("<h1>a<template></h1></template>b</h1>c", "a b"),
    ("<h1>a<b>b</h1>c", "ab"), ("<h1>a</h3>b", "a"), ("<template><h1>a</h1></template><h1>b</h1>", "b"),
    ("<b><h1>a</b>b</h1>c", "ab"),
  ])
  func theFirstHeadingEndsWithItsElement(html: String, expected: String) {
    #expect(read(html).h1 == expected)
  }

  @Test func theFirstHeadingOfXHTMLEndsWithItsElement() {
    func heading(_ text: String) -> String? {
      let page = "<html xmlns='http://www.w3.org/1999/xhtml'><body>\(text)</body></html>"
      return PageReader.read(Array(page.utf8), url: documentURL, contentType: "application/xhtml+xml").h1
    }
    #expect(heading("<h1>a<div><h1>b</h1>c</div>d</h1>e") == "a b c d")
    #expect(heading("<h1>a<template><h1>x</h1></template>b</h1>c")?.hasPrefix("a") == true)
    #expect(heading("<h1>a<template><h1>x</h1></template>b</h1>c")?.hasSuffix("b") == true)
  }

  @Test func aHeadingForWhichThereIsNoRoomIsClosedAtOnce() {
    let page = read(String(repeating: "<div>", count: ParseLimits().depth) + "<h1>a</h1>b")
    #expect(page.h1 == nil)
  }

  /// But that of an `a` around another link, in an object say, ends where that begins.
  @Test(arguments: [
    ("<div><a href=1>one</div><table><tr><td>two<td>three</table>", ["one"]),
    ("<svg><a href=1 /></svg><p>text", [nil]), ("<svg><a href=1><text>one</text></svg>two", ["one"]),
    ("<svg><a href=1><text>one<p>two", ["one"]), ("<svg><a href=1><foreignObject><p>a</a>b</svg>c", ["ab c"]),
    ("<a href=1>x<math><a>y</a></math>z</a>w", ["x y z"]),
    ("<a href=1>w<table><tr><td><object>x</td></tr></table>y</a>z", ["w x y"]),
    ("<table><tr><td><a href=1>one<td>two<td>three</table>", ["one"]),
    ("<a href=1>w<table><tr><td>x</a>y</table>z</a>more", ["w xy z"]),
    ("<object><a href=1>a</object>b", ["a"]), ("<p><a href=1>a<p>b</a>c", ["a b"]),
    ("<table><caption><a href=1>a</caption><tr><td>b</table>", ["a"]),
    ("<a href=1>a<template></a>t</template>b</a>c", ["ab"]), ("<a href=1>a<p>b</a>c</p>", ["a b"]),
    ("<a href=1>a<a href=2>b</a>c", ["a", "b"]), ("<a href=1>a<object><a href=2>b</a>c</object>d</a>", ["a", "b"]),
  ])
  func theTextOfALinkEndsWithItsElement(html: String, expected: [String?]) {
    #expect(read(html).links.map(\.anchor) == expected)
  }

  @Test func readingsAreNoPartOfHeadingsAndLinks() {
    let page = read("<h1><a href=1><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rt>じ</rt></ruby>です</a></h1>")
    #expect(page.h1 == "漢字です" && page.links.map(\.anchor) == ["漢字です"] && page.wordCount == 2)
  }

  /// Readings of a line without an end are let go.
  @Test func readingsHaveABound() {
    let html = "<p>" + String(repeating: "<ruby>漢<rt>かん</rt></ruby>", count: 30_000)
    #expect(text(html, bytes: 1 << 20)?.split(separator: " ").count == 6)
    #expect(read(html).wordCount == 6)
  }

  @Test func textIsOnlyGatheredOnRequest() {
    #expect(read("<p>text").text == nil)
    #expect(text("<p>text", bytes: 0) == nil)
  }

  @Test func textIsCutAtACharacter() {
    #expect(text("<p>aé and more", bytes: 2) == "a")
    #expect(text("<p>aé and more", bytes: 4) == "aé")
    #expect(text(String(repeating: "word ", count: 100), bytes: 9) == "word word")
    #expect(text("&nGt;", bytes: .max / 8) == "≫⃒")
  }

  @Test func otherEncodingsHaveWhiteSpaceToo() {
    func words(_ bytes: [UInt8], _ charset: String) -> Int {
      PageReader.read(bytes, url: documentURL, contentType: "text/html;charset=\(charset)").wordCount
    }
    let bytes: [UInt8] = [0x61, 0xA0, 0x62, 0xE3, 0x80, 0x80, 0x63, 0xC2, 0x85, 0x64]
    // In windows-1252 only the first is white space; in UTF-8 it is an error, and the others are white space.
    #expect(words(bytes, "windows-1252") == 2)
    #expect(words(bytes, "utf-8") == 3)
  }

  @Test func theSameTextHasTheSameHashInAnySpelling() {
    let hash = read("<p>this & that thing</p>").textHash
    #expect(read("<p>this &amp; that thing</p>").textHash == read("<p>this &#38; that thing</p>").textHash)
    #expect(
      hash != nil && read("<p>this &amp; that thong</p>").textHash != read("<p>this &amp; that thing</p>").textHash)
  }

  private func hash(_ html: String, charset: String = "utf-8") -> UInt64? {
    PageReader.read(Array(html.utf8), url: documentURL, contentType: "text/html; charset=\(charset)").textHash
  }

  @Test(arguments: [
    "<p>Wir haben geöffnet:\n      Montag bis Freitag &amp; Samstag</p>",
    "Wir haben ge&ouml;ffnet: Montag bis Freitag & Samstag",
    "<div>Wir haben\t\t<b>geöffnet</b>:</div>Montag<br>bis Frei<i>tag</i> &#38; Samstag\n",
    "<ul>\n\n   <li>Wir\n   <li>haben\n   <li>geöffnet:\n</ul>\n<p>Montag bis&nbsp;Freitag &amp;&#32;Samstag",
    "<i>W</i><i>i</i><i>r</i> haben geö\0ffnet: Montag\u{3000}bis\u{A0}\u{A0} Freitag <span>&amp;</span><p>Samstag",
  ])
  func equalTextsHaveEqualHashes(html: String) {
    let plain = "Wir haben geöffnet: Montag bis Freitag & Samstag"
    #expect(text(html) == plain && hash(plain) != nil)
    #expect(hash(html) == hash(plain))
    #expect(hash(html + "s") != hash(plain))
  }

  /// However runs, white space and references lie within the eight bytes that are hashed at a time.
  @Test func theHashIsOfTheTextWhereverItsRunsEnd() {
    var numbers = HostileTests.Numbers(state: 7)
    for _ in 0..<2_000 {
      let words = (0..<Int.random(in: 1...12, using: &numbers)).map { _ in
        (0..<Int.random(in: 1...11, using: &numbers)).map { _ in "abcÄ日€".randomElement(using: &numbers) ?? "a" }
      }
      var html = ""
      for (place, word) in words.enumerated() {
        let gaps = [
          " ", "\n", " \t ", "<br>", "<p>", " <i> </i>", "&nbsp;", "\u{2003}", String(repeating: " ", count: 9),
        ]
        if place > 0 { html += gaps.randomElement(using: &numbers) ?? " " }
        for character in word {
          switch Int.random(in: 0..<10, using: &numbers) {
          case 0: html += character.unicodeScalars.map { "&#\($0.value);" }.joined()
          case 1: html += "<b>\(character)</b>"
          case 2: html += "<!-- -->\(character)"
          default: html.append(character)
          }
        }
      }
      let plain = words.map { String($0) }.joined(separator: " ")
      #expect(hash(html) == hash(plain), "\(html)")
      #expect(hash(html + "<i>x</i>") != hash(plain) && read(html).wordCount == words.count, "\(html)")
    }
  }

  @Test func theHashIsTheSameInEveryEncoding() {
    let bytes =
      Array("<p>Stra".utf8) + [0xDF] + Array("e 5 ".utf8) + [0x80, 0xA0] + Array("\u{27}n f".utf8) + [0xFC, 0x72]
    let page = PageReader.read(bytes, url: documentURL, contentType: "text/html; charset=windows-1252")
    #expect(page.textHash == hash("<p>Straße 5 € 'n für") && page.wordCount == 5)
    #expect(hash("a\0b", charset: "windows-1252") == hash("ab"))
    let soft = PageReader.read(
      Array("<p>a".utf8) + [0xAD] + Array("b".utf8), url: documentURL, contentType: "text/html; charset=windows-1252")
    #expect(soft.textHash == hash("<p>ab") && hash("<p>a\u{AD}b") == hash("<p>ab"))
  }

  @Test func longRawTextIsReadInLinearTime() {
    let many = String(repeating: "<", count: 200_000) + "&"
    #expect(read("<plaintext>" + many).wordCount == 1)
    #expect(read("<xmp>" + String(repeating: "&<", count: 100_000) + "</xmp>").wordCount == 1)
    #expect(read(String(repeating: "&amp;&", count: 100_000)).wordCount == 1)
  }
}
