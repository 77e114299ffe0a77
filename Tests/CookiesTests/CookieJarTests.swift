import Cookies
import Testing
import WebURL

/// One second; times are microseconds.
private let second: Int64 = 1_000_000
private let day = 86_400 * second
/// 2026-01-01 00:00:00 UTC.
private let now: Int64 = 1_767_225_600 * second

extension CookieJar {
  fileprivate mutating func store(_ field: String, from url: WebURL, now: Int64) {
    store(Array(field.utf8), from: url, now: now)
  }
}

/// A jar into which `field` was set by `origin`, asked for what goes to `target`.
private func sent(_ fields: [String], from origin: String, to target: String, after time: Int64 = 0) -> String? {
  var jar = CookieJar()
  for field in fields { jar.store(field, from: WebURL(origin)!, now: now) }
  return jar.field(for: WebURL(target)!, now: now + time)
}

@Suite struct CookieJarTests {
  @Test(arguments: [
    ("a=b", "a=b"), ("  a \t=\t b c ; x", "a=b c"), ("a=b=c", "a=b=c"), ("a=\"b\"", "a=\"b\""), ("a=", "a="),
    ("=b", "b"), ("b", "b"), ("a=b;;; ;=;Path", "a=b"), ("a=b; pAtH=/; SECURE", "a=b"), ("é=ü", "é=ü"),
    ("a=b,c=d", "a=b,c=d"), ("a=b; Max-Age=1", "a=b"), ("a=b; Max-Age=x; Expires=never", "a=b"),
    ("a=b; Expires=Wed, 01 Jan 2020 00:00:00 GMT; Max-Age=5", "a=b"),
    ("a=b; domain=", "a=b"), ("a=b; domain=.", "a=b"), ("a=b; domain=shop.test; domain=", "a=b"),
    ("a=b; Path=nowhere", "a=b"), ("a=b; SameSite=Strict", "a=b"), ("a=b; HttpOnly", "a=b"),
    ("a=b; SameSite=None; Secure", "a=b"), ("__Secure-a=b; Secure", "__Secure-a=b"),
    ("__Host-a=b; Secure; Path=/", "__Host-a=b"), ("a=b; Max-Age=99999999999999999999", "a=b"),
  ])
  func whatServersWriteIsReadAsBrowsersDo(field: String, cookie: String) {
    #expect(sent([field], from: "https://shop.test/", to: "https://shop.test/") == cookie)
  }

  @Test(arguments: [
    "", "   ", "=", ";a=b", "a=b\u{0}c", "a\nb=c", "a=b; x=\u{1}", "a=b\u{7F}", "a=b; Max-Age=0", "a=b; Max-Age=-5",
    "a=b; Expires=Wed, 31 Dec 2025 23:59:59 GMT", "a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    "a=b; domain=other.test", "a=b; domain=test", "a=b; domain=www.shop.test", "a=b; domain=op.test",
    "a=b; domain=..shop.test", "__Secure-a=b", "__SECURE-a=b", "__Host-a=b; Secure",
    "__Host-a=b; Secure; Path=/; Domain=shop.test", "__Host-a=b; Secure; Path=/x", "=__Host-a; Secure; Path=/",
    "a=b; SameSite=None", "a=" + String(repeating: "x", count: 4_096),
  ])
  func whatIsToBeIgnoredIs(field: String) {
    #expect(sent([field], from: "https://shop.test/", to: "https://shop.test/x") == nil)
  }

  /// In Shift_JIS, in UTF-8, in a part of it, and private characters that stand for bytes elsewhere.
  @Test(
    arguments: [
      [0x93, 0xFA], Array("日".utf8), [0xE6, 0x97], [0xC0, 0x80, 0xFF, 0x41], Array("\u{EF93}\u{EFFA}".utf8), [0xE9],
      Array("\u{EF7F}\u{F000}".utf8) + [0xEF],
    ] as [[UInt8]])
  func whatIsSetGoesBackByteForByte(value: [UInt8]) throws {
    let url = WebURL("https://shop.test/")!
    var jar = CookieJar()
    let name = Array("a".utf8) + value
    let pair = name + Array("=".utf8) + value
    jar.store(pair + Array("; Path=/".utf8), from: url, now: now)
    let sent = jar.field(for: url, now: now)
    let field = try #require(sent)
    #expect(CookieOctets.octets(field) == pair)
    var stored: [Cookie] = []
    for case .put(let cookie) in jar.takeChanges() { stored.append(cookie) }
    var again = CookieJar(stored, now: now)
    #expect(again.field(for: url, now: now).map(CookieOctets.octets) == pair)
    // The same cookie, and not one more.
    jar.store(name + Array("=x".utf8), from: url, now: now)
    #expect(jar.count == 1)
  }

