/// The Retry-After field (RFC 9110, section 10.2.3): a number of seconds or a date.
package enum RetryAfter {
  /// The longest wait that is obeyed, in seconds: an hour.
  package static let maximum: Int64 = 3_600

  /// Seconds to wait from `now` (seconds since 1970 UTC), 0 for a date that has passed, at most `maximum`;
  /// nil when the value is neither digits nor an HTTP date: then the header is as if it were not there.
  package static func parse(_ value: String, now: Int64) -> Int64? {
    var bytes = Array(value.utf8)[...]
    while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
    while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
    guard !bytes.isEmpty else { return nil }
    if bytes.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
      return bytes.reduce(0 as Int64) { min($0 * 10 + Int64($1 - 0x30), maximum) }
    }
    guard let date = HTTPDate.parse(String(decoding: bytes, as: UTF8.self), now: now) else { return nil }
    let (seconds, overflow) = date.subtractingReportingOverflow(now)
    return overflow ? nil : min(max(0, seconds), maximum)
  }
}
