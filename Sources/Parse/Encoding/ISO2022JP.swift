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

  // MARK: - Decoding

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

  // MARK: - Encoding

  static func encode(_ queues: inout EncoderQueues) {
    var set = CharacterSet.ascii
    while let codePoint = queues.read() {
      switch codePoint {
      case 0x0E, 0x0F, 0x1B:
        if set == .jis0208 { enter(.ascii, &set, &queues) }
        // Not as itself, to prevent attacks.
        queues.writeError(0xFFFD)
      case 0..<0x80:
        if set != .roman || codePoint == 0x5C || codePoint == 0x7E { enter(.ascii, &set, &queues) }
        queues.write(Int(codePoint))
      case 0xA5, 0x203E:
        enter(.roman, &set, &queues)
        queues.write(codePoint == 0xA5 ? 0x5C : 0x7E)
      default:
        if let pointer = pointer(codePoint) {
          enter(.jis0208, &set, &queues)
          queues.write(pointer / 94 + 0x21, pointer % 94 + 0x21)
        } else {
          if set == .jis0208 { enter(.ascii, &set, &queues) }
          queues.writeError(codePoint)
        }
      }
    }
    enter(.ascii, &set, &queues)
  }

  private static func enter(_ next: CharacterSet, _ set: inout CharacterSet, _ queues: inout EncoderQueues) {
    guard next != set else { return }
    set = next
    queues.write(Int(escape))
    switch next {
    case .ascii: queues.write(0x28, 0x42)
    case .roman: queues.write(0x28, 0x4A)
    case .katakana: queues.write(0x28, 0x49)
    case .jis0208: queues.write(0x24, 0x42)
    }
  }

  /// Half-width katakana are encoded as full-width ones.
  private static func pointer(_ codePoint: UInt32) -> Int? {
    guard (0xFF61...0xFF9F).contains(codePoint) else { return JIS0208.pointer(codePoint) }
    return katakana.codePoint(Int(codePoint) - 0xFF61).flatMap(JIS0208.pointer)
  }

  /// Index ISO-2022-JP katakana.
  private static let katakana = EncodingIndex(
    count: 63,
    """
    。「」、・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u{309B}\u{309C}
    """)
}
