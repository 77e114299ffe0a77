/// Which encoding a page is in, and why. The first of these that says something counts.
///
/// - HTML: byte order mark, HTTP, the first `meta` element that declares one (but in UTF-16), the prescan, whether it is
///   UTF-8, windows-1252.
/// - XML, where a `meta` element declares nothing: byte order mark, HTTP, the XML declaration, UTF-8.
struct Charset {
  /// The WHATWG name in lower case.
  var name: String
  var source: CharsetSource
  /// The length of the byte order mark.
  var markLength = 0

  /// Whether a `meta` element of the page may still change it (HTML Standard, 13.2.3.4, "tentative"). What the prescan has
  /// found is: it does not know that what looks like an element may stand in a script or a title. UTF-16 stays.
  var isTentative: Bool {
    switch source {
    case .bom, .http: false
    case .meta: !name.hasPrefix("utf-16")
    case .utf8, .default: true
    }
  }

  /// Costs the first 1,024 bytes when something declares the encoding, else one look at all bytes.
  static func determine(_ body: UnsafeBufferPointer<UInt8>, _ type: MediaType, isXML: Bool) -> Charset {
    if let marked = byteOrderMark(body) { return marked }
    if var label = type.charset, let name = label.withUTF8(EncodingLabels.encoding) {
      return Charset(name: name, source: .http)
    }
    if isXML {
      guard let name = MetaPrescan.xmlEncoding(body) else { return Charset(name: "utf-8", source: .default) }
      return Charset(name: name, source: .meta)
    }
    if let name = MetaPrescan.encoding(body) { return Charset(name: name, source: .meta) }
    if let start = body.baseAddress, UTF8Validation.skipASCII(start, 0, body.count) < body.count,
      UTF8Validation.isValid(body, mayEndEarly: true)
    {
      return Charset(name: "utf-8", source: .utf8)
    }
    return Charset(name: "windows-1252", source: .default)
  }

  static func byteOrderMark(_ body: UnsafeBufferPointer<UInt8>) -> Charset? {
    if body.starts(with: [0xEF, 0xBB, 0xBF]) { return Charset(name: "utf-8", source: .bom, markLength: 3) }
    if body.starts(with: [0xFE, 0xFF]) { return Charset(name: "utf-16be", source: .bom, markLength: 2) }
    if body.starts(with: [0xFF, 0xFE]) { return Charset(name: "utf-16le", source: .bom, markLength: 2) }
    return nil
  }
}
