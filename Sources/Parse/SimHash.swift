internal import Units

/// The similarity of texts in 64 bits: texts that share most of their shingles differ in few of them.
///
/// Charikar, "Similarity estimation techniques from rounding algorithms" (2002), with the features of Manku, Jain and Das
/// Sarma, "Detecting near-duplicates for web crawling" (2007): each shingle of three words in a row votes with the bits of
/// its hash. Words are what white space parts, ASCII letters in lower case; of scripts without spaces each character is one.
enum SimHash {
  /// Nil when the text has no word. `text` has single spaces for white space. Linear: about 2 ns a byte.
  static func of(_ text: String) -> UInt64? {
    var text = text
    return text.withUTF8(of(bytes:))
  }

  private static func of(bytes: UnsafeBufferPointer<UInt8>) -> UInt64? {
    var votes = Votes()
    var (first, second) = (UInt64(0), UInt64(0))
    var words = 0
    var index = 0
    while index < bytes.count {
      if bytes[index] == Octet.space {
        index &+= 1
        continue
      }
      let word = nextWord(bytes, &index)
      words &+= 1
      if words >= 3 { votes.add(mixed(mixed(mixed(first) ^ second) ^ word)) }
      (first, second) = (second, word)
    }
    if words == 0 { return nil }
    // A text of one or two words is its only shingle.
    if words < 3 { votes.add(mixed(mixed(first) ^ second)) }
    return votes.majority
  }

  /// The hash (FNV-1a) of the word that begins at `index`, which is then behind it.
  @inline(__always)
  private static func nextWord(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) -> UInt64 {
    var word: UInt64 = 0xCBF2_9CE4_8422_2325
    let start = index
    var end = bytes.count
    while index < end, bytes[index] != Octet.space {
      if bytes[index] >= 0xE0, let behind = endOfUnspaced(bytes, index) {
        // It ends the word before it, or is one.
        if index > start { break }
        end = behind
      }
      word = (word ^ UInt64(Octet.lowercase(bytes[index]))) &* 0x0000_0100_0000_01B3
      index &+= 1
    }
    return word
  }

  /// The place behind the character of three or four bytes at `index`, if its script has no spaces.
  private static func endOfUnspaced(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int? {
    let length = bytes[index] >= 0xF0 ? 4 : 3
    guard index &+ length <= bytes.count else { return nil }
    var codePoint = UInt32(bytes[index] & (length == 4 ? 0x07 : 0x0F))
    for place in index &+ 1..<index &+ length { codePoint = codePoint &<< 6 | UInt32(bytes[place] & 0x3F) }
    return UnspacedScript.contains(codePoint) ? index &+ length : nil
  }

  private static func mixed(_ value: UInt64) -> UInt64 {
    let product = (value ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    return product.high ^ product.low
  }

  /// How often each of the 64 bits was set, as binary numbers that stand upright: plane n has the bits of weight 2^n.
  private struct Votes {
    private var planes = [UInt64](repeating: 0, count: 32)
    private var count = 0

    mutating func add(_ bits: UInt64) {
      count &+= 1
      var carry = bits
      var plane = 0
      while carry != 0 {
        let both = planes[plane] & carry
        planes[plane] ^= carry
        carry = both
        plane &+= 1
      }
    }

    /// The bits that were set more often than not.
    var majority: UInt64 {
      var result: UInt64 = 0
      for bit in 0..<64 {
        let ones = planes.indices.reduce(0) { $0 + Int(planes[$1] >> UInt64(bit) & 1) << $1 }
        if ones * 2 > count { result |= 1 << UInt64(bit) }
      }
      return result
    }
  }
}
