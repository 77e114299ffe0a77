/// The entities that an XML document declares itself, put into it before it is read (XML 1.0, sections 4.4 and 5.1): the
/// general ones of its internal subset whose value is text. Markup, external and parameter entities are left alone, and so
/// are references to what is not declared.
///
/// Bounded in their number, in the length of each and in what a document grows by. Linear.
struct XMLEntities {
  private static let most = 64
  private static let longest = 4_096
  /// Beyond it references stay as they are.
  private static let growth = 1 << 20
  private static let predefined = ["amp", "lt", "gt", "quot", "apos"].map { Array($0.utf8) }
  private static let longestName = 64

  private let document: UnsafeBufferPointer<UInt8>
  private let bytes: UnsafePointer<UInt8>
  /// Of the document type declaration.
  private let end: Int
  private var position: Int
  /// Of each declared name what stands for its references, in which nothing can be taken for a part of markup; nil: they are
  /// left alone.
  private var texts: [[UInt8]: [UInt8]?] = [:]

  /// The document with these in it; nil when it declares none.
  static func expanded(_ document: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    var xml = XMLTokenizer(document)
    var token = xml.next()
    while token == .text { token = xml.next() }
    guard token == .startTag, !xml.documentType.isEmpty, let bytes = document.baseAddress else { return nil }
    var entities = XMLEntities(document, bytes, declaration: xml.documentType)
    entities.readSubset()
    return entities.texts.values.allSatisfy { $0 == nil } ? nil : entities.expanded()
  }

  private init(_ document: UnsafeBufferPointer<UInt8>, _ bytes: UnsafePointer<UInt8>, declaration: Range<Int>) {
    self.document = document
    self.bytes = bytes
    position = declaration.lowerBound
    end = declaration.upperBound
  }

  // MARK: - Declarations

  private mutating func readSubset() {
    skip(behind: UInt8(ascii: "["))
    while position < end {
      if Octet.isWhitespace(bytes[position]) {
        position += 1
      } else if let literal = endOfLiteral(at: position) {
        position = literal
      } else if has("<!ENTITY", at: position) {
        position += 8
        declare()
        skip(behind: Octet.greaterThan)
      } else if has("<!", at: position) {
        skip(behind: Octet.greaterThan)
      } else {
        // Its end, or a parameter entity, behind which nobody knows what holds.
        return
      }
    }
  }

  /// Moves behind the next `mark` that is not within quotes, or to the end.
  private mutating func skip(behind mark: UInt8) {
    while position < end {
      let byte = bytes[position]
      position = min(end, isQuote(byte) ? Octet.find(byte, bytes, position + 1, end) + 1 : position + 1)
      if byte == mark { return }
    }
  }

  /// The first declaration of a name counts (4.2).
  private mutating func declare() {
    skipWhitespace()
    let start = position
    while position < end, !Octet.isWhitespace(bytes[position]), !isQuote(bytes[position]),
      bytes[position] != Octet.greaterThan
    {
      position += 1
    }
    let name = Array(document[start..<position])
    skipWhitespace()
    guard !name.isEmpty, texts.count < Self.most, texts[name] == nil, !Self.predefined.contains(name) else { return }
    guard position < end, isQuote(bytes[position]) else {
      texts[name] = .some(nil)
      return
    }
    let value = position + 1..<Octet.find(bytes[position], bytes, position + 1, end)
    position = min(end, value.upperBound + 1)
    texts[name] = .some(text(of: value))
  }

  /// Nil for what is too long, has markup, or refers to what is not known. A reference to a character stays one.
  private func text(of value: Range<Int>) -> [UInt8]? {
    var text: [UInt8] = []
    var place = value.lowerBound
    while place < value.upperBound, text.count <= Self.longest {
      switch bytes[place] {
      case Octet.lessThan: return nil
      case Octet.ampersand:
        guard let (name, next) = reference(at: place, to: value.upperBound) else { return nil }
        if name.first == Octet.numberSign || Self.predefined.contains(name) {
          text += document[place..<next]
        } else if let inner = texts[name] ?? nil {
          text += inner
        } else {
          return nil
        }
        place = next
      case let byte where isQuote(byte) || byte == Octet.greaterThan:
        text += "&#\(byte);".utf8
        place += 1
      case let byte:
        text.append(byte)
        place += 1
      }
    }
    return text.count <= Self.longest ? text : nil
  }

  // MARK: - References

  private func expanded() -> [UInt8] {
    var output = Array(document[..<end])
    output.reserveCapacity(document.count)
    var room = Self.growth
    var place = end
    while place < document.count {
      if bytes[place] == Octet.ampersand, let (name, next) = reference(at: place, to: document.count),
        let text = texts[name] ?? nil, text.count <= room
      {
        output += text
        room -= text.count
        place = next
        continue
      }
      var next = endOfLiteral(at: place) ?? place + 1
      while next < document.count, bytes[next] != Octet.ampersand, bytes[next] != Octet.lessThan { next += 1 }
      output += document[place..<next]
      place = next
    }
    return output
  }

  /// The name in the reference at an ampersand, and the place behind it.
  private func reference(at place: Int, to end: Int) -> (name: [UInt8], next: Int)? {
    let limit = min(end, place + 1 + Self.longestName)
    var next = place + 1
    while next < limit, bytes[next] != Octet.semicolon {
      let byte = bytes[next]
      if Octet.isWhitespace(byte) || byte == Octet.ampersand || byte == Octet.lessThan { return nil }
      next += 1
    }
    guard next < limit else { return nil }
    return (Array(document[place + 1..<next]), next + 1)
  }

  // MARK: - Bytes

  /// The end of a comment, a CDATA section or a processing instruction that begins here: references in them are none.
  private func endOfLiteral(at place: Int) -> Int? {
    if has("<!--", at: place) { return behind("-->", from: place + 4) }
    if has("<![CDATA[", at: place) { return behind("]]>", from: place + 9) }
    return has("<?", at: place) ? behind("?>", from: place + 2) : nil
  }

  /// The place behind the next `mark`, which ends with `>`, or the document's end.
  private func behind(_ mark: StaticString, from start: Int) -> Int {
    var place = start
    while place < document.count {
      place = Octet.find(Octet.greaterThan, bytes, place, document.count) + 1
      let begin = place - mark.utf8CodeUnitCount
      if begin >= start, place <= document.count, has(mark, at: begin) { return place }
    }
    return document.count
  }

  private func has(_ text: StaticString, at place: Int) -> Bool {
    guard document.count - place >= text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount where bytes[place + index] != text.utf8Start[index] { return false }
    return true
  }

  private mutating func skipWhitespace() {
    while position < end, Octet.isWhitespace(bytes[position]) { position += 1 }
  }

  private func isQuote(_ byte: UInt8) -> Bool { byte == Octet.quotationMark || byte == Octet.apostrophe }
}
