/// Characters within words that nobody sees and that are no part of them: SOFT HYPHEN and WORD JOINER say where a line may be
/// broken, and where not.
enum HiddenCharacter {
  @inline(__always)
  static func contains(_ codePoint: UInt32) -> Bool { codePoint == 0xAD || codePoint == 0x2060 }

  /// How many of the bytes from `index` on, in UTF-8, are one such character; 0 when there is none. Their first bytes are 0xC2
  /// and 0xE2.
  static func length(_ bytes: UnsafePointer<UInt8>, _ index: Int, _ end: Int) -> Int {
    switch bytes[index] {
    case 0xC2: index &+ 1 < end && bytes[index &+ 1] == 0xAD ? 2 : 0
    case 0xE2: index &+ 2 < end && bytes[index &+ 1] == 0x81 && bytes[index &+ 2] == 0xA0 ? 3 : 0
    default: 0
    }
  }
}
