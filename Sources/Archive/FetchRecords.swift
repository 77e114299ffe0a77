/// One fetch as an archive has it.
package struct ArchivedFetch: Sendable {
  package var id: Int64
  /// The URL that was asked for.
  package var url: String
  /// ISO 8601, UTC; with the id it tells the fetch from all others.
  package var time: String
  package var requestHeaders: [UInt8]
  package var responseHeaders: [UInt8]
  /// The server's, not a proxy's.
  package var address: String?
  /// `2`, for example.
  package var httpVersion: String?
  /// SHA-256 of the decoded body; nil for a 304.
  package var bodyDigest: [UInt8]?
  /// Why the body is not whole, in the words of section 5.13; nil when it is.
  package var truncation: String?
  /// What else is known: the lines of the metadata record.
  package var facts: [(name: String, value: String)] = []

  package init(
    id: Int64, url: String, time: String, requestHeaders: [UInt8], responseHeaders: [UInt8], address: String?,
    httpVersion: String?, bodyDigest: [UInt8]?, truncation: String?
  ) {
    self.id = id
    self.url = url
    self.time = time
    self.requestHeaders = requestHeaders
    self.responseHeaders = responseHeaders
    self.address = address
    self.httpVersion = httpVersion
    self.bodyDigest = bodyDigest
    self.truncation = truncation
  }
}

/// The fetch whose response has what another one only names.
package struct OriginalFetch: Sendable, Equatable {
  package var id: Int64
  package var url: String
  package var time: String
  /// Its response is in an archive.
  package var isArchived: Bool

  package init(id: Int64, url: String, time: String, isArchived: Bool) {
    self.id = id
    self.url = url
    self.time = time
    self.isArchived = isArchived
  }
}

/// The records of fetches of one database.
package struct FetchRecords: Sendable {
  /// What the answer of a fetch is written as.
  package enum Answer: Sendable {
    case response(body: [UInt8])
    /// The body is that of another fetch, byte for byte.
    case sameBody(size: Int, as: OriginalFetch)
    /// 304: the page is as another fetch found it.
    case notModified(since: OriginalFetch)
  }

  private let namespace: [UInt8]
  private let information: RecordID

  /// - Parameters:
  ///   - namespace: what tells this database from others, 16 bytes.
  ///   - name: what tells this archive from others of the database.
  package init(namespace: [UInt8], name: String) {
    self.namespace = namespace
    information = RecordID(namespace: namespace, name: "warcinfo \(name)")
  }

  /// The first record: who wrote the file, and how.
  package func information(time: String, filename: String?, _ lines: [(name: String, value: String)]) -> WARCRecord {
    var record = WARCRecord(
      .warcinfo, id: information, time: time, contentType: "application/warc-fields", block: Self.fields(lines))
    record.add("WARC-Filename", filename)
    return record
  }

  /// Request, answer and metadata of one fetch. Linear in its bytes.
  package func records(of fetch: ArchivedFetch, _ answer: Answer) -> [WARCRecord] {
    var request = record(.request, fetch, type: "application/http;msgtype=request", block: requestBlock(fetch))
    var response = answerRecord(fetch, answer)
    var metadata = record(.metadata, fetch, type: "application/warc-fields", block: Self.fields(fetch.facts))
    request.add("WARC-Concurrent-To", response.id.text)
    response.add("WARC-Concurrent-To", request.id.text)
    metadata.add("WARC-Concurrent-To", response.id.text)
    return [request, response, metadata]
  }

  private func requestBlock(_ fetch: ArchivedFetch) -> [UInt8] { HTTPMessage.bodiless(fetch.requestHeaders) }

  private func answerRecord(_ fetch: ArchivedFetch, _ answer: Answer) -> WARCRecord {
    let type = "application/http;msgtype=response"
    switch answer {
    case .response(let body):
      let head =
        fetch.bodyDigest == nil
        ? HTTPMessage.bodiless(fetch.responseHeaders)
        : HTTPMessage.response(fetch.responseHeaders, bodySize: body.count)
      var response = record(.response, fetch, type: type, block: head + body)
      response.add("WARC-Payload-Digest", fetch.bodyDigest.map(RecordDigest.labelled(sha256:)))
      response.add("WARC-Truncated", fetch.truncation)
      return response
    case .sameBody(let size, let original):
      var revisit = record(
        .revisit, fetch, of: original, type: type, block: HTTPMessage.response(fetch.responseHeaders, bodySize: size))
      revisit.add("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest")
      revisit.add("WARC-Payload-Digest", fetch.bodyDigest.map(RecordDigest.labelled(sha256:)))
      refer(&revisit, to: original)
      return revisit
    case .notModified(let original):
      var revisit = record(
        .revisit, fetch, of: original, type: type, block: HTTPMessage.bodiless(fetch.responseHeaders))
      revisit.add("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/server-not-modified")
      refer(&revisit, to: original)
      return revisit
    }
  }

  private func refer(_ revisit: inout WARCRecord, to original: OriginalFetch) {
    if original.isArchived { revisit.add("WARC-Refers-To", id("response \(original.id) \(original.time)").text) }
    revisit.add("WARC-Refers-To-Target-URI", original.url)
    revisit.add("WARC-Refers-To-Date", original.time)
  }

  /// - Parameter original: of a revisit what it refers to, which is another one in another archive, or none.
  private func record(
    _ kind: WARCRecord.Kind, _ fetch: ArchivedFetch, of original: OriginalFetch? = nil, type: String, block: [UInt8]
  ) -> WARCRecord {
    let name = "\(kind.rawValue) \(fetch.id) \(fetch.time)" + (original.map { " of \($0.id) \($0.time)" } ?? "")
    var record = WARCRecord(kind, id: id(name), time: fetch.time, contentType: type, block: block)
    record.add("WARC-Target-URI", fetch.url)
    record.add("WARC-Warcinfo-ID", information.text)
    if kind != .metadata {
      record.add("WARC-IP-Address", fetch.address)
      if fetch.httpVersion == "2" { record.add("WARC-Protocol", "h2") }
    }
    return record
  }

  /// Copies of a database from which several daemons go on give the same ids to different fetches: the time tells these apart.
  private func id(_ name: String) -> RecordID { RecordID(namespace: namespace, name: name) }

  /// `application/warc-fields`: a line each.
  private static func fields(_ lines: [(name: String, value: String)]) -> [UInt8] {
    lines.flatMap { name, value in
      let value = String(String.UnicodeScalarView(value.unicodeScalars.map { $0.value < 0x20 ? " " : $0 }))
      return Array("\(name): \(value)\r\n".utf8)
    }
  }
}
