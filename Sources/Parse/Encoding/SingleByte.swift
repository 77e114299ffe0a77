/// The single-byte encodings (Encoding Standard, section 9): bytes beyond ASCII by an index. x-user-defined (section 14.5)
/// is read as one of them.
struct SingleByte: Sendable {
  private let index: EncodingIndex
  private let pointers: EncodingPointers

  private init(_ index: EncodingIndex) {
    self.index = index
    pointers = EncodingPointers(index)
  }

  func decode(_ queues: inout DecoderQueues) {
    while let byte = queues.readBeyondASCII() {
      queues.write(index.codePoint(Int(byte) - 0x80), after: byte)
    }
  }

  func encode(_ queues: inout EncoderQueues) {
    while let codePoint = queues.readBeyondASCII() {
      if let pointer = pointers.first(codePoint) {
        queues.write(pointer + 0x80)
      } else {
        queues.writeError(codePoint)
      }
    }
  }

  /// By name; built when first asked for.
  static let all: [String: SingleByte] = {
    var all = ["windows-1252": SingleByte(EncodingIndex((0x80...0xFF).map { UInt32(Windows1252.codePoint($0)) }))]
    all["x-user-defined"] = SingleByte(EncodingIndex(Array(0xF780...0xF7FF)))
    let text = UnsafeBufferPointer(start: indexes.utf8Start, count: indexes.utf8CodeUnitCount)
    for record in text.split(separator: Octet.semicolon) {
      let parts = record.split(separator: UInt8(ascii: ":"))
      let name = String(decoding: Octet.trimmed(UnsafeBufferPointer(rebasing: parts[0])), as: UTF8.self)
      all[name] = SingleByte(EncodingIndex(count: 128, UnsafeBufferPointer(rebasing: parts[1])))
    }
    all["iso-8859-8-i"] = all["iso-8859-8"]
    return all
  }()
}
