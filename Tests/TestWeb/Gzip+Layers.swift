/// What layers of codings are made of: the zlib format around the same DEFLATE, and a coder that is good at runs.
extension Gzip {
  /// A valid stream in the zlib format (RFC 1950), which HTTP calls deflate, in stored blocks.
  package static func zlib(_ bytes: [UInt8]) -> [UInt8] {
    [0x78, 0x01] + storedBlocks(bytes) + littleEndian(adler(bytes)).reversed()
  }

  /// `zeros` in the zlib format.
  package static func zlibOfZeros(mebibytes: Int) -> [UInt8] {
    let count = UInt32(mebibytes * 1_048_576)
    let checksum = count % 65_521 << 16 | 1
    return [0x78, 0x01] + zeros(mebibytes: mebibytes).dropFirst(header.count).dropLast(8)
      + littleEndian(checksum).reversed()
  }

  /// A valid stream that unpacks to `bytes`, whose runs of one byte shrink to a hundredth and more: the fixed codes of
  /// RFC 1951 section 3.2.6, literals and matches of length 258 at distance 1.
  package static func runs(_ bytes: [UInt8]) -> [UInt8] {
    var bits = BitWriter(bytes: header)
    bits.write(1, count: 1)  // last block
    bits.write(1, count: 2)  // fixed codes
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      var end = position + 1
      while end < bytes.count, bytes[end] == byte { end += 1 }
      var length = end - position
      repeat {
        if byte < 144 {
          bits.write(code: 0x30 + Int(byte), count: 8)
        } else {
          bits.write(code: 0x190 + Int(byte) - 144, count: 9)
        }
        length -= 1
      } while length % 258 != 0
      for _ in 0..<(length / 258) {
        bits.write(code: 0xC5, count: 8)  // symbol 285: length 258
        bits.write(code: 0, count: 5)  // distance 1
      }
      position = end
    }
    bits.write(code: 0, count: 7)  // end of block
    bits.flush()
    return bits.bytes + trailer(bytes)
  }

  private static func adler(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 1
    var sumOfSums: UInt32 = 0
    for byte in bytes {
      sum = (sum + UInt32(byte)) % 65_521
      sumOfSums = (sumOfSums + sum) % 65_521
    }
    return sumOfSums << 16 | sum
  }
}
