import Fetch
import Testing

@Suite struct RequestHeadersTests {
  @Test(arguments: [
    ("Authorization: Basic c2VjcmV0", "Authorization: redacted"),
    ("proxy-authorization:Digest x", "proxy-authorization: redacted"),
    ("COOKIE: a=b; c=d", "COOKIE: redacted"), ("Cookies: a", "Cookies: a"),
    ("X-Authorization: a", "X-Authorization: a"),
    ("X-Mine: Cookie: a", "X-Mine: Cookie: a"), ("Cookie", "Cookie"),
  ])
  func `the values of fields with secrets are redacted`(field: String, expected: String) {
    let section = { (field: String) in
      Array("GET /cookie:a HTTP/1.1\r\nHost: a.test\r\n\(field)\r\nAccept: */*\r\n\r\n".utf8)
    }
    #expect(RequestHeaders.redacted(section(field)) == section(expected))
  }

  @Test func `a section that is not there stays so`() {
    #expect(RequestHeaders.redacted([]) == [])
  }
}
