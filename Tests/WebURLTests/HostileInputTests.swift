import Testing
import WebURL

@Suite struct HostileInputTests {
  private func parse(_ bytes: [UInt8], base: WebURL? = nil) -> WebURL? {
    bytes.withUnsafeBufferPointer { try? WebURL.parse($0, base: base, keepFragment: true) }
  }

  /// What holds for every URL that there is.
  private func expectSound(_ url: WebURL, _ input: [UInt8]) {
    let text = String(decoding: input, as: UTF8.self)
    #expect(url.href.utf8.allSatisfy { $0 > 0x1F && $0 < 0x7F }, "\(text.debugDescription)")
    let again = WebURL(url.href)
    let isSame =
      again == url && again?.scheme == url.scheme && again?.username == url.username && again?.password == url.password
      && again?.hostName == url.hostName && again?.port == url.port && again?.path == url.path
      && again?.query == url.query && again?.fragment == url.fragment && again?.address == url.address
    #expect(isSame, "\(text.debugDescription)")
    let canonical = url.canonical()
    #expect(canonical.canonical() == canonical && WebURL(canonical.href) == canonical, "\(text.debugDescription)")
    _ = url.registrableDomain
  }

  @Test func randomBytesNeverTrap() throws {
    var generator = SplitMix64(state: 2_026)
    let base = try #require(WebURL("http://example.com/a/b?c"))
    for _ in 0..<5_000 {
      let input = (0..<Int(generator.next() % 40)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
      if let url = parse(input, base: base) { expectSound(url, input) }
    }
  }

  @Test func randomPiecesOfURLsAreReadBackAsTheyWereWritten() throws {
    var generator = SplitMix64(state: 1_337)
    let pieces = [
      "http:", "https:", "file:", "foo:", "//", "/", "\\", "..", ".", "%2e", "?", "#", "@", ":", "[", "]", "::1", "C|",
      "C:",
      "1", "0x7f", "256", "%", "%41", "%zz", "a", "B.c", "é", "\u{AD}", "xn--a", " ", "\t", "localhost", ":80", ":443",
      "'",
    ].map { Array($0.utf8) }
    let bases = try ["http://h/a/b?c", "file:///C:/a", "foo:/.//p", "foo://h", "mailto:x"].map {
      try #require(WebURL($0))
    }
    for _ in 0..<10_000 {
      let input = (0..<Int(generator.next() % 9)).flatMap { _ in pieces[Int(generator.next() % UInt64(pieces.count))] }
      let base = bases[Int(generator.next() % UInt64(bases.count))]
      if let url = parse(input, base: generator.next() & 1 == 0 ? base : nil) { expectSound(url, input) }
    }
  }

  /// At a mebibyte of such text, whatever took quadratic time would take hours.
  @Test(
    .timeLimit(.minutes(1)),
    arguments: [
      ("http://h/", "../", ""), ("http://h/", "a/../", ""), ("http://h/", "a/b/../", ""), ("http://h/", "/", ""),
      ("http://h/", "\t", ""), ("http://h/", "\u{FFFD}", ""), ("http://h/?", "%", ""), ("http://h/#", "`", ""),
      ("http://", "@", "h"), ("http://", "a:", "@h"), ("http://", "a", ""), ("http://", "é", ""), ("http://", "1.", ""),
      ("http://", "%2e", ""), ("http://[", ":", "]"), ("http://h:", "0", ""), ("file:", "/", "C|/.."), ("", "a", ":b"),
      ("foo:", " ", "#"), ("foo:/", "/", ""), ("", "../", ""), ("", "x/", ""), (" ", " ", ""),
    ])
  func aMebibyteTakesLinearTime(_ prefix: String, _ unit: String, _ suffix: String) throws {
    let base = try #require(WebURL("http://example.com/" + String(repeating: "x/", count: 1_000)))
    let text = prefix + String(repeating: unit, count: (1 << 20) / unit.utf8.count) + suffix
    guard let url = WebURL(text, base: base) else { return }
    #expect(url.href.utf8.count <= base.href.utf8.count + 3 * text.utf8.count)
    let canonical = url.canonical()
    #expect(canonical.canonical() == canonical)
  }

  @Test func halvesOfACharacterAroundATabAreNoCharacter() throws {
    let base = try #require(WebURL("http://h/"))
    #expect(parse([0xC3, 0x09, 0xA9], base: base)?.path == "/%EF%BF%BD%EF%BF%BD")
    #expect(parse(Array("\t\u{E9}\n\u{E9}\r".utf8), base: base)?.path == "/%C3%A9%C3%A9")
  }

  @Test func aLongerHrefThanTheStackRoomIsWhole() throws {
    let segment = String(repeating: "ä ", count: 2_000)
    let url = try #require(WebURL("../" + segment + "?" + segment, base: WebURL("http://h/a/b/c")))
    let encoded = String(repeating: "%C3%A4%20", count: 1_999) + "%C3%A4"
    #expect(url.path == "/a/" + encoded + "%20")
    #expect(url.query == encoded)
  }
}

/// Steele, Lea and Flood's generator: the same numbers in every run.
struct SplitMix64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
