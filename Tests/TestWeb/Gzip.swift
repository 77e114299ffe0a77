/// Makes gzip streams (RFC 1952): of any bytes, as they are, and of nothing but zero bytes, small to send and large to
/// unpack.
package enum Gzip {
  /// A valid stream that unpacks to `bytes`, in stored blocks (RFC 1951, 3.2.4).
  package static func stored(_ bytes: [UInt8]) -> [UInt8] {
    header + storedBlocks(bytes) + trailer(bytes)
  }

  static let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]

  static func storedBlocks(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = []
    var rest = bytes[...]
    repeat {
      let block = rest.prefix(65_535)
      rest = rest.dropFirst(block.count)
      let length = UInt16(block.count)
      stream.append(rest.isEmpty ? 1 : 0)
      for number in [length, ~length] { stream += [UInt8(number & 0xFF), UInt8(number >> 8)] }
      stream += block
    } while !rest.isEmpty
    return stream
  }

  static func trailer(_ bytes: [UInt8]) -> [UInt8] {
    littleEndian(checksum(bytes)) + littleEndian(UInt32(truncatingIfNeeded: bytes.count))
  }

  /// CRC-32, bit by bit.
  package static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var state: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      state ^= UInt32(byte)
      for _ in 0..<8 { state = state & 1 == 1 ? (state >> 1) ^ 0xEDB8_8320 : state >> 1 }
    }
    return state ^ 0xFFFF_FFFF
  }

  /// A valid stream that unpacks to `mebibytes` MiB of zeros at about 1,030 : 1.
  ///
  /// One dynamic block (RFC 1951, 3.2.7) whose code gives the longest match one bit: a literal zero, then matches of
  /// length 258 at distance 1, then the rest as literals.
  package static func zeros(mebibytes: Int) -> [UInt8] {
    let count = mebibytes * 1_048_576
    var bits = BitWriter(bytes: header)
    bits.write(1, count: 1)  // last block
    bits.write(2, count: 2)  // dynamic codes
    bits.write(29, count: 5)  // 286 literal and length symbols
    bits.write(0, count: 5)  // 1 distance symbol
    bits.write(14, count: 4)  // 18 code length symbols, in the order of the standard, up to that of length 1
    // Order: 16 17 18 0 8 7 9 6 10 5 11 4 12 3 13 2 14 1 [15]. Used: 18 (run of zeros), 2 and 1; two bits each.
    for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1] {
      bits.write([1, 2, 18].contains(symbol) ? (symbol == 1 ? 1 : 2) : 0, count: 3)
    }
    // Canonical codes: 1 → 0, 2 → 10, 18 → 11 (sent with the first bit of the code first).
    let one = { (bits: inout BitWriter) in bits.write(0b0, count: 1) }
    let two = { (bits: inout BitWriter) in bits.write(0b01, count: 2) }
    let zeroRun = { (bits: inout BitWriter, length: Int) in
      bits.write(0b11, count: 2)
      bits.write(length - 11, count: 7)
    }
    two(&bits)  // symbol 0: two bits
    zeroRun(&bits, 138)  // 1 ... 138
    zeroRun(&bits, 117)  // 139 ... 255
    two(&bits)  // symbol 256: two bits
    zeroRun(&bits, 28)  // 257 ... 284
    one(&bits)  // symbol 285: one bit
    one(&bits)  // distance symbol 0: one bit
    // Codes of the block: 285 → 0, 0 → 10, 256 → 11.
    bits.write(0b01, count: 2)
    for _ in 0..<((count - 1) / 258) { bits.write(0b00, count: 2) }  // length 258, distance 1
    for _ in 0..<((count - 1) % 258) { bits.write(0b01, count: 2) }
    bits.write(0b11, count: 2)
    bits.flush()
    return bits.bytes + littleEndian(checksumOfZeros(count)) + littleEndian(UInt32(truncatingIfNeeded: count))
  }

  /// CRC-32 of `count` zero bytes, in steps that double (an operator on the state, squared): logarithmic in `count`.
  package static func checksumOfZeros(_ count: Int) -> UInt32 {
    var oneByte = (0..<32).map { bit -> UInt32 in
      var state = UInt32(1) << UInt32(bit)
      for _ in 0..<8 { state = state & 1 == 1 ? (state >> 1) ^ 0xEDB8_8320 : state >> 1 }
      return state
    }
    func apply(_ columns: [UInt32], to state: UInt32) -> UInt32 {
      var result: UInt32 = 0
      for bit in 0..<32 where state >> UInt32(bit) & 1 == 1 { result ^= columns[bit] }
      return result
    }
    var state: UInt32 = 0xFFFF_FFFF
    var left = count
    while left > 0 {
      if left & 1 == 1 { state = apply(oneByte, to: state) }
      oneByte = oneByte.map { apply(oneByte, to: $0) }
      left >>= 1
    }
    return state ^ 0xFFFF_FFFF
  }

  static func littleEndian(_ number: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: number >> UInt32(8 * $0)) }
  }
}
