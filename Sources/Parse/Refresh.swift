/// A refresh, as `meta[http-equiv=refresh]` and the HTTP header `Refresh` write it: `5; url=https://example.org/`
/// (HTML Standard, "shared declarative refresh steps").
package struct Refresh: Sendable, Hashable {
  /// At most 2³¹ − 1.
  package var seconds: Int
  /// As written, not joined; nil when the page is to load itself again.
  package var url: String?

  /// Nil when the standard ignores the text.
  package init?(_ text: String) {
    var text = text
    guard let parsed = text.withUTF8(Refresh.parse) else { return nil }
    self = parsed
  }

  private init(seconds: Int, url: String?) {
    self.seconds = seconds
    self.url = url
  }

  private static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Refresh? {
    var rest = text[...]
    skipWhitespace(&rest)
    var seconds = 0
    let digits = rest.prefix(while: Octet.isDigit)
    for digit in digits { seconds = min(seconds * 10 + Int(digit &- 0x30), Int(Int32.max)) }
    rest = rest.dropFirst(digits.count)
    if digits.isEmpty && rest.first != UInt8(ascii: ".") { return nil }
    rest = rest.drop { Octet.isDigit($0) || $0 == UInt8(ascii: ".") }
    guard let separator = rest.first else { return Refresh(seconds: seconds, url: nil) }
    guard isSeparator(separator) || Octet.isWhitespace(separator) else { return nil }
    skipWhitespace(&rest)
    if let separator = rest.first, isSeparator(separator) { rest = rest.dropFirst() }
    skipWhitespace(&rest)
    guard !rest.isEmpty else { return Refresh(seconds: seconds, url: nil) }
    return Refresh(seconds: seconds, url: String(decoding: url(in: rest), as: UTF8.self))
  }

  private static func url(in text: Slice<UnsafeBufferPointer<UInt8>>) -> Slice<UnsafeBufferPointer<UInt8>> {
    var rest = text
    for letter in "url".utf8 {
      guard let byte = rest.first, Octet.lowercase(byte) == letter else {
        // Without the `u` it may still be quoted; with only a part of `url` it is taken as it is.
        return rest.startIndex == text.startIndex ? unquoted(text) : text
      }
      rest = rest.dropFirst()
    }
    skipWhitespace(&rest)
    guard rest.first == Octet.equals else { return text }
    rest = rest.dropFirst()
    skipWhitespace(&rest)
    return unquoted(rest)
  }

  private static func unquoted(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Slice<UnsafeBufferPointer<UInt8>> {
    guard let quote = text.first, quote == Octet.quotationMark || quote == Octet.apostrophe else { return text }
    return text.dropFirst().prefix { $0 != quote }
  }

  private static func isSeparator(_ byte: UInt8) -> Bool { byte == Octet.semicolon || byte == Octet.comma }

  private static func skipWhitespace(_ text: inout Slice<UnsafeBufferPointer<UInt8>>) {
    text = text.drop(while: Octet.isWhitespace)
  }
}
