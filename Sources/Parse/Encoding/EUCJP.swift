/// EUC-JP (Encoding Standard, section 12.1).
enum EUCJP {
  static func decode(_ queues: inout DecoderQueues) {
    while let lead = queues.readBeyondASCII() {
      guard lead == 0x8E || lead == 0x8F || isInRows(lead), var trail = queues.read() else {
        queues.writeError()
        continue
      }
      var codePoint: UInt32?
      if lead == 0x8E {
        if (0xA1...0xDF).contains(trail) { codePoint = 0xFF61 - 0xA1 + UInt32(trail) }
      } else if lead != 0x8F {
        codePoint = EUCJP.codePoint(lead, trail, in: .jis0208)
      } else if isInRows(trail) {
        let row = trail
        guard let cell = queues.read() else { return queues.writeError() }
        trail = cell
        codePoint = EUCJP.codePoint(row, cell, in: .jis0212)
      }
      queues.write(codePoint, after: trail)
    }
  }

  private static func isInRows(_ byte: UInt8) -> Bool { (0xA1...0xFE).contains(byte) }

  private static func codePoint(_ row: UInt8, _ cell: UInt8, in index: EncodingIndex) -> UInt32? {
    isInRows(cell) ? index.codePoint((Int(row) - 0xA1) * 94 + Int(cell) - 0xA1) : nil
  }

  static func encode(_ queues: inout EncoderQueues) {
    while let codePoint = queues.readBeyondASCII() {
      switch codePoint {
      case 0xA5: queues.write(0x5C)
      case 0x203E: queues.write(0x7E)
      case 0xFF61...0xFF9F: queues.write(0x8E, Int(codePoint) - 0xFF61 + 0xA1)
      default:
        if let pointer = JIS0208.pointer(codePoint) {
          queues.write(pointer / 94 + 0xA1, pointer % 94 + 0xA1)
        } else {
          queues.writeError(codePoint)
        }
      }
    }
  }
}