  @Test func whatIsUTF8IsKeptAsItIs() {
    #expect(CookieOctets.text(Array("é日\u{1F36A}".utf8)) == "é日\u{1F36A}")
    #expect(CookieOctets.text([0x41, 0xE9, 0x42]) == "A\u{EFE9}B" && CookieOctets.text([]) == "")
    // Limits count what servers have sent.
    let long = Array("a=".utf8) + [UInt8](repeating: 0xE9, count: 4_095)
    var jar = CookieJar()
    jar.store(long, from: WebURL("https://shop.test/")!, now: now)
    jar.store(long + [0xE9], from: WebURL("https://shop.test/")!, now: now)
    #expect(jar.field(for: WebURL("https://shop.test/")!, now: now).map(CookieOctets.octets) == long)
  }

  // MARK: Where it goes back to

  @Test(arguments: [
    ("a=b", "https://shop.test/", "https://shop.test/", true), ("a=b", "https://shop.test/", "http://shop.test/", true),
    ("a=b", "https://shop.test/", "https://shop.test:8443/", true),
    ("a=b", "https://shop.test/", "https://www.shop.test/", false),
    ("a=b; domain=shop.test", "https://shop.test/", "https://www.shop.test/", true),
    ("a=b; domain=.SHOP.test", "https://www.shop.test/", "https://shop.test/", true),
    ("a=b; domain=shop.test", "https://www.shop.test/", "https://myshop.test/", false),
    ("a=b; domain=shop.test", "https://www.shop.test/", "https://other.test/", false),
    ("a=b; secure", "https://shop.test/", "http://shop.test/", false),
    ("a=b; secure", "http://shop.test/", "https://shop.test/", false),
    // Public suffixes.
    ("a=b; domain=co.uk", "https://shop.co.uk/", "https://shop.co.uk/", false),
    ("a=b; domain=github.io", "https://shop.github.io/", "https://shop.github.io/", false),
    ("a=b; domain=github.io", "https://github.io/", "https://github.io/", true),
    ("a=b; domain=github.io", "https://github.io/", "https://shop.github.io/", false),
    ("a=b; domain=shop.co.uk", "https://www.shop.co.uk/", "https://shop.co.uk/", true),
    // Addresses have no parents.
    ("a=b", "http://127.0.0.1/", "http://127.0.0.1/", true),
    ("a=b; domain=127.0.0.1", "http://127.0.0.1/", "http://127.0.0.1/", true),
    ("a=b; domain=0.0.1", "http://127.0.0.1/", "http://127.0.0.1/", false),
    ("a=b; domain=[::1]", "http://[::1]/", "http://[::1]/", true), ("a=b", "http://[::1]/", "http://[::2]/", false),
    ("a=b; domain=intranet", "http://intranet/", "http://intranet/", true),
  ])
  func hosts(field: String, origin: String, target: String, isSent: Bool) {
    #expect(sent([field], from: origin, to: target) == (isSent ? "a=b" : nil))
  }

  @Test(arguments: [
    ("", "/", "/", true), ("", "/x", "/", true), ("", "/x/y", "/", false), ("", "/x/y", "/x", true),
    ("", "/x/y", "/x/", true), ("", "/x/y", "/x/z", true), ("", "/x/y", "/xy", false), ("", "/x/y?/z", "/x", true),
    ("; path=/", "/x/y", "/", true), ("; path=/x", "/", "/x/y", true), ("; path=/x", "/", "/xy", false),
    ("; path=/x/", "/", "/x", false), ("; path=/x/", "/", "/x/", true), ("; path=/X", "/", "/x", false),
  ])
  func paths(path: String, origin: String, target: String, isSent: Bool) {
    let field = sent(["a=b" + path], from: "https://shop.test" + origin, to: "https://shop.test" + target)
    #expect(field == (isSent ? "a=b" : nil))
  }

