/// The prescan of a page's first bytes for its encoding (HTML Standard, 13.2.3.2).
struct MetaPrescan {
  /// How many bytes are looked at.
  static let byteCount = 1_024

  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0

  /// The name of the encoding that a `meta` element declares, else the one of an XML declaration; nil without either.
  ///
  /// Bytes behind the first 1,024 are not read.
  static func encoding(_ body: UnsafeBufferPointer<UInt8>) -> String? {
    var prescan = MetaPrescan(body)
    return prescan.utf16() ?? prescan.scan() ?? prescan.xmlEncoding()
  }

  /// The name of the encoding that an XML declaration at the start tells; nil without one.
  ///
  /// Bytes behind the first 1,024 are not read.
  static func xmlEncoding(_ body: UnsafeBufferPointer<UInt8>) -> String? {
    let prescan = MetaPrescan(body)
    return prescan.utf16() ?? prescan.xmlEncoding()
  }

  private init(_ body: UnsafeBufferPointer<UInt8>) {
    bytes = UnsafeBufferPointer(rebasing: body.prefix(MetaPrescan.byteCount))
  }

  /// UTF-16 in which an XML declaration is written.
  private func utf16() -> String? {
    if bytes.starts(with: [0x3C, 0, 0x3F, 0, 0x78, 0]) { return "utf-16le" }
    if bytes.starts(with: [0, 0x3C, 0, 0x3F, 0, 0x78]) { return "utf-16be" }
    return nil
  }

  private mutating func scan() -> String? {
    while position < bytes.count {
      if bytes[position] != Octet.lessThan, let start = bytes.baseAddress {
        position = Octet.find(Octet.lessThan, start, position, bytes.count)
        continue
      }
      if has("<!--") {
        // The two dashes may be those of the end as well.
        position += 2
        guard skip(past: "-->") else { return nil }
        continue
      }
      if has("<meta"), let byte = byte(at: position + 5), Octet.isWhitespace(byte) || byte == Octet.solidus {
        position += 6
        if let name = meta() { return name }
        continue
      }
      if bytes[position] == Octet.lessThan, let next = byte(at: position + 1) {
        let isEnd = next == Octet.solidus
        if Octet.isLetter(next) || isEnd && byte(at: position + 2).map(Octet.isLetter) == true {
          while position < bytes.count && !isWhitespaceOrEnd(bytes[position]) { position += 1 }
          while attribute() != nil {}
        } else if isEnd || next == Octet.exclamationMark || next == Octet.questionMark {
          while position < bytes.count && bytes[position] != Octet.greaterThan { position += 1 }
        }
      }
      position += 1
    }
    return nil
  }

  /// The encoding of the `meta` element whose attributes begin here.
  private mutating func meta() -> String? {
    var names: [Range<Int>] = []
    var gotPragma = false
    var needsPragma: Bool?
    // Nil: none seen; nil within: a label that means nothing.
    var charset: String??
    while let (name, value) = attribute() {
      guard !names.contains(where: { isSame(name, $0) }) else { continue }
      names.append(name)
      if isSame(name, "http-equiv") {
        if isSame(value, "content-type") { gotPragma = true }
      } else if isSame(name, "content") {
        if charset == nil, let found = Self.encoding(inContent: UnsafeBufferPointer(rebasing: bytes[value])) {
          charset = found
          needsPragma = true
        }
      } else if isSame(name, "charset") {
        charset = .some(EncodingLabels.encoding(UnsafeBufferPointer(rebasing: bytes[value])))
        needsPragma = false
      }
    }
    // A declaration that the end of the bytes cuts off does not count.
    guard position < bytes.count else { return nil }
    guard let needsPragma, !needsPragma || gotPragma, let name = charset ?? nil else { return nil }
    return Self.declarable(name)
  }

  /// What a declaration read as ASCII can mean by `name`.
  static func declarable(_ name: String) -> String {
    switch name {
    case "utf-16le", "utf-16be": "utf-8"
    case "x-user-defined": "windows-1252"
    default: name
    }
  }

  /// "Get an attribute": where its name and value stand; nil at the tag's end.
  private mutating func attribute() -> (name: Range<Int>, value: Range<Int>)? {
    while let byte = byte(at: position), Octet.isWhitespace(byte) || byte == Octet.solidus { position += 1 }
    guard let first = byte(at: position), first != Octet.greaterThan else { return nil }
    let start = position
    while let byte = byte(at: position) {
      if byte == Octet.equals && position > start { break }
      if Octet.isWhitespace(byte) || byte == Octet.solidus || byte == Octet.greaterThan { break }
      position += 1
    }
    let name = start..<position
    skipWhitespace()
    guard byte(at: position) == Octet.equals else { return (name, position..<position) }
    position += 1
    skipWhitespace()
    return (name, attributeValue())
  }

