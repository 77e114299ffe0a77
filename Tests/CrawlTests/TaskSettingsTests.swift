import Crawl
import Testing

@Suite struct TaskSettingsTests {
  @Test(arguments: [
    ("scope", ["domain"]), ("include", ["http://a/**", "http://b/*"]), ("exclude", []), ("follow", ["a", "img"]),
    ("nofollow", ["obey"]), ("max_depth", ["3"]), ("max_pages", ["none"]), ("max_bytes", ["10000000B"]),
    ("max_time", ["90s"]), ("concurrency", ["8"]), ("delay", ["250ms"]), ("rate", ["2.5"]), ("robots", ["ignore"]),
    ("priority", ["9"]), ("max_in_flight", ["100"]), ("store", ["meta"]), ("traps", ["off"]), ("host_budget", ["10"]),
    ("pattern_budget", ["none"]), ("drop_parameters", ["utm_*", "sid"]), ("keep_parameters", ["id,page"]),
    ("sort_query", ["on"]), ("lower_case_path", ["on"]),
  ])
  func aSettingIsReadAsItWasWritten(name: String, values: [String]) throws {
    var settings = TaskSettings()
    try settings.set(name, to: values)
    var again = TaskSettings()
    try again.set(name, to: settings.texts[name] ?? ["missing"])
    #expect(again.texts == settings.texts)
    #expect(settings.texts.keys.count == 23)
  }

  @Test(arguments: [
    ("delay", "soon"), ("delay", "8d"), ("delay", "-1"), ("concurrency", "0"), ("concurrency", "x"), ("scope", "world"),
    ("max_depth", "-1"), ("robots", "maybe"), ("rate", "0"), ("max_bytes", "0"), ("follow", "a,b"), ("priority", "10"),
    ("nothing", "1"), ("drop_parameters", "a=b"), ("keep_parameters", "a,b&c"), ("sort_query", "yes"),
    ("lower_case_path", "true"), ("drop_parameters", String(repeating: "x", count: 257)),
    ("drop_parameters", (0..<65).map(String.init).joined(separator: ",")),
  ])
  func whatIsNotAcceptedIsSaidWithWhatIs(name: String, value: String) {
    var settings = TaskSettings()
    let error = #expect(throws: CrawlError.self) { try settings.set(name, to: [value]) }
    #expect(error?.description.contains(name) == true)
    #expect(error?.description.contains("accepted: ") == true)
  }

  @Test func namesOfParametersAreASet() throws {
    var settings = TaskSettings()
    try settings.set("drop_parameters", to: ["sid,utm_*", "é", "%73id", ""])
    #expect(settings.texts["drop_parameters"] == ["%C3%A9", "sid", "utm_*"])
    try settings.set("drop_parameters", to: [])
    #expect(settings.texts["drop_parameters"] == [])
  }

  @Test func kindsAddToTheDefaultOrReplaceIt() throws {
    var settings = TaskSettings()
    try settings.set("follow", to: ["+img"])
    #expect(settings.texts["follow"] == ["a", "area", "img", "meta-refresh", "refresh", "redirect"])
    try settings.set("follow", to: ["a,img"])
    #expect(settings.texts["follow"] == ["a", "img"])
  }
}
