import Archive
import CCrypto
import CZlib
import Testing

@Suite struct RecordTests {
  private static let namespace = [UInt8](0..<16)
  private static let records = FetchRecords(namespace: namespace, name: "docs")

  private static func fetch(_ response: String, digest: [UInt8]? = [1, 2], version: String = "1.1") -> ArchivedFetch {
    ArchivedFetch(
      id: 7, url: "http://a.test/x", time: "2026-01-02T03:04:05.000006Z",
      requestHeaders: Array("GET /x HTTP/\(version)\r\nHost: a.test\r\n\r\n".utf8),
      responseHeaders: Array(response.utf8),
      address: "192.0.2.1", httpVersion: version, bodyDigest: digest, truncation: nil)
  }

  private static func text(_ record: WARCRecord) -> String { String(decoding: record.bytes, as: UTF8.self) }

  private static func answer(_ fetch: ArchivedFetch, _ answer: FetchRecords.Answer) -> String {
    text(records.records(of: fetch, answer)[1])
  }

  @Test func aResponseIsWrittenAsItCame() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nX-Odd :  y\r\n folded\r\n\r\n"
    let record = Self.answer(Self.fetch(head), .response(body: Array("body".utf8)))
    #expect(record.hasPrefix("WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:"))
    #expect(record.hasSuffix("\r\n\r\n\(head)body\r\n\r\n"))
    for field in [
      "WARC-Date: 2026-01-02T03:04:05.000006Z", "WARC-Target-URI: http://a.test/x", "WARC-IP-Address: 192.0.2.1",
      "WARC-Payload-Digest: sha256:0102", "Content-Type: application/http;msgtype=response",
      "Content-Length: \(head.utf8.count + 4)",
    ] { #expect(record.contains("\r\n\(field)\r\n"), "\(field)") }
    #expect(!record.contains("WARC-Truncated") && !record.contains("WARC-Protocol"))
  }

  @Test(arguments: [
    (
      "Content-Encoding: gzip\r\nContent-Length: 2\r\n",
      "X-Archive-Orig-Content-Encoding: gzip\r\nX-Archive-Orig-Content-Length: 2\r\nContent-Length: 4\r\n"
    ),
    ("Transfer-Encoding: chunked\r\n", "X-Archive-Orig-Transfer-Encoding: chunked\r\nContent-Length: 4\r\n"),
    ("A: b\r\nCONTENT-LENGTH : 9\r\n", "A: b\r\nX-Archive-Orig-CONTENT-LENGTH : 9\r\nContent-Length: 4\r\n"),
    ("Content-Encoding: br\r\nContent-Length: 4\r\n", "X-Archive-Orig-Content-Encoding: br\r\nContent-Length: 4\r\n"),
    ("Content-Lengthy: 9\r\n", "Content-Lengthy: 9\r\n"), ("", ""),
  ])
  func whatNoLongerHoldsGetsAnotherName(fields: String, expected: String) {
    let record = Self.answer(Self.fetch("HTTP/1.1 200 OK\r\n\(fields)\r\n"), .response(body: Array("body".utf8)))
    #expect(record.hasSuffix("\r\n\r\nHTTP/1.1 200 OK\r\n\(expected)\r\nbody\r\n\r\n"))
  }

  @Test(arguments: [
    ("HTTP/1.1 200 OK\nA: b\n\n", "HTTP/1.1 200 OK\nA: b\n\r\n"),
    ("HTTP/1.0 200\r\nA: b", "HTTP/1.0 200\r\nA: b\r\n\r\n"),
    ("HTTP/2 200 \r\na: b\r\n\r\n", "HTTP/1.1 200 \r\na: b\r\n\r\n"),
    ("HTTP/2 404\r\n\r\n", "HTTP/1.1 404\r\n\r\n"),
  ])
  func everySectionEndsAndHasTheFormOfHTTP1(section: String, expected: String) {
    let fetch = Self.fetch(section, version: "2")
    let record = Self.answer(fetch, .response(body: []))
    #expect(record.hasSuffix("\r\n\r\n\(expected)\r\n\r\n"))
    #expect(record.contains("\r\nWARC-Protocol: h2\r\n"))
    #expect(Self.text(Self.records.records(of: fetch, .response(body: []))[0]).contains("\r\nGET /x HTTP/1.1\r\n"))
  }

