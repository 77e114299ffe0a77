/// What a server says about the version of a page, and what it answers by that to a request with conditions
/// (RFC 9110 section 13.2.2).
package struct Validators: Sendable, Equatable {
  package var etag: String?
  package var lastModified: String?
  /// Requests with conditions are answered with 412, as some servers do.
  package var refusesConditions = false

  package init(etag: String? = nil, lastModified: String? = nil, refusesConditions: Bool = false) {
    self.etag = etag
    self.lastModified = lastModified
    self.refusesConditions = refusesConditions
  }

  /// The response with these fields, or 304 when the client has that version.
  package func answer(_ response: Response, to head: RequestHead) -> Response {
    let isConditional = ["if-none-match", "if-modified-since"].contains { head.value(of: $0) != nil }
    if refusesConditions, isConditional { return Response(status: 412) }
    var answer = isMet(by: head) ? Response(status: 304) : response
    if let etag { answer.fields.append("ETag: \(etag)") }
    if let lastModified { answer.fields.append("Last-Modified: \(lastModified)") }
    return answer
  }

  private func isMet(by head: RequestHead) -> Bool {
    if let condition = head.value(of: "if-none-match") {
      guard let etag else { return false }
      return Validators.opaqueTag(condition) == Validators.opaqueTag(etag)
    }
    // As many servers do: not a comparison of dates, but of the very text.
    return lastModified != nil && head.value(of: "if-modified-since") == lastModified
  }

  private static func opaqueTag(_ etag: String) -> Substring { etag.hasPrefix("W/") ? etag.dropFirst(2) : etag[...] }
}

extension Site {
  /// By the page's content: an entity tag, a weak one, a date, or nothing, page after page.
  package func validators(host: Int, page: Int) -> Validators {
    // FNV-1a
    let hash = html(host: host, page: page).reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x0100_0000_01B3
    }
    switch page % 4 {
    case 0: return Validators(etag: "\"\(String(hash, radix: 36))\"")
    case 1: return Validators(etag: "W/\"\(String(hash, radix: 36))\"")
    case 2:
      let clock = [hash % 24, (hash >> 8) % 60, (hash >> 16) % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
      return Validators(lastModified: "Thu, 01 Jan 2026 \(clock.joined(separator: ":")) GMT")
    default: return Validators()
    }
  }
}
