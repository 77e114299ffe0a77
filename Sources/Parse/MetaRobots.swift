/// What robots `meta` elements and X-Robots-Tag headers ask of a crawler.
package struct MetaRobots: Sendable, Hashable {
  package var noindex = false
  package var nofollow = false
  /// What the elements and headers said to this crawler, joined by commas, as written; cut at `ParseLimits.titleBytes`.
  package var text: String?

  package init() {}

  /// Reads one comma-separated list of directives; `none` means both. Directives add up over several lists.
  package mutating func add(_ content: String, upTo limit: Int = ParseLimits().titleBytes) {
    for part in content.utf8.split(separator: Octet.comma) { addDirective(part) }
    note(content, upTo: limit)
  }

  /// Reads the value of one X-Robots-Tag field. A product token and a colon before a directive say whom it and those
  /// behind it are for, until the next token; others are for everybody. Directives add up over several fields.
  package mutating func add(
    field: String, productToken: String, upTo limit: Int = ParseLimits().titleBytes
  ) {
    let us = productToken.utf8.map(Octet.lowercase)
    var isForUs = true
    var ours: [String] = []
    for part in field.utf8.split(separator: Octet.comma) {
      var directive = part
      if let colon = part.firstIndex(of: UInt8(ascii: ":")) {
        let name = MetaRobots.trimmed(part[..<colon]).map(Octet.lowercase)
        if MetaRobots.isToken(name) && !MetaRobots.takesValue(name) {
          let token = name.prefix { $0 != Octet.solidus }
          isForUs = token.elementsEqual("*".utf8) || !us.isEmpty && token.elementsEqual(us)
          directive = part[part.index(after: colon)...]
        }
      }
      guard isForUs else { continue }
      addDirective(directive)
      let text = String(decoding: MetaRobots.trimmed(directive), as: UTF8.self)
      if !text.isEmpty { ours.append(text) }
    }
    if !ours.isEmpty { note(ours.joined(separator: ", "), upTo: limit) }
  }

  /// Adds what a later answer asked of the same page: directives that are here already are not written again.
  package mutating func addMissing(from other: MetaRobots, upTo limit: Int = ParseLimits().titleBytes) {
    // Its text may be cut.
    (noindex, nofollow) = (noindex || other.noindex, nofollow || other.nofollow)
    let known = Set((text ?? "").utf8.split(separator: Octet.comma).map { MetaRobots.trimmed($0).map(Octet.lowercase) })
    let missing = (other.text ?? "").utf8.split(separator: Octet.comma).map(MetaRobots.trimmed).filter {
      !known.contains($0.map(Octet.lowercase))
    }
    if !missing.isEmpty { add(missing.map { String(Substring($0)) }.joined(separator: ", "), upTo: limit) }
  }

  /// Adds what another source asked.
  mutating func add(_ other: MetaRobots, upTo limit: Int) {
    noindex = noindex || other.noindex
    nofollow = nofollow || other.nofollow
    if let text = other.text { note(text, upTo: limit) }
  }

  /// One directive, or several with white space between; one with a value is none of those that are known.
  private mutating func addDirective(_ text: Substring.UTF8View) {
    if let colon = text.firstIndex(of: UInt8(ascii: ":")),
      MetaRobots.takesValue(MetaRobots.trimmed(text[..<colon]).map(Octet.lowercase))
    {
      return
    }
    for word in text.split(whereSeparator: Octet.isWhitespace) {
      switch String(decoding: word.map(Octet.lowercase), as: UTF8.self) {
      case "noindex": noindex = true
      case "nofollow": nofollow = true
      case "none": (noindex, nofollow) = (true, true)
      default: break
      }
    }
  }

  private mutating func note(_ content: String, upTo limit: Int) {
    guard let before = text else {
      text = content.utf8.count <= limit ? content : String(decoding: content.utf8.prefix(limit), as: UTF8.self)
      return
    }
    if before.utf8.count + content.utf8.count < limit { text = before + "," + content }
  }

  /// The directives that have a colon themselves, such as `max-snippet: 10`.
  private static func takesValue(_ name: [UInt8]) -> Bool {
    name.elementsEqual("unavailable_after".utf8) || name.starts(with: "max-".utf8)
  }

  /// A name without white space, quotes and the like: what else stands before a colon may be part of a date.
  private static func isToken(_ name: [UInt8]) -> Bool {
    !name.isEmpty
      && name.allSatisfy {
        Octet.isAlphanumeric($0) || $0 >= 0x80 || "*-_./+".utf8.contains($0)
      }
  }

  private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
    var text = text.drop(while: Octet.isWhitespace)
    while let last = text.last, Octet.isWhitespace(last) { text.removeLast() }
    return text
  }
}
