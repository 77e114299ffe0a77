/// Shift_JIS with the extensions of windows-31j (Encoding Standard, section 12.3).
enum ShiftJIS {
  static func decode(_ queues: inout DecoderQueues) {
    while let byte = queues.readBeyondASCII() {
      switch byte {
      case 0x80: queues.write(0x80)
      case 0xA1...0xDF: queues.write(0xFF61 - 0xA1 + UInt32(byte))
      case 0x81...0x9F, 0xE0...0xFC:
        if let trail = queues.read() {
          queues.write(codePoint(byte, trail), after: trail)
        } else {
          queues.writeError()
        }
      default: queues.writeError()
      }
    }
  }

  private static func codePoint(_ lead: UInt8, _ trail: UInt8) -> UInt32? {
    guard (0x40...0x7E).contains(trail) || (0x80...0xFC).contains(trail) else { return nil }
    let pointer = (Int(lead) - (lead < 0xA0 ? 0x81 : 0xC1)) * 188 + Int(trail) - (trail < 0x7F ? 0x40 : 0x41)
    // The private use area of windows-31j.
    if (8_836...10_715).contains(pointer) { return 0xE000 + UInt32(pointer - 8_836) }
    return EncodingIndex.jis0208.codePoint(pointer)
  }

  static func encode(_ queues: inout EncoderQueues) {
    while let codePoint = queues.readBeyondASCII() {
      switch codePoint {
      case 0x80: queues.write(0x80)
      case 0xA5: queues.write(0x5C)
      case 0x203E: queues.write(0x7E)
      case 0xFF61...0xFF9F: queues.write(Int(codePoint) - 0xFF61 + 0xA1)
      default:
        guard let pointer = pointers.first(JIS0208.minusAsHyphen(codePoint)) else {
          queues.writeError(codePoint)
          continue
        }
        let (lead, trail) = (pointer / 188, pointer % 188)
        queues.write(lead + (lead < 0x1F ? 0x81 : 0xC1), trail + (trail < 0x3F ? 0x40 : 0x41))
      }
    }
  }

  /// The "index Shift_JIS pointer": without NEC's copies of IBM's extensions.
  private static let pointers = EncodingPointers(.jis0208) { !(8_272...8_835).contains($0) }
}
