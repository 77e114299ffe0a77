/// The text of one element or attribute: references decoded, white space at its beginning left out.
struct XMLText {
  private(set) var bytes: [UInt8] = []
  /// There were more than `limit` bytes, white space at the end not counted.
  private(set) var isCut = false
  private let limit: Int

  init(limit: Int) { self.limit = limit }

  /// Adds text in which references count. Only those to code points and to the five entities of XML itself do (XML 1.0,
  /// 4.6); any other ampersand is only itself, as in a URL whose author forgot to escape it.
  mutating func add(_ text: UnsafeBufferPointer<UInt8>) {
    guard let base = text.baseAddress else { return }
    var index = 0
    while index < text.count && !isCut {
      guard text[index] == Octet.ampersand else {
        let next = Octet.find(Octet.ampersand, base, index, text.count)
        addVerbatim(UnsafeBufferPointer(rebasing: text[index..<next]))
        index = next
        continue
      }
      if let match = XMLText.reference(base, index, text.count) {
        let scalar = Unicode.Scalar(match.codePoint) ?? "\u{FFFD}"
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { add(byte) }
        index += match.length
      } else {
        add(Octet.ampersand)
        index += 1
      }
    }
  }

  /// Adds text as it is.
  mutating func addVerbatim(_ text: UnsafeBufferPointer<UInt8>) {
    for byte in text where !isCut { add(byte) }
  }

  /// The text without white space at its end; nil when it was cut or nothing is left.
  var trimmed: ArraySlice<UInt8>? {
    guard !isCut, let last = bytes.lastIndex(where: { !Octet.isWhitespace($0) }) else { return nil }
    return bytes[...last]
  }

  private mutating func add(_ byte: UInt8) {
    if bytes.isEmpty && Octet.isWhitespace(byte) { return }
    if bytes.count < limit {
      bytes.append(byte)
    } else if !Octet.isWhitespace(byte) {
      isCut = true
    }
  }

  private static let entities: [(name: StaticString, codePoint: UInt32)] = [
    ("&amp;", 0x26), ("&lt;", 0x3C), ("&gt;", 0x3E), ("&quot;", 0x22), ("&apos;", 0x27),
  ]

  /// The reference at an ampersand, and its length.
  private static func reference(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int)
    -> (codePoint: UInt32, length: Int)?
  {
    for (name, codePoint) in entities where end - start >= name.utf8CodeUnitCount {
      let written = UnsafeBufferPointer(start: bytes + start, count: name.utf8CodeUnitCount)
      if Octet.equalsIgnoringCase(written, name) { return (codePoint, name.utf8CodeUnitCount) }
    }
    guard start + 1 < end, bytes[start + 1] == Octet.numberSign else { return nil }
    return CharacterReferences.match(bytes, start, end, inAttribute: false).map { ($0.first, $0.length) }
  }
}
