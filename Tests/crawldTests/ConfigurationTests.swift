import Crawl
import Glibc
import Politeness
import Testing
import Units
import crawld

@Suite struct ConfigurationTests {
  private func parse(_ text: String) throws(ConfigurationError) -> Configuration {
    try Configuration.parse(text: text, fileName: "c.toml")
  }

  private func error(_ text: String) -> String? {
    do {
      _ = try parse(text)
      return nil
    } catch {
      return error.description
    }
  }

  @Test func whatDiffersIsNamed() throws {
    let old = try parse("[daemon]\nshutdown_grace = 3\n[fetch]\nmax_ratio = 3\n[defaults]\ndelay = 1")
    var new = try parse("[fetch]\nmax_ratio = 4\n[defaults]\ndelay = 1\n[proxies.p]\nurl = \"http://a:1\"")
    #expect(new.differences(from: old) == ["daemon.shutdown_grace", "fetch.max_ratio", "proxies.p.url"])
    new.takeGrace(of: old)
    #expect(new.differences(from: old) == ["fetch.max_ratio", "proxies.p.url"])
    #expect(new.daemon.shutdownGrace == .seconds(3))
  }

  @Test(arguments: [
    ("crawld/1.0", "crawld"), ("MJ12bot/1.0 (+https://a.example/)", "MJ12bot"), ("shop-Bot_2 x", "shop-Bot_2"),
  ])
  func robotsGroupsAreFoundByWhatTheUserAgentBeginsWith(agent: String, token: String) throws {
    let configuration = try parse("[fetch]\nuser_agent = \"\(agent)\"")
    #expect(configuration.productToken == token)
    let robots = Array("User-agent: \(token)\nDisallow: /\n".utf8)
    #expect(!RobotsRules.parse(robots, productToken: configuration.productToken).verdict("/").allowed)
  }

  @Test func anEmptyFileIsTheDefaults() throws {
    let configuration = try parse("# nothing\n")
    #expect(configuration.daemon.shutdownGrace == .seconds(10))
    #expect(configuration.fetch.maxInFlight == nil)
    #expect(configuration.network.allow.isEmpty)
    #expect(configuration.userAgent == "crawld/1.0")
    #expect(configuration.productToken == "crawld")
  }

  @Test func valuesAreRead() throws {
    let configuration = try parse(
      """
      daemon.log_level = "debug"
      [fetch]
      max_in_flight = 500
      user_agent = "acme-Bot/2.1 (test)"
      contact = "https://acme.example/bot"
      max_body = 2_000_000
      connect_timeout = "1.5s"
      first_byte_timeout = 2
      total_timeout = 2.5
      verify_tls = false
      http_version = "1.1"
      [network]
      allow = [
        "127.0.0.0/8",
        "::1/128",
      ]
      [defaults]
      delay = "250ms"
      max_depth = 3
      """)
    #expect(configuration.daemon.logLevel == .debug)
    #expect(configuration.fetch.maxInFlight == 500)
    #expect(configuration.userAgent == "acme-Bot/2.1 (test) (+https://acme.example/bot)")
    #expect(configuration.productToken == "acme-Bot")
    #expect(configuration.fetch.maxBody == 2_000_000)
    #expect(configuration.fetch.connectTimeout == .milliseconds(1_500))
    #expect(configuration.fetch.firstByteTimeout == .seconds(2))
    #expect(configuration.fetch.totalTimeout == .milliseconds(2_500))
    #expect(!configuration.fetch.verifyTLS)
    #expect(configuration.fetch.httpVersion == .http1)
    #expect(configuration.network.allow == ["127.0.0.0/8", "::1/128"])
    #expect(configuration.defaults == ["delay": ["250ms"], "max_depth": ["3"]])
    #expect(configuration.lines["defaults.max_depth"] == 19)
    #expect(try configuration.taskDefaults().maxDepth == 3)
  }

