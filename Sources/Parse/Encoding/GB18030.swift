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

  /// GBK lacks the four bytes, and has the euro sign in one.
  static func encode(_ queues: inout EncoderQueues, isGBK: Bool) {
    while let codePoint = queues.readBeyondASCII() {
      if isGBK && codePoint == 0x20AC {
        queues.write(0x80)
      } else if let pointer = former[codePoint] ?? pointers.first(codePoint), codePoint != 0xE5E5 {
        let trail = pointer % 190
        queues.write(pointer / 190 + 0x81, trail + (trail < 0x3F ? 0x40 : 0x41))
      } else if isGBK || codePoint == 0xE5E5 {
        queues.writeError(codePoint)
      } else {
        let pointer = GB18030Ranges.pointer(codePoint)
        queues.write(pointer / 12_600 + 0x81, pointer / 1_260 % 10 + 0x30)
        queues.write(pointer / 10 % 126 + 0x81, pointer % 10 + 0x30)
      }
    }
  }

  private static let pointers = EncodingPointers(.gb18030)

  /// The pointers of the private use characters that stood in gb18030 until 2022; only the encoder still knows them.
  private static let former: [UInt32: Int] = {
    var former: [UInt32: Int] = [:]
    let places: [(UInt32, lead: Int, trail: Int)] = [
      (0xE78D, 0xA6, 0xD9), (0xE78E, 0xA6, 0xDA), (0xE78F, 0xA6, 0xDB), (0xE790, 0xA6, 0xDC), (0xE791, 0xA6, 0xDD),
      (0xE792, 0xA6, 0xDE), (0xE793, 0xA6, 0xDF), (0xE794, 0xA6, 0xEC), (0xE795, 0xA6, 0xED), (0xE796, 0xA6, 0xF3),
      (0xE81E, 0xFE, 0x59), (0xE826, 0xFE, 0x61), (0xE82B, 0xFE, 0x66), (0xE82C, 0xFE, 0x67), (0xE832, 0xFE, 0x6D),
      (0xE843, 0xFE, 0x7E), (0xE854, 0xFE, 0x90), (0xE864, 0xFE, 0xA0),
    ]
    for (codePoint, lead, trail) in places {
      former[codePoint] = (lead - 0x81) * 190 + trail - (trail < 0x7F ? 0x40 : 0x41)
    }
    return former
  }()
}
