/// What a Content-Type header says: the essence and the charset (MIME Sniffing Standard, 4.4; Fetch Standard, "extract a
/// MIME type").
///
/// Of several values, in several fields or with commas between, the last valid one counts; the charset of the
/// first value with an essence passes on to those behind it, as long as they have the same one, that have none.
package struct MediaType: Sendable {
  /// `type/subtype` in lower case; empty when no value is valid.
  private(set) var essence = ""
  /// The first `charset` parameter, as written; nil when no value is valid.
  private(set) var charset: String?
  /// The last value, valid or not, as written.
  private(set) var last = ""

  /// The type tells nothing, and the first bytes decide (MIME Sniffing Standard, section 7).
  var isUnknown: Bool { ["", "unknown/unknown", "application/unknown", "*/*"].contains(essence) }

  /// An XML MIME type (4.6).
  var isXML: Bool { essence == "text/xml" || essence == "application/xml" || essence.hasSuffix("+xml") }

  /// `text` is the value of the field, or of all fields, joined by commas. Linear.
  package init(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      var firstCharset: String?
      for value in MediaType.split(bytes) {
        last = String(decoding: value, as: UTF8.self)
        let one = MediaType(value: value)
        if one.essence.isEmpty || one.essence == "*/*" { continue }
        if one.essence != essence { firstCharset = one.charset }
        essence = one.essence
        charset = one.charset ?? firstCharset
      }
    }
  }

  private init(value bytes: UnsafeBufferPointer<UInt8>) {
    let end = bytes.firstIndex(of: Octet.semicolon) ?? bytes.count
    let name = Octet.trimmed(UnsafeBufferPointer(rebasing: bytes[..<end]))
    if let solidus = name.firstIndex(of: Octet.solidus), MediaType.isToken(name[..<solidus]),
      MediaType.isToken(name[(solidus + 1)...])
    {
      essence = String(decoding: name.map(Octet.lowercase), as: UTF8.self)
    }
    var rest = bytes[end...]
    while charset == nil && rest.first == Octet.semicolon { readParameter(&rest) }
  }

  /// The values between the commas that are not in quotes, without white space around them ("get, decode, and split").
  private static func split(_ bytes: UnsafeBufferPointer<UInt8>) -> [UnsafeBufferPointer<UInt8>] {
    var values: [UnsafeBufferPointer<UInt8>] = []
    var (start, index, isQuoted) = (0, 0, false)
    while index < bytes.count {
      switch bytes[index] {
      case Octet.quotationMark: isQuoted.toggle()
      case UInt8(ascii: "\\") where isQuoted: index += 1
      case Octet.comma where !isQuoted:
        values.append(Octet.trimmed(UnsafeBufferPointer(rebasing: bytes[start..<index])))
        start = index + 1
      default: break
      }
      index += 1
    }
    values.append(Octet.trimmed(UnsafeBufferPointer(rebasing: bytes[min(start, bytes.count)...])))
    return values
  }

  /// A token of RFC 9110, section 5.6.2.
  private static func isToken(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { Octet.isAlphanumeric($0) || "!#$%&'*+-.^_`|~".utf8.contains($0) }
  }

  /// From a semicolon to the next or the end.
  private mutating func readParameter(_ rest: inout Slice<UnsafeBufferPointer<UInt8>>) {
    rest = rest.dropFirst().drop(while: Octet.isWhitespace)
    let name = rest.prefix { $0 != Octet.semicolon && $0 != Octet.equals }
    rest = rest.dropFirst(name.count)
    guard rest.first == Octet.equals else { return }
    rest = rest.dropFirst()
    var value: [UInt8] = []
    if rest.first == Octet.quotationMark {
      rest = rest.dropFirst()
      while let byte = rest.popFirst(), byte != Octet.quotationMark {
        value.append(byte == UInt8(ascii: "\\") ? rest.popFirst() ?? byte : byte)
      }
      rest = rest.drop { $0 != Octet.semicolon }
    } else {
      let text = UnsafeBufferPointer(rebasing: rest.prefix { $0 != Octet.semicolon })
      rest = rest.dropFirst(text.count)
      value = Array(Octet.trimmed(text))
      if value.isEmpty { return }
    }
    if Octet.equalsIgnoringCase(UnsafeBufferPointer(rebasing: name), "charset"),
      value.allSatisfy({ $0 == Octet.tab || $0 >= Octet.space && $0 != 0x7F })
    {
      charset = String(decoding: value, as: UTF8.self)
    }
  }
}
