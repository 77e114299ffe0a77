/// A header field that a task adds to its requests.
package struct RequestField: Sendable, Hashable {
  package let name: String
  package let value: String

  static let accepted =
    "header fields as “Name: value”, at most 64 of at most 4096 bytes each; not those that crawld writes itself "
    + "(Host, User-Agent, Accept-Encoding, Connection …), nor Authorization, Cookie, Referer, Range and If-…"

  static let atMost = 64
  private static let longest = 4_096

  /// Reads `Name: value`: a token, a colon, and a value that may be empty, without blanks around it (RFC 9110, section
  /// 5). Throws what is wrong.
  init(_ text: String) throws(SettingDefinition.Problem) {
    guard text.utf8.count <= Self.longest else { throw SettingDefinition.Problem(problem: "is too long") }
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else {
      throw SettingDefinition.Problem(problem: "has no colon after a name")
    }
    name = String(text[..<colon])
    value = Self.trimmed(text[text.index(after: colon)...])
    guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte) else {
      throw SettingDefinition.Problem(problem: "begins with what is no name of a field")
    }
    guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }) else {
      throw SettingDefinition.Problem(problem: "has a control character in its value")
    }
    let lowercased = name.lowercased()
    guard !Self.ours.contains(lowercased), !lowercased.hasPrefix("if-"), !lowercased.hasPrefix("proxy-") else {
      throw SettingDefinition.Problem(problem: "names a field that crawld writes itself, or never sends")
    }
  }

  var text: String { "\(name): \(value)" }

  /// Framing, connection and coding are the fetcher's; credentials, cookies and the User-Agent have settings of their own;
  /// Referer is never sent; a range or a condition would make another answer of the page's.
  private static let ours: Set<String> = [
    "accept-encoding", "authorization", "connection", "content-encoding", "content-length", "content-type", "cookie",
    "cookie2", "expect", "forwarded", "host", "http2-settings", "keep-alive", "range", "referer", "te", "trailer",
    "transfer-encoding", "upgrade", "user-agent",
  ]

  private static func trimmed(_ text: Substring) -> String {
    let bytes = text.utf8
    guard let first = bytes.firstIndex(where: { !isBlank($0) }), let last = bytes.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return String(text[first...last])
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

  /// `tchar` of RFC 9110, section 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }
}
