import Crawl
import Fetch
import Store
import Testing

@Suite struct ValidatorsTests {
  private func conditions(
    etag: String? = nil, lastModified: String? = nil, contentEncoding: String? = nil
  ) -> [String] {
    Validators(etag: etag, lastModified: lastModified, contentEncoding: contentEncoding, now: 1_800_000_000)
      .fields.map { "\($0.name): \($0.value)" }
  }

  @Test(arguments: [
    "\"\"", "\"a\"", "W/\"a\"", "W/\"\"", "\"!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\"", "\"W/\"",
  ])
  func anEntityTagIsSentAsItWasReceived(etag: String) {
    #expect(conditions(etag: etag) == ["If-None-Match: \(etag)"])
  }

  @Test(arguments: [
    ("\"a-gzip\"", "gzip", "\"a-gzip\", \"a\""), ("W/\"a-br\"", "br", "W/\"a-br\", W/\"a\""),
    ("\"a-gzip\"", "deflate, X-GZIP ", "\"a-gzip\", \"a\""), ("\"-gzip\"", "gzip", "\"-gzip\""),
  ])
  func aTagOfACompressedFormIsSentWithThatOfTheFormItself(etag: String, contentEncoding: String, sent: String) {
    #expect(conditions(etag: etag, contentEncoding: contentEncoding) == ["If-None-Match: \(sent)"])
  }

  @Test(arguments: [
    ("\"a-gzip\"", nil), ("\"lang-br\"", nil), ("\"a-gzip\"", "br"), ("\"a-gzip\"", "gzip, br"), ("\"a\"", "gzip"),
    ("\"a-zstd\"", "zstd"), ("\"a-br\"", ""),
  ])
  func aTagThatOnlyLooksAsThatOfACompressedFormIsSentAlone(etag: String, contentEncoding: String?) {
    #expect(conditions(etag: etag, contentEncoding: contentEncoding) == ["If-None-Match: \(etag)"])
  }

  @Test(arguments: [
    "", "\"", "a", "\"a", "a\"", "w/\"a\"", "W/a", "W/", "W/\"", "W\"a\"", "\"a\"\"", "\"a\", \"b\"", "\"a b\"", "*",
    "\"a\r\nX: y\"", "\"\t\"", "\"\u{7F}\"", "\"é\"", "\"a\"\n", " \"a\"",
  ])
  func whatIsNoEntityTagIsNotSent(etag: String) {
    #expect(conditions(etag: etag) == [])
  }

  @Test(arguments: [
    "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
  ])
  func aDateIsSentAsItWasReceived(date: String) {
    #expect(conditions(lastModified: date) == ["If-Modified-Since: \(date)"])
  }

  @Test(arguments: [
    "", "0", "now", "2026-01-01T00:00:00Z", "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 31 Feb 2026 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT\r\nX: y",
  ])
  func whatIsNoDateIsNotSent(date: String) {
    #expect(conditions(lastModified: date) == [])
  }

  @Test func bothAreSent() {
    #expect(
      conditions(etag: "\"a\"", lastModified: "Sun, 06 Nov 1994 08:49:37 GMT")
        == ["If-None-Match: \"a\"", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT"])
    #expect(conditions(etag: "a", lastModified: "Sun, 06 Nov 1994 08:49:37 GMT").count == 1)
  }
}

@Suite struct PageChangeTests {
  private let earlier = EarlierFetch(
    urlID: 1, url: "http://a/", runID: 1, fetchID: 1, contentHash: 7, textHash: 70)

  private func change(
    _ outcome: FetchOutcome, status: Int? = nil, content: UInt64? = nil, text: UInt64? = nil, _ earlier: EarlierFetch?
  ) -> PageChange? {
    PageChange(outcome: outcome, status: status, contentHash: content, textHash: text, earlier: earlier)
  }

  @Test func aPageIsComparedByItsContent() {
    #expect(change(.ok, content: 7, text: 71, earlier) == .unchanged)
    #expect(change(.ok, content: 8, text: 70, earlier) == .changed)
    #expect(change(.ok, content: 7, nil) == .new)
  }

  @Test func whatIsKnownByItsTextAloneIsComparedByThat() {
    var earlier = earlier
    earlier.contentHash = nil
    #expect(change(.ok, content: 7, text: 70, earlier) == .unchanged)
    #expect(change(.ok, content: 7, text: 71, earlier) == .changed)
    #expect(change(.ok, content: 7, earlier) == nil)
    earlier.textHash = nil
    #expect(change(.ok, content: 7, text: 70, earlier) == nil)
  }

  @Test func otherAnswers() {
    #expect(change(.notModified, earlier) == .notModified)
    #expect(change(.clientError, status: 404, earlier) == .gone)
    #expect(change(.gone, status: 410, earlier) == .gone)
    #expect(change(.redirected, status: 301, earlier) == .moved)
    #expect(change(.clientError, status: 403, earlier) == nil)
  }

  @Test func whatWasNoPageIsNotGone() {
    for outcome in [FetchOutcome.notModified, .clientError, .gone, .redirected] {
      #expect(change(outcome, status: 404, nil) == nil)
    }
  }

  @Test func aFailureSaysNothing() {
    for outcome in FetchOutcome.allCases where !outcome.isFinalAnswer { #expect(change(outcome, earlier) == nil) }
  }
}
