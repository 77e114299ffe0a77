import Testing
import Units

@Suite struct NearestWordTests {
  private static let words = ["delay", "max_depth", "max_pages", "include", "headers", "rate", "ls"]

  @Test(arguments: [
    ("dealy", "delay"), ("depth", "max_depth"), ("header", "headers"), ("max_page", "max_pages"), ("lss", "ls"),
    ("raet", "rate"), ("delay", "delay"),
  ])
  func isMeant(text: String, word: String) {
    #expect(NearestWord.among(Self.words, to: text) == word)
  }

  @Test(arguments: ["", "max", "nonsense", "x", String(repeating: "delay", count: 20)])
  func isNot(text: String) {
    #expect(NearestWord.among(Self.words, to: text) == nil)
  }
}
