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
}
