// RCDATA, RAWTEXT and script data, 13.2.5.2 to 13.2.5.31.
extension Tokenizer {
  /// From behind the start tag of a raw text element to behind its end tag; the range is what stands between.
  ///
  /// `name` is the element's name in lower case. The element ends at `</name` followed by white space, `/` or `>`, and
  /// the end tag's attributes are read like any others; in a page that ends before, all the rest stands between.
  mutating func skipRawText(until name: StaticString) -> Range<Int> {
    let start = position
    var index = position
    while true {
      index = Octet.find(Octet.lessThan, bytes, index, end)
      if isEndTag(of: name, at: index) { return close(start, at: index, name) }
      if index >= end { break }
      index += 1
    }
    position = end
    return start..<end
  }

  /// As `skipRawText` for `script`, whose text may hide its own end tag: after `<!--`, `<script` begins a part in which
  /// `</script` ends only that part, and `-->` ends both (script data escaped and double escaped states).
  mutating func skipScript() -> Range<Int> {
    enum Escape { case none, escaped, doubleEscaped }
    let start = position
    var escape = Escape.none
    var index = position
    // Where dashes begin to count for `-->`: those of `<!--` do.
    var dashes = start
    while index < end {
      let byte = bytes[index]
      if byte == Octet.lessThan {
        if escape == .none && hasBytes("<!--", at: index) {
          escape = .escaped
          dashes = index + 2
          index += 4
          // `<!-->` and `<!--->` end the escape again at once.
          continue
        }
        if isEndTag(of: "script", at: index) {
          if escape != .doubleEscaped { return close(start, at: index, "script") }
          escape = .escaped
        } else if escape == .escaped && isName("script", at: index + 1) {
          escape = .doubleEscaped
        }
        index += 1
      } else if byte == Octet.greaterThan && escape != .none {
        if index - 2 >= dashes && bytes[index - 1] == Octet.hyphen && bytes[index - 2] == Octet.hyphen {
          escape = .none
        }
        index += 1
      } else if escape == .none {
        index = Octet.find(Octet.lessThan, bytes, index, end)
      } else {
        index += 1
      }
    }
    position = end
    return start..<end
  }

  private mutating func close(_ start: Int, at index: Int, _ name: StaticString) -> Range<Int> {
    position = index + 2 + name.utf8CodeUnitCount
    if !readAttributes(wanted: false) { position = end }
    return start..<index
  }

  private func isEndTag(of name: StaticString, at index: Int) -> Bool {
    index + 1 < end && bytes[index + 1] == Octet.solidus && isName(name, at: index + 2)
  }

  /// Whether `name` and what may follow a tag's name stand at `index`.
  private func isName(_ name: StaticString, at index: Int) -> Bool {
    let after = index + name.utf8CodeUnitCount
    return after < end && Octet.endsTagName(bytes[after]) && Octet.equalsIgnoringCase(slice(index..<after), name)
  }

  private func hasBytes(_ text: StaticString, at index: Int) -> Bool {
    index + text.utf8CodeUnitCount <= end
      && slice(index..<index + text.utf8CodeUnitCount)
        .elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
