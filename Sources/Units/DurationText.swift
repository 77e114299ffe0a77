/// Durations as text. Units: `ms`, `s`, `m` (minutes), `h`, `d`; a bare number is seconds. Resolution: a nanosecond.
package enum DurationText {
  package static let accepted = "a number with ms, s, m, h or d, e.g. 250ms, 10 s, 1.5h (a bare number is seconds)"
  /// The longest duration that is read: 36,500 days.
  package static let maximum = Duration.seconds(36_500 * 86_400)

  private static let units: [(name: String, nanoseconds: Int64)] = [
    ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
  ]

  /// Reads `250ms`, `10 s`, `1.5h`, `30`. From 0 to `maximum`. Throws a sentence that names what is accepted.
  package static func parse(_ text: String) throws(UnitsError) -> Duration {
    guard let number = DecimalText(text) else { throw refusal(text, "is no duration") }
    let scale: Int64
    if number.unit.isEmpty {
      scale = 1_000_000_000
    } else if let unit = units.first(where: { $0.name == number.unit }) {
      scale = unit.nanoseconds
    } else {
      throw refusal(text, "has no unit of time that is known")
    }
    guard let nanoseconds = number.times(scale), .nanoseconds(nanoseconds) <= maximum else {
      throw refusal(text, "is longer than 36500d")
    }
    return .nanoseconds(nanoseconds)
  }

  /// For people: `250 ms`, `1.5 s`, `2.25 h`, `0 s`; at most two decimals, rounded. `parse` reads it.
  package static func format(_ duration: Duration) -> String {
    guard duration >= .zero else { return "-" + format(.zero - duration) }
    let nanoseconds = clampedNanoseconds(duration)
    guard nanoseconds > 0 else { return "0 s" }
    var index = units.lastIndex { nanoseconds >= $0.nanoseconds } ?? 0
    var number = DecimalText.short(nanoseconds, per: units[index].nanoseconds)
    // 59.999 s rounds to 60 s, which a person writes as 1 m.
    if index + 1 < units.count, number == String(units[index + 1].nanoseconds / units[index].nanoseconds) {
      index += 1
      number = "1"
    }
    return "\(number) \(units[index].name)"
  }

  /// Without loss down to a nanosecond, in the largest unit that needs no decimals (else in decimals of `ms`):
  /// `90s`, `1500ms`, `2h`, `0s`. `parse` gives the same duration back.
  package static func exact(_ duration: Duration) -> String {
    guard duration >= .zero else { return "-" + exact(.zero - duration) }
    let nanoseconds = clampedNanoseconds(duration)
    guard nanoseconds > 0 else { return "0s" }
    if let unit = units.last(where: { nanoseconds % $0.nanoseconds == 0 }) {
      return "\(nanoseconds / unit.nanoseconds)\(unit.name)"
    }
    var fraction = String(nanoseconds % 1_000_000)
    fraction = String(repeating: "0", count: 6 - fraction.utf8.count) + fraction
    while fraction.utf8.last == UInt8(ascii: "0") { fraction.removeLast() }
    return "\(nanoseconds / 1_000_000).\(fraction)ms"
  }

  private static func clampedNanoseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = min(duration, maximum).components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }

  private static func refusal(_ text: String, _ what: String) -> UnitsError {
    UnitsError(problem: "\(quoted(text)) \(what)", accepted: accepted)
  }
}

/// The text in quotation marks, cut at 60 characters and safe for a terminal.
func quoted(_ text: String) -> String {
  let start = String(text.prefix(60))
  return "“\(TerminalText.escape(start))\(start.utf8.count < text.utf8.count ? "…" : "")”"
}
