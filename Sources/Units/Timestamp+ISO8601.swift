private import Glibc

extension Timestamp {
  package static let accepted = "a time such as 2026-01-31T13:45:00Z, 2026-01-31 13:45:00.25+01:00 or 2026-01-31"

  /// `2026-01-31T13:45:00Z`, with `fractionDigits` (0…6) decimals of the second when asked for. Always UTC.
  package func iso8601(fractionDigits: Int = 0) -> String {
    var seconds = microseconds / 1_000_000
    var rest = microseconds % 1_000_000
    if rest < 0 {
      rest += 1_000_000
      seconds -= 1
    }
    var clock = time_t(seconds)
    var parts = tm()
    guard gmtime_r(&clock, &parts) != nil else { return String(microseconds) }
    var text = "\(Self.padded(Int(parts.tm_year) + 1900, 4))-\(Self.padded(Int(parts.tm_mon) + 1, 2))"
    text += "-\(Self.padded(Int(parts.tm_mday), 2))T\(Self.padded(Int(parts.tm_hour), 2))"
    text += ":\(Self.padded(Int(parts.tm_min), 2)):\(Self.padded(Int(parts.tm_sec), 2))"
    if fractionDigits > 0 { text += "." + Self.padded(Int(rest), 6).prefix(min(fractionDigits, 6)) }
    return text + "Z"
  }

  /// Reads the profile of RFC 3339: date, `T` or a blank, time, optional decimals, `Z` or an offset; seconds and the
  /// offset may be left out (then UTC), and so may the whole time. Years 0001 to 9999.
  /// Throws a sentence that names what is accepted.
  package static func parse(_ text: String) throws(UnitsError) -> Timestamp {
    var reader = Reader(bytes: Array(text.utf8))
    guard let timestamp = reader.timestamp() else {
      throw UnitsError(problem: "\(quoted(text)) is no time", accepted: accepted)
    }
    return timestamp
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  private struct Reader {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) {
      self.bytes = bytes
    }

    mutating func timestamp() -> Timestamp? {
      guard let year = number(4), year >= 1, take("-"), let month = number(2), take("-"), let day = number(2) else {
        return nil
      }
      guard (1...12).contains(month), day >= 1, day <= Self.days(in: month, year: year) else { return nil }
      var seconds: Int64 = 0
      var fraction: Int64 = 0
      if position < bytes.count {
        guard take("T") || take("t") || take(" ") else { return nil }
        guard let hour = number(2), hour <= 23, take(":"), let minute = number(2), minute <= 59 else { return nil }
        seconds = Int64(hour * 3_600 + minute * 60)
        if take(":") {
          guard let second = number(2), second <= 60 else { return nil }
          seconds += Int64(second)
          if take(".") {
            guard let read = decimals() else { return nil }
            fraction = read
          }
        }
        guard let offset = offset() else { return nil }
        seconds -= offset
      }
      guard position == bytes.count else { return nil }
      var parts = tm()
      parts.tm_year = Int32(year - 1900)
      parts.tm_mon = Int32(month - 1)
      parts.tm_mday = Int32(day)
      return Timestamp(microseconds: (Int64(timegm(&parts)) + seconds) * 1_000_000 + fraction)
    }

    /// Seconds east of UTC; 0 at the end of the text.
    private mutating func offset() -> Int64? {
      if position == bytes.count || take("Z") || take("z") { return 0 }
      let east = take("+")
      guard east || take("-"), let hours = number(2), hours <= 23 else { return nil }
      _ = take(":")
      guard let minutes = number(2), minutes <= 59 else { return nil }
      return Int64(hours * 3_600 + minutes * 60) * (east ? 1 : -1)
    }

    /// Decimals of a second as microseconds; what is finer is dropped.
    private mutating func decimals() -> Int64? {
      var value: Int64 = 0
      var scale: Int64 = 100_000
      let start = position
      while position < bytes.count, let digit = Self.digit(bytes[position]) {
        value += Int64(digit) * scale
        scale /= 10
        position += 1
      }
      return position > start ? value : nil
    }

    private mutating func number(_ width: Int) -> Int? {
      guard position + width <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[position..<position + width] {
        guard let digit = Self.digit(byte) else { return nil }
        value = value * 10 + digit
      }
      position += width
      return value
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
      position += 1
      return true
    }

    private static func digit(_ byte: UInt8) -> Int? {
      byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
    }

    private static func days(in month: Int, year: Int) -> Int {
      switch month {
      case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
      case 4, 6, 9, 11: 30
      default: 31
      }
    }
  }
}
