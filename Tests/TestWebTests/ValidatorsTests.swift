import TestWeb
import Testing

@Suite struct ValidatorsTests {
  private func answer(_ validators: Validators, _ fields: String) throws -> Response {
    let text = Array("GET / HTTP/1.1\r\nHost: h0.test\r\n\(fields)\r\n".utf8)
    guard case .complete(let head, _) = RequestHead.read(text[...]) else { throw Malformed() }
    return validators.answer(.html("page"), to: head)
  }

  private struct Malformed: Error {}

  @Test func theVersionThatTheClientHasIsNotSentAgain() throws {
    let validators = Validators(etag: "W/\"1\"", lastModified: "Thu, 01 Jan 2026 00:00:00 GMT")
    let whole = try answer(validators, "")
    #expect(whole.status == 200)
    #expect(whole.fields.suffix(2) == ["ETag: W/\"1\"", "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT"])
    #expect(try answer(validators, "If-None-Match: \"1\"\r\n").status == 304)
    #expect(try answer(validators, "If-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT\r\n").status == 304)
    #expect(try answer(validators, "If-Modified-Since: Thu, 01 Jan 2026 00:00:01 GMT\r\n").status == 200)
    // The entity tag decides when there is one.
    let both = "If-None-Match: \"2\"\r\nIf-Modified-Since: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
    #expect(try answer(validators, both).status == 200)
    #expect(try answer(Validators(), both).status == 200)
  }

  @Test func aRevisedPageHasOtherValidators() {
    let site = Site(hosts: 1, pages: 8)
    var revised = site
    revised.revised = [0, 1, 2]
    for page in 0..<3 {
      #expect(site.validators(host: 0, page: page) != Validators())
      #expect(site.validators(host: 0, page: page) != revised.validators(host: 0, page: page))
      #expect(site.validators(host: 0, page: page + 4) == revised.validators(host: 0, page: page + 4))
    }
    #expect(site.validators(host: 0, page: 3) == Validators())
  }
}
