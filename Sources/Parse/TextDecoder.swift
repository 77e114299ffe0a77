/// Turns a slice of the page's bytes into UTF-8 text: character references, carriage returns, NUL, and the bytes beyond
/// ASCII in the page's encoding. A slice with none of these is given back as it is.
struct TextDecoder: ~Copyable {
  /// Whether bytes beyond ASCII are windows-1252; otherwise they are UTF-8, and invalid ones become U+FFFD.
  let isWindows1252: Bool
  /// References end with a semicolon, and white space in attributes is spaces (XML 1.0, 3.3.3 and 4.1).
  let isXML: Bool
  /// In XML: whether HTML's names are those of entities, beside XML's own five.
  var knowsEntities = true
  private var buffer: UnsafeMutablePointer<UInt8>
  private var capacity = 1_024
  private var count = 0

  init(isWindows1252: Bool, isXML: Bool = false) {
    self.isWindows1252 = isWindows1252
    self.isXML = isXML
    buffer = .allocate(capacity: capacity)
  }

  deinit { buffer.deallocate() }

  /// The text of `bytes[start..<end]`, valid UTF-8 and valid until the next call. Where NUL is not dropped it is U+FFFD.
  @inline(__always)
  mutating func decode(
    _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, inAttribute: Bool, dropsNUL: Bool = false
  ) -> UnsafeBufferPointer<UInt8> {
    if !isXML && TextDecoder.isPlain(bytes, start, end) {
      return UnsafeBufferPointer(start: bytes + start, count: end &- start)
    }
    return decodeSlowly(bytes, start, end, inAttribute: inAttribute, dropsNUL: dropsNUL)
  }

  /// Whether no byte needs decoding: all are ASCII, and none is NUL, a carriage return or an ampersand.
  @inline(__always)
  private static func isPlain(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
    var index = start
    while index &+ 8 <= end {
      if special(Octet.load8(bytes + index)) != 0 { return false }
      index &+= 8
    }
    if index > start { return index == end || special(Octet.load8(bytes + (end &- 8))) == 0 }
    while index < end {
      let byte = bytes[index]
      if byte >= 0x80 || byte == 0x26 || byte == 0x0D || byte == 0 { return false }
      index &+= 1
    }
    return true
  }

  /// 0 unless one of eight bytes needs decoding.
  @inline(__always)
  private static func special(_ word: UInt64) -> UInt64 {
    Octet.firstOf(Octet.ampersand, Octet.carriageReturn, orNULOrBeyondASCII: word)
  }

  private mutating func decodeSlowly(
    _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, inAttribute: Bool, dropsNUL: Bool
  ) -> UnsafeBufferPointer<UInt8> {
    count = 0
    // A byte becomes at most three; the shortest reference to six bytes has five.
    reserve((end - start) * 3 + 8)
    var hasUnchecked = false
    var index = start
    while index < end {
      let byte = bytes[index]
      index += 1
      switch byte {
      case Octet.ampersand:
        if let match = reference(bytes, index - 1, end, inAttribute: inAttribute) {
          append(match.first)
          if match.second != 0 { append(match.second) }
          index += match.length - 1
        } else {
          put(byte)
        }
      case Octet.carriageReturn:
        put(isXML && inAttribute ? Octet.space : Octet.lineFeed)
        if index < end && bytes[index] == Octet.lineFeed { index += 1 }
      case Octet.tab, Octet.lineFeed: put(isXML && inAttribute ? Octet.space : byte)
      case 0: if !dropsNUL { append(0xFFFD) }
      case 0x80...:
        if isWindows1252 {
          append(UInt32(Windows1252.codePoint(byte)))
        } else {
          put(byte)
          hasUnchecked = true
        }
      default: put(byte)
      }
    }
    if hasUnchecked { repair() }
    return UnsafeBufferPointer(start: buffer, count: count)
  }

  private func reference(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, inAttribute: Bool)
    -> CharacterReferences.Match?
  {
    guard isXML else { return CharacterReferences.match(bytes, start, end, inAttribute: inAttribute) }
    guard let match = CharacterReferences.match(bytes, start, end, inAttribute: false),
      bytes[start + match.length - 1] == Octet.semicolon
    else { return nil }
    // XML's five have the names of HTML's, in lower case.
    let isPredefined = "&<>\"'".utf8.contains { UInt32($0) == match.first } && bytes[start + 1] >= UInt8(ascii: "a")
    return knowsEntities || isPredefined || bytes[start + 1] == Octet.numberSign ? match : nil
  }

  /// Replaces what is not UTF-8, as the Encoding Standard does.
  private mutating func repair() {
    let text = UnsafeBufferPointer(start: buffer, count: count)
    if UTF8Validation.isValid(text, mayEndEarly: false) { return }
    var repaired = String(decoding: text, as: UTF8.self)
    repaired.withUTF8 { repaired in
      reserve(repaired.count)
      if let base = repaired.baseAddress { buffer.update(from: base, count: repaired.count) }
      count = repaired.count
    }
  }

  private mutating func reserve(_ wanted: Int) {
    guard wanted > capacity else { return }
    buffer.deallocate()
    capacity = wanted
    buffer = .allocate(capacity: capacity)
  }

  @inline(__always)
  private mutating func put(_ byte: UInt8) {
    buffer[count] = byte
    count &+= 1
  }

  private mutating func append(_ codePoint: UInt32) {
    let scalar = Unicode.Scalar(codePoint) ?? "\u{FFFD}"
    for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { put(byte) }
  }
}
