/// White space beyond ASCII: the characters with Unicode's property White_Space.
enum WhiteSpace {
  /// Of these the first bytes in UTF-8 are 0xC2, 0xE1, 0xE2 and 0xE3.
  @inline(__always)
  static func contains(_ codePoint: UInt32) -> Bool {
    codePoint <= 0x20
      ? codePoint >= 0x09 && codePoint <= 0x0D || codePoint == 0x20
      : codePoint >= 0x85 && containsBeyondASCII(codePoint)
  }

  private static func containsBeyondASCII(_ codePoint: UInt32) -> Bool {
    switch codePoint {
    case 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }

  /// How many of the bytes from `index` on, in UTF-8, are one such character beyond ASCII; 0 when there is none.
  static func length(_ bytes: UnsafePointer<UInt8>, _ index: Int, _ end: Int) -> Int {
    let lead = bytes[index]
    if lead == 0xC2 {
      return index &+ 1 < end && (bytes[index &+ 1] == 0x85 || bytes[index &+ 1] == 0xA0) ? 2 : 0
    }
    guard lead >= 0xE1 && lead <= 0xE3 && index &+ 2 < end else { return 0 }
    let (second, third) = (bytes[index &+ 1], bytes[index &+ 2])
    guard second & 0xC0 == 0x80 && third & 0xC0 == 0x80 else { return 0 }
    let codePoint = UInt32(lead & 0x0F) &<< 12 | UInt32(second & 0x3F) &<< 6 | UInt32(third & 0x3F)
    return containsBeyondASCII(codePoint) ? 3 : 0
  }
}
