import Testing
import Units

@Suite struct PluralTextTests {
  @Test(arguments: [
    (0, "URL", "0 URLs"), (1, "URL", "1 URL"), (12_345, "URL", "12345 URLs"), (2, "fetch", "2 fetches"),
    (2, "process", "2 processes"), (1, "fetch", "1 fetch"),
  ])
  func numbersHaveTheirNouns(number: Int, noun: String, text: String) {
    #expect(PluralText.count(number, noun) == text)
    #expect(PluralText.count(number, noun, "is", "are") == text + (number == 1 ? " is" : " are"))
  }
}
