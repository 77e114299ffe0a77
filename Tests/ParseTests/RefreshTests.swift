import Parse
import Testing

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
}
