/// gb18030 and GBK (Encoding Standard, sections 10.1 and 10.2), which have one decoder.
enum GB18030 {
  static func decode(_ queues: inout DecoderQueues) {
    while let first = queues.readBeyondASCII() {
      if first == 0x80 {
        queues.write(0x20AC)
        continue
      }
      guard (0x81...0xFE).contains(first), let second = queues.read() else {
        queues.writeError()
        continue
      }
      if (0x30...0x39).contains(second) {
        decodeFour(first, second, &queues)
        continue
      }
      var codePoint: UInt32?
      if (0x40...0x7E).contains(second) || (0x80...0xFE).contains(second) {
        let pointer = (Int(first) - 0x81) * 190 + Int(second) - (second < 0x7F ? 0x40 : 0x41)
        codePoint = EncodingIndex.gb18030.codePoint(pointer)
      }
      queues.write(codePoint, after: second)
    }
  }

  /// Behind the second of four bytes. All but the first are read again when they are no such four.
  private static func decodeFour(_ first: UInt8, _ second: UInt8, _ queues: inout DecoderQueues) {
    guard let third = queues.read() else { return queues.writeError() }
    guard (0x81...0xFE).contains(third) else {
      queues.writeError()
      return queues.restore(2)
    }
    guard let fourth = queues.read() else { return queues.writeError() }
    guard (0x30...0x39).contains(fourth) else {
      queues.writeError()
      return queues.restore(3)
    }
    let upper = (Int(first) - 0x81) * 10 + Int(second) - 0x30
    let pointer = (upper * 126 + Int(third) - 0x81) * 10 + Int(fourth) - 0x30
    if let codePoint = GB18030Ranges.codePoint(pointer) { queues.write(codePoint) } else { queues.writeError() }
  }
}
