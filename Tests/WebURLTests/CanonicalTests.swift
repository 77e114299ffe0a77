import Testing
import WebURL

@Suite struct CanonicalTests {
  @Test(arguments: [
    ("http://h/%41%7a%2D%2e%5F%7e", "http://h/Az-._~"),
    ("http://h/%2f%3a%c3%a9", "http://h/%2F%3A%C3%A9"),
    ("http://h/a?%62=%63%26%3d", "http://h/a?b=c%26%3D"),
    ("http://h/a#b", "http://h/a"),
    ("http://h/a?", "http://h/a?"),
    ("http://h/a//b/", "http://h/a//b/"),
    ("http://h/a;b?x&&y=&=z", "http://h/a;b?x&&y=&=z"),
    ("http://u%41:p@h/", "http://u%41:p@h/"),
    ("http://h/%", "http://h/%"),
    ("http://h/%zz%4", "http://h/%zz%4"),
    ("http://h/%2541", "http://h/%2541"),
    ("http://h/%25%34%31", "http://h/%2541"),
    ("http://h/%4%31", "http://h/%4%31"),
    ("http://h/%%34%31", "http://h/%%341"),
    ("http://h/%%7a", "http://h/%z"),
    ("http://h/%g%41", "http://h/%gA"),
    ("http://h/%?%34%31", "http://h/%?41"),
    ("http://h/index.html?utm_source=x", "http://h/index.html?utm_source=x"),
    ("mailto:%41#x", "mailto:%41"),
  ])
  func conservative(_ text: String, _ expected: String) throws {
    let canonical = try #require(WebURL(text)).canonical()
    #expect(canonical.href == expected)
    #expect(canonical.canonical() == canonical)
    #expect(WebURL(canonical.href) == canonical)
  }

  @Test func componentsFollow() throws {
    let url = try #require(WebURL("http://u@h:1/%41/b?%43#d")).canonical()
    #expect(url.path == "/A/b" && url.query == "C" && url.fragment == nil && url.port == 1 && url.username == "u")
  }

  @Test(arguments: [
    ("http://h/?b=2&a=1", policy(sorts: true), "http://h/?a=1&b=2"),
    ("http://h/?a=2&b&a=1&&", policy(sorts: true), "http://h/?a=2&a=1&b"),
    ("http://h/?ab=1&a=2", policy(sorts: true), "http://h/?a=2&ab=1"),
    ("http://h/?", policy(sorts: true), "http://h/"),
    ("http://h/?B=1&a=2&=3&%62=4", policy(sorts: true), "http://h/?=3&B=1&a=2&b=4"),
    ("http://h/?id=1&utm_source=x&UTM_y=z&utm_", policy(drop: ["utm_*"]), "http://h/?id=1&UTM_y=z"),
    ("http://h/?%73id=1&b", policy(drop: ["sid"]), "http://h/?b"),
    ("http://h/?sid=1", policy(drop: ["sid"]), "http://h/"),
    ("http://h/?sid2=1", policy(drop: ["sid"]), "http://h/?sid2=1"),
    ("http://h/?sid=1&sid=2&a=sid", policy(drop: ["sid"]), "http://h/?a=sid"),
    ("http://h/?x=%&41=y", policy(drop: ["z"]), "http://h/?x=%&41=y"),
    ("http://h/?a%26b=1&b=2", policy(drop: ["b"]), "http://h/?a%26b=1"),
    ("http://h/a;sid=1?b=2", policy(drop: ["sid"]), "http://h/a;sid=1?b=2"),
    ("http://h/?c=1&a&b=2", policy(keep: ["a", "c"]), "http://h/?c=1&a"),
    ("http://h/?c=1", policy(keep: ["a"]), "http://h/"),
    ("http://h/?page=2&pagesize=9&sid=1", policy(drop: ["pages*"], keep: ["page*"]), "http://h/?page=2"),
    ("http://h/?c=1&d=2", policy(drop: ["*"]), "http://h/"),
    ("http://h/A%2f%c3%89%41?Q", policy(lowers: true), "http://h/a%2F%C3%89a?Q"),
    ("http://h/%A%41", policy(lowers: true), "http://h/%a%41"),
    ("http://h/A?", policy(lowers: true), "http://h/a?"),
    ("http://U:P@h/A?b=B&a#F", policy(drop: ["a"], sorts: true, lowers: true), "http://U:P@h/a?b=B"),
    ("mailto:A?sid=1#x", policy(drop: ["sid"], lowers: true), "mailto:A?sid=1"),
  ])
  func policies(_ text: String, _ policy: CanonicalPolicy, _ expected: String) throws {
    let canonical = try #require(WebURL(text)).canonical(policy)
    #expect(canonical.href == expected)
    #expect(canonical.canonical(policy) == canonical)
    #expect(WebURL(canonical.href) == canonical)
  }