  @Test func aRevisitNamesTheResponseThatHasTheBody() {
    let original = OriginalFetch(id: 3, url: "http://a.test/first", time: "2026-01-01T00:00:00Z", isArchived: true)
    let fetch = Self.fetch("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n")
    let record = Self.answer(fetch, .sameBody(size: 4, as: original))
    #expect(record.contains("WARC-Type: revisit\r\n"))
    let first = Self.records.records(
      of: ArchivedFetch(
        id: 3, url: "", time: original.time, requestHeaders: [], responseHeaders: [], address: nil, httpVersion: nil,
        bodyDigest: [], truncation: nil), .response(body: []))[1]
    for field in [
      "WARC-Profile: http://netpreserve.org/warc/1.1/revisit/identical-payload-digest",
      "WARC-Payload-Digest: sha256:0102",
      "WARC-Refers-To: \(first.id.text)", "WARC-Refers-To-Target-URI: http://a.test/first",
      "WARC-Refers-To-Date: 2026-01-01T00:00:00Z",
    ] { #expect(record.contains("\r\n\(field)\r\n"), "\(field)") }
    #expect(record.hasSuffix("X-Archive-Orig-Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\r\n\r\n"))

    var other = original
    other.isArchived = false
    let unmodified = Self.answer(
      Self.fetch("HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", digest: nil), .notModified(since: other))
    #expect(unmodified.contains("WARC-Profile: http://netpreserve.org/warc/1.1/revisit/server-not-modified\r\n"))
    #expect(!unmodified.contains("WARC-Refers-To:") && !unmodified.contains("Digest: sha256:0102"))
    #expect(unmodified.hasSuffix("\r\n\r\nHTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n\r\n\r\n"))
  }

  /// In one archive a fetch may have its body, in another it names the fetch that has it.
  @Test func whatIsNotTheSameRecordHasAnotherID() {
    let fetch = Self.fetch("HTTP/1.1 200 OK\r\n\r\n")
    let answers: [FetchRecords.Answer] =
      [.response(body: [1])]
      + [3, 4].map { .sameBody(size: 1, as: OriginalFetch(id: $0, url: "http://a.test/", time: "T", isArchived: true)) }
    let ids = answers.map { Self.records.records(of: fetch, $0)[1].id.text }
    #expect(Set(ids).count == 3)
    let again = answers.map { Self.records.records(of: fetch, $0)[1].id.text }
    #expect(again == ids)
  }

  @Test func recordsAreAlwaysTheSameAndNameEachOther() {
    var fetch = Self.fetch("HTTP/1.1 200 OK\r\n\r\n")
    fetch.truncation = "length"
    fetch.facts = [("via", "http://a.test/\r\nWARC-Type: response"), ("error", "a\u{0}b")]
    let records = Self.records.records(of: fetch, .response(body: [0, 255]))
    #expect(records.map(\.kind) == [.request, .response, .metadata])
    #expect(records.map(\.bytes) == Self.records.records(of: fetch, .response(body: [0, 255])).map(\.bytes))
    #expect(Set(records.map(\.id.text)).count == 3)
    #expect(Self.text(records[0]).contains("WARC-Concurrent-To: \(records[1].id.text)"))
    #expect(String(decoding: records[1].bytes, as: UTF8.self).contains("WARC-Truncated: length"))
    #expect(Self.text(records[2]).hasSuffix("via: http://a.test/  WARC-Type: response\r\nerror: a b\r\n\r\n\r\n"))
    let other = FetchRecords(namespace: [UInt8](1...16), name: "docs").records(of: fetch, .response(body: []))
    #expect(other[1].id != records[1].id)
    // By a daemon that went on from a copy of the database.
    fetch.time = "2026-01-02T03:04:05.000007Z"
    let copied = Self.records.records(of: fetch, .response(body: [0, 255]))
    #expect(Set((records + copied).map(\.id.text)).count == 6)
    // RFC 9562, appendix A.4.
    let dns: [UInt8] = [0x6B, 0xA7, 0xB8, 0x10, 0x9D, 0xAD, 0x11, 0xD1, 0x80, 0xB4, 0x00, 0xC0, 0x4F, 0xD4, 0x30, 0xC8]
    #expect(RecordID(namespace: dns, name: "www.example.com").text == "<urn:uuid:2ed6657d-e927-568b-95e1-2665a8aea6a2>")
  }

  @Test(arguments: [
    ("GET /a?b HTTP/1.1\r\nHost: a.test:81\r\n\r\n", false, "http://a.test:81/a?b"),
    ("GET / HTTP/2\r\nhost:a.test\r\n\r\n", true, "https://a.test/"),
    ("GET http://b.test/c HTTP/1.1\r\nHost: a.test\r\n\r\n", false, "http://b.test/c"),
    ("GET / HTTP/1.1\r\n\r\n", false, nil), ("", false, nil),
  ])
  func theURLIsWhatTheRequestSays(request: String, isTLS: Bool, url: String?) {
    #expect(HTTPMessage.target(of: Array(request.utf8), isTLS: isTLS) == url)
  }

  @Test func everyRecordIsAMemberOfItsOwn() throws {
    var pieces: [[UInt8]] = []
    let gzip = GzipWriter { pieces.append($0) }
    var noise: [UInt8] = []
    var state: UInt64 = 1
    while noise.count < 300_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1
      noise.append(UInt8(truncatingIfNeeded: state >> 56))
    }
    let members = [Array("one".utf8), noise, [], Array(repeating: 0, count: 1_000_000)]
    var ends: [Int] = []
    for member in members {
      gzip.append(member)
      ends.append(pieces.reduce(0) { $0 + $1.count })
    }
    #expect(pieces.allSatisfy { $0.count <= 65_536 })
    let file = Array(pieces.joined())
    var start = 0
    for (member, end) in zip(members, ends) {
      #expect(Self.gunzip(Array(file[start..<end]), capacity: 1_100_000) == member)
      start = end
    }
    #expect(start == file.count)
  }

  private static func gunzip(_ member: [UInt8], capacity: Int) -> [UInt8]? {
    var stream = z_stream()
    guard czlib_inflate_init(&stream, czlib_gzip_window_bits) == Z_OK else { return nil }
    defer { inflateEnd(&stream) }
    var member = member
    var isWhole = false
    let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { bytes, count in
      member.withUnsafeMutableBufferPointer { member in
        stream.next_in = member.baseAddress
        stream.avail_in = UInt32(member.count)
        stream.next_out = bytes.baseAddress
        stream.avail_out = UInt32(bytes.count)
        isWhole = inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0
      }
      count = bytes.count - Int(stream.avail_out)
    }
    return isWhole ? bytes : nil
  }

  @Test func theDigestOfABlockIsSHA256() {
    #expect(
      RecordDigest.labelled(Array("abc".utf8))
        == "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
