/// Tests on single bytes and on eight bytes at a time.
enum Octet {
  static let tab: UInt8 = 0x09
  static let lineFeed: UInt8 = 0x0A
  static let carriageReturn: UInt8 = 0x0D
  static let space: UInt8 = 0x20
  static let exclamationMark: UInt8 = 0x21
  static let quotationMark: UInt8 = 0x22
  static let numberSign: UInt8 = 0x23
  static let ampersand: UInt8 = 0x26
  static let apostrophe: UInt8 = 0x27
  static let comma: UInt8 = 0x2C
  static let hyphen: UInt8 = 0x2D
  static let solidus: UInt8 = 0x2F
  static let semicolon: UInt8 = 0x3B
  static let lessThan: UInt8 = 0x3C
  static let equals: UInt8 = 0x3D
  static let greaterThan: UInt8 = 0x3E
  static let questionMark: UInt8 = 0x3F

  /// HTML's white space. A carriage return counts, because the standard turns it into a line feed beforehand.
  @inline(__always)
  static func isWhitespace(_ byte: UInt8) -> Bool { isOneOf(byte, whitespace) }

  @inline(__always)
  static func endsTagName(_ byte: UInt8) -> Bool { isOneOf(byte, tagNameEnd) }
  @inline(__always)
  static func endsUnquotedValue(_ byte: UInt8) -> Bool { isOneOf(byte, unquotedValueEnd) }

  private static let whitespace: UInt64 = 1 << 0x09 | 1 << 0x0A | 1 << 0x0C | 1 << 0x0D | 1 << 0x20
  private static let unquotedValueEnd: UInt64 = whitespace | 1 << 0x3E
  /// What ends a tag's name, and an attribute's.
  static let tagNameEnd: UInt64 = whitespace | 1 << 0x2F | 1 << 0x3E
  static let attributeNameEnd: UInt64 = tagNameEnd | 1 << 0x3D

  /// Whether `byte` is in a set of bytes below 0x40: the bits of their values.
  @inline(__always)
  static func isOneOf(_ byte: UInt8, _ set: UInt64) -> Bool {
    byte < 64 && (set &>> UInt64(byte)) & 1 != 0
  }

  @inline(__always)
  static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  @inline(__always)
  static func isAlphanumeric(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }

  @inline(__always)
  static func lowercase(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  /// Eight bytes from an address of any alignment, the first in the lowest bits.
  @inline(__always)
  static func load8(_ pointer: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(pointer).loadUnaligned(as: UInt64.self))
  }

  /// Stores eight bytes, the first of them the lowest bits.
  @inline(__always)
  static func store8(_ word: UInt64, _ pointer: UnsafeMutablePointer<UInt8>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: word.littleEndian, as: UInt64.self)
  }

  /// The bytes `start..<end`, fewer than eight, zero above.
  static func load(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> UInt64 {
    var word: UInt64 = 0
    for index in (start..<end).reversed() { word = word &<< 8 | UInt64(bytes[index]) }
    return word
  }

  /// The high bit of each byte of `word` above 0x20.
  @inline(__always)
  static func visible(_ word: UInt64) -> UInt64 {
    (((word & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x5F5F_5F5F_5F5F_5F5F) | word) & 0x8080_8080_8080_8080
  }

  /// `word` with its ASCII capitals in lower case.
  @inline(__always)
  static func lowercase8(_ word: UInt64) -> UInt64 {
    let low = word & 0x7F7F_7F7F_7F7F_7F7F
    let fromA = low &+ 0x3F3F_3F3F_3F3F_3F3F
    let aboveZ = low &+ 0x2525_2525_2525_2525
    return word | ((fromA & ~aboveZ & ~word & 0x8080_8080_8080_8080) &>> 2)
  }

  /// The high bit of each byte of `word` that equals `byte`; bits above the lowest set one may be wrong.
  @inline(__always)
  static func firstMatch(_ word: UInt64, _ byte: UInt8) -> UInt64 {
    let difference = word ^ (0x0101_0101_0101_0101 &* UInt64(byte))
    return (difference &- 0x0101_0101_0101_0101) & ~difference & 0x8080_8080_8080_8080
  }

  /// Whether a byte of `word` is one of two that differ, NUL, or beyond ASCII: not 0. The lowest set bit is the high bit of
  /// the first one.
  @inline(__always)
  static func firstOf(_ first: UInt8, _ second: UInt8, orNULOrBeyondASCII word: UInt64) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let (left, right) = (word ^ (ones &* UInt64(first)), word ^ (ones &* UInt64(second)))
    // Beyond ASCII, `left` and `right` have the high bit and differ; only the one that is 0x80 would lose it.
    return ((left &- ones) | (right &- ones) | (word &- ones)) & 0x8080_8080_8080_8080
  }

  /// The place of the first `byte` in `start..<end`, or `end`.
  @inline(__always)
  static func find(_ byte: UInt8, _ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var index = start
    while index &+ 8 <= end {
      let match = firstMatch(load8(bytes + index), byte)
      if match != 0 { return index &+ match.trailingZeroBitCount / 8 }
      index &+= 8
    }
    if index < end && index > start {
      // The last eight bytes; those of them that were looked at before do not match.
      let match = firstMatch(load8(bytes + (end &- 8)), byte)
      return match != 0 ? end &- 8 &+ match.trailingZeroBitCount / 8 : end
    }
    while index < end && bytes[index] != byte { index &+= 1 }
    return index
  }

  /// Whether `bytes` equals the lower-case ASCII `text`, letters in either case.
  static func equalsIgnoringCase(_ bytes: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount else { return false }
    for index in 0..<bytes.count where lowercase(bytes[index]) != text.utf8Start[index] { return false }
    return true
  }

  /// `bytes` without white space at both ends.
  static func trimmed(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    var (start, end) = (0, bytes.count)
    while start < end && isWhitespace(bytes[start]) { start += 1 }
    while start < end && isWhitespace(bytes[end - 1]) { end -= 1 }
    return UnsafeBufferPointer(rebasing: bytes[start..<end])
  }
}
