/// What the Content-Length fields of a response say, taken together (RFC 9110 section 8.6).
enum AnnouncedLength: Equatable {
  case none
  case bytes(Int)
  /// Not a decimal number.
  case unreadable
  /// Two that differ: whoever reads the connection after us may see the body end elsewhere.
  case contradictory

  /// Adds one field's value, which may be a list of the same number over and over.
  mutating func add(_ value: Slice<UnsafeBufferPointer<UInt8>>) {
    for element in value.split(separator: UInt8(ascii: ",")) {
      let element = ResponseHeaders.trimmed(element)
      guard !element.isEmpty else { continue }
      let length = AnnouncedLength(element)
      self = self == .none || self == length ? length : .contradictory
    }
  }

  /// A number that 63 bits do not hold is as good as the largest.
  private init(_ element: Slice<UnsafeBufferPointer<UInt8>>) {
    let isNumber = element.allSatisfy { $0 &- UInt8(ascii: "0") < 10 }
    self = isNumber ? .bytes(ResponseHeaders.number(element) ?? .max) : .unreadable
  }
}
