import Parse
import Testing
import WebURL

let documentURL = WebURL("http://example.org/dir/page.html")!

/// Reads `html` as UTF-8.
func read(_ html: String, limits: ParseLimits = ParseLimits()) -> Page {
  PageReader.read(Array(html.utf8), url: documentURL, contentType: "text/html; charset=utf-8", limits: limits)
}

/// The links of the HTML elements of `html`, SVG's apart, as `kind value`.
func links(_ html: String) -> [String] {
  read(html).links.filter { $0.tag != "svg:a" }.map { "\($0.kind.name) \($0.value)" }
}

/// The values of the `a` elements of `html`, SVG's apart.
func anchors(_ html: String) -> [String] {
  read(html).links.filter { $0.tag == "a" }.map(\.value)
}

struct PageReaderTests {
  @Test func anEmptyPageHasNothing() {
    let page = PageReader.read([], url: documentURL, contentType: nil)
    #expect(page.links.isEmpty && page.title == nil && page.wordCount == 0 && page.textHash == nil)
  }

  @Test func aPageTellsAboutItself() throws {
    let page = read(
      """
      <!DOCTYPE html><html lang=" de-AT "><head><title> The
        title &amp; <b>more</title><meta name=Description content=" What it
      is about ">
      <meta name="ROBOTS" content="NoIndex, follow"><meta name=robots content=NOFOLLOW>
      <link rel=canonical href="/canonical#here">
      <meta http-equiv=refresh content="5; URL='next.html#x'">
      <body><h1>The <i>first</i>\n heading</h1><h1>Second</h1><p>two words</p>
      """)
    #expect(page.title == "The title & <b>more")
    #expect(page.description == "What it is about")
    #expect(page.language == "de-AT")
    #expect(page.robots.noindex && page.robots.nofollow)
    #expect(page.robots.text == "NoIndex, follow,NOFOLLOW")
    #expect(page.canonical?.href == "http://example.org/canonical")
    #expect(page.refresh?.url?.href == "http://example.org/dir/next.html")
    #expect(page.refresh?.value == "next.html#x")
    #expect(page.h1 == "The first heading")
    #expect(page.wordCount == 6)
    #expect(page.charset == "utf-8" && page.charsetSource == .http)
  }

  @Test func noneMeansNoindexAndNofollow() {
    #expect(read("<meta name=robots content=none>").robots.noindex)
    #expect(read("<meta name=robots content=none>").robots.nofollow)
    #expect(!read("<meta name=robots content='index,follow'>").robots.nofollow)
  }

