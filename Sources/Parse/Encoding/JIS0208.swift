/// What the encoders of Japanese have in common.
enum JIS0208 {
  /// The index pointer in jis0208, the minus sign taken for the full-width hyphen.
  static func pointer(_ codePoint: UInt32) -> Int? { pointers.first(minusAsHyphen(codePoint)) }

  static func minusAsHyphen(_ codePoint: UInt32) -> UInt32 { codePoint == 0x2212 ? 0xFF0D : codePoint }

  private static let pointers = EncodingPointers(.jis0208)
}
