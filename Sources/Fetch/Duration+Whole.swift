extension Duration {
  /// 1…2^31, for libcurl's options.
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    guard seconds < 2_000_000 else { return 2_000_000_000 }
    return max(1, Int(seconds) * 1_000 + Int(attoseconds / 1_000_000_000_000_000))
  }

  /// Saturated to what 64 bits hold.
  var wholeMicroseconds: Int64 {
    let (seconds, attoseconds) = components
    guard seconds < Int64.max / 2_000_000 else { return .max }
    return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
  }
}
