import Address
import Testing
import WebURL

@Suite struct HostTests {
  private func host(_ text: String) -> String? { WebURL("http://\(text)/")?.hostName }

  @Test(arguments: [
    ("127.0.0.1", "127.0.0.1"), ("2130706433", "127.0.0.1"), ("0x7f.1", "127.0.0.1"), ("0177.0.0.01", "127.0.0.1"),
    ("0X7F000001", "127.0.0.1"), ("127.1", "127.0.0.1"), ("127.0.1", "127.0.0.1"), ("127.65535", "127.0.255.255"),
    ("0", "0.0.0.0"), ("0x", "0.0.0.0"), ("0x.0x.0", "0.0.0.0"), ("4294967295", "255.255.255.255"),
    ("1.2.3.4.", "1.2.3.4"), ("127.0.0.0x1", "127.0.0.1"), ("１２７。１", "127.0.0.1"), ("%31%32%37.1", "127.0.0.1"),
    ("%EF%BC%91.1", "1.0.0.1"), ("00000000000000000000000000000001", "0.0.0.1"),
  ])
  func ipv4InAllSpellings(_ text: String, _ expected: String) {
    #expect(host(text) == expected)
    #expect(WebURL("http://\(text)/")?.address == Address(expected))
  }

  @Test(arguments: [
    "4294967296", "256.1.1.1", "1.256.1.1", "1.2.3.256", "1.2.65536", "1.16777216", "1.2.3.4.5", "1.2.3.08", "09",
    "0xg.1", "1..2", "foo.0x4", "foo.1", "foo.2.", "1.2.3.4..", "99999999999999999999999999", "0x100000000", "..1",
  ])
  func whatEndsInANumberIsIPv4OrFails(_ text: String) {
    #expect(host(text) == (text == "1.2.3.4.." ? "1.2.3.4.." : nil))
  }

  /// Longer labels than DNS could carry are labels, but those beyond ASCII have an end.
  @Test func longLabels() {
    let ascii = String(repeating: "a", count: 3_000)
    #expect(host(ascii + ".b") == ascii + ".b")
    let some = String(repeating: "é", count: 128)
    for dot in [".", "\u{3002}", "\u{FF0E}", "\u{FF61}"] {
      let name = host("\(some)\(dot)\(some)")
      #expect(name?.hasPrefix("xn--") == true && name?.split(separator: ".").count == 2)
      #expect(host("\(some)\(some)\(dot)a") == nil && host("a\(dot)\(some)\(some)") == nil)
    }
  }

  @Test(arguments: [
    "1.2.3.4a", "0xfoo", "1.2.3.0xg", "1e3", "a.1b", "1-2", "-1", "0x-1", "1.2.3.4.com", "255.255.com.",
  ])
  func otherHostsWithDigitsAreNames(_ text: String) {
    #expect(host(text) == text)
    #expect(WebURL("http://\(text)/")?.address == nil)
  }

  @Test(arguments: [
    ("[::1]", "[::1]"), ("[0:0:0:0:0:0:0:1]", "[::1]"), ("[2001:DB8::A]", "[2001:db8::a]"),
    ("[::127.0.0.1]", "[::7f00:1]"), ("[::ffff:1.2.3.4]", "[::ffff:102:304]"), ("[1:0::0:0:1:0]", "[1::1:0]"),
  ])
  func ipv6(_ text: String, _ expected: String) throws {
    let url = try #require(WebURL("http://\(text):81/"))
    #expect(url.hostName == expected)
    #expect(url.address == Address(String(text.dropFirst().dropLast())))
    #expect(url.hostAndPort == expected + ":81")
    #expect(WebURL("foo://\(text)/")?.hostName == expected)
  }

  @Test(arguments: [
    "[", "[]", "[::1", "::1]", "[::1]x", "[::1%25eth0]", "[::g]", "[1]", "[::%31]", "[[::1]]", "%5B::1]",
  ])
  func ipv6Failures(_ text: String) {
    #expect(host(text) == nil)
  }

  @Test(arguments: Array("\0 #/:<>?@[\\]^|%\u{7F}\u{1F}").map(\.unicodeScalars.first!))
  func forbiddenCodePoints(_ scalar: Unicode.Scalar) {
    let encoded = "%" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
    #expect(host("a\(encoded)b") == nil)
    #expect(host("ä\(encoded)b") == nil)
  }

