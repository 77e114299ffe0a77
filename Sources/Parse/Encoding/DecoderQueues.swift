/// The I/O queues of a decoder (Encoding Standard, section 3): the bytes that it reads, the text that it writes as UTF-8.
struct DecoderQueues: ~Copyable {
  private let input: UnsafeBufferPointer<UInt8>
  private var position = 0
  private(set) var output: [UInt8] = []

  init(_ input: UnsafeBufferPointer<UInt8>) {
    self.input = input
    output.reserveCapacity(input.count + input.count / 2)
  }

  /// The next byte; nil is the standard's end-of-queue.
  @inline(__always)
  mutating func read() -> UInt8? {
    guard position < input.count else { return nil }
    position += 1
    return input[position - 1]
  }

  /// Writes the ASCII bytes that come next, and reads the byte behind them.
  mutating func readBeyondASCII() -> UInt8? {
    guard position < input.count, let start = input.baseAddress else { return nil }
    if input[position] < 0x80 {
      let end = UTF8Validation.skipASCII(start, position, input.count)
      output += UnsafeBufferPointer(rebasing: input[position..<end])
      position = end
    }
    return read()
  }

  /// Gives the last `count` bytes back, to be read again.
  mutating func restore(_ count: Int = 1) { position -= count }

  mutating func write(_ codePoint: UInt32) {
    switch codePoint {
    case 0..<0x80: output.append(UInt8(codePoint))
    case 0x80..<0x800:
      output.append(0xC0 | UInt8(codePoint >> 6))
      output.append(DecoderQueues.continuation(codePoint))
    case 0x800..<0x1_0000:
      output.append(0xE0 | UInt8(codePoint >> 12))
      output.append(DecoderQueues.continuation(codePoint >> 6))
      output.append(DecoderQueues.continuation(codePoint))
    default:
      output.append(0xF0 | UInt8(codePoint >> 18))
      output.append(DecoderQueues.continuation(codePoint >> 12))
      output.append(DecoderQueues.continuation(codePoint >> 6))
      output.append(DecoderQueues.continuation(codePoint))
    }
  }

  private static func continuation(_ bits: UInt32) -> UInt8 { 0x80 | UInt8(bits & 0x3F) }

  /// Writes what stands for an error.
  mutating func writeError() { write(0xFFFD) }

  /// Writes the code point, or for null an error; then `trail`, the byte read last, is read again if it is ASCII.
  mutating func write(_ codePoint: UInt32?, after trail: UInt8) {
    if let codePoint { return write(codePoint) }
    writeError()
    if trail < 0x80 { restore() }
  }
}
