internal import Politeness

/// The validators of a stored answer that a request may send back as its conditions (RFC 9110 sections 8.8 and 13.1):
/// byte for byte as they were received, and only if they are what the standard calls an entity tag and a date. A tag that
/// is marked as that of a compressed form, of an answer that was compressed so, is followed by that of the form itself.
///
/// They come from servers, so nothing else of them may reach a request: no control character, nothing that was cut
/// short, nothing longer than what is kept of a field (1 KiB).
package struct Validators: Sendable, Equatable {
  /// With its quotes, and with `W/` when it is weak: If-None-Match compares weakly.
  package private(set) var etag: String?
  package private(set) var lastModified: String?
  /// Of the stored answer: the coding that was applied last.
  private var coding: String?

  /// - Parameters:
  ///   - contentEncoding: the stored answer's Content-Encoding field.
  ///   - now: seconds since 1970 UTC; only needed to read a year of two digits.
  package init(etag: String?, lastModified: String?, contentEncoding: String? = nil, now: Int64) {
    coding = contentEncoding?.split(separator: ",").last.map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
    if let etag, Self.isEntityTag(etag) { self.etag = etag }
    if let lastModified, HTTPDate.parse(lastModified, now: now) != nil { self.lastModified = lastModified }
  }

  /// If-None-Match and If-Modified-Since; a server that knows both goes by the first (section 13.2.2).
  package var fields: [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = []
    if let etag { fields.append(("If-None-Match", forms(of: etag))) }
    if let lastModified { fields.append(("If-Modified-Since", lastModified)) }
    return fields
  }

  private static let marks = ["gzip": "-gzip\"", "x-gzip": "-gzip\"", "br": "-br\""]

  /// Apache marks the tag of what it has compressed, `"a"` becomes `"a-gzip"`, and compares with `"a"` alone (its bug 45023).
  /// The tag of what came as it is may end so by itself.
  private func forms(of etag: String) -> String {
    guard let mark = coding.flatMap({ Self.marks[$0] }), etag.hasSuffix(mark) else { return etag }
    let form = etag.dropLast(mark.utf8.count)
    return form.hasSuffix("\"") ? etag : "\(etag), \(form)\""
  }

  /// `entity-tag` of section 8.8.3 without `obs-text`: what is no ASCII may have been read in another charset than it
  /// would be sent in.
  private static func isEntityTag(_ text: String) -> Bool {
    let quote = UInt8(ascii: "\"")
    var bytes = Array(text.utf8)[...]
    if bytes.starts(with: "W/".utf8) { bytes = bytes.dropFirst(2) }
    guard bytes.count >= 2, bytes.removeFirst() == quote, bytes.removeLast() == quote else { return false }
    return bytes.allSatisfy { $0 == 0x21 || (0x23...0x7E).contains($0) }
  }
}