  @Test func longerPathsAndOlderCookiesComeFirst() {
    var jar = CookieJar()
    let url = WebURL("https://shop.test/x/y")!
    for (index, field) in ["a=1; path=/", "b=2; path=/x", "c=3; path=/", "d=4; path=/x/y", "a=5; path=/"].enumerated() {
      jar.store(field, from: url, now: now + Int64(index))
    }
    // A cookie that is replaced keeps its age.
    #expect(jar.field(for: url, now: now + second) == "d=4; b=2; a=5; c=3")
  }

  @Test func aCookieEndsWhenItSaysSo() {
    let page = "https://shop.test/"
    #expect(sent(["a=b; Max-Age=10"], from: page, to: page, after: 10 * second - 1) == "a=b")
    #expect(sent(["a=b; Max-Age=10"], from: page, to: page, after: 10 * second) == nil)
    #expect(sent(["a=b"], from: page, to: page, after: 4_000 * day) == "a=b", "a session is a task's life")
    #expect(sent(["a=b; Max-Age=99999999999"], from: page, to: page, after: 399 * day) == "a=b")
    #expect(sent(["a=b; Max-Age=99999999999"], from: page, to: page, after: 400 * day) == nil)
    #expect(sent(["a=b; Expires=Fri, 01-Jan-27 00:00:00 GMT"], from: page, to: page, after: 364 * day) == "a=b")
    #expect(sent(["a=b; Expires=Fri, 01-Jan-27 00:00:00 GMT"], from: page, to: page, after: 365 * day) == nil)
    #expect(sent(["a=b; Expires=Fri, 01-Jan-9999 00:00:00 GMT"], from: page, to: page, after: 400 * day) == nil)
    #expect(sent(["a=b", "a=; Max-Age=0"], from: page, to: page) == nil)
  }

  /// In whatever form they are written, as the standard's algorithm takes them apart.
  @Test(arguments: [
    ("Thu, 01 Jan 2026 00:00:10 GMT", true), ("Thursday, 01-Jan-26 00:00:10 GMT", true),
    ("Thu Jan  1 00:00:10 2026", true), ("1 january 26 0:0:10 +0500", true), ("00:00:10 2026 1 JANfoo", true),
    ("1-Jan-2026 00:00:10.5", true), ("01 Jan 2026 00:00:10 PST", true), ("1st Jan 2026 00:00:10", true),
    ("Thu, 31 Feb 2026 00:00:10 GMT", false), ("Thu, 01 Jan 1600 00:00:10 GMT", false),
    ("Thu, 00 Jan 2026 00:00:10 GMT", false), ("Thu, 01 Jan 2026 24:00:10 GMT", false),
    ("Thu, 01 Jan 2026 00:00 GMT", false), ("Thu, 01 Foo 2026 00:00:10 GMT", false), ("2026-01-01T00:00:10Z", false),
    ("Thu, 01 Jan 20260 00:00:10 GMT", false), ("001 Jan 2026 00:00:10", false),
  ])
  func dates(text: String, isDate: Bool) {
    let fields = ["a=b; Expires=\(text)"]
    let page = "https://shop.test/"
    #expect(sent(fields, from: page, to: page) == "a=b")
    // What is no date is no end.
    #expect(sent(fields, from: page, to: page, after: 10 * second) == (isDate ? nil : "a=b"))
  }

  @Test func plainHTTPDoesNotReplaceWhatHTTPSKeeps() {
    var jar = CookieJar()
    let (safe, plain) = (WebURL("https://www.shop.test/x")!, WebURL("http://shop.test/x")!)
    jar.store("id=good; Secure; Path=/; Domain=shop.test", from: safe, now: now)
    jar.store("id=bad; Path=/; Domain=shop.test", from: plain, now: now)
    jar.store("id=bad; Path=/x", from: plain, now: now)
    jar.store("other=fine; Path=/x", from: plain, now: now)
    #expect(jar.field(for: safe, now: now) == "id=good")
    #expect(jar.field(for: plain, now: now) == "other=fine")
  }

  // MARK: Room