  @Test(arguments: [
    ("[fetch]\nmax_bodie = 1", "c.toml:2: fetch.max_bodie: unknown key; accepted: max_in_flight user_agent"),
    ("\n[fetchh]\nx = 1", "c.toml:2: fetchh: unknown section; accepted: daemon fetch politeness"),
    ("fetch = 1", "c.toml:1: fetch: is no section; accepted: [fetch] and its keys"),
    (
      "[daemon]\nshutdown_grace = \"10 parsecs\"", "c.toml:2: daemon.shutdown_grace: “10 parsecs” has no unit of time"
    ),
    ("[daemon]\nshutdown_grace = \"11m\"", "out of range; accepted: a number with ms, s, m, h or d"),
    ("[daemon]\nshutdown_grace = \"11m\"", "from 0s to 10m"),
    ("[daemon]\nshutdown_grace = -1", "“-1” is no duration"),
    ("[daemon]\nshutdown_grace = true", "is true or false, no duration"),
    ("[daemon]\nlog_level = \"loud\"", "\"loud\" is not known; accepted: \"trace\", \"debug\""),
    ("[daemon]\nlog_level = 3", "is an integer, no string"),
    ("[daemon]\ndata = \"relative\"", "\"relative\" is not accepted; accepted: an absolute path"),
    ("[daemon]\nsocket = \"/\(String(repeating: "x", count: 107))\"", "at most 107 bytes"),
    ("[fetch]\nmax_in_flight = 0", "c.toml:2: fetch.max_in_flight: 0 is out of range; accepted: a whole number from 1"),
    ("[fetch]\nmax_in_flight = \"10\"", "is a string"), ("[fetch]\nmax_in_flight = 1.5", "is a decimal number"),
    ("[fetch]\nmax_body = \"10 mb\"", "has no unit of size that is known; accepted: a number with B, kB"),
    ("[fetch]\nmax_body = 10", "\"10\" is out of range; accepted: a number with B"),
    ("[fetch]\nuser_agent = \"a\\r\\nb: c\"", "\"a\\u{D"), ("[fetch]\nuser_agent = \"/1\"", "is not accepted"),
    ("[fetch]\ncontact = \"a) b\"", "without ( and )"), ("[fetch]\nverify_tls = \"yes\"", "accepted: true or false"),
    ("[network]\nallow = \"127.0.0.0/8\"", "is a string, no list"),
    ("[network]\nallow = [1]", "is an integer, no string"),
    ("[robots]\ncache = \"25h\"", "out of range"), ("[robots]\nproduct_token = \"a b\"", "letters, digits, - and _"),
    ("[dns]\ntimeout = 2020-01-01", "is a date, no duration"),
    (
      "[politeness]\nretry_delay = \"1h\"\nmax_retry_delay = \"1m\"",
      "c.toml:3: politeness.max_retry_delay: is less than"
    ),
    ("[credentials.a b]", "c.toml:1: is no TOML"),
    ("[credentials.\"a b\"]\nx = 1", "c.toml:1: credentials.a b: is no name"),
    ("\n[credentials]\nshop = 1", "c.toml:3: credentials.shop: is no section"),
    ("[credentials.shop]\norigins = []", "c.toml:1: credentials.shop: lacks origins"),
    ("[credentials.shop]\norigins = [\"https://a\"]", "c.toml:1: credentials.shop: lacks password; accepted: one of"),
    ("[credentials.shop]\norigins = \"https://a\"", "c.toml:2: credentials.shop.origins: is a string"),
    (
      "[credentials.shop]\norigins = [\"https://a\"]\npassword = 7\nuser = \"u\"",
      "c.toml:3: credentials.shop.password: is an integer; accepted: a string"
    ),
    (
      "[credentials.shop]\norigins = [\"https://a\"]\npassword = \"x\"\npassword_env = \"Y\"",
      "c.toml:1: credentials.shop: says more than once where password is"
    ),
    (
      "[credentials.shop]\norigins = [\"https://a\"]\npassword_file = \"relative\"",
      "c.toml:3: credentials.shop.password_file: is not accepted; accepted: an absolute path"
    ),
    (
      "[credentials.shop]\norigins = [\"https://a\"]\npassword = \"x\"\nscheme = \"ntlm\"",
      "c.toml:4: credentials.shop.scheme: is not known; accepted: \"basic\", \"digest\""
    ),
    (
      "[credentials.shop]\norigins = [\"https://a\"]\npassword = \"x\"\npasword = \"y\"",
      "c.toml:4: credentials.shop.pasword: unknown key; accepted: origins user password"
    ),
    ("[proxies.p]\nresolve = \"proxy\"", "c.toml:1: proxies.p: lacks url"),
    (
      "[proxies.p]\nurl = \"http://a:1\"\nresolve = \"me\"",
      "c.toml:3: proxies.p.resolve: is not known; accepted: \"crawld\""
    ),
    ("[certificates.c]\nkey = \"/k\"", "c.toml:1: certificates.c: lacks certificate; accepted: an absolute path"),
    ("[certificates.c]\ncertificate = \"c.pem\"", "c.toml:2: certificates.c.certificate: is not accepted"),
    ("[defaults]\ndelay = 2020-01-01", "c.toml:2: defaults.delay: is a date"),
    ("[tasks]\nmax_running = 1\nmax_running = 2", "c.toml:3: is no TOML"), ("[daemon\n", "c.toml:1: is no TOML"),
    ("\nmax_ratio = 3\n[tasks]", "c.toml:2: max_ratio: is a key outside a section; accepted: max_ratio below [fetch]"),
    ("delay = 3", "c.toml:1: delay: is a key outside a section; accepted: delay below [defaults]"),
    ("[fetch\n", "expected ']'"),
    ("[daemon]\n\nx = \u{0}", "c.toml:3: holds a NUL byte"), ("\"\u{1B}[31m\" = 1", "is no TOML"),
  ])
  func whatIsWrongIsSaidInOneLine(text: String, part: String) throws {
    let message = try #require(error(text))
    #expect(message.contains(part), "\(message)")
    #expect(!message.contains("\n"))
  }

