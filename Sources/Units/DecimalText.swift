/// A number with an optional unit as a person writes it: `250ms`, `1.5 h`, `10`. Exact: no floating point.
struct DecimalText {
  /// Digits before the point.
  let whole: Int64
  /// The first nine digits after the point, as billionths.
  let billionths: Int64
  /// What follows the number, without surrounding blanks; empty when nothing does.
  let unit: Substring

  /// nil: no number at the start, more than 18 digits before the point or 9 after it, or a sign.
  init?(_ text: String) {
    var rest = text[...]
    Self.dropBlanks(&rest)
    guard let (whole, wholeDigits) = Self.digits(&rest, atMost: 18) else { return nil }
    var billionths: Int64 = 0
    var fractionDigits = 0
    if rest.utf8.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard let (fraction, count) = Self.digits(&rest, atMost: 9), count > 0 else { return nil }
      billionths = fraction
      for _ in count..<9 { billionths *= 10 }
      fractionDigits = count
    }
    guard wholeDigits + fractionDigits > 0 else { return nil }
    Self.dropBlanks(&rest)
    while let last = rest.utf8.last, last == UInt8(ascii: " ") { rest = rest.dropLast() }
    self.whole = whole
    self.billionths = billionths
    self.unit = rest
  }

  /// The number times `scale`, rounded down; nil on overflow. `scale` is at least 1.
  func times(_ scale: Int64) -> Int64? {
    let (high, overflow) = whole.multipliedReportingOverflow(by: scale)
    guard !overflow else { return nil }
    let product = billionths.multipliedFullWidth(by: scale)
    let (low, _) = (1_000_000_000 as Int64).dividingFullWidth(product)
    let (sum, carry) = high.addingReportingOverflow(low)
    return carry ? nil : sum
  }

  private static func dropBlanks(_ text: inout Substring) {
    while text.utf8.first == UInt8(ascii: " ") { text = text.dropFirst() }
  }

  /// nil when there are more than `limit` digits; a value of 0 and a count of 0 when there is none.
  private static func digits(_ text: inout Substring, atMost limit: Int) -> (value: Int64, count: Int)? {
    var value: Int64 = 0
    var count = 0
    for byte in text.utf8 {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
      count += 1
      guard count <= limit else { return nil }
      value = value * 10 + Int64(byte - UInt8(ascii: "0"))
    }
    text = Substring(text.utf8.dropFirst(count))
    return (value, count)
  }

  /// `numerator / denominator` with as many decimals as a reader wants: none from 100 on, one from 10 on, else two;
  /// zeros at the end are dropped. Both are positive or zero; `denominator` is at most 10^16.
  static func short(_ numerator: Int64, per denominator: Int64) -> String {
    let whole = numerator / denominator
    let decimals: Int64 = whole >= 100 ? 1 : whole >= 10 ? 10 : 100
    let product = (numerator % denominator).multipliedFullWidth(by: decimals)
    let (quotient, remainder) = denominator.dividingFullWidth(product)
    var fraction = quotient
    if remainder >= denominator - remainder { fraction += 1 }
    var shown = whole
    if fraction == decimals {
      shown += 1
      fraction = 0
    }
    guard fraction > 0 else { return String(shown) }
    var digits = String(fraction)
    if decimals == 100, fraction < 10 { digits = "0" + digits }
    if digits.utf8.last == UInt8(ascii: "0") { digits.removeLast() }
    return "\(shown).\(digits)"
  }
}
