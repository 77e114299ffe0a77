private import Glibc

/// HTTP-date in its three forms (RFC 9110, section 5.6.7):
/// `Sun, 06 Nov 1994 08:49:37 GMT` · `Sunday, 06-Nov-94 08:49:37 GMT` · `Sun Nov  6 08:49:37 1994`.
package enum HTTPDate {
  /// Seconds since 1970 UTC; nil when the text is in none of the three forms or names a day that does not exist.
  /// Letters may be in either case, a day may have one digit; the day of the week is not compared with the date.
  /// `now` (seconds since 1970) decides the century of a year of two digits: the date is the latest that is not more than
  /// 50 years in the future.
  package static func parse(_ text: String, now: Int64) -> Int64? {
    var words: [[UInt8]] = [[]]
    for byte in text.utf8.prefix(64) {
      if byte == UInt8(ascii: " ") {
        if words[words.count - 1].isEmpty { continue }
        words.append([])
      } else {
        words[words.count - 1].append(byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte)
      }
    }
    if words.last?.isEmpty == true { words.removeLast() }
    guard text.utf8.count <= 64, let weekday = words.first else { return nil }
    switch words.count {
    case 6 where shortDays.contains(weekday, followedBy: ","):
      guard words[5] == gmt, words[3].count == 4, let year = number(words[3]) else { return nil }
      return seconds(day: words[1], month: words[2], year: year, time: words[4])
    case 5 where shortDays.contains(weekday, followedBy: ""):
      guard words[4].count == 4, let year = number(words[4]) else { return nil }
      return seconds(day: words[2], month: words[1], year: year, time: words[3])
    case 4 where longDays.contains(weekday, followedBy: ","):
      let parts = words[1].split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false).map(Array.init)
      guard words[3] == gmt, parts.count == 3, parts[2].count == 2, let year = number(parts[2]) else { return nil }
      return seconds(day: parts[0], month: parts[1], twoDigitYear: year, time: words[2], now: now)
    default:
      return nil
    }
  }

  private static let gmt = Array("gmt".utf8)
  private static let shortDays = Names(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
  private static let longDays = Names(
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ].map { Array($0.utf8) }

  private struct Names {
    let names: [[UInt8]]

    init(_ names: [String]) {
      self.names = names.map { Array($0.utf8) }
    }

    func contains(_ word: [UInt8], followedBy end: String) -> Bool {
      names.contains { $0 + Array(end.utf8) == word }
    }
  }

  private static func seconds(day: [UInt8], month: [UInt8], year: Int, time: [UInt8]) -> Int64? {
    guard let day = number(day), let month = months.firstIndex(of: month), (1601...9999).contains(year) else {
      return nil
    }
    let clock = time.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map(Array.init)
    guard clock.count == 3, clock.allSatisfy({ $0.count == 2 }), let hour = number(clock[0]), hour <= 23,
      let minute = number(clock[1]), minute <= 59, let second = number(clock[2]), second <= 60
    else { return nil }
    var parts = tm()
    parts.tm_year = Int32(year - 1900)
    parts.tm_mon = Int32(month)
    parts.tm_mday = Int32(day)
    let midnight = Int64(timegm(&parts))
    // timegm makes the 30th of February the 2nd of March.
    guard Int(parts.tm_mday) == day, Int(parts.tm_mon) == month else { return nil }
    return midnight + Int64(hour * 3_600 + minute * 60 + second)
  }

  private static func seconds(day: [UInt8], month: [UInt8], twoDigitYear year: Int, time: [UInt8], now: Int64) -> Int64?
  {
    var clock = time_t(now)
    var limit = tm()
    guard gmtime_r(&clock, &limit) != nil else { return nil }
    limit.tm_year += 50
    let lastYear = Int(limit.tm_year) + 1900
    let full = lastYear - ((lastYear - year) % 100 + 100) % 100
    let latest = seconds(day: day, month: month, year: full, time: time)
    // Only in the last year may the date be behind the limit.
    if let latest, full == lastYear, latest > Int64(timegm(&limit)) {
      return seconds(day: day, month: month, year: full - 100, time: time)
    }
    return latest
  }

  /// Up to four ASCII digits.
  private static func number(_ word: [UInt8]) -> Int? {
    guard (1...4).contains(word.count), word.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
    return word.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }
}
