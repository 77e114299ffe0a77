extension Collection where Element == UInt8 {
  /// Whether these bytes are the token, which is given in lower case, in any letter case (ASCII).
  func isToken(_ token: StaticString) -> Bool {
    guard count == token.utf8CodeUnitCount else { return false }
    var position = token.utf8Start
    for byte in self {
      let lowercased = byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
      guard lowercased == position.pointee else { return false }
      position += 1
    }
    return true
  }
}