  /// The commonest mistake: the key is named, and the line as it should stand.
  @Test(arguments: [
    (
      "[daemon]\nlog_level=info",
      "2: daemon.log_level: is no TOML: texts stand in quotation marks; accepted: log_level = \"info\""
    ),
    ("[daemon]\nshutdown_grace = 5s # short", "2: daemon.shutdown_grace: #; accepted: shutdown_grace = \"5s\""),
    ("[fetch]\nmax_body = 10 MiB\r\n", "2: fetch.max_body: #; accepted: max_body = \"10 MiB\""),
    ("daemon.data = /var/lib/crawld", "1: daemon.data: #; accepted: data = \"/var/lib/crawld\""),
    ("[network]\nallow = [127.0.0.0/8, ::1]", "2: network.allow: #; accepted: allow = [\"127.0.0.0/8\", \"::1\"]"),
    ("[defaults]\n\ndelay=1s", "3: defaults.delay: #; accepted: delay = \"1s\""),
    ("[fetch]\nverify_tls = yes", "2: fetch.verify_tls: #; accepted: true or false"),
    ("[daemon]\nlog_level = loud", "2: daemon.log_level: #; accepted: \"trace\", \"debug\""),
    ("[credentials.shop]\npassword = hunter2", "2: credentials.shop.password: #; accepted: password = \"…\""),
    ("password = hunter2", "1: password: #; accepted: password = \"…\""),
  ])
  func aTextWithoutQuotationMarks(text: String, words: String) throws {
    let words = words.split(separator: "#", maxSplits: 1).map(String.init)
      .joined(separator: "is no TOML: texts stand in quotation marks")
    let message = try #require(error(text))
    #expect(message.hasPrefix("c.toml:" + words) && !message.contains("hunter"), "\(message)")
  }

  @Test(arguments: [
    "[daemon]\nlog_level = \"info", "[daemon]\nlog_level =", "[daemon\nx = 1", "[dns]\nservers = [\"a\", b]",
  ])
  func whatElseIsNoTOML(text: String) throws {
    let message = try #require(error(text))
    #expect(message.contains("is no TOML: ") && !message.contains("texts stand in"), "\(message)")
  }

  @Test func theFirstErrorByLineIsTold() {
    #expect(error("[tasks]\nmax_running = 0\n[daemon]\nlog_level = \"x\"")?.hasPrefix("c.toml:2:") == true)
    #expect(error("[daemon]\nlog_level = \"x\"\n[tasks]\nmax_running = 0")?.hasPrefix("c.toml:2:") == true)
  }

