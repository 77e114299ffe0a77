// Comments, doctypes and CDATA sections, 13.2.5.41 to 13.2.5.71.
extension Tokenizer {
  /// What stood between `<` and the end of the markup.
  enum Markup {
    case comment
    case doctype
    case cdata(Range<Int>)
  }

  /// Reads on from the `!` or `?` behind a `<` (markup declaration open state).
  mutating func readMarkup(allowsCDATA: Bool) -> Markup {
    if bytes[position] == Octet.exclamationMark {
      position += 1
      if hasPrefix("--") {
        position += 2
        skipComment()
        return .comment
      }
      if hasPrefix("doctype") {
        skipPast(Octet.greaterThan)
        return .doctype
      }
      if allowsCDATA && hasPrefix("[cdata[") && isUpperCDATA() {
        position += 7
        return .cdata(readCDATA())
      }
    }
    skipBogusComment()
    return .comment
  }

  mutating func skipBogusComment() { skipPast(Octet.greaterThan) }

  private mutating func skipPast(_ byte: UInt8) {
    let index = Octet.find(byte, bytes, position, end)
    position = index < end ? index + 1 : end
  }

  /// Whether the lower-case ASCII `text` stands at `position`, letters in either case.
  private func hasPrefix(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    return count <= end - position && Octet.equalsIgnoringCase(slice(position..<position + count), text)
  }

  private func isUpperCDATA() -> Bool {
    slice(position + 1..<position + 6).elementsEqual("CDATA".utf8)
  }

  /// From behind `<!--` to behind the comment's end: `-->`, `--!>`, or at once `>` or `->`.
  private mutating func skipComment() {
    if position < end && bytes[position] == Octet.greaterThan {
      position += 1
      return
    }
    if position + 1 < end && bytes[position] == Octet.hyphen && bytes[position + 1] == Octet.greaterThan {
      position += 2
      return
    }
    var index = position
    while true {
      index = Octet.find(Octet.greaterThan, bytes, index, end)
      guard index < end else {
        position = end
        return
      }
      let dashes = bytes[index - 1] == Octet.exclamationMark ? index - 1 : index
      if dashes - 2 >= position && bytes[dashes - 1] == Octet.hyphen && bytes[dashes - 2] == Octet.hyphen {
        position = index + 1
        return
      }
      index += 1
    }
  }

  /// From behind `<![CDATA[` to behind `]]>`; the range is what stands between.
  private mutating func readCDATA() -> Range<Int> {
    let start = position
    var index = position
    while true {
      index = Octet.find(Octet.greaterThan, bytes, index, end)
      guard index < end else {
        position = end
        return start..<end
      }
      if index - 2 >= start && bytes[index - 1] == UInt8(ascii: "]") && bytes[index - 2] == UInt8(ascii: "]") {
        position = index + 1
        return start..<index - 2
      }
      index += 1
    }
  }
}
