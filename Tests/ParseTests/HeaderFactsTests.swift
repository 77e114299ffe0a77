import Parse
import Testing
import WebURL

/// What header fields say about the resource that they come with.
struct HeaderFactsTests {
  private func facts(_ fields: [String: [String]], limits: ParseLimits = ParseLimits()) -> HeaderFacts {
    HeaderFacts(url: documentURL, productToken: "Crawld", limits: limits) { fields[$0] ?? [] }
  }

  /// The links of Link fields as `kind url`.
  private func links(_ fields: String...) -> [String] {
    facts(["Link": fields]).links.map { "\($0.kind.name) \($0.url?.href.dropFirst(18) ?? "none")" }
  }

  // MARK: - Link (RFC 8288)

  @Test func quotesMayHoldWhatSeparates() {
    let field = "</a,b>; rel=\"next prev\"; title=\"x, y\", <c>; rel=canonical"
    #expect(links(field) == ["link-next /a,b", "link-prev /a,b", "canonical /dir/c"])
    let found = facts(["Link": [field]]).links
    #expect(found.map(\.anchor) == ["x, y", "x, y", nil])
    #expect(found.map(\.rel) == ["next prev", "next prev", "canonical"])
    #expect(found.map(\.position) == [0, 1, 2])
    #expect(found.map(\.value) == ["/a,b", "/a,b", "c"])
  }

  @Test(arguments: [
    ("</a>; title=\"a; rel=b, <c>; \\\"d\"; rel=next", ["link-next /a"]),
    ("</a>; REL=Next", ["link-next /a"]), ("</a>;rel=next;rel=prev", ["link-next /a"]),
    ("</a> ; rel = next ,, </b>\t;rel=\"prev\"", ["link-next /a", "link-prev /b"]),
    (" , </a>; rel=next, ", ["link-next /a"]), ("</a>; rel=preload; as=style", ["link /a"]),
    ("</a>; rel=\"icon stylesheet icon\"", ["stylesheet /a", "icon /a"]),
    ("<>; rel=next", ["link-next /dir/page.html"]),
    ("</a#b>; rel=next", ["link-next /a"]), ("<http://[>; rel=next", ["link-next none"]),
    ("</a>; rel=next; x; =y; z=; ;, </b>; rel=next", ["link-next /a", "link-next /b"]),
    ("</a>; rel=\"next", ["link-next /a"]), ("</a>; rel=next; anchor=\"/dir/page.html\"", ["link-next /a"]),
  ])
  func linksAreRead(field: String, expected: [String]) {
    #expect(links(field) == expected)
  }

  @Test(arguments: [
    "", ",", "<", "</a", "</a; rel=next", "/a; rel=next", "x </a>; rel=next", "</a>", "</a>; rel", "</a>; rel=\"\"",
    "</a>; rel=\" \"", "</a>; rev=next", "</a>; rel=; rel=next", "</a>; rel=next; anchor=\"/other\"",
    "</a>; rel=canonical; anchor=\"#part\"", "</a>; rel=next; anchor=\"http://[\"",
  ])
  func whatIsNoLinkIsNone(field: String) {
    #expect(links(field).isEmpty)
  }

  @Test func severalFieldsAddUp() {
    #expect(links("</a>; rel=next", "nonsense", "</b>; rel=prev") == ["link-next /a", "link-prev /b"])
  }

  @Test func parametersOfALink() {
    let alternates =
      "</de>; rel=alternate; hreflang=de; hreflang=at; title=plain; title*=UTF-8''%e2%82%ac%20x, "
      + "</fr>; rel=alternate; hreflang=\"fr\"; title*=iso-8859-1'en'%A3, </x>; rel=alternate; title=y; title*=UTF-8''%zz"
    let found = facts(["Link": [alternates]]).links
    #expect(found.map(\.hreflang) == ["de", "fr", nil])
    #expect(found.map(\.anchor) == ["€ x", "£", "y"])
  }

  @Test func limitsCut() {
    var limits = ParseLimits()
    (limits.links, limits.valueBytes, limits.anchorBytes) = (3, 10, 5)
    let many = facts(["Link": [String(repeating: "</a>; rel=next; title=ééé,", count: 4)]], limits: limits)
    #expect(many.links.count == 3 && many.linksTruncated)
    #expect(many.links[0].anchor == "éé")
    let long = facts(["Link": ["</0123456789>; rel=next"]], limits: limits)
    #expect(long.links[0].url == nil && long.links[0].value == "/012345678")
    #expect(links(String(repeating: "<", count: 100_000)).isEmpty)
    #expect(links("</a>" + String(repeating: ";\"", count: 100_000)).isEmpty)
  }

