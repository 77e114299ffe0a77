import Crawl
import Testing

@Suite struct JSONValueTests {
  private func value(_ text: String, deepest: Int = 64) -> JSONValue? {
    try? JSONValue(Array(text.utf8), deepest: deepest)
  }

  @Test(arguments: [
    (#" {"b" : [1, -2.5, true, false, null], "a":{}, "c":[] } "#, #"{"a":{},"b":[1,-2.5,true,false,null],"c":[]}"#),
    (#""\u00e4\n\r\t\b\f\/\\\"\ud83d\ude00é""#, #""ä\n\r\t\u0008\u000c/\\\"😀é""#),
    ("9223372036854775807", "9223372036854775807"), ("-0", "0"), ("12.0", "12"), ("1e3", "1000"), ("0.1E-2", "0.001"),
    ("1e-400", "0"), (#"{"a":1,"a":2}"#, #"{"a":2}"#),
    ("9223372036854775808", "9223372036854775808"), ("-18446744073709551615", "-18446744073709551615"),
    ("1e19", "1e+19"),
    // Different names, be they canonically equivalent.
    ("{\"\u{E9}\":1,\"e\u{301}\":2,\"\u{212A}\":3,\"K\":4}", "{\"K\":4,\"e\u{301}\":2,\"\u{E9}\":1,\"\u{212A}\":3}"),
    ("\"\"", "\"\""),
    // What is left of a pair that was cut in two.
    (#""\ud83d""#, "\"\u{FFFD}\""), (#""\ude00x""#, "\"\u{FFFD}x\""), (#""\ud83d\u0041""#, "\"\u{FFFD}A\""),
    (#""\ud83d\n""#, "\"\u{FFFD}\\n\""), (#""\ud83d\ud83d\ude00""#, "\"\u{FFFD}😀\""),
    (#"{"\udfff":1}"#, "{\"\u{FFFD}\":1}"),
  ])
  func isReadAndWritten(text: String, json: String) {
    #expect(value(text)?.json == Array(json.utf8))
  }

  @Test(arguments: [
    "", " ", "{", "[", "[1", "[1,", "[1,]", "[,1]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{1:2}", "[1 2]", "1 2",
    "tru", "nul", "TRUE", "01", "-", "-01", "1.", ".5", "1e", "1e+", "+1", "0x1", "1e400", "-1e400", "NaN", "\"", "\"a",
    #""\x""#, #""\u12""#, #""\u12g4""#, #""\ud80""#, #""\ud800\u12""#, #""\ud800\x""#, #""\ud800\"#, "\"\n\"",
    "\"\u{1}\"", "'a'",
  ])
  func whatIsNone(text: String) {
    #expect(value(text) == nil)
  }

  @Test func bytesThatAreNoUTF8AreNone() {
    #expect(throws: JSONFlaw.self) { try JSONValue([0x22, 0xFF, 0x22], deepest: 1) }
  }

  @Test(arguments: [
    ("", "JSON that ends too early"), (#"{"a":1,"#, "JSON that ends too early"),
    (#"{"a":1e400}"#, "the number 1e400, which no double is near"),
    (#"{"a":1,}"#, "what is no JSON, near byte 8"), ("[1] [2]", "what is no JSON, near byte 5"),
    ("[[1]]", "what is no JSON, near byte 2"),
  ])
  func whatIsNoneIsSaid(text: String, words: String) {
    let flaw = #expect(throws: JSONFlaw.self) { try JSONValue(Array(text.utf8), deepest: 1) }
    #expect(flaw?.description == words)
  }

  @Test func nestingIsBounded() {
    let text = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
    #expect(value(text) != nil)
    #expect(value("[\(text)]") == nil)
    #expect(value(String(repeating: "{\"a\":", count: 1_000_000)) == nil)
  }

  /// To find out by trial what each value is took 0.2 ms of each of these, a minute of all.
  @Test(.timeLimit(.minutes(1)), arguments: ["{}", "[]", "1", "\"\"", "null"])
  func manyDeepValuesAreReadInNoTime(member: String) throws {
    let members = Array(repeating: member, count: 200_000).joined(separator: ",")
    let text = String(repeating: "[", count: 60) + members + String(repeating: "]", count: 60)
    let json = try #require(value(text)).json
    #expect(json.elementsEqual(text.utf8))
  }
}
