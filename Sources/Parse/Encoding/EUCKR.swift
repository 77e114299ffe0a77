/// EUC-KR with the syllables of windows-949 (Encoding Standard, section 13.1).
enum EUCKR {
  static func decode(_ queues: inout DecoderQueues) {
    while let lead = queues.readBeyondASCII() {
      guard (0x81...0xFE).contains(lead), let trail = queues.read() else {
        queues.writeError()
        continue
      }
      let isTrail = (0x41...0xFE).contains(trail)
      let codePoint = isTrail ? EncodingIndex.eucKR.codePoint((Int(lead) - 0x81) * 190 + Int(trail) - 0x41) : nil
      queues.write(codePoint, after: trail)
    }
  }

  static func encode(_ queues: inout EncoderQueues) {
    while let codePoint = queues.readBeyondASCII() {
      if let pointer = pointers.first(codePoint) {
        queues.write(pointer / 190 + 0x81, pointer % 190 + 0x41)
      } else {
        queues.writeError(codePoint)
      }
    }
  }

  private static let pointers = EncodingPointers(.eucKR)
}