  // MARK: - Refresh and language

  @Test func aRefreshIsALink() {
    let found = facts(["Refresh": ["5; url='/next#x'", "1; url=/no"], "Link": ["</a>; rel=next"]])
    #expect(found.refresh?.url?.href == "http://example.org/next")
    #expect(found.links.map(\.kind) == [.refresh, .linkNext])
    #expect(facts(["Refresh": ["5"]]).refresh == nil)
    #expect(facts(["Refresh": ["x; url=/a"]]).links.isEmpty)
  }

  @Test func oneLanguageIsThePages() {
    #expect(facts(["Content-Language": ["de-AT"]]).language == "de-AT")
    #expect(facts(["Content-Language": [" de\t"]]).language == "de")
    #expect(facts(["Content-Language": [" "]]).language == nil)
    #expect(facts(["Content-Language": ["de, en"]]).language == nil)
    #expect(facts(["Content-Language": ["de", "en"]]).language == nil)
  }

  // MARK: - X-Robots-Tag

  @Test(arguments: [
    (["noindex"], "i"), (["nofollow"], "f"), (["none"], "if"), (["NoIndex, NoFollow"], "if"),
    (["noindex", "nofollow"], "if"),
    (["nofollow, otherbot: noindex"], "f"), (["otherbot: noindex, crawld: nofollow"], "f"),
    (["crawld : nofollow"], "f"), (["CRAWLD:none"], "if"), (["crawld/1.0: nofollow"], "f"), (["*: nofollow"], "f"),
    (["otherbot: noindex, nofollow"], ""), (["otherbot: none", "nofollow"], "f"), (["crawld: noindex, nofollow"], "if"),
    (["crawldx: nofollow"], ""), (["crawl: nofollow"], ""), (["max-snippet: 10, nofollow"], "f"),
    (["max-image-preview: none"], ""), (["unavailable_after: 25 Jun 2010 15:00:00 GMT, noindex"], "i"),
    (["unavailable_after: Friday, 25-Jun-10 15:00:00 GMT, noindex"], "i"),
    (["otherbot: max-snippet: 3, crawld: max-snippet:none, nofollow"], "f"), (["all"], ""), ([""], ""), ([",:,"], ""),
    (["noindex nofollow"], "if"),
  ])
  func directives(fields: [String], expected: String) {
    let robots = facts(["X-Robots-Tag": fields]).robots
    #expect((robots.noindex ? "i" : "") + (robots.nofollow ? "f" : "") == expected)
  }

  @Test func nobodyIsNamedByNothing() {
    let robots = HeaderFacts(url: documentURL, productToken: "") { _ in [": noindex, x: nofollow"] }.robots
    #expect(!robots.nofollow)
  }

  @Test func whatIsForOthersIsNotKept() {
    let robots = facts(["X-Robots-Tag": ["all, otherbot: noindex, crawld: nofollow", "noarchive", "x: y"]]).robots
    #expect(robots.text == "all, nofollow,noarchive")
    #expect(facts(["X-Robots-Tag": ["otherbot: noindex"]]).robots.text == nil)
    let many = facts(["X-Robots-Tag": Array(repeating: String(repeating: "é", count: 600), count: 9)]).robots
    #expect((many.text?.utf8.count ?? 0) <= 1_030)
  }

  // MARK: - With a page

  @Test func thePageGoesFirst() {
    let header = facts([
      "Link": ["</h>; rel=canonical, </n>; rel=next"], "X-Robots-Tag": ["noindex"], "Refresh": ["0;url=/r"],
      "Content-Language": ["de"],
    ])
    var page = read(
      "<html lang=fr><link rel=canonical href=/p><meta name=robots content=nofollow><meta http-equiv=refresh content='0;/m'>"
    )
    page.add(header)
    #expect(page.canonical?.path == "/p" && page.language == "fr")
    #expect(page.robots.noindex && page.robots.nofollow && page.robots.text == "nofollow,noindex")
    #expect(page.refresh?.url?.path == "/r")
    #expect(page.links.map(\.kind) == [.canonical, .metaRefresh, .refresh, .canonical, .linkNext])
    #expect(page.links.map(\.position) == [0, 1, 2, 3, 4])

    var bare = read("<p>x")
    bare.add(header)
    #expect(bare.canonical?.path == "/h" && bare.language == "de")
    bare.add(facts(["Link": ["</de>; rel=\"next alternate\"; hreflang=de"]]))
    #expect(bare.alternates.map { "\($0.hreflang ?? "") \($0.url?.path ?? "")" } == ["de /de"])
  }
}
