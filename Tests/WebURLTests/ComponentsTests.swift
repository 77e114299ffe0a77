import Testing
import WebURL

@Suite struct ComponentsTests {
  @Test func everyComponentOfAFullURL() throws {
    let url = try #require(WebURL("HTTPS://us%20er:pa%3Ass@Example.com:8443/a/b?c=d#e"))
    #expect(url.href == "https://us%20er:pa%3Ass@example.com:8443/a/b?c=d#e")
    #expect(url.description == url.href)
    #expect(url.scheme == "https")
    #expect(url.username == "us%20er")
    #expect(url.password == "pa%3Ass")
    #expect(url.hostName == "example.com")
    #expect(url.port == 8443)
    #expect(url.effectivePort == 8443)
    #expect(url.path == "/a/b")
    #expect(url.query == "c=d")
    #expect(url.fragment == "e")
    #expect(url.pathAndQuery == "/a/b?c=d")
    #expect(url.hostAndPort == "example.com:8443")
    #expect(url.isHTTP)
    #expect(!url.hasOpaquePath)
    #expect(url.address == nil)
  }

  @Test func whatIsNotThere() throws {
    let url = try #require(WebURL("http://h"))
    #expect(url.username == "" && url.password == "")
    #expect(url.port == nil && url.effectivePort == 80)
    #expect(url.path == "/" && url.query == nil && url.fragment == nil)
    #expect(url.pathAndQuery == "/" && url.hostAndPort == "h")
    let empty = try #require(WebURL("http://:pw@h?#"))
    #expect(empty.username == "" && empty.password == "pw")
    #expect(empty.query == "" && empty.fragment == "")
    #expect(empty.pathAndQuery == "/?")
  }

  @Test func withoutAuthority() throws {
    let mail = try #require(WebURL("mailto:a@b?subject=c"))
    #expect(mail.hostName == nil && mail.effectivePort == nil && mail.hostAndPort == "")
    #expect(mail.path == "a@b" && mail.query == "subject=c")
    #expect(mail.hasOpaquePath && !mail.isHTTP)
    let file = try #require(WebURL("file:///x"))
    #expect(file.hostName == "" && file.path == "/x" && file.effectivePort == nil)
    let dotted = try #require(WebURL("foo:/.//x"))
    #expect(dotted.path == "//x" && dotted.hostName == nil && dotted.hostAndPort == "")
  }

  @Test func withoutFragment() throws {
    let url = try #require(WebURL("http://u:p@h:1/a?b#c"))
    #expect(url.withoutFragment().href == "http://u:p@h:1/a?b")
    #expect(url.withoutFragment().fragment == nil)
    #expect(url.withoutFragment().query == "b")
    #expect(url.withoutFragment() == url.withoutFragment().withoutFragment())
  }

  @Test(arguments: [
    ("http://u:p@h:1/a?b#c", "http://h:1/a?b#c"), ("http://u@h/", "http://h/"), ("http://:p@[::1]/", "http://[::1]/"),
    ("http://h/", "http://h/"), ("foo:/.//x", "foo:/.//x"),
  ])
  func withoutCredentials(_ text: String, _ expected: String) throws {
    let url = try #require(WebURL(text)).withoutCredentials()
    #expect(url.href == expected)
    let parsed = try #require(WebURL(expected))
    #expect(url == parsed && url.hashValue == parsed.hashValue)
    #expect(url.username == "" && url.password == "")
    #expect(url.hostName == parsed.hostName && url.port == parsed.port && url.path == parsed.path)
    #expect(url.query == parsed.query && url.fragment == parsed.fragment)
  }

  @Test(arguments: [
    ("http://www.example.com/", "example.com"), ("http://a.b.example.co.uk/", "example.co.uk"),
    ("http://example.com./", "example.com"), ("http://example.com:8080/x", "example.com"), ("http://co.uk/", nil),
    ("http://com/", nil), ("http://localhost/", nil), ("http://127.0.0.1/", nil), ("http://[::1]/", nil),
    ("http://a.www.ck/", "www.ck"), ("http://a.b.ck/", "a.b.ck"), ("http://b.ck/", nil),
    ("http://www.食狮.公司.cn/", "xn--85x722f.xn--55qx5d.cn"), ("http://user.github.io/", "user.github.io"),
    ("http://a..com/", nil), ("http://.example.com/", nil), ("http://./", nil), ("mailto:a@example.com", nil),
    ("foo://www.example.com/", nil),
  ])
  func registrableDomain(_ text: String, _ expected: String?) throws {
    #expect(try #require(WebURL(text)).registrableDomain == expected)
  }
}
