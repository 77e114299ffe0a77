/// IPv4 in all spellings that the WHATWG URL Standard takes: one to four numbers, each decimal, octal or hexadecimal.
enum IPv4HostParser {
  /// The ends-in-a-number checker.
  static func endsInNumber(_ domain: UnsafeBufferPointer<UInt8>) -> Bool {
    let end = endWithoutTrailingDot(domain)
    var start = end
    while start > 0, domain[start - 1] != .dot { start -= 1 }
    guard start < end, domain[start] &- UInt8(ascii: "0") < 10 else { return false }
    let label = UnsafeBufferPointer(rebasing: domain[start..<end])
    return label.allSatisfy { $0 &- UInt8(ascii: "0") < 10 } || number(label) != nil
  }

  /// The 32 bits of a domain that ends in a number.
  static func parse(_ domain: UnsafeBufferPointer<UInt8>) throws(WebURLError) -> UInt32 {
    let end = endWithoutTrailingDot(domain)
    var address: UInt64 = 0
    var parts = 0
    var start = 0
    for position in 0...end where position == end || domain[position] == .dot {
      parts += 1
      guard parts <= 4, let number = number(UnsafeBufferPointer(rebasing: domain[start..<position])) else {
        throw .ipv4Invalid
      }
      if position == end {
        let bits = UInt64(8 * (5 - parts))
        guard number < 1 << bits else { throw .ipv4Invalid }
        address = address << bits | number
      } else {
        guard number < 256 else { throw .ipv4Invalid }
        address = address << 8 | number
      }
      start = position + 1
    }
    return UInt32(address)
  }

  private static func endWithoutTrailingDot(_ domain: UnsafeBufferPointer<UInt8>) -> Int {
    domain.count > 1 && domain[domain.count - 1] == .dot ? domain.count - 1 : domain.count
  }

  /// The IPv4 number parser; a number beyond 32 bits comes back as some number beyond 32 bits.
  private static func number(_ part: UnsafeBufferPointer<UInt8>) -> UInt64? {
    guard let first = part.first else { return nil }
    var radix: UInt64 = 10
    var start = 0
    if first == UInt8(ascii: "0"), part.count >= 2 {
      if part[1] | 0x20 == UInt8(ascii: "x") {
        radix = 16
        start = 2
      } else {
        radix = 8
        start = 1
      }
    }
    var value: UInt64 = 0
    for byte in part[start...] {
      guard let digit = byte.hexValue, UInt64(digit) < radix else { return nil }
      value = min(value * radix + UInt64(digit), 1 << 40)
    }
    return value
  }
}
