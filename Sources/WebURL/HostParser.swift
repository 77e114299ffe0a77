private import Address

/// The host parser of the WHATWG URL Standard. The serialised host is appended to the output.
enum HostParser {
  static func parse(_ text: UnsafeBufferPointer<UInt8>, isSpecial: Bool, into output: inout HrefBuffer)
    throws(WebURLError) -> Components.HostKind
  {
    guard let first = text.first else { return .empty }
    if first == UInt8(ascii: "[") { return try parseIPv6(text, into: &output) }
    if !isSpecial { return try parseOpaque(text, into: &output) }

    let start = output.count
    if !appendPlain(text, into: &output) {
      output.count = start
      try appendDecoded(text, into: &output)
    }
    let domain = UnsafeBufferPointer(start: output.bytes + start, count: output.count - start)
    guard IPv4HostParser.endsInNumber(domain) else { return .domain }
    let address = try IPv4HostParser.parse(domain)
    output.count = start
    output.append(Address.v4(address).urlHostName)
    return .ipv4
  }

  /// Appends an ASCII domain without percent signs and forbidden code points in lower case: nothing else is done to
  /// such a domain, not even to labels that begin with `xn--`. Returns false when it is not that plain.
  private static func appendPlain(_ text: UnsafeBufferPointer<UInt8>, into output: inout HrefBuffer) -> Bool {
    let table = ByteClass.table
    output.reserve(text.count)
    let room = output.bytes + output.count
    for position in 0..<text.count {
      let byte = text[position]
      guard byte < 0x80, table[Int(byte)].isDisjoint(with: .forbiddenInDomain) else { return false }
      room[position] = byte.asciiLowercased
    }
    output.count += text.count
    return true
  }

  /// Percent-decodes, reads UTF-8, and brings the domain to ASCII.
  private static func appendDecoded(_ text: UnsafeBufferPointer<UInt8>, into output: inout HrefBuffer)
    throws(WebURLError)
  {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(text.count)
    var position = 0
    while position < text.count {
      if text[position] == .percent, position + 2 < text.count, let high = text[position + 1].hexValue,
        let low = text[position + 2].hexValue
      {
        decoded.append(high << 4 | low)
        position += 3
      } else {
        decoded.append(text[position])
        position += 1
      }
    }
    let start = output.count
    if decoded.allSatisfy({ $0 < 0x80 }) {
      for byte in decoded { output.append(byte.asciiLowercased) }
    } else {
      output.append(try DomainToASCII.process(decoded))
    }
    let table = ByteClass.table
    for position in start..<output.count where table[Int(output.bytes[position])].contains(.forbiddenInDomain) {
      throw .hostHasForbiddenCodePoint
    }
  }

  private static func parseIPv6(_ text: UnsafeBufferPointer<UInt8>, into output: inout HrefBuffer)
    throws(WebURLError) -> Components.HostKind
  {
    guard text.count > 2, text[text.count - 1] == UInt8(ascii: "]"),
      let address = Address(ipv6: UnsafeBufferPointer(rebasing: text[1..<(text.count - 1)]))
    else { throw .ipv6Invalid }
    output.append(address.urlHostName)
    return .ipv6
  }

  private static func parseOpaque(_ text: UnsafeBufferPointer<UInt8>, into output: inout HrefBuffer)
    throws(WebURLError) -> Components.HostKind
  {
    let table = ByteClass.table
    for byte in text where table[Int(byte)].contains(.forbiddenInHost) { throw .hostHasForbiddenCodePoint }
    output.append(text, encoding: .c0ControlEncoded)
    return .opaque
  }
}
