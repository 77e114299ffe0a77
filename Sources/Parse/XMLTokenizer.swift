/// Splits XML into tags and text (Extensible Markup Language 1.0), forgivingly: what is not well-formed is read as far
/// as it has a meaning, and nothing is ever an error.
///
/// Comments, processing instructions and document type declarations are skipped; of entities that these declare see
/// `XMLEntities`. Every byte is looked at a bounded number of times.
struct XMLTokenizer {
  enum Token {
    case startTag
    case endTag
    /// Text with references in it.
    case text
    /// The text of a CDATA section.
    case characterData
    case end
  }

  let bytes: UnsafePointer<UInt8>
  private let end: Int
  private var position = 0
  /// Of the last tag: its name as written, and the parts before and behind the first colon.
  private(set) var qualifiedName = 0..<0
  private(set) var prefix = 0..<0
  private(set) var name = 0..<0
  /// Of the last start tag: whether it is an empty element's.
  private(set) var isEmpty = false
  /// Of the last text.
  private(set) var text = 0..<0
  /// Of the last start tag: what is between its name and its end.
  private var tag = 0..<0
  /// Of the last document type declaration: what is between its keyword and its end.
  private(set) var documentType = 0..<0

  init(_ document: UnsafeBufferPointer<UInt8>) {
    bytes = document.baseAddress ?? UnsafePointer(XMLTokenizer.nothing)
    end = document.count
  }

  private nonisolated(unsafe) static let nothing = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)

  /// The next tag or text; `.end` at the end, and at a construct that the end cuts.
  mutating func next() -> Token {
    while position < end {
      if bytes[position] != Octet.lessThan { return takeText(from: position) }
      guard position + 1 < end else { break }
      switch bytes[position + 1] {
      case Octet.exclamationMark:
        if has("<!--") {
          skip(past: Octet.hyphen, from: position + 4)
        } else if has("<![CDATA[") {
          let start = position + 9
          skip(past: UInt8(ascii: "]"), from: start)
          guard position <= end, position - 3 >= start else { break }
          text = start..<position - 3
          return .characterData
        } else {
          skipDeclaration()
        }
      case Octet.questionMark: skipInstruction()
      case Octet.solidus: if takeEndTag() { return .endTag }
      case let byte where XMLTokenizer.startsName(byte):
        return takeStartTag() ? .startTag : .end
      default: return takeText(from: position)
      }
    }
    position = end
    return .end
  }

  /// The value of an attribute of the last start tag, as written; `name` is the whole name in lower case: one with a prefix
  /// is another (Namespaces in XML 1.0, section 6.2). Linear in the length of the tag.
  func attribute(_ name: StaticString) -> Range<Int>? {
    var attributes = attributes
    while attributes.next() {
      if Octet.equalsIgnoringCase(self[attributes.name], name) { return attributes.value }
    }
    return nil
  }

  /// Those of the last start tag.
  var attributes: XMLAttributes { XMLAttributes(bytes, tag) }

  /// The bytes of a name or a text.
  subscript(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count)
  }

  static func startsName(_ byte: UInt8) -> Bool {
    Octet.isLetter(byte) || byte >= 0x80 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ":")
  }

  // MARK: - Tags and text

  private mutating func takeText(from start: Int) -> Token {
    position = Octet.find(Octet.lessThan, bytes, start + 1, end)
    text = start..<position
    return .text
  }

  private mutating func takeName() {
    let start = position
    while position < end && !Octet.endsTagName(bytes[position]) && bytes[position] != Octet.lessThan { position += 1 }
    qualifiedName = start..<position
    (prefix, name) = split(qualifiedName)
  }

  /// What is before and behind the first colon of a name; without one there is no prefix.
  func split(_ range: Range<Int>) -> (prefix: Range<Int>, local: Range<Int>) {
    let colon = Octet.find(UInt8(ascii: ":"), bytes, range.lowerBound, range.upperBound)
    guard colon < range.upperBound else { return (range.lowerBound..<range.lowerBound, range) }
    return (range.lowerBound..<colon, colon + 1..<range.upperBound)
  }

  /// - Returns: false when the end cuts the tag, so that nobody knows what it would have said.
  private mutating func takeStartTag() -> Bool {
    position += 1
    takeName()
    var attributes = XMLAttributes(bytes, position..<end)
    while attributes.next() {}
    tag = position..<min(attributes.position, end)
    position = attributes.position
    isEmpty = false
    guard position < end else { return false }
    // A tag that runs into the next one ends there.
    if bytes[position] == Octet.lessThan { return true }
    isEmpty = bytes[position] == Octet.solidus
    position += isEmpty ? 2 : 1
    return true
  }

  /// - Returns: false for a tag without a name, or one that the end cuts.
  private mutating func takeEndTag() -> Bool {
    position += 2
    takeName()
    while position < end && bytes[position] != Octet.greaterThan && bytes[position] != Octet.lessThan { position += 1 }
    guard position < end else { return false }
    if bytes[position] == Octet.greaterThan { position += 1 }
    return !name.isEmpty
  }

  // MARK: - What is skipped

  /// Moves behind the next `>` that two bytes `mark` precede, at or after `start`; beyond the end when there is none.
  private mutating func skip(past mark: UInt8, from start: Int) {
    var place = start
    while true {
      place = Octet.find(Octet.greaterThan, bytes, place, end)
      guard place < end else {
        position = end + 1
        return
      }
      if place - 2 >= start && bytes[place - 1] == mark && bytes[place - 2] == mark { break }
      place += 1
    }
    position = place + 1
  }

  /// A processing instruction, or the XML declaration, which has no `>` of its own and often lacks the second `?`.
  private mutating func skipInstruction() {
    let isDeclaration = has("<?xml") && position + 5 < end && Octet.isWhitespace(bytes[position + 5])
    var place = position + 2
    repeat {
      place = Octet.find(Octet.greaterThan, bytes, place, end) + 1
    } while place <= end && !isDeclaration && bytes[place - 2] != Octet.questionMark
    position = min(place, end)
  }

  /// A document type declaration with its internal subset, or anything else that begins with `<!`.
  private mutating func skipDeclaration() {
    let isDocumentType = has("<!DOCTYPE")
    let start = position + 9
    position += 2
    defer { if isDocumentType { documentType = start..<max(start, position) } }
    var isInSubset = false
    var declarations = 0
    while position < end {
      let byte = bytes[position]
      switch byte {
      case Octet.quotationMark, Octet.apostrophe:
        position = Octet.find(byte, bytes, position + 1, end)
      case UInt8(ascii: "["): isInSubset = true
      case UInt8(ascii: "]"): (isInSubset, declarations) = (false, 0)
      case Octet.greaterThan where declarations > 0: declarations -= 1
      case Octet.greaterThan where !isInSubset:
        position += 1
        return
      case Octet.lessThan where !isInSubset: return
      case Octet.lessThan where has("<!--"):
        skip(past: Octet.hyphen, from: position + 4)
        continue
      case Octet.lessThan where position + 1 < end && bytes[position + 1] == Octet.questionMark:
        skipInstruction()
        continue
      case Octet.lessThan: declarations += 1
      default: break
      }
      position += 1
    }
  }

  private func has(_ text: StaticString) -> Bool {
    guard end - position >= text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount where bytes[position + index] != text.utf8Start[index] { return false }
    return true
  }
}

