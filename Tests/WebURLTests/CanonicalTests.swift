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
    ("http://h/?b=2&a=1", CanonicalPolicy(sortsQuery: true), "http://h/?a=1&b=2"),
    ("http://h/?a=2&b&a=1&&", CanonicalPolicy(sortsQuery: true), "http://h/?a=2&a=1&b"),
    ("http://h/?ab=1&a=2", CanonicalPolicy(sortsQuery: true), "http://h/?a=2&ab=1"),
    ("http://h/?", CanonicalPolicy(sortsQuery: true), "http://h/"),
    (
      "http://h/?id=1&utm_source=x&UTM_y=z&utm_", CanonicalPolicy(droppedParameters: ["utm_*"]),
      "http://h/?id=1&UTM_y=z"
    ),
    ("http://h/?%73id=1&b", CanonicalPolicy(droppedParameters: ["sid"]), "http://h/?b"),
    ("http://h/?sid=1", CanonicalPolicy(droppedParameters: ["sid"]), "http://h/"),
    ("http://h/?sid2=1", CanonicalPolicy(droppedParameters: ["sid"]), "http://h/?sid2=1"),
    ("http://h/?c=1&a&b=2", CanonicalPolicy(keptParameters: ["a", "c"]), "http://h/?c=1&a"),
    ("http://h/?c=1", CanonicalPolicy(keptParameters: []), "http://h/"),
    ("http://h/?c=1&d=2", CanonicalPolicy(droppedParameters: ["*"]), "http://h/"),
    ("http://h/A%2f%c3%89%41?Q", CanonicalPolicy(lowercasesPath: true), "http://h/a%2F%C3%89a?Q"),
    ("http://h/%A%41", CanonicalPolicy(lowercasesPath: true), "http://h/%a%41"),
  ])
  func policies(_ text: String, _ policy: CanonicalPolicy, _ expected: String) throws {
    let canonical = try #require(WebURL(text)).canonical(policy)
    #expect(canonical.href == expected)
    #expect(canonical.canonical(policy) == canonical)
  }

  @Test func randomPercentSequencesAreCanonicalAfterOnePass() throws {
    var generator = SplitMix64(state: 41)
    let alphabet = Array("%%%%4147aAfFgz/.?&=~-2eE5".utf8)
    let policies = [
      CanonicalPolicy.conservative, CanonicalPolicy(sortsQuery: true),
      CanonicalPolicy(droppedParameters: ["a*", "4"], lowercasesPath: true),
    ]
    for _ in 0..<5_000 {
      let count = Int(generator.next() % 24)
      let bytes = (0..<count).map { _ in alphabet[Int(generator.next() % UInt64(alphabet.count))] }
      let url = try #require(WebURL("http://h/" + String(decoding: bytes, as: UTF8.self)))
      for policy in policies {
        let canonical = url.canonical(policy)
        #expect(canonical.canonical(policy) == canonical, "\(url)")
        #expect(WebURL(canonical.href) == canonical, "\(url)")
      }
    }
  }
}
