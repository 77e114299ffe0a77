/// UTF-16 in both byte orders (Encoding Standard, section 14.2). It has no encoder.
enum UTF16 {
  static func decode(_ queues: inout DecoderQueues, isBigEndian: Bool) {
    var lead: UInt32?
    while let first = queues.read() {
      guard let second = queues.read() else { return queues.writeError() }
      let unit = isBigEndian ? UInt32(first) << 8 | UInt32(second) : UInt32(second) << 8 | UInt32(first)
      if let high = lead {
        lead = nil
        if (0xDC00...0xDFFF).contains(unit) {
          queues.write(0x1_0000 + (high - 0xD800) << 10 + (unit - 0xDC00))
          continue
        }
        queues.writeError()
      }
      switch unit {
      case 0xD800...0xDBFF: lead = unit
      case 0xDC00...0xDFFF: queues.writeError()
      default: queues.write(unit)
      }
    }
    if lead != nil { queues.writeError() }
  }
}
