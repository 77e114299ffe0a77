internal import Glibc

/// Any JSON value. Numbers are integers, of which no digit is lost, or doubles where they are none.
///
/// It reads and writes itself: a `Decodable` must try one type after the other, and each that fails costs as much as the
/// value is deep.
package enum JSONValue: Sendable, Equatable {
  case null
  case flag(Bool)
  case integer(Int64)
  /// An integer beyond these, as it was written.
  case digits(String)
  case number(Double)
  case text(String)
  case list([JSONValue])
  case object([JSONName: JSONValue])
}

/// The name of a member of an object. Two are the same if their bytes are: to JSON, texts that are canonically equivalent are
/// different ones.
package struct JSONName: Sendable, Hashable, Comparable, ExpressibleByStringLiteral {
  package let text: String

  package init(_ text: String) { self.text = text }

  package init(stringLiteral text: String) { self.text = text }

  package static func == (one: JSONName, other: JSONName) -> Bool { one.text.utf8.elementsEqual(other.text.utf8) }

  package static func < (one: JSONName, other: JSONName) -> Bool {
    one.text.utf8.lexicographicallyPrecedes(other.text.utf8)
  }

  package func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

/// Why a text holds no value, in words.
package struct JSONFlaw: Error, Equatable, CustomStringConvertible {
  package let description: String
}

extension JSONValue {
  /// The value that a text in UTF-8 holds (RFC 8259). Of members with one name the last counts. Half a surrogate pair, which
  /// an escape may be (section 8.2), is read as U+FFFD, as browsers hand on such texts. O(n).
  ///
  /// - Throws: `JSONFlaw` when it holds none, a number that no double is near, or more than `deepest` levels of arrays and
  ///   objects.
  package init(_ text: [UInt8], deepest: Int) throws(JSONFlaw) {
    guard String(validating: text, as: UTF8.self) != nil else { throw JSONFlaw(description: "what is no UTF-8") }
    let result = text.withUnsafeBufferPointer { text in
      var reader = JSONReader(text: text)
      return reader.whole(deepest: deepest)
    }
    self = try result.get()
  }

  /// The value in UTF-8, without white space, the members of an object in the order of their names. O(n log n).
  package var json: [UInt8] {
    var json: [UInt8] = []
    write(to: &json)
    return json
  }

  private func write(to json: inout [UInt8]) {
    switch self {
    case .null: json += "null".utf8
    case .flag(let flag): json += (flag ? "true" : "false").utf8
    case .integer(let integer): json += "\(integer)".utf8
    case .digits(let digits): json += digits.utf8
    case .number(let number): json += "\(number)".utf8
    case .text(let text): Self.write(text, to: &json)
    case .list(let values):
      json.append(UInt8(ascii: "["))
      for (place, value) in values.enumerated() {
        if place > 0 { json.append(UInt8(ascii: ",")) }
        value.write(to: &json)
      }
      json.append(UInt8(ascii: "]"))
    case .object(let members):
      json.append(UInt8(ascii: "{"))
      for (place, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if place > 0 { json.append(UInt8(ascii: ",")) }
        Self.write(member.key.text, to: &json)
        json.append(UInt8(ascii: ":"))
        member.value.write(to: &json)
      }
      json.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to json: inout [UInt8]) {
    json.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), byte]
      case UInt8(ascii: "\n"): json += "\\n".utf8
      case UInt8(ascii: "\r"): json += "\\r".utf8
      case UInt8(ascii: "\t"): json += "\\t".utf8
      case 0..<0x20: json += "\\u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8
      default: json.append(byte)
      }
    }
    json.append(UInt8(ascii: "\""))
  }
}

/// Reads a text of valid UTF-8 from its begin to its end. Recursion is as deep as the value.
private struct JSONReader {
  let text: UnsafeBufferPointer<UInt8>
  private var place = 0
  /// A number that no double is near.
  private var unusableNumber: String?

  init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

  mutating func whole(deepest: Int) -> Result<JSONValue, JSONFlaw> {
    if let value = value(deepest) {
      skipSpace()
      if place == text.count { return .success(value) }
    }
    let flaw =
      if let unusableNumber {
        "the number \(unusableNumber), which no double is near"
      } else if place < text.count {
        "what is no JSON, near byte \(place + 1)"
      } else {
        "JSON that ends too early"
      }
    return .failure(JSONFlaw(description: flaw))
  }

