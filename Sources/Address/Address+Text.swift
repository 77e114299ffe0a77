extension Address: CustomStringConvertible {
  /// RFC 5952: lower-case, the first longest run of two or more zero pieces as `::`, and `::ffff:192.0.2.1` for an
  /// IPv4-mapped address (section 5).
  package var description: String {
    switch self {
    case .v4(let value):
      return Address.dotted(value)
    case .v6(high: 0, let low) where low >> 32 == 0xFFFF:
      return "::ffff:" + Address.dotted(UInt32(truncatingIfNeeded: low))
    case .v6(let high, let low):
      return Address.pieces(high: high, low: low)
    }
  }

  /// The host of a URL that names this address, as the WHATWG URL Standard serialises it: IPv6 in brackets, all pieces
  /// hexadecimal.
  package var urlHostName: String {
    switch self {
    case .v4(let value): Address.dotted(value)
    case .v6(let high, let low): "[" + Address.pieces(high: high, low: low) + "]"
    }
  }

  private static func dotted(_ value: UInt32) -> String {
    "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
  }

  private static func pieces(high: UInt64, low: UInt64) -> String {
    let zeros = longestZeroRun(high: high, low: low)
    var text = ""
    var index = 0
    while index < 8 {
      if index == zeros.lowerBound, !zeros.isEmpty {
        text += index == 0 ? "::" : ":"
        index = zeros.upperBound
        continue
      }
      text += String(piece(index, high: high, low: low), radix: 16)
      index += 1
      if index < 8 { text += ":" }
    }
    return text
  }

  /// The first longest run of at least two zero pieces; empty when there is none.
  private static func longestZeroRun(high: UInt64, low: UInt64) -> Range<Int> {
    var longest = 0..<0
    var start = 0
    for index in 0..<8 {
      if piece(index, high: high, low: low) != 0 {
        start = index + 1
      } else if index + 1 - start > max(longest.count, 1) {
        longest = start..<(index + 1)
      }
    }
    return longest
  }
}
