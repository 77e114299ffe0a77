/// A Set-Cookie field as it was written (RFC 6265bis, section 5.6). Never fails on attributes: what is not understood is
/// ignored, as by browsers.
struct SetCookie {
  /// These and the path in the form of `CookieOctets`.
  var name: String
  var value: String
  /// Without a leading dot, in lower case; nil when it is absent or empty.
  var domain: String?
  /// Absolute.
  var path: String?
  /// Seconds since 1970 UTC.
  var expires: Int64?
  /// Seconds from now, 0 for the past.
  var maximumAge: Int64?
  var isSecure = false
  /// SameSite=None.
  var isForEverySite = false

  static let longestPair = 4_096
  private static let longestAttribute = 1_024

  /// nil when the field is to be ignored: a control character, a name and value that are too long, or none of both.
  init?(_ bytes: [UInt8]) {
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == UInt8(ascii: "\t") }) else { return nil }
    var parts = bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)[...]
    let pair = parts.removeFirst()
    let equals = pair.firstIndex(of: UInt8(ascii: "="))
    let name = Self.trimmed(equals.map { pair[..<$0] } ?? [])
    let value = Self.trimmed(equals.map { pair[($0 + 1)...] } ?? pair)
    guard (1...Self.longestPair).contains(name.count + value.count) else { return nil }
    self.name = Self.text(name)
    self.value = Self.text(value)
    for part in parts { read(part) }
  }

  private mutating func read(_ attribute: ArraySlice<UInt8>) {
    let equals = attribute.firstIndex(of: UInt8(ascii: "=")) ?? attribute.endIndex
    let name = Self.trimmed(attribute[..<equals]).map(lowercased)
    let value = Self.trimmed(attribute[equals...].dropFirst())
    guard value.count <= Self.longestAttribute else { return }
    switch String(decoding: name, as: UTF8.self) {
    case "expires": if let date = CookieDate.parse(value) { expires = date }
    case "max-age": if let age = Self.age(value) { maximumAge = age }
    case "domain":
      let bare = value.first == UInt8(ascii: ".") ? value.dropFirst() : value
      domain = bare.isEmpty ? nil : String(decoding: bare.map(lowercased), as: UTF8.self)
    case "path": path = value.first == UInt8(ascii: "/") ? Self.text(value) : nil
    case "secure": isSecure = true
    case "samesite": isForEverySite = value.map(lowercased).elementsEqual("none".utf8)
    default: break
    }
  }

  /// Digits, or a minus and digits; what 64 bits do not hold is long.
  private static func age(_ value: ArraySlice<UInt8>) -> Int64? {
    let isNegative = value.first == UInt8(ascii: "-")
    let digits = isNegative ? value.dropFirst() : value
    guard !digits.isEmpty, digits.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else { return nil }
    if isNegative { return 0 }
    return Int64(String(decoding: digits, as: UTF8.self)) ?? .max
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> String { CookieOctets.text(Array(bytes)) }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var rest = bytes
    while let first = rest.first, first == UInt8(ascii: " ") || first == UInt8(ascii: "\t") { rest.removeFirst() }
    while let last = rest.last, last == UInt8(ascii: " ") || last == UInt8(ascii: "\t") { rest.removeLast() }
    return rest
  }
}