  private var next: UInt8? { place < text.count ? text[place] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { place += 1 }
  }

  /// Takes the byte if it is the next one behind white space.
  private mutating func take(_ byte: Character) -> Bool {
    skipSpace()
    guard next == byte.asciiValue else { return false }
    place += 1
    return true
  }

  private mutating func take(word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard text.count - place >= count, let base = text.baseAddress, memcmp(base + place, word.utf8Start, count) == 0
    else { return false }
    place += count
    return true
  }

  private mutating func value(_ levels: Int) -> JSONValue? {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return levels > 0 ? object(levels - 1) : nil
    case UInt8(ascii: "["): return levels > 0 ? list(levels - 1) : nil
    case UInt8(ascii: "\""): return string().map(JSONValue.text)
    case UInt8(ascii: "t"): return take(word: "true") ? .flag(true) : nil
    case UInt8(ascii: "f"): return take(word: "false") ? .flag(false) : nil
    case UInt8(ascii: "n"): return take(word: "null") ? .null : nil
    default: return number()
    }
  }

  private mutating func object(_ levels: Int) -> JSONValue? {
    place += 1
    var members: [JSONName: JSONValue] = [:]
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\""), let name = string(), take(":"), let value = value(levels) else { return nil }
      members[JSONName(name)] = value
    } while take(",")
    return take("}") ? .object(members) : nil
  }

  private mutating func list(_ levels: Int) -> JSONValue? {
    place += 1
    var values: [JSONValue] = []
    if take("]") { return .list(values) }
    repeat {
      guard let value = value(levels) else { return nil }
      values.append(value)
    } while take(",")
    return take("]") ? .list(values) : nil
  }

  // MARK: Texts

  private mutating func string() -> String? {
    place += 1
    let start = place
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { place += 1 }
    guard next == UInt8(ascii: "\\") else { return end(of: String(decoding: text[start..<place], as: UTF8.self)) }
    var bytes = Array(text[start..<place])
    while let byte = next, byte != UInt8(ascii: "\""), byte >= 0x20 {
      place += 1
      guard byte == UInt8(ascii: "\\") else {
        bytes.append(byte)
        continue
      }
      guard let scalar = escaped(), let encoded = UTF8.encode(scalar) else { return nil }
      bytes += encoded
    }
    return end(of: String(decoding: bytes, as: UTF8.self))
  }

  /// The text, if its closing quote is next.
  private mutating func end(of string: String) -> String? {
    guard next == UInt8(ascii: "\"") else { return nil }
    place += 1
    return string
  }

  private mutating func escaped() -> Unicode.Scalar? {
    guard let byte = next else { return nil }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard let unit = hexadecimal() else { return nil }
      if let scalar = Unicode.Scalar(unit) { return scalar }
      let end = place
      guard UTF16.isLeadSurrogate(unit), take(word: "\\u"), let trail = hexadecimal(), UTF16.isTrailSurrogate(trail)
      else {
        place = end
        return "\u{FFFD}"
      }
      return Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(trail) - 0xDC00))
    default: return nil
    }
  }

  private mutating func hexadecimal() -> UInt16? {
    guard text.count - place >= 4 else { return nil }
    var unit: UInt16 = 0
    for byte in text[place..<place + 4] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      unit = unit << 4 | UInt16(digit)
    }
    place += 4
    return unit
  }

  // MARK: Numbers

  private mutating func number() -> JSONValue? {
    let start = place
    if next == UInt8(ascii: "-") { place += 1 }
    // No digit may follow a zero.
    if next == UInt8(ascii: "0") { place += 1 } else if !skipDigits() { return nil }
    var isInteger = true
    if next == UInt8(ascii: ".") {
      place += 1
      isInteger = false
      guard skipDigits() else { return nil }
    }
    if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
      place += 1
      isInteger = false
      if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { place += 1 }
      guard skipDigits() else { return nil }
    }
    let digits = String(decoding: text[start..<place], as: UTF8.self)
    if isInteger, let integer = Int64(digits) { return .integer(integer) }
    guard let number = Double(digits), number.isFinite else {
      unusableNumber = digits.count > 40 ? digits.prefix(40) + "…" : digits
      return nil
    }
    if isInteger { return .digits(digits) }
    return Int64(exactly: number).map(JSONValue.integer) ?? .number(number)
  }

  /// Whether there is any.
  private mutating func skipDigits() -> Bool {
    let start = place
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { place += 1 }
    return place > start
  }
}
