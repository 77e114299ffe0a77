/// Big5 with the extensions of Hong Kong (Encoding Standard, section 11.1).
enum Big5 {
  static func decode(_ queues: inout DecoderQueues) {
    while let lead = queues.readBeyondASCII() {
      guard (0x81...0xFE).contains(lead), let trail = queues.read() else {
        queues.writeError()
        continue
      }
      guard (0x40...0x7E).contains(trail) || (0xA1...0xFE).contains(trail) else {
        queues.write(nil, after: trail)
        continue
      }
      let pointer = (Int(lead) - 0x81) * 157 + Int(trail) - (trail < 0x7F ? 0x40 : 0x62)
      if let (letter, mark) = pair(pointer) {
        queues.write(letter)
        queues.write(mark)
      } else {
        queues.write(EncodingIndex.big5.codePoint(pointer), after: trail)
      }
    }
  }

  /// The four pointers that mean two code points.
  private static func pair(_ pointer: Int) -> (UInt32, UInt32)? {
    switch pointer {
    case 1_133: (0xCA, 0x304)
    case 1_135: (0xCA, 0x30C)
    case 1_164: (0xEA, 0x304)
    case 1_166: (0xEA, 0x30C)
    default: nil
    }
  }

  static func encode(_ queues: inout EncoderQueues) {
    while let codePoint = queues.readBeyondASCII() {
      guard let pointer = pointer(codePoint) else {
        queues.writeError(codePoint)
        continue
      }
      let trail = pointer % 157
      queues.write(pointer / 157 + 0x81, trail + (trail < 0x3F ? 0x40 : 0x62))
    }
  }

  /// The "index Big5 pointer".
  private static func pointer(_ codePoint: UInt32) -> Int? {
    switch codePoint {
    case 0x2550, 0x255E, 0x2561, 0x256A, 0x5341, 0x5345: pointers.last(codePoint)
    default: pointers.first(codePoint)
    }
  }

  /// Without the extensions below Big5's own first row, which are decoded only.
  private static let pointers = EncodingPointers(.big5) { $0 >= (0xA1 - 0x81) * 157 }
}
