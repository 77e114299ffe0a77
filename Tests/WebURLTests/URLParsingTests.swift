import Testing
import WebURL

/// The parser's states, one table each, written from the text of the WHATWG URL Standard. nil = failure.
@Suite struct URLParsingTests {
  private func expect(_ input: String, _ base: String?, _ expected: String?, _ location: SourceLocation) throws {
    let baseURL = try base.map { try #require(WebURL($0), sourceLocation: location) }
    #expect(
      WebURL(input, base: baseURL)?.href == expected, "\(input) on \(base ?? "no base")", sourceLocation: location)
  }

  private func expect(
    base: String? = nil, _ table: KeyValuePairs<String, String?>, location: SourceLocation = #_sourceLocation
  ) throws {
    for (input, expected) in table { try expect(input, base, expected, location) }
  }

  @Test func absolute() throws {
    try expect([
      "http://example.com": "http://example.com/",
      "HTTP://EXAMPLE.com/A": "http://example.com/A",
      "https://example.com:443/": "https://example.com/",
      "https://example.com:80/": "https://example.com:80/",
      "http://example.com:/": "http://example.com/",
      "http://example.com:00000000000000000000080/": "http://example.com/",
      "http://example.com:65535": "http://example.com:65535/",
      "http://example.com:65536": nil,
      "http://example.com:99999999999999999999": nil,
      "http://example.com:8a": nil,
      "http://example.com:-1": nil,
      "http:example.com": "http://example.com/",
      "http:/example.com/": "http://example.com/",
      "http:\\\\example.com\\a\\b": "http://example.com/a/b",
      "http://////example.com///a": "http://example.com///a",
      "  \u{1}http://example.com/ \n": "http://example.com/",
      "ht\ntp:\t//exa\rmple.com/a\nb": "http://example.com/ab",
      "http://": nil, "http:": nil, "http://?": nil, "http://:80/": nil, "http://@/": nil, "http://a@": nil,
      "": nil, "example.com": nil, "/path": nil, "#x": nil, "1http://a": nil, "://a": nil,
      "ws://h:80/": "ws://h/", "wss://h:443/": "wss://h/", "ftp://h:21/x": "ftp://h/x",
    ])
  }

  @Test func credentials() throws {
    try expect([
      "http://user:pass@h/": "http://user:pass@h/",
      "http://user@h/": "http://user@h/",
      "http://user:@h/": "http://user@h/",
      "http://:pass@h/": "http://:pass@h/",
      "http://:@h/": "http://h/",
      "http://@h/": "http://h/",
      "http://a@b@c/": "http://a%40b@c/",
      "http://a:b:c@h/": "http://a:b%3Ac@h/",
      "http://a b[]:'@h": "http://a%20b%5B%5D:'@h/",
      "http://u\\p@h/": "http://u/p@h/",
      "foo://u\\p@h/": "foo://u%5Cp@h/",
      "http://user:pass@/": nil,
    ])
  }

  @Test func relative() throws {
    try expect(
      base: "http://u:p@example.com:8080/a/b;c?d=e#f",
      [
        "": "http://u:p@example.com:8080/a/b;c?d=e",
        "#x": "http://u:p@example.com:8080/a/b;c?d=e#x",
        "?x": "http://u:p@example.com:8080/a/b;c?x",
        "?": "http://u:p@example.com:8080/a/b;c?",
        "x": "http://u:p@example.com:8080/a/x",
        "x/": "http://u:p@example.com:8080/a/x/",
        "./x": "http://u:p@example.com:8080/a/x",
        ".": "http://u:p@example.com:8080/a/",
        "..": "http://u:p@example.com:8080/",
        "../x": "http://u:p@example.com:8080/x",
        "../../../x": "http://u:p@example.com:8080/x",
        "/x": "http://u:p@example.com:8080/x",
        "\\x": "http://u:p@example.com:8080/x",
        "/": "http://u:p@example.com:8080/",
        "//h": "http://h/",
        "/\\h/x": "http://h/x",
        "///h/x": "http://h/x",
        "http:x": "http://u:p@example.com:8080/a/x",
        "http:/x": "http://u:p@example.com:8080/x",
        "http:": "http://u:p@example.com:8080/a/b;c?d=e",
        "https:x": "https://x/",
        "x:y": "x:y",
        "a:b": "a:b",
        "./a:b": "http://u:p@example.com:8080/a/a:b",
        "//": nil, "//:80": nil, "http://": nil,
      ])
  }

  @Test func dotSegments() throws {
    try expect(
      base: "http://h/a/b/c",
      [
        "/x/./y/../z": "http://h/x/z",
        "/x/%2e/y/%2E%2e/z": "http://h/x/z",
        "/x/.%2e": "http://h/",
        "/x/%2e.": "http://h/",
        "/x/%2e%2e/": "http://h/",
        "/x/...": "http://h/x/...",
        "/x/..a/.b/": "http://h/x/..a/.b/",
        "/x/%2e%2e%2e": "http://h/x/%2e%2e%2e",
        "/x/.?q": "http://h/x/?q",
        "/x/..#f": "http://h/#f",
        "//h2/..//a/.//b": "http://h2//a//b",
        "/x//../y": "http://h/x/y",
        "d/../../e": "http://h/a/e",
        ".\\..\\x": "http://h/a/x",
      ])
  }

  @Test func notSpecial() throws {
    try expect([
      "foo://h/a/../b": "foo://h/b",
      "foo://h": "foo://h",
      "foo://h?q": "foo://h?q",
      "foo://H:80/": "foo://H:80/",
      "foo:///x": "foo:///x",
      "foo://": "foo://",
      "foo://a\\b/": nil,
      "foo://h/a\\b": "foo://h/a\\b",
      "foo:/a/b": "foo:/a/b",
      "foo:/..//a": "foo:/.//a",
      "foo:/.//a": "foo:/.//a",
      "foo://:80": nil, "foo://u@": nil, "foo://h:x": nil,
      "foo://a%zz é/": nil, "foo://é/": "foo://%C3%A9/",
      "mailto:a@b c": "mailto:a@b c",
      "javascript:alert('<é>')": "javascript:alert('<%C3%A9>')",
      "data:text/plain,x #y": "data:text/plain,x%20#y",
      "data:x  ?y": "data:x %20?y",
      "about:blank": "about:blank",
      "x:": "x:",
    ])
    try expect(
      base: "foo:/a/b",
      [
        "//h/x": "foo://h/x", "c": "foo:/a/c", "..": "foo:/", "..//x": "foo:/.//x", "?q": "foo:/a/b?q",
        "\\x": "foo:/a/\\x",
      ])
    try expect(base: "foo:/.//p", ["": "foo:/.//p", "#f": "foo:/.//p#f", "../q": "foo:/q", "x": "foo:/.//x"])
    try expect(base: "foo://h", ["x": "foo://h/x", "": "foo://h", "?q": "foo://h?q", "/": "foo://h/"])
    try expect(base: "mailto:a?q#f", ["": nil, "x": nil, "?x": nil, "#x": "mailto:a?q#x", "http://h": "http://h/"])
  }

  @Test func file() throws {
    try expect([
      "file:///a/b": "file:///a/b",
      "file:a": "file:///a",
      "file:/a": "file:///a",
      "file://localhost/a": "file:///a",
      "file://LOCALHOST/a": "file:///a",
      "file://host/a": "file://host/a",
      "file://host:80/a": nil,
      "file:C|/x": "file:///C:/x",
      "file:///C|/../..": "file:///C:/",
      "file://C:/x": "file:///C:/x",
      "file:///Cx/..": "file:///",
      "file:///C|x": "file:///C|x",
      "file:\\\\host\\a": "file://host/a",
      "file:": "file:///",
      "file:?q#f": "file:///?q#f",
    ])
    try expect(
      base: "file://host/C:/a/b?q",
      [
        "": "file://host/C:/a/b?q",
        "?x": "file://host/C:/a/b?x",
        "#x": "file://host/C:/a/b?q#x",
        "c": "file://host/C:/a/c",
        "/c": "file://host/C:/c",
        "/D:/c": "file://host/D:/c",
        "D|": "file://host/D:",
        "D|x": "file://host/C:/a/D|x",
        "../../../..": "file://host/C:/",
        "//other/c": "file://other/c",
        "///c": "file:///c",
      ])
  }

  @Test func everyByteOfEachComponent() throws {
    // All printable ASCII characters and one of two bytes, in a component each.
    let kept = " !\"$&'()*+,-.0A_`a{|}~^[]<>@=;:%é"
    let url = try #require(WebURL("http://h/\(kept)?\(kept)#\(kept)"))
    #expect(url.path == "/%20!%22$&'()*+,-.0A_%60a%7B|%7D~%5E[]%3C%3E@=;:%%C3%A9")
    #expect(url.query == "%20!%22$&%27()*+,-.0A_`a{|}~^[]%3C%3E@=;:%%C3%A9")
    #expect(url.fragment == "%20!%22$&'()*+,-.0A_%60a{|}~^[]%3C%3E@=;:%%C3%A9")
    #expect(WebURL("foo://h/?'")?.query == "'")
    #expect(WebURL("http://h/\u{1F}\u{7F}\u{0}x")?.path == "/%1F%7F%00x")
    #expect(WebURL("http://h/?a#b#c?d")?.fragment == "b#c?d")
    #expect(WebURL("http://h/?a?b")?.query == "a?b")
  }

  @Test func bytesThatAreNotUTF8AreReplaced() throws {
    let bytes: [UInt8] = Array("http://h/a".utf8) + [0xFF, 0xC3] + Array("b?".utf8) + [0xE2, 0x82]
    let url = try bytes.withUnsafeBufferPointer { try WebURL.parse($0, base: nil, keepFragment: true) }
    #expect(url.href == "http://h/a%EF%BF%BD%EF%BF%BDb?%EF%BF%BD")
    let host: [UInt8] = Array("http://h".utf8) + [0xFF] + Array("/".utf8)
    #expect(throws: WebURLError.domainInvalid) {
      try host.withUnsafeBufferPointer { try WebURL.parse($0, base: nil, keepFragment: true) }
    }
  }

  @Test func theFragmentIsLeftOutOnRequest() throws {
    let base = try #require(WebURL("http://h/a#base"))
    func parse(_ text: String) throws -> String {
      try Array(text.utf8).withUnsafeBufferPointer { try WebURL.parse($0, base: base, keepFragment: false).href }
    }
    #expect(try parse("b?c#d") == "http://h/b?c")
    #expect(try parse("#d") == "http://h/a")
    #expect(try parse("") == "http://h/a")
    #expect(try parse("mailto:x #y") == "mailto:x%20")
  }

  @Test(arguments: [
    ("x", WebURLError.relativeWithoutBase), ("http://", .hostMissing), ("http://a b/", .hostHasForbiddenCodePoint),
    ("http://xn--a.ß/", .domainInvalid), ("http://1.2.3.4.5/", .ipv4Invalid), ("http://[1::2::3]/", .ipv6Invalid),
    ("http://h:x/", .portInvalid), ("http://h:70000/", .portOutOfRange),
    ("http://\(String(repeating: "é.", count: 1_100))/", .domainTooLong),
    ("http://a.\(String(repeating: "é", count: 129)).b/", .domainTooLong),
  ])
  func aFailureHasAReason(_ text: String, _ reason: WebURLError) {
    #expect(throws: reason) {
      try Array(text.utf8).withUnsafeBufferPointer { try WebURL.parse($0, base: nil, keepFragment: true) }
    }
    #expect(!reason.description.isEmpty)
  }
}
