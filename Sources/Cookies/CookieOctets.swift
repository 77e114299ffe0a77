/// The octets of a cookie as text that can be kept and compared, and back: what servers set, in whatever encoding, they get
/// byte for byte (RFC 6265bis, section 5.8.3).
///
/// UTF-8 is itself. Any other byte is a private character, U+EF80 for 0x80 to U+EFFF for 0xFF, and so is each byte of such a
/// character. Linear.
package enum CookieOctets {
  package static func text(_ octets: [UInt8]) -> String {
    var text = String.UnicodeScalarView()
    var parser = Unicode.UTF8.ForwardParser()
    var rest = octets.makeIterator()
    var position = 0
    while true {
      switch parser.parseScalar(from: &rest) {
      case .emptyInput: return String(text)
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        if isMark(scalar) {
          text.append(contentsOf: octets[position..<position + encoded.count].map(mark))
        } else {
          text.append(scalar)
        }
        position += encoded.count
      case .error(let length):
        text.append(contentsOf: octets[position..<position + length].map(mark))
        position += length
      }
    }
  }

  package static func octets(_ text: String) -> [UInt8] {
    var octets: [UInt8] = []
    octets.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      if isMark(scalar) {
        octets.append(UInt8(truncatingIfNeeded: scalar.value))
      } else {
        octets += String(scalar).utf8
      }
    }
    return octets
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool { (0xEF80...0xEFFF).contains(scalar.value) }

  /// All that is not UTF-8 is above 0x7F.
  private static func mark(_ byte: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(0xEF00 + UInt32(byte)) ?? "\u{FFFD}"
  }
}
