/// The header section of a response as raw bytes: the status line, the fields, the empty line.
///
/// Nothing is parsed until somebody asks; a look-up is linear in the section (≤ 300 KiB).
package struct ResponseHeaders: Sendable, Equatable {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// The value of the first field of this name, in any letter case, without surrounding white space.
  package func first(_ name: String) -> String? {
    var found: String?
    forEachField(named: name) { value in
      found = ResponseHeaders.text(value)
      return false
    }
    return found
  }

  /// The values of all fields of this name, in order.
  package func all(_ name: String) -> [String] {
    var found: [String] = []
    forEachField(named: name) { value in
      found.append(ResponseHeaders.text(value))
      return true
    }
    return found
  }

  /// Calls `body` with each value until it returns false.
  func forEachField(named name: String, _ body: (Slice<UnsafeBufferPointer<UInt8>>) -> Bool) {
    var name = name
    name.withUTF8 { name in
      forEachField { fieldName, value in
        fieldName.count == name.count && zip(fieldName, name).allSatisfy { lowercased($0) == lowercased($1) }
          ? body(value) : true
      }
    }
  }

  /// Calls `body` with each field's name and value until it returns false. Lines without a colon are skipped; a folded
  /// line (RFC 9112 section 5.2) belongs to the value before it.
  func forEachField(_ body: (Slice<UnsafeBufferPointer<UInt8>>, Slice<UnsafeBufferPointer<UInt8>>) -> Bool) {
    bytes.withUnsafeBufferPointer { bytes in
      var position = ResponseHeaders.endOfLine(bytes, from: 0)
      while position < bytes.count {
        var end = ResponseHeaders.endOfLine(bytes, from: position)
        let lineStart = position
        while end < bytes.count, bytes[end] == space || bytes[end] == tab {
          end = ResponseHeaders.endOfLine(bytes, from: end)
        }
        position = end
        guard let colon = bytes[lineStart..<end].firstIndex(of: UInt8(ascii: ":")) else { continue }
        let name = ResponseHeaders.trimmed(bytes[lineStart..<colon])
        let value = ResponseHeaders.trimmed(bytes[(colon + 1)..<end])
        if !body(name, value) { return }
      }
    }
  }

  /// UTF-8 where the bytes are valid, else ISO 8859-1, in which every byte is a character.
  static func text(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
    String(validating: bytes, as: UTF8.self) ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }

  /// A Location value for the URL parser: valid UTF-8 as it is, else with its non-ASCII bytes percent-encoded, so that
  /// the target gets the very bytes that the server wrote (Fetch Standard, "location URL").
  static func location(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    let digits = Array("0123456789ABCDEF".utf8)
    var encoded: [UInt8] = []
    for byte in bytes {
      if byte < 0x80 {
        encoded.append(byte)
      } else {
        encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  private static func endOfLine(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    guard start < bytes.count else { return bytes.count }
    return bytes[start...].firstIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? bytes.count
  }

  static func trimmed(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Slice<UnsafeBufferPointer<UInt8>> {
    var bytes = bytes
    while let first = bytes.first, isWhiteSpace(first) { bytes.removeFirst() }
    while let last = bytes.last, isWhiteSpace(last) { bytes.removeLast() }
    return bytes
  }
}

private let space = UInt8(ascii: " ")
private let tab = UInt8(ascii: "\t")

private func isWhiteSpace(_ byte: UInt8) -> Bool {
  byte == space || byte == tab || byte == UInt8(ascii: "\r") || byte == UInt8(ascii: "\n")
}

private func lowercased(_ byte: UInt8) -> UInt8 {
  byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
}
