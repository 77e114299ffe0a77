/// The I/O queues of an encoder (Encoding Standard, section 3): the code points that it reads, the bytes that it writes.
struct EncoderQueues: ~Copyable {
  private let input: UnsafeBufferPointer<UInt8>
  private var position = 0
  private(set) var output: [UInt8] = []

  /// `input` is valid UTF-8.
  init(_ input: UnsafeBufferPointer<UInt8>) {
    self.input = input
    output.reserveCapacity(input.count)
  }

  /// The next code point; nil is the standard's end-of-queue.
  mutating func read() -> UInt32? {
    guard position < input.count else { return nil }
    let lead = input[position]
    position += 1
    switch lead {
    case 0..<0x80: return UInt32(lead)
    case 0x80..<0xE0: return continued(UInt32(lead & 0x1F), by: 1)
    case 0xE0..<0xF0: return continued(UInt32(lead & 0x0F), by: 2)
    default: return continued(UInt32(lead & 0x07), by: 3)
    }
  }

  private mutating func continued(_ bits: UInt32, by count: Int) -> UInt32 {
    let end = position + count
    defer { position = end }
    return input[position..<end].reduce(bits) { $0 << 6 | UInt32($1 & 0x3F) }
  }

  /// Writes the ASCII code points that come next, and reads the code point behind them.
  mutating func readBeyondASCII() -> UInt32? {
    while let codePoint = read() {
      guard codePoint < 0x80 else { return codePoint }
      write(Int(codePoint))
    }
    return nil
  }

  /// Writes the low bits of a number as a byte.
  mutating func write(_ byte: Int) { output.append(UInt8(truncatingIfNeeded: byte)) }

  mutating func write(_ lead: Int, _ trail: Int) {
    write(lead)
    write(trail)
  }

  /// Writes what the URL Standard's "percent-encode after encoding" puts in the place of a code point that has no bytes:
  /// a character reference, percent-encoded.
  mutating func writeError(_ codePoint: UInt32) { output += "%26%23\(codePoint)%3B".utf8 }
}
