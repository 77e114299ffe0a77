private import Glibc

/// The dates of Expires, in whatever form servers write them (RFC 6265bis, section 5.6.1).
enum CookieDate {
  /// Seconds since 1970 UTC; nil for what is no date.
  static func parse(_ text: some Sequence<UInt8>) -> Int64? {
    var time: (hour: Int, minute: Int, second: Int)?
    var (day, month, year): (Int?, Int?, Int?)
    for token in Array(text).split(whereSeparator: isDelimiter) {
      if time == nil, let found = clock(token) {
        time = found
      } else if day == nil, let found = number(token, digits: 1...2) {
        day = found
      } else if month == nil, let found = months.firstIndex(of: token.prefix(3).map(lowercased)) {
        month = found
      } else if year == nil, let found = number(token, digits: 2...4) {
        year = found
      }
    }
    guard let time, let day, let month, var year else { return nil }
    if (70...99).contains(year) { year += 1900 }
    if (0...69).contains(year) { year += 2000 }
    guard year >= 1601, day >= 1, time.hour <= 23, time.minute <= 59, time.second <= 59 else { return nil }
    var parts = tm()
    parts.tm_year = Int32(year - 1900)
    parts.tm_mon = Int32(month)
    parts.tm_mday = Int32(day)
    let midnight = Int64(timegm(&parts))
    // timegm makes the 30th of February the 2nd of March.
    guard Int(parts.tm_mday) == day, Int(parts.tm_mon) == month else { return nil }
    return midnight + Int64(time.hour * 3_600 + time.minute * 60 + time.second)
  }

  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ].map { Array($0.utf8) }

  private static func isDelimiter(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x09, 0x20...0x2F, 0x3B...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }

  private static func clock(_ token: ArraySlice<UInt8>) -> (Int, Int, Int)? {
    let parts = token.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    // What follows the seconds is ignored, unless it is a digit.
    guard parts.count >= 3, let hour = whole(parts[0]), let minute = whole(parts[1]),
      let second = number(parts[2], digits: 1...2)
    else { return nil }
    return (hour, minute, second)
  }

  /// One or two digits and nothing else.
  private static func whole(_ token: ArraySlice<UInt8>) -> Int? {
    token.count <= 2 && token.allSatisfy(isDigit) ? number(token, digits: 1...2) : nil
  }

  /// The digits that a token begins with, if they are so many.
  private static func number(_ token: ArraySlice<UInt8>, digits: ClosedRange<Int>) -> Int? {
    let found = token.prefix(while: isDigit)
    guard digits.contains(found.count) else { return nil }
    return found.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}

func lowercased(_ byte: UInt8) -> UInt8 { byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte }
