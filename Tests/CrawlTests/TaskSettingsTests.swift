import Crawl
import Testing

@Suite struct TaskSettingsTests {
  @Test(arguments: [
    ("scope", ["domain"]), ("include", ["http://a/**", "http://b/*"]), ("exclude", []), ("follow", ["a", "img"]),
    ("nofollow", ["obey"]), ("max_depth", ["3"]), ("max_pages", ["none"]), ("max_bytes", ["10000000B"]),
    ("max_time", ["90s"]), ("every", ["6h"]), ("every", ["none"]), ("keep_last", ["3"]), ("concurrency", ["8"]),
    ("delay", ["250ms"]),
    ("rate", ["2.5"]), ("robots", ["ignore"]),
    ("priority", ["9"]), ("max_in_flight", ["100"]), ("store", ["text"]), ("store", ["body"]), ("store", ["all"]),
    ("traps", ["off"]), ("host_budget", ["10"]),
    ("pattern_budget", ["none"]), ("drop_parameters", ["utm_*", "sid"]), ("keep_parameters", ["id,page"]),
    ("sort_query", ["on"]), ("lower_case_path", ["on"]), ("user_agent", ["shop-Bot/2.0 (+https://shop.test/)"]),
    ("user_agent", ["none"]), ("http_version", ["1.1"]), ("verify_tls", ["off"]), ("cookies", ["on"]),
    ("proxy", ["office"]), ("proxy", ["none"]), ("certificate", ["partner"]), ("handlers", ["a", "b"]),
    ("credentials", ["shop,wiki", "shop"]),
    ("headers", ["Accept-Language: de, en;q=0.5", "X-Empty:", "X-Id:  7 "]),
  ])
  func aSettingIsReadAsItWasWritten(name: String, values: [String]) throws {
    var settings = TaskSettings()
    try settings.set(name, to: values)
    var again = TaskSettings()
    try again.set(name, to: settings.texts[name] ?? ["missing"])
    #expect(again.texts == settings.texts)
    #expect(settings.texts.keys.count == 34)
  }

  @Test(arguments: [
    ("delay", "soon"), ("every", "0"), ("every", "4000d"), ("keep_last", "0"), ("delay", "8d"), ("delay", "-1"),
    ("concurrency", "0"),
    ("concurrency", "x"), ("scope", "world"),
    ("max_depth", "-1"), ("robots", "maybe"), ("rate", "0"), ("max_bytes", "0"), ("follow", "a,b"), ("priority", "10"),
    ("nothing", "1"), ("drop_parameters", "a=b"), ("keep_parameters", "a,b&c"), ("sort_query", "yes"),
    ("lower_case_path", "true"), ("drop_parameters", String(repeating: "x", count: 257)),
    ("drop_parameters", (0..<65).map(String.init).joined(separator: ",")), ("user_agent", "1/shop"),
    ("user_agent", "shop\r\nX: 1"), ("user_agent", "shöp"), ("user_agent", String(repeating: "x", count: 257)),
    ("http_version", "3"), ("verify_tls", "no"), ("cookies", "yes"), ("headers", "Accept"), ("headers", ": x"),
    ("headers", "X Y: z"),
    ("headers", "X-A: 1\r\nX-B: 2"),
    ("headers", "X-A: \0"), ("headers", "X-A: \u{7F}"), ("headers", "Ünicode: 1"), ("headers", "host: other.test"),
    ("headers", "HOST : other.test"), ("headers", "Cookie: a=b"), ("headers", "authorization: Basic eDp5"),
    ("headers", "If-None-Match: *"), ("headers", "Content-Length: 5"), ("headers", "Transfer-Encoding: chunked"),
    ("headers", "Connection: close"), ("headers", "Range: bytes=0-"), ("headers", "Proxy-Authorization: Basic eDp5"),
    ("headers", "User-Agent: x"), ("headers", "Referer: http://a/"), ("headers", "Accept-Encoding: *"),
    ("include", "["), ("exclude", "*.html"), ("include", "http://a/b c"),
    ("headers", "X-A: " + String(repeating: "x", count: 4_096)),
  ])
  func whatIsNotAcceptedIsSaidWithWhatIs(name: String, value: String) {
    var settings = TaskSettings()
    let error = #expect(throws: CrawlError.self) { try settings.set(name, to: [value]) }
    #expect(error?.description.contains(name) == true)
    #expect(error?.description.contains("accepted: ") == true)
  }

  @Test func aSizeOfNothingIsASizeOutOfRange() {
    var settings = TaskSettings()
    let problems = ["0", "0kB", "x"].map { text in
      (#expect(throws: CrawlError.self) { try settings.set("max_bytes", to: [text]) })?.description ?? ""
    }
    #expect(problems.map { $0.contains("is out of range") } == [true, true, false], "\(problems)")
  }

  /// As it does what is no list, unless it may be a value itself.
  @Test(arguments: [
    ("include", "**.html"), ("exclude", "**.html"), ("headers", "X-A: 1"), ("credentials", "shop"), ("handlers", "a"),
    ("follow", "a"), ("drop_parameters", "utm_*"), ("keep_parameters", "id"),
  ])
  func noneClearsAList(name: String, value: String) throws {
    for nothing in ["none", ""] {
      var settings = TaskSettings()
      try settings.set(name, to: [value])
      try settings.set(name, to: [nothing])
      #expect(settings.texts[name] == [])
    }
    var settings = TaskSettings()
    let wrong = String(repeating: "no ", count: 1_000)
    let error = #expect(throws: CrawlError.self) { try settings.set(name, to: [wrong]) }
    #expect(error?.description.contains("none") == true)
  }

  /// A task that an earlier version has added with that name goes on as it was.
  @Test(arguments: ["drop_parameters", "keep_parameters"])
  func noneMayBeTheNameOfAParameterAmongOthersOrInADatabase(name: String) throws {
    var settings = TaskSettings()
    try settings.set(name, to: ["none", "id"])
    #expect(settings.texts[name] == ["id", "none"])
    try settings.set(name, to: ["none"], isStored: true)
    #expect(settings.texts[name] == ["none"])
  }

  /// A task that was told so before would else crawl what it was not to.
  @Test func aPatternThatIsStoredStaysInForce() throws {
    var settings = TaskSettings()
    for pattern in ["*.html", "none"] {
      try settings.set("include", to: [pattern], isStored: true)
      #expect(settings.texts["include"] == [pattern])
    }
  }

  @Test func aNameThatIsNearlyOneIsTold() {
    var settings = TaskSettings()
    let error = #expect(throws: CrawlError.self) { try settings.set("depth", to: ["3"]) }
    #expect(error?.description.contains("did you mean max_depth?") == true)
  }

  @Test func namesOfParametersAreASet() throws {
    var settings = TaskSettings()
    try settings.set("drop_parameters", to: ["sid,utm_*", "é", "%73id", ""])
    #expect(settings.texts["drop_parameters"] == ["%C3%A9", "sid", "utm_*"])
    try settings.set("drop_parameters", to: [])
    #expect(settings.texts["drop_parameters"] == [])
  }

  @Test func fieldsAreTrimmedAndKeptInOrder() throws {
    var settings = TaskSettings()
    try settings.set("headers", to: ["X-B:\t two words ", "", "x-a:1", "X-Empty: "])
    #expect(settings.texts["headers"] == ["X-B: two words", "x-a: 1", "X-Empty: "])
    #expect(throws: CrawlError.self) { try settings.set("headers", to: (0...64).map { "X-\($0): 1" }) }
    try settings.set("headers", to: [""])
    #expect(settings.texts["headers"] == [])
  }

  @Test func kindsAddToTheDefaultOrReplaceIt() throws {
    var settings = TaskSettings()
    try settings.set("follow", to: ["+img"])
    #expect(settings.texts["follow"] == ["a", "area", "img", "meta-refresh", "refresh", "redirect"])
    try settings.set("follow", to: ["a,img"])
    #expect(settings.texts["follow"] == ["a", "img"])
  }
}
