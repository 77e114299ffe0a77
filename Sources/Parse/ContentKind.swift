/// What a body is, as far as it decides which reader takes it (MIME Sniffing Standard, sections 6 and 7).
package enum ContentKind: String, Sendable, CaseIterable {
  case html
  /// application/xhtml+xml, or any other type of XML with the root element of XHTML.
  case xhtml
  /// Any other XML; also RSS, Atom and sitemaps that say what they are.
  case xml
  /// An RSS or Atom document that says it is text/html.
  case feed
  case text
  case binary

  /// How many of the first bytes decide.
  package static let byteCount = 1_445

  /// Judges by the Content-Type header, the value of all such fields joined by commas; by the first bytes where that
  /// says nothing, or says what servers send for anything. `noSniff`: X-Content-Type-Options forbids to guess more than
  /// text or binary.
  package static func sniff(
    _ contentType: String?, _ body: UnsafeBufferPointer<UInt8>, noSniff: Bool = false
  ) -> ContentKind {
    sniff(MediaType(contentType ?? ""), body, noSniff: noSniff)
  }

  /// The same by what the header was read as.
  package static func sniff(
    _ type: MediaType, _ body: UnsafeBufferPointer<UInt8>, noSniff: Bool
  ) -> ContentKind {
    let start = UnsafeBufferPointer(rebasing: body.prefix(byteCount))
    if type.isUnknown { return Signature.kind(start, isScriptable: !noSniff) }
    switch type.essence {
    case "text/html": return !noSniff && Signature.isFeed(start) ? .feed : .html
    case "application/xhtml+xml": return .xhtml
    case "text/plain":
      return !noSniff && apacheValues.contains(type.last) && Signature.isBinary(start) ? .binary : .text
    case "application/json", "application/javascript", "application/x-javascript", "application/ecmascript":
      return .text
    default:
      if type.isXML { return Signature.isXHTML(start) ? .xhtml : .xml }
      return type.essence.hasPrefix("text/") || type.essence.hasSuffix("+json") ? .text : .binary
    }
  }

  /// Whether X-Content-Type-Options, the values of all such fields, says `nosniff` first (Fetch Standard).
  package static func forbidsSniffing(_ options: [String]) -> Bool {
    guard var first = options.first else { return false }
    return first.withUTF8 { bytes in
      let value = UnsafeBufferPointer(rebasing: bytes.prefix { $0 != Octet.comma })
      return Octet.equalsIgnoringCase(Octet.trimmed(value), "nosniff")
    }
  }

  /// What Apache's httpd sent for files that it knew nothing about (section 5.2: the check-for-apache-bug flag).
  private static let apacheValues = [
    "text/plain", "text/plain; charset=ISO-8859-1", "text/plain; charset=iso-8859-1", "text/plain; charset=UTF-8",
  ]
}
