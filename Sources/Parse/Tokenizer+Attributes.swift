// The attribute states, 13.2.5.32 to 13.2.5.40.
extension Tokenizer {
  /// Reads a tag's attributes and its `>`; false when the page ends before.
  ///
  /// The values of the names that `AttributeName` knows are kept when `wanted`; of two with one name, the first.
  @inline(__always)
  mutating func readAttributes(wanted: Bool) -> Bool {
    present = 0
    if bytes[position] == Octet.greaterThan {
      position &+= 1
      return true
    }
    return wanted ? keepAttributes() : skipAttributes()
  }

  private mutating func keepAttributes() -> Bool { readAttributes(keeping: true) }
  private mutating func skipAttributes() -> Bool { readAttributes(keeping: false) }

  @inline(__always)
  private mutating func readAttributes(keeping: Bool) -> Bool {
    var index = position
    while index < end {
      let byte = bytes[index]
      if byte == Octet.greaterThan {
        position = index &+ 1
        return true
      }
      if Octet.isWhitespace(byte) {
        index &+= 1
        guard let (name, value) = plainAttribute(index) else { continue }
        index = value.upperBound &+ 1
        if keeping { keep(value, Octet.lowercase8(name)) }
        continue
      }
      if byte == Octet.solidus {
        index &+= 1
        if index < end && bytes[index] == Octet.greaterThan { tag.isSelfClosing = true }
        continue
      }
      // The attribute name state; whatever begins a name belongs to it, even `=`.
      let (key, nameEnd) = readName(index, ends: Octet.attributeNameEnd)
      index = nameEnd
      while index < end && Octet.isWhitespace(bytes[index]) { index &+= 1 }
      var value = index..<index
      if index < end && bytes[index] == Octet.equals {
        value = valueRange(after: index)
        index = value.upperBound
        // An unquoted value never ends at a quote.
        if index < end && (bytes[index] == Octet.quotationMark || bytes[index] == Octet.apostrophe) { index &+= 1 }
      }
      if keeping { keep(value, key) }
    }
    position = end
    return false
  }

  /// Keeps the value of the attribute with this key if it is wanted and the first one.
  @inline(__always)
  private mutating func keep(_ value: Range<Int>, _ key: UInt64) {
    guard let name = attributeTable[key], present & (1 &<< UInt32(name.rawValue)) == 0 else { return }
    present |= 1 &<< UInt32(name.rawValue)
    attributes[Int(name.rawValue)] = value
  }

  /// The name and the value of an attribute that begins at `start` and is written as most are: `name="value"`, with a name
  /// of up to seven letters; nil for any other.
  @inline(__always)
  private func plainAttribute(_ start: Int) -> (name: UInt64, value: Range<Int>)? {
    guard start &+ 9 <= end else { return nil }
    let word = Octet.load8(bytes + start)
    // Letters have the bit 0x40, and nothing with this bit ends a name.
    let others = ~word & 0x4040_4040_4040_4040
    let length = others.trailingZeroBitCount / 8
    guard
      others != 0 && length > 0 && bytes[start &+ length] == Octet.equals
        && bytes[start &+ length &+ 1] == Octet.quotationMark
    else { return nil }
    let first = start &+ length &+ 2
    let last = Octet.find(Octet.quotationMark, bytes, first, end)
    guard last < end else { return nil }
    return (word & ((1 &<< UInt64(length * 8)) &- 1), Range(uncheckedBounds: (first, last)))
  }

  /// The before attribute value state and those it leads to, from the `=` on; the range is without quotes.
  @inline(__always)
  private func valueRange(after equals: Int) -> Range<Int> {
    var index = equals &+ 1
    while index < end && Octet.isWhitespace(bytes[index]) { index &+= 1 }
    guard index < end else { return end..<end }
    let byte = bytes[index]
    if byte == Octet.quotationMark || byte == Octet.apostrophe {
      let start = index &+ 1
      return start..<Octet.find(byte, bytes, start, end)
    }
    let start = index
    while index < end && !Octet.endsUnquotedValue(bytes[index]) { index &+= 1 }
    return start..<index
  }

  // MARK: - Telling tags apart

  /// Where the attributes of the tag read last stand, whose `>` was read as well.
  @inline(__always)
  var attributesRange: Range<Int> { tag.nameEnd..<position &- 1 }

  /// Equal for two tags with the same attributes in any order, as they are written; 0 for a tag without. Linear in the
  /// length of the range.
  func hash(attributes range: Range<Int>) -> UInt64 {
    let close = range.upperBound
    var hash: UInt64 = 0
    var index = range.lowerBound
    while index < close {
      let byte = bytes[index]
      if Octet.isWhitespace(byte) || byte == Octet.solidus {
        index &+= 1
        continue
      }
      let (key, nameEnd) = readName(index, ends: Octet.attributeNameEnd)
      index = nameEnd
      while index < close && Octet.isWhitespace(bytes[index]) { index &+= 1 }
      var value = index..<index
      if index < close && bytes[index] == Octet.equals {
        value = valueRange(after: index)
        index = value.upperBound
        if index < close && (bytes[index] == Octet.quotationMark || bytes[index] == Octet.apostrophe) { index &+= 1 }
      }
      var one = key | 1
      for place in value { one = (one ^ UInt64(bytes[place])) &* 0x100_0000_01B3 }
      hash &+= (one ^ (one &>> 32)) &* 0x9E37_79B9_7F4A_7C15
    }
    return hash
  }
}
