/// Bits from the least significant up, as DEFLATE packs them (RFC 1951, section 3.1.1).
struct BitWriter {
  var bytes: [UInt8]
  private var pending: UInt32 = 0
  private var pendingCount = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func write(_ value: Int, count: Int) {
    pending |= UInt32(value) << UInt32(pendingCount)
    pendingCount += count
    while pendingCount >= 8 {
      bytes.append(UInt8(truncatingIfNeeded: pending))
      pending >>= 8
      pendingCount -= 8
    }
  }

  /// Writes a Huffman code, whose first bit is its most significant one.
  mutating func write(code: Int, count: Int) {
    for bit in (0..<count).reversed() { write(code >> bit & 1, count: 1) }
  }

  mutating func flush() {
    if pendingCount > 0 { bytes.append(UInt8(truncatingIfNeeded: pending)) }
    pending = 0
    pendingCount = 0
  }
}
