internal import WebURL

/// What is left of a path and query when digits and hexadecimal runs are folded: `/item/123?id=ab12` and
/// `/item/77?id=ff03` have the same pattern, as have `/p1` and `/p12`, so a budget per pattern ends a space of generated URLs.
/// What is not ASCII, and so percent-encoded, are letters, and no hexadecimal numbers.
enum PathPattern {
  /// A 64-bit hash (FNV-1a) of host and folded path. Linear in the URL's length.
  static func hash(_ url: WebURL, host: Int64) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    for shift in stride(from: 0, to: 64, by: 8) { add(UInt8(truncatingIfNeeded: host >> Int64(shift))) }
    var run: [UInt8] = []
    func flush() {
      let isFolded = run.contains { isDigit($0) } && run.allSatisfy { isHexadecimal($0) }
      if isFolded {
        add(UInt8(ascii: "#"))
      } else {
        var last: UInt8 = 0
        for byte in run.lazy.map({ isDigit($0) ? UInt8(ascii: "#") : $0 }) {
          if byte != UInt8(ascii: "#") || byte != last { add(byte) }
          last = byte
        }
      }
      run.removeAll(keepingCapacity: true)
    }
    var text = url.canonical().pathAndQuery
    text.withUTF8 { bytes in
      var place = 0
      while place < bytes.count {
        let byte = bytes[place]
        if let letter = encodedLetter(bytes, at: place) {
          run.append(letter)
          place += 3
          continue
        }
        if isLetter(byte) || isDigit(byte) {
          run.append(byte)
        } else {
          flush()
          add(byte)
        }
        place += 1
      }
    }
    flush()
    return hash
  }

  /// The octet beyond ASCII that is percent-encoded there.
  private static func encodedLetter(_ bytes: UnsafeBufferPointer<UInt8>, at place: Int) -> UInt8? {
    guard bytes[place] == UInt8(ascii: "%"), place + 2 < bytes.count,
      let high = Character(UnicodeScalar(bytes[place + 1])).hexDigitValue,
      let low = Character(UnicodeScalar(bytes[place + 2])).hexDigitValue, high >= 8
    else { return nil }
    return UInt8(high << 4 | low)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

  private static func isLetter(_ byte: UInt8) -> Bool {
    byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "f")
  }
}
