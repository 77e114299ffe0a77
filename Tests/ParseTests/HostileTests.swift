import Parse
import Testing
import WebURL

/// Bytes that nobody meant well.
struct HostileTests {
  /// SplitMix64: the same numbers in every run.
  struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  private static let charsets = [
    "utf-8", "windows-1252", "utf-16le", "shift_jis", "iso-2022-jp", "gb18030", "big5", "euc-jp", "euc-kr", "koi8-u",
  ]

  @Test func randomBytesGiveSomePage() {
    var numbers = Numbers(state: 1)
    for _ in 0..<2_000 {
      let body = (0..<Int.random(in: 0..<300, using: &numbers)).map { _ in UInt8.random(in: 0...255, using: &numbers) }
      let charset = HostileTests.charsets.randomElement(using: &numbers) ?? ""
      let page = PageReader.read(body, url: documentURL, contentType: "text/html; charset=\(charset)")
      #expect(page.links.count <= body.count)
      _ = PageReader.read(body, url: documentURL, contentType: nil)
      _ = body.withUnsafeBufferPointer { ContentKind.sniff(nil, $0) }
    }
  }

  private static let pieces = [
    "<a href=x>", "</a>", "<p>", "</p>", "<table>", "</table>", "<tr>", "<td>", "</td>", "<caption>", "<colgroup>",
    "<col>",
    "<tbody>", "<select>", "</select>", "<option>", "<template>", "</template>", "<svg>", "</svg>", "<math>", "<mi>",
    "<annotation-xml encoding=text/html>", "<foreignObject>", "<title>", "</title>", "<b>", "</b>", "<i>", "</i>",
    "<nobr>",
    "<form action=y>", "</form>", "<button>", "</button>", "<frameset>", "</frameset>", "<frame src=z>", "<script>",
    "</script>", "<!--", "-->", "<![CDATA[", "]]>", "<h1>", "</h1>", "<html>", "</html>", "<body>", "</body>", "<head>",
    "</head>", "<noscript>", "</noscript>", "<li>", "<dd>", "<base href=/b/>", "text ", " ", "\0", "&amp", "&#x0;", "<",
    ">", "'", "\"", "<plaintext", "<object data=q>", "</object>", "<ruby>", "<rt>", "<input>", "<br>", "</br>",
    "<meta http-equiv=refresh content=0;r>", "<img srcset='a 1x,b'>", "<font color=x>", "<desc>", "<optgroup>",
    "</sarcasm>",
  ]

  @Test func randomTagsGiveSomePage() {
    var numbers = Numbers(state: 2)
    var limits = ParseLimits()
    for round in 0..<3_000 {
      limits.depth = round % 3 == 0 ? 8 : 512
      let html = (0..<Int.random(in: 0..<120, using: &numbers))
        .map { _ in HostileTests.pieces.randomElement(using: &numbers) ?? "" }.joined()
      let page = read(html, limits: limits)
      #expect(page.links.indices.allSatisfy { page.links[$0].position == $0 })
      let isXHTML = PageReader.read(Array(html.utf8), url: documentURL, contentType: "application/xhtml+xml")
      #expect(isXHTML.links.count <= html.utf8.count)
    }
  }

  @Test(arguments: [
    "<div>", "<b>", "<a href=x>", "<table><tr><td>", "<svg>", "<template>", "<select><optgroup>", "<frameset>",
    "<form action=x>", "<p><button>",
  ])
  func depthIsBounded(piece: String) {
    var html = String(repeating: piece, count: 20_000) + "</div></b></a></p>"
    html += "</svg></template></select>"
    #expect(read(html).links.count <= 10_000)
  }