  private mutating func attributeValue() -> Range<Int> {
    guard let first = byte(at: position) else { return position..<position }
    if first == Octet.quotationMark || first == Octet.apostrophe {
      let start = position + 1
      var end = start
      while let byte = byte(at: end), byte != first { end += 1 }
      position = end + 1
      return start..<end
    }
    let start = position
    while let byte = byte(at: position), !isWhitespaceOrEnd(byte) { position += 1 }
    return start..<position
  }

  /// The standard's "extracting a character encoding from a meta element".
  static func encoding(inContent content: UnsafeBufferPointer<UInt8>) -> String? {
    let key: StaticString = "charset"
    let length = key.utf8CodeUnitCount
    var index = 0
    while index + length <= content.count {
      guard Octet.equalsIgnoringCase(UnsafeBufferPointer(rebasing: content[index..<index + length]), key) else {
        index += 1
        continue
      }
      var rest = content[(index + length)...].drop(while: Octet.isWhitespace)
      guard rest.first == Octet.equals else {
        index += length
        continue
      }
      rest = rest.dropFirst().drop(while: Octet.isWhitespace)
      guard let quote = rest.first else { return nil }
      if quote == Octet.quotationMark || quote == Octet.apostrophe {
        guard let end = rest.dropFirst().firstIndex(of: quote) else { return nil }
        return EncodingLabels.encoding(UnsafeBufferPointer(rebasing: rest[(rest.startIndex + 1)..<end]))
      }
      let label = rest.prefix { !Octet.isWhitespace($0) && $0 != Octet.semicolon }
      return EncodingLabels.encoding(UnsafeBufferPointer(rebasing: label))
    }
    return nil
  }

  /// "Get an XML encoding": the pseudo-attribute of `<?xml … encoding="…"?>`.
  private func xmlEncoding() -> String? {
    guard bytes.starts(with: "<?xml".utf8), let end = bytes.firstIndex(of: Octet.greaterThan) else { return nil }
    let declaration = UnsafeBufferPointer(rebasing: bytes[..<end])
    let key = Array("encoding".utf8)
    guard
      let place = declaration.indices.first(where: {
        $0 + key.count <= declaration.count && declaration[$0..<$0 + key.count].elementsEqual(key)
      })
    else { return nil }
    var rest = declaration[(place + key.count)...].drop { $0 <= Octet.space }
    guard rest.first == Octet.equals else { return nil }
    rest = rest.dropFirst().drop { $0 <= Octet.space }
    guard let quote = rest.first, quote == Octet.quotationMark || quote == Octet.apostrophe,
      let close = rest.dropFirst().firstIndex(of: quote)
    else { return nil }
    let label = UnsafeBufferPointer(rebasing: rest[(rest.startIndex + 1)..<close])
    guard !label.contains(where: { $0 <= Octet.space }) else { return nil }
    return EncodingLabels.encoding(label).map(MetaPrescan.declarable)
  }

  // MARK: - Looking at bytes

  private func byte(at index: Int) -> UInt8? { index < bytes.count ? bytes[index] : nil }

  private func isWhitespaceOrEnd(_ byte: UInt8) -> Bool { Octet.isWhitespace(byte) || byte == Octet.greaterThan }

  /// Whether two ranges hold the same, letters in either case.
  private func isSame(_ range: Range<Int>, _ other: Range<Int>) -> Bool {
    range.count == other.count
      && zip(range, other).allSatisfy { Octet.lowercase(bytes[$0]) == Octet.lowercase(bytes[$1]) }
  }

  private func isSame(_ range: Range<Int>, _ text: StaticString) -> Bool {
    Octet.equalsIgnoringCase(UnsafeBufferPointer(rebasing: bytes[range]), text)
  }

  private mutating func skipWhitespace() {
    while let byte = byte(at: position), Octet.isWhitespace(byte) { position += 1 }
  }

  private func has(_ text: StaticString) -> Bool {
    let end = position + text.utf8CodeUnitCount
    return end <= bytes.count
      && Octet.equalsIgnoringCase(UnsafeBufferPointer(rebasing: bytes[position..<end]), text)
  }

  private mutating func skip(past text: StaticString) -> Bool {
    while position < bytes.count {
      if has(text) {
        position += text.utf8CodeUnitCount
        return true
      }
      position += 1
    }
    return false
  }
}
