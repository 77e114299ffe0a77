import Glibc

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

  /// The same, byte for byte.
  package func octets(_ name: String) -> [[UInt8]] {
    var found: [[UInt8]] = []
    forEachField(named: name) { value in
      found.append(Array(value))
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
        let lineStart = position
        position = ResponseHeaders.endOfLine(bytes, from: position)
        while position < bytes.count, bytes[position] == space || bytes[position] == tab {
          position = ResponseHeaders.endOfLine(bytes, from: position)
        }
        guard let colon = ResponseHeaders.first(UInt8(ascii: ":"), in: bytes, lineStart..<position) else { continue }
        let name = ResponseHeaders.trimmed(bytes[lineStart..<colon])
        let value = ResponseHeaders.trimmed(bytes[(colon + 1)..<position])
        if !body(name, value) { return }
      }
    }
  }

  /// UTF-8 where the bytes are valid, else ISO 8859-1, in which every byte is a character.
  static func text(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> String {
    let bytes = UnsafeBufferPointer(rebasing: bytes)
    if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
    return String(validating: bytes, as: UTF8.self)
      ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }

  /// A number of decimal digits (Content-Length); nil for anything else, and for one that 64 bits do not hold.
  static func number(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
    guard !bytes.isEmpty else { return nil }
    var value = 0
    for byte in bytes {
      guard byte &- UInt8(ascii: "0") < 10 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflowOfSum) = product.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
      if overflow || overflowOfSum { return nil }
      value = sum
    }
    return value
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
    first(UInt8(ascii: "\n"), in: bytes, start..<bytes.count).map { $0 + 1 } ?? bytes.count
  }

  private static func first(_ byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Int? {
    guard !range.isEmpty, let start = bytes.baseAddress,
      let found = memchr(start + range.lowerBound, Int32(byte), range.count)
    else { return nil }
    return UnsafeRawPointer(found) - UnsafeRawPointer(start)
  }

  static func trimmed(_ slice: Slice<UnsafeBufferPointer<UInt8>>) -> Slice<UnsafeBufferPointer<UInt8>> {
    let bytes = slice.base
    var start = slice.startIndex
    var end = slice.endIndex
    while start < end, isWhiteSpace(bytes[start]) { start += 1 }
    while start < end, isWhiteSpace(bytes[end - 1]) { end -= 1 }
    return bytes[start..<end]
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
