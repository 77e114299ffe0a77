/// Decodes character references (HTML Standard, 13.2.5.72 to 13.2.5.80).
enum CharacterReferences {
  /// What a reference stands for, and how many bytes it takes, the ampersand included.
  struct Match {
    var length: Int
    var first: UInt32
    /// A second code point; 0 when there is none.
    var second: UInt32 = 0
  }

  /// The reference that begins at `start`, where an ampersand stands; nil when the ampersand is only itself.
  ///
  /// In an attribute a name without its semicolon is no reference when `=` or an alphanumeric follows. Costs at most
  /// the length of the longest name for a name, and the digits for a number.
  static func match(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int, inAttribute: Bool) -> Match? {
    let next = start + 1
    guard next < end else { return nil }
    if bytes[next] == Octet.numberSign { return numeric(bytes, start, end) }
    if let match = common(bytes, next, end) { return match }
    guard Octet.isAlphanumeric(bytes[next]) else { return nil }
    guard let named = Index.shared.longest(bytes, next, end) else { return nil }
    let after = next + named.length
    if inAttribute && bytes[after - 1] != Octet.semicolon && after < end
      && (bytes[after] == Octet.equals || Octet.isAlphanumeric(bytes[after]))
    {
      return nil
    }
    return Match(length: named.length + 1, first: named.first, second: named.second)
  }

  /// One of those that nearly all pages use and no others, found without a search; nil for any other.
  private static func common(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Match? {
    let (name, codePoint): (StaticString, UInt32)
    switch bytes[start] {
    case UInt8(ascii: "a"): (name, codePoint) = ("amp;", 0x26)
    case UInt8(ascii: "g"): (name, codePoint) = ("gt;", 0x3E)
    case UInt8(ascii: "l"): (name, codePoint) = ("lt;", 0x3C)
    case UInt8(ascii: "n"): (name, codePoint) = ("nbsp;", 0xA0)
    case UInt8(ascii: "q"): (name, codePoint) = ("quot;", 0x22)
    default: return nil
    }
    let length = name.utf8CodeUnitCount
    guard length <= end - start else { return nil }
    for index in 0..<length where bytes[start + index] != name.utf8Start[index] { return nil }
    return Match(length: length + 1, first: codePoint)
  }

  private static func numeric(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Match? {
    var index = start + 2
    var radix: UInt32 = 10
    if index < end && bytes[index] | 0x20 == UInt8(ascii: "x") {
      radix = 16
      index += 1
    }
    let digits = index
    var value: UInt32 = 0
    while index < end, let digit = digit(bytes[index], radix) {
      value = value > 0x10FFFF ? value : value * radix + digit
      index += 1
    }
    guard index > digits else { return nil }
    if index < end && bytes[index] == Octet.semicolon { index += 1 }
    return Match(length: index - start, first: codePoint(value))
  }

  @inline(__always)
  private static func digit(_ byte: UInt8, _ radix: UInt32) -> UInt32? {
    if Octet.isDigit(byte) { return UInt32(byte &- 0x30) }
    let letter = (byte | 0x20) &- 0x61
    return radix == 16 && letter < 6 ? UInt32(letter) + 10 : nil
  }

  /// The code point that a number means: windows-1252 for the C1 controls, U+FFFD for what cannot be.
  private static func codePoint(_ value: UInt32) -> UInt32 {
    switch value {
    case 0, 0xD800...0xDFFF, 0x110000...: 0xFFFD
    case 0x80...0x9F: UInt32(Windows1252.codePoint(UInt8(value)))
    default: value
    }
  }

  /// Where each record of the names' text begins; built at the first reference that needs it.
  private struct Index {
    static let shared = Index()

    private let offsets: [UInt16]

    private init() {
      let text = NamedCharacterReferences.records
      var offsets: [UInt16] = []
      offsets.reserveCapacity(NamedCharacterReferences.count + 1)
      offsets.append(0)
      for index in 0..<text.utf8CodeUnitCount where text.utf8Start[index] == Octet.comma {
        offsets.append(UInt16(index + 1))
      }
      self.offsets = offsets
    }

    /// The longest name that `bytes` begins with at `start`: narrows the range of candidates letter by letter.
    func longest(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Match? {
      let text = NamedCharacterReferences.records.utf8Start
      var (low, high) = (0, offsets.count - 1)
      var best: (record: Int, length: Int)?
      var length = 0
      while start + length < end {
        let byte = bytes[start + length]
        // A name ends with a space, which sorts before every letter and must not be matched.
        guard byte > Octet.space else { break }
        low = firstRecord(low, high) { text[Int(offsets[$0]) + length] >= byte }
        high = firstRecord(low, high) { text[Int(offsets[$0]) + length] > byte }
        guard low < high else { break }
        length += 1
        if text[Int(offsets[low]) + length] == Octet.space { best = (low, length) }
      }
      return best.map { read(text, record: $0.record, length: $0.length) }
    }

    private func firstRecord(_ low: Int, _ high: Int, where holds: (Int) -> Bool) -> Int {
      var (low, high) = (low, high)
      while low < high {
        let middle = (low + high) / 2
        if holds(middle) { high = middle } else { low = middle + 1 }
      }
      return low
    }

    private func read(_ text: UnsafePointer<UInt8>, record: Int, length: Int) -> Match {
      var match = Match(length: length, first: 0)
      var isFirst = true
      for index in Int(offsets[record]) + length + 1..<Int(offsets[record + 1]) - 1 {
        guard let digit = CharacterReferences.digit(text[index], 16) else {
          isFirst = false
          continue
        }
        if isFirst { match.first = match.first * 16 + digit } else { match.second = match.second * 16 + digit }
      }
      return match
    }
  }
}