  /// Ten megabytes of 200,000 nested tags, with a few links on the way and behind.
  @Test(arguments: ["div", "span", "b", "x", "ul", "svg", "template", "object", "font", "nobr", "li", "p", "button"])
  func aPageOfNestedTagsIsRead(tag: String) {
    var html: [UInt8] = []
    html.reserveCapacity(11 << 20)
    for number in 0..<200_000 {
      let digits = String(1_000_000 + number)
      html += Array("<\(tag) id=n\(digits) class='some words to make it longer'>".utf8)
      if number % 50_000 == 0 { html += Array("<img src=i\(number)>".utf8) }
    }
    while html.count < 10_000_000 { html += Array("<!-- some words -->".utf8) }
    for _ in 0..<1_000 { html += Array("</\(tag)>".utf8) }
    html += Array("<img src=end>".utf8)
    let page = PageReader.read(html, url: documentURL, contentType: "text/html; charset=utf-8")
    #expect(page.links.map(\.value) == ["i0", "i50000", "i100000", "i150000", "end"])
    #expect(!page.linksTruncated)
  }

  @Test func aPageOfNestedLinksEndsAtItsLimit() {
    let html = (0..<200_000).map { "<div title='to make it fifty bytes long'><img src=i\($0)>" }.joined()
    let page = read(html)
    #expect(html.utf8.count > 10_000_000 && page.linksTruncated)
    #expect(page.links.map(\.value) == (0..<10_000).map { "i\($0)" })
  }

  @Test func elementsBeyondTheDepthStillHoldLinks() {
    let page = read(
      String(repeating: "<div>", count: 2_000) + "<a href=x>t</a>" + String(repeating: "</div>", count: 2_000)
        + "<a href=y>u</a>")
    #expect(page.links.map(\.value) == ["x", "y"])
  }

  @Test func aPageMadeToBeSlowEndsEarly() {
    // Every div asks for a p in button scope and walks five hundred elements to the button.
    let html = "<p><button>" + String(repeating: "<div>", count: 20_000) + "<a href=x>"
    #expect(read(html).linksTruncated)
    #expect(read(html).links.isEmpty)
    var limits = ParseLimits()
    limits.stepsPerByte = 1_000
    #expect(read(html, limits: limits).links.count == 1)
  }

  @Test(arguments: ["</a>", "</nobr>", "<a href=x>"])
  func aLongListOfFormattingElementsCountsAsWell(tag: String) {
    // Every tag looks through five hundred entries for its own.
    let page = read(
      (0..<505).map { "<b id=\($0)>" }.joined() + String(repeating: tag, count: 20_000) + "<i><a href=y>")
    #expect(page.linksTruncated)
    #expect(page.links.last?.value != "y")
  }

  @Test(arguments: [false, true])
  func aLongBaseDoesNotMultiply(isLate: Bool) {
    let base = "<base href='/\(String(repeating: "b", count: 10_000))/'>"
    let list = (0..<5_000).map { "<a href=\($0)>t</a>" }.joined()
    let page = read(isLate ? list + base : base + list)
    #expect(page.linksTruncated)
    #expect(page.links.reduce(0) { $0 + ($1.url?.href.utf8.count ?? 0) } < 9 << 20)
  }

  @Test func manyDirectivesAreCut() {
    let page = read(
      String(repeating: "<meta name=robots content=nofollow>", count: 10_000) + "<meta name=robots content=noindex>")
    #expect(page.robots.noindex && page.robots.nofollow)
    #expect((page.robots.text?.utf8.count ?? 0) <= 1_024)
  }

  @Test func manyAttributesAndLongNamesAreRead() {
    let many = (0..<20_000).map { "a\($0)=1 " }.joined()
    #expect(anchors("<a \(many)href=x>") == ["x"])
    #expect(anchors("<\(String(repeating: "x", count: 100_000))><a href=x>") == ["x"])
    #expect(anchors("<a href=x>" + String(repeating: "&", count: 100_000)) == ["x"])
    #expect(anchors(String(repeating: "<", count: 100_000) + "a href=x>") == ["x"])
  }

  @Test func manyDifferentLinksAreKeptApart() {
    let page = read((0..<5_000).map { "<a href=\($0 % 2_500).html#\($0)>t</a>" }.joined())
    #expect(page.links.count == 5_000)
    for (index, link) in page.links.enumerated() {
      #expect(link.url?.path == "/dir/\(index % 2_500).html" && link.value == "\(index % 2_500).html#\(index)")
    }
  }
}