  @Test(arguments: [
    ("sid", "sid", true), ("sid", "SID", false), ("sid", "sid1", false), ("*", "", true), ("*", "any", true),
    ("utm_*", "utm_", true), ("utm_*", "utm", false), ("*id", "sessionid", true), ("*id", "ids", false),
    ("s*d", "sd", true), ("s*d", "s", false), ("a*a", "a", false), ("a*a", "aa", true), ("*ab*", "xaabx", true),
    ("*ab*ab*", "xabx", false), ("*ab*ab*", "abab", true), ("*ab*b", "ab", false), ("**", "x", true),
    ("%73id", "sid", true), ("é", "%c3%a9", true), ("a b", "a%20b", true), ("a+b", "a%20b", false),
    ("a%2fb", "a%2Fb", true),
  ])
  func patterns(_ pattern: String, _ name: String, _ isDropped: Bool) throws {
    let url = try #require(WebURL("http://h/?\(name)=1&kept"))
    let drops = CanonicalPolicy(droppedParameters: [try #require(ParameterPattern(pattern))])
    #expect((url.canonical(drops).query ?? "").contains("=") == !isDropped)
  }

  @Test(arguments: ["", "a=b", "a&b", "#", " ", "\n", String(repeating: "a", count: 257)])
  func whatCanBeNoNameIsNoPattern(_ text: String) {
    #expect(ParameterPattern(text) == nil)
  }

  @Test func aPatternIsNoLongerAsItIsComparedThanAsItIsWritten() throws {
    #expect(ParameterPattern(String(repeating: "é", count: 43)) == nil)
    let longest = try #require(ParameterPattern(String(repeating: "é", count: 42)))
    #expect(ParameterPattern(longest.description) == longest)
  }

  @Test func aQueryBeyondTheLimitIsLeftAsItIs() throws {
    let limit = CanonicalPolicy.longestQuery
    func canonical(_ length: Int) throws -> String? {
      let query = "b&a=" + String(repeating: "x", count: length - 4)
      return try #require(WebURL("http://h/?" + query)).canonical(policy(drop: ["c"], sorts: true)).query
    }
    #expect(try canonical(limit)?.hasPrefix("a=") == true)
    #expect(try canonical(limit + 1)?.hasPrefix("b&") == true)
  }

  @Test func patternsOfTheSameNameAreEqual() {
    #expect(ParameterPattern("%73id") == ParameterPattern("sid"))
    #expect(ParameterPattern("%c3%a9")?.description == "%C3%A9")
  }

  @Test func randomPercentSequencesAreCanonicalAfterOnePass() throws {
    var generator = SplitMix64(state: 41)
    let alphabet = Array("%%%%4147aAfFgz/.?&=~-2eE5".utf8)
    for _ in 0..<5_000 {
      let count = Int(generator.next() % 24)
      let bytes = (0..<count).map { _ in alphabet[Int(generator.next() % UInt64(alphabet.count))] }
      let url = try #require(WebURL("http://h/" + String(decoding: bytes, as: UTF8.self)))
      for policy in [CanonicalPolicy.conservative, policy(sorts: true), policy(drop: ["a*", "4"], lowers: true)] {
        expectIdempotent(url, policy)
      }
    }
  }

  /// Pieces that meet in each other's midst: separators, sequences that are cut, names that rules name.
  @Test func everyPolicyIsIdempotent() throws {
    var generator = SplitMix64(state: 2_041)
    let pieces = [
      "a", "A", "b", "sid", "%73id", "utm_x", "=", "=", "&", "&", "&&", "?", "/", "//", ".", "%2e", "%", "%4", "%41",
      "%c3%a9", "%C3", "é", "+", "*", ";", "~", "%7E", "'", "|", "#", "%23", "%26", "%3d", "1",
    ]
    let names = ["a", "A", "b", "sid", "utm_*", "*", "*d", "%4", "%41", "é", "*%*", "1", "%26", "", "+"]
    func random<Element>(_ choices: [Element]) -> Element { choices[Int(generator.next() % UInt64(choices.count))] }
    func rules() -> [ParameterPattern] {
      (0..<Int(generator.next() % 4)).compactMap { _ in ParameterPattern(random(names)) }
    }
    var changed = 0
    for _ in 0..<6_000 {
      let policy = CanonicalPolicy(
        droppedParameters: rules(), keptParameters: rules(), sortsQuery: generator.next() & 1 == 0,
        lowercasesPath: generator.next() & 1 == 0)
      let path = (0..<Int(generator.next() % 5)).map { _ in random(pieces) }.joined()
      let query = (0..<Int(generator.next() % 12)).map { _ in random(pieces) }.joined()
      let url = try #require(WebURL("http://u@h:8/" + path + "?" + query))
      let canonical = expectIdempotent(url, policy)
      if canonical != url.canonical() { changed += 1 }
      // What is the same page without rules is the same page with them.
      #expect(url.canonical().canonical(policy) == canonical, "\(url) by \(policy)")
    }
    #expect(changed > 3_000, "the policies have something to do")
  }

  @discardableResult
  private func expectIdempotent(_ url: WebURL, _ policy: CanonicalPolicy) -> WebURL {
    let canonical = url.canonical(policy)
    #expect(canonical.canonical(policy) == canonical, "\(url) by \(policy)")
    #expect(WebURL(canonical.href) == canonical, "\(url) by \(policy)")
    return canonical
  }
}

private func policy(
  drop: [String] = [], keep: [String] = [], sorts: Bool = false, lowers: Bool = false
) -> CanonicalPolicy {
  CanonicalPolicy(
    droppedParameters: drop.compactMap(ParameterPattern.init), keptParameters: keep.compactMap(ParameterPattern.init),
    sortsQuery: sorts, lowercasesPath: lowers)
}
