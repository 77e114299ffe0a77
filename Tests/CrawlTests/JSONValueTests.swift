import Crawl
import Testing

@Suite struct JSONValueTests {
  private func value(_ text: String, deepest: Int = 64) -> JSONValue? { JSONValue(Array(text.utf8), deepest: deepest) }

  @Test(arguments: [
    (#" {"b" : [1, -2.5, true, false, null], "a":{}, "c":[] } "#, #"{"a":{},"b":[1,-2.5,true,false,null],"c":[]}"#),
    (#""\u00e4\n\r\t\b\f\/\\\"\ud83d\ude00é""#, #""ä\n\r\t\u0008\u000c/\\\"😀é""#),
    ("9223372036854775807", "9223372036854775807"), ("-0", "0"), ("12.0", "12"), ("1e3", "1000"), ("0.1E-2", "0.001"),
    ("9223372036854775808", "9.223372036854776e+18"), ("1e-400", "0"), (#"{"a":1,"a":2}"#, #"{"a":2}"#),
    ("\"\"", "\"\""),
  ])
  func isReadAndWritten(text: String, json: String) {
    #expect((value(text)?.json).map { String(decoding: $0, as: UTF8.self) } == json)
  }

  @Test(arguments: [
    "", " ", "{", "[", "[1", "[1,", "[1,]", "[,1]", "{,}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, "{1:2}", "[1 2]", "1 2",
    "tru", "nul", "TRUE", "01", "-", "-01", "1.", ".5", "1e", "1e+", "+1", "0x1", "1e400", "-1e400", "NaN", "\"", "\"a",
    #""\x""#, #""\u12""#, #""\u12g4""#, #""\ud800""#, #""\ud800x""#, #""\ud800\u0041""#, #""\udc00""#, "\"\n\"",
    "\"\u{1}\"", "'a'",
  ])
  func whatIsNone(text: String) {
    #expect(value(text) == nil)
  }

  @Test func bytesThatAreNoUTF8AreNone() {
    #expect(JSONValue([0x22, 0xFF, 0x22], deepest: 1) == nil)
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
