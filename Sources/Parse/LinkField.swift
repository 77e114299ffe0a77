/// One link of a Link header (RFC 8288, section 3 and appendix B): `<target>; rel="next"; title="…"`.
struct LinkField: Hashable {
  /// The URL as written, not joined.
  var target: String
  /// The first `rel`: relations with white space between.
  var rel: String?
  /// The URL of another resource that the link is from; nil: it is from the one that was asked for.
  var anchor: String?
  /// The first `hreflang`.
  var hreflang: String?
  /// `title*` where it can be decoded, else `title`.
  var title: String? { extendedTitle ?? plainTitle }
  private var plainTitle: String?
  private var extendedTitle: String?

  init(target: String) { self.target = target }

  /// The links of one field, or of several joined by commas. What follows a link that is none is not read. Linear.
  static func parse(_ field: String) -> [LinkField] {
    var reader = Reader(rest: field.utf8[...])
    var links: [LinkField] = []
    while let link = reader.link() { links.append(link) }
    return links
  }

  /// Takes a parameter; of several with one name the first counts.
  private mutating func add(_ name: String, _ value: String) {
    switch name {
    case "rel": rel = rel ?? value
    case "anchor": anchor = anchor ?? value
    case "hreflang": hreflang = hreflang ?? value
    case "title": plainTitle = plainTitle ?? value
    case "title*": extendedTitle = extendedTitle ?? ExtendedValue.decode(value)
    default: break
    }
  }

  /// The parsing algorithm of appendix B.2 and B.3.
  private struct Reader {
    var rest: Substring.UTF8View

    mutating func link() -> LinkField? {
      // A list may have empty elements (RFC 9110, section 5.6.1).
      rest = rest.drop { Octet.isWhitespace($0) || $0 == Octet.comma }
      guard rest.popFirst() == Octet.lessThan, let end = rest.firstIndex(of: Octet.greaterThan) else { return nil }
      var link = LinkField(target: text(rest[..<end]))
      rest = rest[rest.index(after: end)...]
      skipWhitespace()
      while rest.first == Octet.semicolon {
        rest = rest.dropFirst()
        if let (name, value) = parameter() { link.add(name, value) }
        skipWhitespace()
      }
      rest = rest.drop { $0 != Octet.comma }
      return link
    }

    private mutating func parameter() -> (name: String, value: String)? {
      skipWhitespace()
      let name = rest.prefix {
        $0 != Octet.equals && $0 != Octet.semicolon && $0 != Octet.comma && !Octet.isWhitespace($0)
      }
      rest = rest[name.endIndex...]
      skipWhitespace()
      var value = ""
      if rest.first == Octet.equals {
        rest = rest.dropFirst()
        skipWhitespace()
        value = rest.first == Octet.quotationMark ? quotedString() : token()
      }
      return name.isEmpty ? nil : (String(decoding: name.map(Octet.lowercase), as: UTF8.self), value)
    }

    private mutating func token() -> String {
      let value = rest.prefix { $0 != Octet.semicolon && $0 != Octet.comma }
      rest = rest[value.endIndex...]
      return text(value)
    }

    private mutating func quotedString() -> String {
      rest = rest.dropFirst()
      var value: [UInt8] = []
      while let byte = rest.popFirst(), byte != Octet.quotationMark {
        value.append(byte == UInt8(ascii: "\\") ? rest.popFirst() ?? byte : byte)
      }
      return String(decoding: value, as: UTF8.self)
    }

    private func text(_ bytes: Substring.UTF8View) -> String {
      var bytes = bytes
      while let last = bytes.last, Octet.isWhitespace(last) { bytes.removeLast() }
      return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func skipWhitespace() { rest = rest.drop(while: Octet.isWhitespace) }
  }
}