/// Walks through the attributes of a start tag.
struct XMLAttributes {
  private let bytes: UnsafePointer<UInt8>
  private let end: Int
  /// At the tag's end, when there are no more: at its `>` or `/>`, at a `<` that cuts it, or beyond the bytes.
  private(set) var position: Int
  private(set) var name = 0..<0
  private(set) var value = 0..<0

  init(_ bytes: UnsafePointer<UInt8>, _ range: Range<Int>) {
    self.bytes = bytes
    position = range.lowerBound
    end = range.upperBound
  }

  /// Moves to the next attribute; false at the tag's end.
  mutating func next() -> Bool {
    while position < end {
      let byte = bytes[position]
      if byte == Octet.greaterThan || byte == Octet.lessThan { return false }
      if byte == Octet.solidus && position + 1 < end && bytes[position + 1] == Octet.greaterThan { return false }
      // Stray bytes between attributes mean nothing.
      if XMLTokenizer.startsName(byte) { return take() }
      position += 1
    }
    return false
  }

  private mutating func take() -> Bool {
    let start = position
    while position < end && !Octet.endsTagName(bytes[position]) && bytes[position] != Octet.equals
      && bytes[position] != Octet.lessThan
    {
      position += 1
    }
    name = start..<position
    value = position..<position
    skipWhitespace()
    guard position < end, bytes[position] == Octet.equals else { return true }
    position += 1
    skipWhitespace()
    guard position < end else { return true }
    let quote = bytes[position]
    if quote == Octet.quotationMark || quote == Octet.apostrophe {
      let close = Octet.find(quote, bytes, position + 1, end)
      value = position + 1..<close
      position = close + 1
      return true
    }
    let first = position
    while position < end && !Octet.endsUnquotedValue(bytes[position]) && bytes[position] != Octet.lessThan {
      position += 1
    }
    value = first..<position
    return true
  }

  private mutating func skipWhitespace() {
    while position < end && Octet.isWhitespace(bytes[position]) { position += 1 }
  }
}
