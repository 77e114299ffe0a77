import Parse
import Testing
import WebURL

struct RefreshTests {
  @Test(
    arguments: [
      ("5", 5, nil), ("0; url=x", 0, "x"), (" 3 , URL = 'a b' c", 3, "a b"), ("1;x", 1, "x"), ("1 x", 1, "x"),
      ("1;'x'y", 1, "x"), ("1;\"x", 1, "x"), ("1;url", 1, "url"), ("1;url x", 1, "url x"), ("1;ur=x", 1, "ur=x"),
      ("1;url=", 1, ""), ("1.5; url=x", 1, "x"), (".5;url=x", 0, "x"), ("1;;url=x", 1, ";url=x"), ("1;", 1, nil),
      ("99999999999999999999;url=x", 2_147_483_647, "x"), ("1;\turl\n=\n\"x\"", 1, "x"), ("1;url='", 1, ""),
    ] as [(String, Int, String?)])
  func texts(text: String, seconds: Int, url: String?) throws {
    let refresh = try #require(Refresh(text))
    #expect(refresh.seconds == seconds && refresh.url == url)
  }

  @Test(arguments: ["", "x", "-1;url=x", ";url=x", "1x;url=y", "url=x"])
  func textsThatMeanNothing(text: String) {
    #expect(Refresh(text) == nil)
  }

  @Test func aRefreshOfThePageItselfIsNoLink() {
    #expect(read("<meta http-equiv=refresh content=30>").refresh == nil)
    #expect(
      links("<meta http-equiv=refresh content=30><body><meta http-equiv=REFRESH content='0;url=/x'>") == [
        "meta-refresh /x"
      ])
  }

  @Test(arguments: [
    ("<meta http-equiv=refresh content='0;a'><base href=/b/>", "/dir/a"),
    ("<base href=/b/><meta http-equiv=refresh content='0;a'>", "/b/a"),
    ("<base href=/b/><meta http-equiv=refresh content='0;a'><base href=/c/>", "/b/a"),
  ])
  func aRefreshIsJoinedWithTheBaseBeforeIt(head: String, path: String) {
    for sparing in [false, true] {
      var limits = ParseLimits()
      limits.keepsValues = !sparing
      let html = Array("<link rel=next href=a>\(head)<a href=a>".utf8)
      let page = PageReader.read(html, url: documentURL, contentType: "text/html", limits: limits)
      #expect(page.refresh?.url?.path == path)
      #expect(page.links.filter { $0.kind == .a || $0.kind == .linkNext }.map { $0.url?.path } == ["/b/a", "/b/a"])
    }
  }
}
