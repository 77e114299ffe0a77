/// Scripts in which no space ends a word: Thai, Lao, Burmese, Khmer, kana, Han. Korean has spaces. The full-text index and
/// simhashes depend on it: a change takes a new layout of the database.
package enum UnspacedScript {
  /// Whether a character is a letter of one of them, or a sign that belongs to one.
  package static func contains(_ codePoint: UInt32) -> Bool {
    switch codePoint {
    case 0x0E01...0x0EFF, 0x1000...0x109F, 0x1780...0x17FF, 0x19E0...0x19FF, 0xAA60...0xAA7F, 0xA9E0...0xA9FF,
      0x3005...0x3007, 0x3041...0x312F, 0x31A0...0x31BF, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
      0xF900...0xFAFF, 0xFF66...0xFF9F, 0x1B000...0x1B16F, 0x20000...0x3FFFF:
      true
    default: false
    }
  }
}
