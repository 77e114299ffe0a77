import FoundationEssentials

/// One JSON value on one line: what the protocol and `crawlctl --json` write, and the check of what others wrote.
package enum JSONLine {
  /// The value as JSON in UTF-8, without the line's end, keys in alphabetical order.
  ///
  /// DEL, C1 and bidi controls and the Unicode line separators are written as `\u` escapes, so that the line is safe for
  /// a terminal, whatever web text is in it. Throws when the value holds a number that JSON cannot write.
  package static func encode(_ value: some Encodable) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return escapingControls([UInt8](try encoder.encode(value)))
  }

  /// A text as JSON, escaped as `encode` does. For callers that write many of them.
  package static func quoted(_ text: String) -> [UInt8] {
    var result: [UInt8] = [UInt8(ascii: "\"")]
    result.reserveCapacity(text.utf8.count + 2)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): result += [UInt8(ascii: "\\"), byte]
      case 0..<0x20: result += escape(UInt32(byte))
      default: result.append(byte)
      }
    }
    result.append(UInt8(ascii: "\""))
    return escapingControls(result)
  }

  /// The value that the line holds. Throws `DecodingError`.
  static func decode<Value: Decodable>(_ type: Value.Type, from line: [UInt8]) throws -> Value {
    try JSONDecoder().decode(type, from: Data(line))
  }

  /// Whether the line may be handed to the JSON reader: valid UTF-8, no raw control characters, nested no deeper than
  /// `depth`. Throws what is wrong; whether it is JSON at all is the reader's business. O(bytes), no recursion.
  static func check(_ line: [UInt8], depth limit: Int) throws(ControlError) {
    var depth = 0
    var inString = false
    var escaped = false
    for byte in line {
      if byte < 0x20, inString || (byte != 0x09 && byte != 0x0D) {
        throw ControlError(.parseError, "the line holds a raw control character; JSON texts write it as an escape")
      }
      if inString {
        if escaped {
          escaped = false
        } else if byte == UInt8(ascii: "\\") {
          escaped = true
        } else if byte == UInt8(ascii: "\"") {
          inString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""):
        inString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth += 1
        if depth > limit {
          throw ControlError(.limit, "the request is nested deeper than \(limit) levels")
        }
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth -= 1
      default:
        break
      }
    }
    if String(validating: line, as: UTF8.self) == nil {
      throw ControlError(.parseError, "the line is no valid UTF-8")
    }
  }

  /// The JSON with every character that could steer a terminal as an escape. They stand in texts only, never between.
  private static func escapingControls(_ json: [UInt8]) -> [UInt8] {
    guard json.contains(where: { $0 == 0x7F || $0 == 0xC2 || $0 == 0xD8 || $0 == 0xE2 }) else { return json }
    var result: [UInt8] = []
    result.reserveCapacity(json.count + 64)
    for scalar in String(decoding: json, as: UTF8.self).unicodeScalars {
      switch scalar.value {
      case 0x7F...0x9F, 0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069:
        result += escape(scalar.value)
      default:
        result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    return result
  }

  /// `\u001b`
  private static func escape(_ scalar: UInt32) -> [UInt8] {
    let digits = Array(String(scalar, radix: 16).utf8)
    return Array("\\u".utf8) + repeatElement(UInt8(ascii: "0"), count: 4 - digits.count) + digits
  }
}