  @Test func aLinkSaysWhichOneItRepeats() {
    let repeated = { (html: String) in read(html).links.map(\.repeats) }
    #expect(
      repeated("<a href=x>1</a><a href=y>2</a><a href=x>3</a><a href=x#f>4</a><a href=y>5</a>") == [nil, nil, 0, 0, 1])
    // Another kind, another relation, another target.
    #expect(repeated("<a href=x>1</a><iframe src=x></iframe><a rel=nofollow href=x>2</a>") == [nil, nil, nil])
    #expect(repeated("<a href='http://[/#a'>1</a><a href='http://[/#b'>2</a>") == [nil, nil])
    // A base that comes late changes the targets of what stands before it.
    #expect(
      repeated("<a href=x>1</a><a href=x>2</a><base href='/b/'><a href=x>3</a><a href=x>4</a>") == [
        nil, nil, nil, nil, 3,
      ])
  }

  @Test func linksHaveKindsAndStandInOrder() {
    let html = """
      <link rel=next href=1><link rel="alternate stylesheet" href=2><link rel="SHORTCUT ICON" href=3>
      <link rel=prefetch href=4><link rel=alternate href=5><script src=6></script>
      <body><a href=7>x</a><map><area href=8 alt=eight></map><img src=9><iframe src=10></iframe><form action=11></form>
      <video src=12 poster=13><source src=14><track src=15></video><audio src=16></audio><embed src=17>
      <object data=18></object><input type=IMAGE src=19><input src=none><image src=20>
      """
    #expect(
      links(html) == [
        "link-next 1", "stylesheet 2", "icon 3", "link 4", "alternate 5", "script 6", "a 7", "area 8", "img 9",
        "iframe 10", "form 11", "video 12", "img 13", "source 14", "track 15", "audio 16", "embed 17", "object 18",
        "input 19", "img 20",
      ])
    #expect(read(html).links.map(\.position) == Array(0..<20))
    #expect(links("<frameset><frame src=a><frame src=b></frameset>") == ["frame a", "frame b"])
  }

  @Test func everyCandidateOfASrcsetIsALink() {
    #expect(
      links("<img src=a srcset=', b 1x,c, d 200w , e(,) (x,y) 2x,,f'>")
        == ["img a", "img b", "img c", "img d", "img e(,)", "img f"])
    #expect(links("<img srcset='data:,x 1x, y'>") == ["img data:,x", "img y"])
    #expect(read("<img srcset='/a 2x'>").links.first?.attribute == "srcset")
  }

  @Test func valuesAreAsWrittenAndURLsAreJoined() {
    let page = read("<a href=' ../x?a=1&amp;b=2#frag ' rel='nofollow ugc'>t</a><a href='http://[x'>u</a><a href>v</a>")
    #expect(page.links[0].value == " ../x?a=1&b=2#frag ")
    #expect(page.links[0].url?.href == "http://example.org/x?a=1&b=2")
    #expect(page.links[0].rel == "nofollow ugc")
    #expect(page.links[0].tag == "a" && page.links[0].attribute == "href")
    #expect(page.links[1].value == "http://[x" && page.links[1].url == nil)
    #expect(page.links[2].url == documentURL)
  }

  @Test func aTargetSeenBeforeIsTheSame() {
    let page = read(
      "<a href=page-with-long-name.html>1</a><a href=page-with-long-name.html#one>2</a><a href='#one'>3</a>"
        + "<a href=page-with-long-name.html#one>4</a><a href=page-with-long-nome.html>5</a>")
    #expect(page.links[0].url?.href == "http://example.org/dir/page-with-long-name.html")
    #expect(page.links[1].url == page.links[0].url && page.links[3].url == page.links[0].url)
    #expect(page.links[1].value == "page-with-long-name.html#one")
    #expect(page.links[2].url == documentURL)
    #expect(page.links[4].url?.href == "http://example.org/dir/page-with-long-nome.html")
  }

  @Test func theFirstBaseCountsForAllLinks() {
    let page = read("<a href=x>1</a><base href=/base/><base href=/other/><a href=x>2</a>")
    #expect(page.base?.href == "http://example.org/base/")
    #expect(
      page.links.filter { $0.kind == .a }.compactMap(\.url?.href)
        == Array(repeating: "http://example.org/base/x", count: 2))
    #expect(page.links.filter { $0.kind == .base }.compactMap(\.url?.path) == ["/base/", "/other/"])
  }

  /// A base that comes late joins the values again, and may leave a link without a URL.
  @Test(arguments: ["", "<base href='/b/'>", "<base href='http://['>", "<base href='mailto:x'>", "<base href=q>"])
  func aLinkThatHasAURLNeedsNoValue(base: String) {
    let html =
      "<link rel=icon href=i><a href=x>1</a><a href='x#y'>2</a><a href='http://[x'>3</a><a href='?a=1&amp;b'>4</a>"
      + "<a href>5</a>\(base)<a href=x>6</a><a href='x#y'>7</a><a href='http://[x'>8</a><img srcset='s, t 2x'>"
    var limits = ParseLimits()
    limits.keepsValues = false
    let (spared, kept) = (read(html, limits: limits).links, read(html).links)
    #expect(spared.map(\.url) == kept.map(\.url) && spared.map(\.repeats) == kept.map(\.repeats))
    #expect(spared.map { $0.url == nil ? $0.value : "" } == kept.map { $0.url == nil ? $0.value : "" })
    #expect(spared.contains { $0.value.isEmpty && $0.url?.path.hasSuffix("x") == true } || base.contains("mailto"))
  }

  @Test(arguments: ["javascript:x", "data:text/plain,x", "http://["])
  func aBaseThatIsNoneTakesTheTurnOfOthers(href: String) {
    let page = read("<base href='\(href)'><base href=/other/><a href=x>2</a>")
    #expect(page.base == nil)
    #expect(page.links.last?.url?.href == "http://example.org/dir/x")
  }

  @Test func factsInATemplateDoNotCountButItsLinksDo() {
    let page = read(
      "<body><template><title>no</title><base href=/no/><h1>no</h1><meta name=robots content=none><a href=x>a b</a>"
        + "</template><a href=y>c</a>")
    #expect(page.title == nil && page.base == nil && page.h1 == nil && !page.robots.noindex)
    #expect(page.links.map(\.value) == ["/no/", "x", "y"])
    #expect(page.wordCount == 1)
  }

  @Test func anAnchorsTextIsCollapsedAndCut() {
    #expect(read("<a href=x>  two\n\t words </a>").links[0].anchor == "two words")
    #expect(read("<a href=x>a<b>b</b><br>c<img src=i alt='d &amp; e'></a>").links[0].anchor == "ab c d & e")
    #expect(read("<a href=x>(<acronym>a</acronym>)<x-y>b</x-y></a>").links[0].anchor == "(a)b")
    #expect(read("<a href=x> </a>").links[0].anchor == nil)
    #expect(read("<a href=x>1<a href=y>2</a>3").links.map(\.anchor) == ["1", "2"])
    #expect(read("<a href=x>unclosed &lt;tag>").links[0].anchor == "unclosed <tag>")
    let long = read("<a href=x>" + String(repeating: "é", count: 150) + "</a>").links[0].anchor
    #expect(long == String(repeating: "é", count: 100))
    #expect(read("<a href=x>b" + String(repeating: "é", count: 150) + "</a>").links[0].anchor?.utf8.count == 199)
    #expect(read("<map><area href=x alt=' the  alt '></map>").links[0].anchor == "the alt")
  }

  @Test func linksOfSVGAreToldApart() {
    let page = read(
      "<a href=0>h</a><svg><a href=1 xlink:href=no>o<title>ne</title></a><a xlink:href='/2'>t</a><use href=no /></svg>")
    #expect(page.links.map(\.tag) == ["a", "svg:a", "svg:a"])
    #expect(page.links.map(\.attribute) == ["href", "href", "xlink:href"])
    #expect(page.links.map(\.kind) == [.a, .a, .a])
    #expect(page.links.map(\.anchor) == ["h", "o ne", "t"])
    #expect(page.links[2].url?.href == "http://example.org/2")
    #expect(read("<math><a href=no></a></math><svg:a href=no>").links.isEmpty)
  }

  @Test func wordsAreCountedOverInlineMarkupAndPartedByBlocks() {
    #expect(read("<p>one t<b>w</b>o<i> three</i><p>fo<div>ur</div>five<br>six").wordCount == 7)
    #expect(read("<body>seventeen_letters_and more<script>no words here</script><style>none</style>").wordCount == 2)
    #expect(
      read("<title>not these</title><textarea>nor these</textarea><!-- nor these --><p title='nor these'>1").wordCount
        == 1)
  }

  @Test func theTextsHashIgnoresIndentationAndAttributes() {
    let hash = read("<body><p>The same text of the page</p><p>again</p>").textHash
    #expect(hash != nil)
    #expect(
      read("<body class=x>\n   <p id=1>\n The same text of the page </p>\n\n\n    <p>again  </p>\n").textHash == hash)
    #expect(read("<body><p>The same text of the page</p><p>agaim</p>").textHash != hash)
    #expect(read("<body><p>The same text of the page</p>").textHash != hash)
  }

  @Test func limitsCut() {
    var limits = ParseLimits()
    limits.links = 3
    let page = read((0..<4).map { "<a href=\($0)>y</a>" }.joined(), limits: limits)
    #expect(page.links.count == 3 && page.linksTruncated)
    #expect(!read((0..<3).map { "<a href=\($0)>y</a>" }.joined(), limits: limits).linksTruncated)
    limits.valueBytes = 10
    let cut = read("<a href=0123456789>y</a><a href=0123456789a>y</a><base href=/b/>", limits: limits)
    #expect(cut.links[0].url?.href == "http://example.org/b/0123456789")
    #expect(cut.links[1].value == "0123456789" && cut.links[1].url == nil)
    limits.titleBytes = 5
    #expect(read("<title>1234567</title>", limits: limits).title == "12345")
  }

  /// Between characters: those of Hindi have three bytes.
  @Test func titlesAndTextsOfLinksAreCut() {
    let long = String(repeating: "\u{915}", count: 2_000)
    let page = read(
      "<title>\(long)</title><meta name=description content='\(long)'><h1>\(long)</h1><a href=x>\(long)</a>")
    #expect([page.title, page.description, page.h1].map { $0?.utf8.count } == [1_023, 1_023, 1_023])
    #expect(page.links.map { $0.anchor?.utf8.count } == [198])
  }

  @Test func aLaterBaseIsJoinedWithTheDocument() {
    let page = read("<base href=/b/><link href=c><base href=c><a href=c>")
    #expect(page.base?.href == "http://example.org/b/")
    #expect(page.links.map { $0.url?.path } == ["/b/", "/b/c", "/dir/c", "/b/c"])
  }
}
