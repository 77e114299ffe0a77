/// Makes brotli streams (RFC 7932).
package enum Brotli {
  /// A valid stream that decodes to `bytes`, in uncompressed meta-blocks (section 9.2).
  package static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let block = rest.prefix(65_536)
      rest = rest.dropFirst(block.count)
      let length = UInt32(block.count - 1)
      // ISLAST 0, MNIBBLES 4 (00), 16 bits of length - 1, ISUNCOMPRESSED 1; the first block after WBITS 16 (a zero bit).
      let bits = stream.isEmpty ? length << 4 | 1 << 20 : length << 3 | 1 << 19
      stream += [UInt8(bits & 0xFF), UInt8(bits >> 8 & 0xFF), UInt8(bits >> 16)] + block
    }
    // ISLAST and ISLASTEMPTY.
    return stream.isEmpty ? [0x06] : stream + [0x03]
  }

  /// 39 bytes that decode to 20 MiB.
  package static let bomb: [UInt8] = [
    0xCB, 0xFF, 0xFF, 0x3F, 0x00, 0x24, 0x00, 0xE2, 0xB1, 0x40, 0x72, 0xEF, 0xFF, 0xF8, 0xFF, 0xFF, 0x07, 0x80, 0x04,
    0x40, 0x1C, 0x16, 0x80, 0xEE, 0xFD, 0x5F, 0xFE, 0xFF, 0xFF, 0x00, 0x90, 0x00, 0x88, 0xC3, 0x02, 0xD0, 0xBD, 0xFF,
    0x01,
  ]
}
