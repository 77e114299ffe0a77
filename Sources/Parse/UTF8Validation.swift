/// Validity of UTF-8 as the Unicode Standard defines it: no overlong form, no surrogate, nothing above U+10FFFF.
enum UTF8Validation {
  /// Whether `bytes` are UTF-8. `mayEndEarly`: a sequence cut off by the end of the bytes is no fault when whole ones
  /// came before.
  static func isValid(_ bytes: UnsafeBufferPointer<UInt8>, mayEndEarly: Bool) -> Bool {
    guard let pointer = bytes.baseAddress else { return true }
    let end = bytes.count
    let first = skipASCII(pointer, 0, end)
    var index = first
    while index < end {
      let lead = pointer[index]
      let length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2
      guard lead >= 0xC2 && lead <= 0xF4 else { return false }
      for offset in 1..<length {
        guard index &+ offset < end else { return mayEndEarly && index > first }
        let byte = pointer[index &+ offset]
        guard byte & 0xC0 == 0x80 else { return false }
        if offset == 1 {
          switch lead {
          case 0xE0 where byte < 0xA0, 0xED where byte > 0x9F, 0xF0 where byte < 0x90, 0xF4 where byte > 0x8F:
            return false
          default: break
          }
        }
      }
      index &+= length
      if index < end && pointer[index] < 0x80 { index = skipASCII(pointer, index, end) }
    }
    return true
  }

  /// The place of the first byte beyond ASCII at or after `start`, or `end`.
  static func skipASCII(_ pointer: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var index = start
    while index &+ 8 <= end {
      let high = Octet.load8(pointer + index) & 0x8080_8080_8080_8080
      if high != 0 { return index &+ high.trailingZeroBitCount / 8 }
      index &+= 8
    }
    while index < end && pointer[index] < 0x80 { index &+= 1 }
    return index
  }
}
