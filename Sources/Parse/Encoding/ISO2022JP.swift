/// ISO-2022-JP (Encoding Standard, section 12.2): escape sequences switch between character sets of seven bits.
enum ISO2022JP {
  private static let escape: UInt8 = 0x1B

  private enum CharacterSet {
    case ascii, roman, katakana, jis0208

    /// The set that the two bytes behind an escape switch to.
    init?(_ first: UInt8, _ second: UInt8) {
      switch (first, second) {
      case (UInt8(ascii: "("), UInt8(ascii: "B")): self = .ascii
      case (UInt8(ascii: "("), UInt8(ascii: "J")): self = .roman
      case (UInt8(ascii: "("), UInt8(ascii: "I")): self = .katakana
      case (UInt8(ascii: "$"), UInt8(ascii: "@")), (UInt8(ascii: "$"), UInt8(ascii: "B")): self = .jis0208
      default: return nil
      }
    }
  }

  static func decode(_ queues: inout DecoderQueues) {
    var set = CharacterSet.ascii
    // The standard's "ISO-2022-JP output": whether nothing stands between this escape sequence and the one before.
    var isBehindEscape = false
    while let byte = queues.read() {
      guard byte == escape else {
        isBehindEscape = false
        if let codePoint = codePoint(byte, set, &queues) { queues.write(codePoint) } else { queues.writeError() }
        continue
      }
      if let next = readEscape(&queues) {
        if isBehindEscape { queues.writeError() }
        set = next
        isBehindEscape = true
      } else {
        queues.writeError()
        isBehindEscape = false
      }
    }
  }

  /// The set that the sequence behind an escape names; nil when it names none, and then it is read again.
  private static func readEscape(_ queues: inout DecoderQueues) -> CharacterSet? {
    guard let first = queues.read() else { return nil }
    guard first == UInt8(ascii: "(") || first == UInt8(ascii: "$") else {
      queues.restore()
      return nil
    }
    guard let second = queues.read() else {
      queues.restore()
      return nil
    }
    if let set = CharacterSet(first, second) { return set }
    queues.restore(2)
    return nil
  }

  private static func codePoint(_ byte: UInt8, _ set: CharacterSet, _ queues: inout DecoderQueues) -> UInt32? {
    switch set {
    case .ascii, .roman:
      if byte >= 0x80 || byte == 0x0E || byte == 0x0F { return nil }
      if set == .roman && byte == 0x5C { return 0xA5 }
      if set == .roman && byte == 0x7E { return 0x203E }
      return UInt32(byte)
    case .katakana:
      return (0x21...0x5F).contains(byte) ? 0xFF61 - 0x21 + UInt32(byte) : nil
    case .jis0208:
      guard (0x21...0x7E).contains(byte), let cell = queues.read() else { return nil }
      if cell == escape { queues.restore() }
      guard (0x21...0x7E).contains(cell) else { return nil }
      return EncodingIndex.jis0208.codePoint((Int(byte) - 0x21) * 94 + Int(cell) - 0x21)
    }
  }
}
