/// A Content-Type header's value: the essence and the charset (MIME Sniffing Standard, 4.4).
struct MediaType {
  /// `type/subtype` in lower case; empty when there is none.
  private(set) var essence = ""
  /// The first `charset` parameter, as written.
  private(set) var charset: String?

  init(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      let end = bytes.firstIndex(of: Octet.semicolon) ?? bytes.count
      let name = Octet.trimmed(UnsafeBufferPointer(rebasing: bytes[..<end]))
      essence = String(decoding: name.map(Octet.lowercase), as: UTF8.self)
      var rest = bytes[end...]
      while charset == nil && rest.first == Octet.semicolon { readParameter(&rest) }
    }
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
      value = Array(rest.prefix { $0 != Octet.semicolon })
      rest = rest.dropFirst(value.count)
    }
    if Octet.equalsIgnoringCase(UnsafeBufferPointer(rebasing: name), "charset") {
      charset = String(decoding: value, as: UTF8.self)
    }
  }
}