  @Test func aSiteTakesNoMoreThanItsShare() {
    var limits = CookieJar.Limits()
    limits.cookiesPerSite = 10
    limits.bytesPerSite = 4_000
    limits.cookies = 25
    var jar = CookieJar(limits: limits)
    let quiet = WebURL("https://quiet.test/")!
    jar.store("keep=1", from: quiet, now: now)
    for index in 0..<1_000 {
      let host = "h\(index % 7).loud.test"
      jar.store("c\(index)=x; Domain=loud.test", from: WebURL("https://\(host)/")!, now: now)
      #expect(jar.field(for: quiet, now: now) == "keep=1")
    }
    #expect(jar.count == 11)
    #expect(jar.field(for: WebURL("https://loud.test/")!, now: now)?.hasPrefix("c990=x; c991=x") == true)
    for index in 0..<100 { jar.store("big\(index)=" + String(repeating: "x", count: 1_000), from: quiet, now: now) }
    #expect(jar.bytes < 8_000)
    // Sites that nobody asks any more give way to new ones.
    for index in 0..<100 { jar.store("a=b", from: WebURL("https://site\(index).test/")!, now: now) }
    #expect(jar.count == 25)
    #expect(jar.field(for: WebURL("https://site99.test/")!, now: now) == "a=b")
  }

  @Test func theLeastRecentlyUsedGivesWayInsecureOnesFirst() {
    var limits = CookieJar.Limits()
    limits.cookiesPerSite = 3
    var jar = CookieJar(limits: limits)
    let url = WebURL("https://shop.test/x")!
    jar.store("secure=1; Secure", from: url, now: now)
    jar.store("old=1; Path=/used", from: url, now: now)
    jar.store("unused=1; Path=/y", from: url, now: now)
    #expect(
      jar.field(for: WebURL("https://shop.test/used")!, now: now) == "secure=1; old=1"
        || jar.field(for: WebURL("https://shop.test/used")!, now: now) == "old=1; secure=1")
    jar.store("new=1", from: url, now: now)
    #expect(jar.field(for: WebURL("https://shop.test/y")!, now: now) == "secure=1; new=1")
    #expect(jar.field(for: WebURL("https://shop.test/used")!, now: now) == "old=1; secure=1; new=1")
  }

  @Test func aFieldIsNoLongerThanServersTake() {
    var jar = CookieJar()
    let url = WebURL("https://shop.test/")!
    for index in 0..<15 { jar.store("c\(index)=" + String(repeating: "x", count: 3_000), from: url, now: now) }
    let field = jar.field(for: url, now: now) ?? ""
    #expect(field.utf8.count <= 16 << 10 && field.utf8.count > 15_000)
    #expect(jar.count == 15)
  }

  // MARK: What is stored

  @Test func changesBringAStoredJarToTheSameState() throws {
    var jar = CookieJar()
    let url = WebURL("https://www.shop.test/x/y")!
    var stored: [Cookie.Key: Cookie] = [:]
    func store(_ changes: [CookieJar.Change]) {
      for change in changes {
        switch change {
        case .put(let cookie): stored[cookie.key] = cookie
        case .removed(let key): stored[key] = nil
        }
      }
    }
    for field in ["a=1; Max-Age=60", "b=2; Domain=shop.test; Path=/", "gone=3", "s=4; Secure", "=5"] {
      jar.store(field, from: url, now: now)
    }
    store(jar.takeChanges())
    #expect(stored.count == 5 && !jar.hasChanges)
    jar.store("gone=; Max-Age=0", from: url, now: now)
    jar.store("b=6; Domain=shop.test; Path=/", from: url, now: now + second)
    store(jar.takeChanges())
    #expect(stored.count == 4)
    var again = CookieJar(stored.values.sorted { $0.createdAt < $1.createdAt }, now: now + second)
    for target in ["https://www.shop.test/x/y", "http://www.shop.test/x/z", "https://shop.test/"] {
      let pairs = [jar.field(for: WebURL(target)!, now: now), again.field(for: WebURL(target)!, now: now)].map {
        $0?.split(separator: ";").map { $0.drop { $0 == " " } }.sorted()
      }
      #expect(pairs[0] == pairs[1], "\(target)")
    }
    // What ended meanwhile is to be removed.
    var late = CookieJar(Array(stored.values), now: now + 60 * second)
    #expect(late.count == 3)
    #expect(late.takeChanges() == [.removed(try #require(stored.keys.first { $0.name == "a" }))])
  }
}
