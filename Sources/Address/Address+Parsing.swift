extension Address {
  /// An address in its strict literal form: `192.0.2.1`, or IPv6 by RFC 4291 section 2.2 without brackets or zone.
  ///
  /// nil for anything else; `010.0.0.1`, `127.1` and `0x7f000001` are spellings that only a URL's host parser takes.
  package init?(_ text: String) {
    var text = text
    guard let address = text.withUTF8({ Address(literal: $0) }) else { return nil }
    self = address
  }

  init?(literal bytes: UnsafeBufferPointer<UInt8>) {
    if bytes.contains(UInt8(ascii: ":")) {
      self.init(ipv6: bytes)
    } else {
      self.init(ipv4: bytes)
    }
  }

  /// Four decimal numbers of 0…255 without leading zeros.
  package init?(ipv4 bytes: UnsafeBufferPointer<UInt8>) {
    guard bytes.count <= 15 else { return nil }
    var value: UInt32 = 0
    var position = 0
    for part in 0..<4 {
      if part > 0 {
        guard position < bytes.count, bytes[position] == UInt8(ascii: ".") else { return nil }
        position += 1
      }
      guard let number = Address.decimalOctet(bytes, &position) else { return nil }
      value = value << 8 | UInt32(number)
    }
    guard position == bytes.count else { return nil }
    self = .v4(value)
  }

  /// The IPv6 parser of the WHATWG URL Standard, which takes what RFC 4291 section 2.2 writes.
  package init?(ipv6 bytes: UnsafeBufferPointer<UInt8>) {
    let colon = UInt8(ascii: ":")
    let count = bytes.count
    guard count >= 2, count <= 45 else { return nil }
    var pieces = InlineArray<8, UInt16>(repeating: 0)
    var pieceIndex = 0
    var compress: Int?
    var position = 0
    if bytes[0] == colon {
      guard bytes[1] == colon else { return nil }
      position = 2
      pieceIndex = 1
      compress = 1
    }
    // `pieceIndex` counts the leading `::` as a piece, as the standard does; `pieces` is shifted back at the end.
    while position < count {
      guard pieceIndex < 8 else { return nil }
      if bytes[position] == colon {
        guard compress == nil else { return nil }
        position += 1
        pieceIndex += 1
        compress = pieceIndex
        continue
      }
      let start = position
      var value: UInt16 = 0
      while position < count, position - start < 4, let digit = Address.hexDigit(bytes[position]) {
        value = value << 4 | UInt16(digit)
        position += 1
      }
      if position < count, bytes[position] == UInt8(ascii: ".") {
        guard position > start, pieceIndex <= 6 else { return nil }
        position = start
        for octet in 0..<4 {
          if octet > 0 {
            guard position < count, bytes[position] == UInt8(ascii: ".") else { return nil }
            position += 1
          }
          guard let number = Address.decimalOctet(bytes, &position) else { return nil }
          pieces[pieceIndex + octet / 2] = pieces[pieceIndex + octet / 2] << 8 | UInt16(number)
        }
        guard position == count else { return nil }
        pieceIndex += 2
        break
      }
      if position < count {
        guard position > start, bytes[position] == colon else { return nil }
        position += 1
        guard position < count else { return nil }
      }
      pieces[pieceIndex] = value
      pieceIndex += 1
    }
    if let compress {
      var swaps = pieceIndex - compress
      pieceIndex = 7
      while pieceIndex != 0, swaps > 0 {
        let other = compress + swaps - 1
        let piece = pieces[other]
        pieces[other] = pieces[pieceIndex]
        pieces[pieceIndex] = piece
        pieceIndex -= 1
        swaps -= 1
      }
    } else {
      guard pieceIndex == 8 else { return nil }
    }
    var high: UInt64 = 0
    var low: UInt64 = 0
    for index in 0..<4 {
      high = high << 16 | UInt64(pieces[index])
      low = low << 16 | UInt64(pieces[index + 4])
    }
    self = .v6(high: high, low: low)
  }

  /// Reads 0…255 without leading zeros at `position` and moves behind it.
  private static func decimalOctet(_ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> UInt8? {
    let start = position
    var value = 0
    while position < bytes.count, case UInt8(ascii: "0")...UInt8(ascii: "9") = bytes[position] {
      guard position == start || value != 0 else { return nil }
      value = value * 10 + Int(bytes[position] - UInt8(ascii: "0"))
      guard value <= 255 else { return nil }
      position += 1
    }
    return position == start ? nil : UInt8(value)
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
