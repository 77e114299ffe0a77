/// Frames of HTTP/2 as bytes (RFC 9113, section 4), well-formed or not, and header blocks (RFC 7541) without Huffman codes.
package enum HTTP2Frame {
  package enum Kind: UInt8, Sendable {
    case data, headers, priority, reset, settings, pushPromise, ping, goAway, windowUpdate, continuation
    case unheardOf = 0xBA
  }

  static let endStream: UInt8 = 0x1
  static let endHeaders: UInt8 = 0x4
  static let padded: UInt8 = 0x8
  static let acknowledgement: UInt8 = 0x1

  /// - Parameter length: what the head says, if not the truth.
  static func bytes(
    _ kind: Kind, _ payload: [UInt8] = [], flags: UInt8 = 0, stream: UInt32 = 0, length: Int? = nil
  ) -> [UInt8] {
    let length = length ?? payload.count
    return [UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), kind.rawValue, flags]
      + bigEndian(stream) + payload
  }

  static func settings(_ settings: [(UInt16, UInt32)] = []) -> [UInt8] {
    bytes(.settings, settings.flatMap { [UInt8($0.0 >> 8), UInt8($0.0 & 0xFF)] + bigEndian($0.1) })
  }

  static func goAway(last: UInt32, code: UInt32 = 0) -> [UInt8] { bytes(.goAway, bigEndian(last) + bigEndian(code)) }

  static func reset(_ stream: UInt32, code: UInt32) -> [UInt8] { bytes(.reset, bigEndian(code), stream: stream) }

  static func data(_ stream: UInt32, _ payload: [UInt8], ends: Bool = false) -> [UInt8] {
    bytes(.data, payload, flags: ends ? endStream : 0, stream: stream)
  }

  static func headers(_ stream: UInt32, _ block: [UInt8] = answer, ends: Bool = false) -> [UInt8] {
    bytes(.headers, block, flags: endHeaders | (ends ? endStream : 0), stream: stream)
  }

  /// `:status: 200` and `content-type: text/html`.
  static let answer: [UInt8] = status200 + field("content-type", "text/html")
  static let status200: [UInt8] = [0x88]

  /// A literal without indexing with a new name (RFC 7541, section 6.2.2); both at most 126 bytes.
  static func field(_ name: String, _ value: String) -> [UInt8] { [0] + string(name) + string(value) }

  static func string(_ text: String) -> [UInt8] { integer(text.utf8.count, prefix: 7) + Array(text.utf8) }

  /// An integer behind the given number of prefix bits (RFC 7541, section 5.1), whose other bits are 0.
  static func integer(_ value: Int, prefix: Int) -> [UInt8] {
    let most = 1 << prefix - 1
    guard value >= most else { return [UInt8(value)] }
    var bytes = [UInt8(most)]
    var rest = value - most
    while rest >= 128 {
      bytes.append(UInt8(rest & 127 | 128))
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }

  static func bigEndian(_ number: UInt32) -> [UInt8] {
    withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }
}