  @Test(arguments: [
    ("daemon.log_level = 1", 1), ("[ daemon ] # x\n'log_level' = 1", 2), ("daemon = { log_level = 1 }", 1),
    ("[daemon]\ndata = \"\"\"\n/log_level = 9\nlog_level = 9\"\"\"\nlog_level = 1", 5),
    ("# log_level = 1\n[fetch]\n#x\n[daemon]\n  log_level=1", 5), ("#\r\n\r\n[daemon]\r\nlog_level = 1\r\n", 4),
    ("\"daemon\" . \"log_level\" = 1", 1),
  ])
  func theLineIsFound(text: String, line: Int) {
    #expect(error(text)?.hasPrefix("c.toml:\(line): daemon.log_level:") == true, "\(error(text) ?? "no error")")
  }

  @Test func taskSettingsAreRefusedWithTheirLine() throws {
    let configuration = try parse("[defaults]\ndelay = \"1s\"\nmax_depth = \"deep\"")
    do {
      _ = try configuration.taskDefaults()
      Issue.record("a depth that is no number was accepted")
    } catch {
      #expect(error.description.hasPrefix("c.toml:3: defaults.max_depth: “deep”"))
    }
    let unknown = try parse("[defaults]\ndepth = 1")
    let refusal = #expect(throws: ConfigurationError.self) { try unknown.taskDefaults() }
    #expect(refusal?.line == 2)
  }

  /// As a value of any other key: a list is no duration, even if its first item is one, and a decimal no size.
  @Test(arguments: [
    ("timeout = [\"10s\", \"1h\"]", "timeout: is a list, no duration"),
    ("timeout = true", "timeout: is true or false, no duration"),
    ("max_waiting_bytes = 1.5", "max_waiting_bytes: is a decimal number, no size"),
    ("text = [\"1kB\"]", "text: is a list, no size"), ("processes = [1]", "processes: is a list"),
  ])
  func aHandlersValueIsOfItsKind(line: String, words: String) throws {
    let handler = "[handlers.x]\nprogram = \"/bin/true\"\nkinds = [\"filter-url\"]\n"
    let message = try #require(error(handler + line))
    #expect(message.hasPrefix("c.toml:4: handlers.x.") && message.contains(words), "\(message)")
    #expect(error(handler + "timeout = 1.5\nmax_waiting_bytes = 7") == nil)
  }

  @Test func aFileThatIsTooLargeIsRefused() {
    let text = "#" + String(repeating: "x", count: Configuration.maximumBytes)
    #expect(error(text) == "c.toml: is larger than 1MiB")
  }

  // MARK: config/crawld.toml

  /// The file with its defaults taken in.
  private func example() throws -> String {
    let path = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let file = try #require(fopen("/\(path)/config/crawld.toml", "r"))
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 100_000)
    let count = fread(&bytes, 1, bytes.count, file)
    let lines = String(decoding: bytes[..<count], as: UTF8.self).split(
      separator: "\n", omittingEmptySubsequences: false)
    return lines.map { $0.hasPrefix("#") && !$0.hasPrefix("# ") ? String($0.dropFirst()) : String($0) }
      .joined(separator: "\n")
  }

  @Test func theExampleHasEveryKeyAndEveryDefault() throws {
    let example = try parse(example())
    #expect(try example.taskDefaults().texts == TaskSettings().texts)
    let named = [Array(example.credentials.keys), Array(example.proxies.keys), Array(example.certificates.keys)]
    #expect(named == [["shop"], ["office"], ["partner"]])
    #expect(Array(example.handlers.keys) == ["languages"])
    for key in Configuration.keys {
      #expect(example.lines["\(key.section).\(key.name)"] != nil, "\(key.section).\(key.name) is not explained")
    }
    // Keys without a fixed default stand there with an example.
    var same = example
    same.daemon.data = nil
    same.daemon.socket = nil
    same.fetch.maxInFlight = nil
    same.fetch.contact = nil
    same.fetch.certificateAuthorities = nil
    same.dns.hostsFile = nil
    same.robots.productToken = nil
    let defaults = Configuration()
    #expect("\(same.daemon)" == "\(defaults.daemon)")
    #expect("\(same.fetch)" == "\(defaults.fetch)")
    #expect("\(same.politeness)" == "\(defaults.politeness)")
    #expect("\(same.network)" == "\(defaults.network)")
    #expect("\(same.dns)" == "\(defaults.dns)")
    #expect("\(same.robots)" == "\(defaults.robots)")
    #expect("\(same.tasks)" == "\(defaults.tasks)")
    #expect("\(same.store)" == "\(defaults.store)")
  }
}