  @Test(arguments: [
    ("EXAMPLE.Com", "example.com"), ("a_b-c~d!e$f&g'h(i)*+,;=", "a_b-c~d!e$f&g'h(i)*+,;="), ("%41%2e%62", "a.b"),
    ("a..b", "a..b"), (".", "."), ("a.", "a."), ("xn--a", "xn--a"), ("XN--A.b", "xn--a.b"), ("-a-.b", "-a-.b"),
    ("bücher.de", "xn--bcher-kva.de"), ("b%C3%BCcher.de", "xn--bcher-kva.de"), ("BÜCHER.de", "xn--bcher-kva.de"),
    ("faß.de", "xn--fa-hia.de"), ("FAẞ.de", "xn--fa-hia.de"), ("日本語。ＪＰ", "xn--wgv71a119e.jp"),
    ("a\u{AD}b", "ab"), ("\u{10A0}", "xn--rkj"), ("a\u{115F}ü", "xn--a-eha"), ("≠", "xn--1ch"),
    ("ab--ü", "xn--ab---3ra"), ("\u{2F868}", "xn--snl"), ("xn--xn---epa", "xn--xn---epa"),
    ("éxn--", "xn--xn---9oa"), ("xn--xn---9oa.ß", "xn--xn---9oa.xn--zca"), ("xn-é-.ß", "xn--xn---dpa.xn--zca"),
  ])
  func domains(_ text: String, _ expected: String) {
    #expect(host(text) == expected)
  }

  @Test(arguments: [
    "\u{AD}", "xn--a.ü", "a\u{FFFD}b", "a\u{200D}b.ü", "\u{300}ü", "א1ü", "ü%ff", "xn--zca.xn--a.ü", "a\u{202E}b",
    "％41ü", "xn--xn---epa.ß", "é.xn--xn--a--gua", "ß.XN--XN---EPA", "xn--xn---9oa.xn--xn---epa.ß", "ß.ｘn--xn---epa.a",
    "xn--é",
  ])
  func domainsThatFail(_ text: String) {
    #expect(host(text) == nil)
  }

  @Test func aLabelLongerThanDNSAllowsIsTheResolversAffair() {
    let label = String(repeating: "x", count: 5_000)
    #expect(host(label + ".com") == label + ".com")
  }

  @Test func aHostIsParsedOnItsOwn() throws {
    #expect(try Host("0x7f.1") == .address(.v4(0x7F00_0001)))
    #expect(try Host("[::1]") == .address(.v6(high: 0, low: 1)))
    #expect(try Host("::1") == .address(.v6(high: 0, low: 1)))
    #expect(try Host("ＥＸＡＭＰＬＥ.com") == .domain("example.com"))
    #expect(try Host("::1").description == "[::1]")
    #expect(throws: WebURLError.hostMissing) { try Host("") }
    #expect(throws: WebURLError.hostHasForbiddenCodePoint) { try Host("a:80") }
    #expect(throws: WebURLError.ipv4Invalid) { try Host("1.2.3.4.5") }
  }

  @Test(arguments: [
    ("http://0x7f.1/", "127.0.0.0/8 loopback"), ("http://localhost:8080/", "name localhost"),
    ("https://LOCAL%48OST/", "name localhost"),
    (
      "http://[::ffff:a00:1]/",
      "10.0.0.0/8 private use, embedded in ::ffff:0:0/96 IPv4-mapped"
    ),
    ("ftp://example.com/", "scheme ftp is neither http nor https"),
    ("mailto:a", "scheme mailto is neither http nor https"),
  ])
  func theGuardJudgesURLs(_ text: String, _ rule: String) throws {
    #expect(AddressGuard().verdict(try #require(WebURL(text))) == .refused(rule: rule))
  }

  @Test func theGuardLetsOrdinaryURLsPass() throws {
    #expect(AddressGuard().verdict(try #require(WebURL("https://example.com/"))) == .allowed)
    #expect(AddressGuard().verdict(try #require(WebURL("https://8.8.8.8/"))) == .allowed)
    #expect(AddressGuard().verdict(try Host("example.com")) == .allowed)
    #expect(AddressGuard().verdict(try Host("017700000001")) == .refused(rule: "127.0.0.0/8 loopback"))
  }
}
