/// What the first bytes of a body tell about it (MIME Sniffing Standard, sections 6 and 7.1 to 7.3).
enum Signature {
  typealias Bytes = UnsafeBufferPointer<UInt8>

  /// The kind of a body whose type nobody names. HTML and XML are only recognised when `isScriptable`.
  static func kind(_ start: Bytes, isScriptable: Bool) -> ContentKind {
    let visible = Bytes(rebasing: start.drop(while: Octet.isWhitespace))
    if isScriptable {
      for tag in tags where isTag(tag, visible) { return .html }
      if has("<?xml", visible) { return isXHTML(start) ? .xhtml : .xml }
    }
    if isMarked(start) { return .text }
    return isKnownBinary(start) || isBinary(start) ? .binary : .text
  }

  /// Whether there is a byte that no text has, and no byte order mark.
  static func isBinary(_ start: Bytes) -> Bool {
    if isMarked(start) { return false }
    return start.contains { byte in
      byte <= 0x08 || byte == 0x0B || byte >= 0x0E && byte <= 0x1A || byte >= 0x1C && byte <= 0x1F
    }
  }

  private static func isMarked(_ start: Bytes) -> Bool {
    start.starts(with: [0xEF, 0xBB, 0xBF]) || start.starts(with: [0xFE, 0xFF]) || start.starts(with: [0xFF, 0xFE])
  }

  // MARK: - HTML

  private static let tags: [StaticString] = [
    "<!doctype html", "<html", "<head", "<script", "<iframe", "<h1", "<div", "<font", "<table", "<a", "<style",
    "<title", "<b", "<body", "<br", "<p", "<!--",
  ]

  /// Whether the bytes begin with the tag, in any letter case, and a tag-terminating byte.
  private static func isTag(_ tag: StaticString, _ start: Bytes) -> Bool {
    let count = tag.utf8CodeUnitCount
    guard start.count > count, start[count] == Octet.space || start[count] == Octet.greaterThan else { return false }
    return Octet.equalsIgnoringCase(Bytes(rebasing: start[..<count]), tag)
  }

  // MARK: - Other formats

  /// Formats whose first bytes may all be bytes of text. The others have a byte that no text has.
  private static let textual: [StaticString] = [
    "%PDF-", "%!PS-Adobe-", "GIF87a", "GIF89a", "BM", "ID3", ".snd", "OTTO", "ttcf", "wOFF", "wOF2",
  ]

  private static func isKnownBinary(_ start: Bytes) -> Bool {
    if textual.contains(where: { has($0, start) }) { return true }
    // Containers with a length between their name and their format's; images and the like that are short.
    if has("RIFF", start) {
      return has("WEBPVP", start, at: 8) || has("AVI ", start, at: 8) || has("WAVE", start, at: 8)
    }
    return has("FORM", start) && has("AIFF", start, at: 8) || start.starts(with: [0xFF, 0xD8, 0xFF])
      || start.starts(with: [0x1A, 0x45, 0xDF, 0xA3])
  }

  private static func has(_ pattern: StaticString, _ bytes: Bytes, at index: Int = 0) -> Bool {
    let count = pattern.utf8CodeUnitCount
    guard index >= 0, bytes.count - index >= count else { return false }
    return bytes[index..<index + count].elementsEqual(UnsafeBufferPointer(start: pattern.utf8Start, count: count))
  }

  // MARK: - Feeds

  /// Whether what says that it is XML has the root element of XHTML: `html`, in its namespace. A byte order mark and what
  /// may stand before are passed over.
  static func isXHTML(_ start: Bytes) -> Bool {
    guard let mark = Charset.byteOrderMark(start) else { return hasXHTMLRoot(start) }
    let text = Bytes(rebasing: start.dropFirst(mark.markLength))
    if mark.name == "utf-8" { return hasXHTMLRoot(text) }
    return Transcoder.utf8(text, from: mark.name).withUnsafeBufferPointer(hasXHTMLRoot)
  }

  private static func hasXHTMLRoot(_ start: Bytes) -> Bool {
    var xml = XMLTokenizer(start)
    while true {
      switch xml.next() {
      case .startTag: return XHTMLElements.isRoot(xml)
      case .text, .characterData, .endTag: continue
      case .end: return false
      }
    }
  }

  /// Whether what says it is HTML has the root element of RSS or Atom, behind comments, declarations and processing
  /// instructions.
  static func isFeed(_ start: Bytes) -> Bool {
    var index = start.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while true {
      while index < start.count && Octet.isWhitespace(start[index]) { index += 1 }
      guard index < start.count && start[index] == Octet.lessThan else { return false }
      index += 1
      let end: StaticString
      if has("!--", start, at: index) {
        index += 3
        end = "-->"
      } else if has("!", start, at: index) {
        end = ">"
      } else if has("?", start, at: index) {
        end = "?>"
      } else {
        if has("rss", start, at: index) || has("feed", start, at: index) { return true }
        return has("rdf:RDF", start, at: index)
          && contains("http://purl.org/rss/1.0/", start, from: index)
          && contains("http://www.w3.org/1999/02/22-rdf-syntax-ns#", start, from: index)
      }
      index = find(end, start, from: index) + end.utf8CodeUnitCount
    }
  }

  private static func contains(_ pattern: StaticString, _ bytes: Bytes, from index: Int) -> Bool {
    find(pattern, bytes, from: index) < bytes.count
  }

  /// Where the pattern stands from `index` on, or the end.
  private static func find(_ pattern: StaticString, _ bytes: Bytes, from index: Int) -> Int {
    guard let start = bytes.baseAddress else { return bytes.count }
    var index = Octet.find(pattern.utf8Start[0], start, index, bytes.count)
    while index < bytes.count && !has(pattern, bytes, at: index) {
      index = Octet.find(pattern.utf8Start[0], start, index + 1, bytes.count)
    }
    return index
  }
}
