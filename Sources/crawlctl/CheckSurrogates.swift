/// JSON texts may escape half of a surrogate pair (`\ud800`), which is no character. Browsers hand such text to the URL
/// parser with U+FFFD in its place (USVString, Web IDL); JSON readers refuse the whole line.
enum LoneSurrogates {
  /// The JSON with `\ufffd` for each escape that is half of a pair. Linear; the length stays.
  static func replaced(in json: [UInt8]) -> [UInt8] {
    var result = json
    var index = 0
    while let escape = json[index...].firstIndex(of: UInt8(ascii: "\\")) {
      guard escape + 1 < json.count, json[escape + 1] == UInt8(ascii: "u"), let unit = unit(json, at: escape) else {
        index = min(escape + 2, json.count)
        continue
      }
      index = escape + 6
      guard (0xD800...0xDFFF).contains(unit) else { continue }
      if unit < 0xDC00, let second = self.unit(json, at: index), (0xDC00...0xDFFF).contains(second) {
        index += 6
      } else {
        result.replaceSubrange(escape + 2..<escape + 6, with: "fffd".utf8)
      }
    }
    return result
  }

  /// The code unit of the escape `\uXXXX` at `index`; nil when there is none.
  private static func unit(_ json: [UInt8], at index: Int) -> UInt32? {
    guard index + 6 <= json.count, json[index] == UInt8(ascii: "\\"), json[index + 1] == UInt8(ascii: "u") else {
      return nil
    }
    var value: UInt32 = 0
    for byte in json[index + 2..<index + 6] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}
