/// What a body is, as far as it decides which reader takes it.
package enum ContentKind: String, Sendable, CaseIterable {
  case html
  /// application/xhtml+xml.
  case xhtml
  case xml
  case text
  case binary

  /// How many of the first bytes decide.
  package static let byteCount = 1_445

  /// Judges by the Content-Type header; by the first bytes where it says nothing, or says only `text/plain`, which
  /// servers send for anything (MIME Sniffing Standard, 7 and 7.2).
  package static func sniff(_ contentType: String?, _ body: UnsafeBufferPointer<UInt8>) -> ContentKind {
    let essence = contentType.map { MediaType($0).essence } ?? ""
    switch essence {
    case "text/html": return .html
    case "application/xhtml+xml": return .xhtml
    case "text/xml", "application/xml": return .xml
    case "text/plain": return isBinary(body) ? .binary : .text
    case "", "unknown/unknown", "application/unknown", "*/*": return unknown(body)
    case "application/json", "application/javascript", "application/x-javascript", "application/ecmascript":
      return .text
    default:
      if essence.hasSuffix("+xml") { return .xml }
      if essence.hasPrefix("text/") || essence.hasSuffix("+json") { return .text }
      return essence.utf8.contains(Octet.solidus) ? .binary : unknown(body)
    }
  }

  private static func unknown(_ body: UnsafeBufferPointer<UInt8>) -> ContentKind {
    let start = UnsafeBufferPointer(rebasing: body.prefix(byteCount).drop(while: Octet.isWhitespace))
    for pattern in patterns where beginsWith(start, pattern) { return .html }
    if begins(start, "<!--") { return .html }
    if begins(start, "<?xml") { return .xml }
    if isMarked(body) { return .text }
    return isBinary(body) || hasSignature(body) ? .binary : .text
  }

  private static let patterns: [StaticString] = [
    "<!doctype html", "<html", "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table", "<a", "<style",
    "<title", "<b", "<body", "<br", "<p",
  ]

  /// Whether `start` begins with the pattern and then a space or `>`.
  private static func beginsWith(_ start: UnsafeBufferPointer<UInt8>, _ pattern: StaticString) -> Bool {
    let count = pattern.utf8CodeUnitCount
    guard start.count > count, start[count] == Octet.space || start[count] == Octet.greaterThan else { return false }
    return begins(start, pattern)
  }

  private static func begins(_ start: UnsafeBufferPointer<UInt8>, _ pattern: StaticString) -> Bool {
    let head = UnsafeBufferPointer(rebasing: start.prefix(pattern.utf8CodeUnitCount))
    return Octet.equalsIgnoringCase(head, pattern)
  }

  private static func isMarked(_ body: UnsafeBufferPointer<UInt8>) -> Bool {
    body.starts(with: [0xEF, 0xBB, 0xBF]) || body.starts(with: [0xFE, 0xFF]) || body.starts(with: [0xFF, 0xFE])
  }

  /// Formats that may begin with bytes of text alone.
  private static func hasSignature(_ body: UnsafeBufferPointer<UInt8>) -> Bool {
    begins(body, "%pdf-") || begins(body, "%!ps-adobe-") || begins(body, "gif87a") || begins(body, "gif89a")
  }

  /// Whether the first bytes hold a binary data byte.
  private static func isBinary(_ body: UnsafeBufferPointer<UInt8>) -> Bool {
    if isMarked(body) { return false }
    return body.prefix(byteCount).contains { byte in
      byte <= 0x08 || byte == 0x0B || byte >= 0x0E && byte <= 0x1A || byte >= 0x1C && byte <= 0x1F
    }
  }
}
