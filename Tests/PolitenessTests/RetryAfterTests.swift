import Politeness
import Testing

/// Sun, 06 Nov 1994 08:49:37 GMT
private let now: Int64 = 784_111_777

@Suite struct RetryAfterTests {
  @Test(arguments: [
    ("0", 0 as Int64), ("120", 120), (" 120\t", 120), ("007", 7), ("3600", 3_600), ("3601", 3_600),
    ("99999999999999999999999999", 3_600), ("Sun, 06 Nov 1994 08:50:37 GMT", 60),
    ("Sunday, 06-Nov-94 08:50:37 GMT", 60), ("Sun Nov  6 08:50:37 1994", 60), ("Sun, 06 Nov 1994 08:49:36 GMT", 0),
    ("Fri, 31 Dec 9999 23:59:59 GMT", 3_600), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
    ("sun, 6 nov 1994 08:49:47 gmt", 10),
  ])
  func reads(value: String, seconds: Int64) {
    #expect(RetryAfter.parse(value, now: now) == seconds)
  }

  @Test(arguments: [
    "", " ", "-1", "+5", "1.5", "1e3", "12 0", "0x10", "soon", "120s", "１２０", "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 EST", "06 Nov 1994 08:49:37 GMT", "Xyz, 06 Nov 1994 08:49:37 GMT",
    "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
    "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT", "Sunday, 06-Nov-1994 08:49:37 GMT",
    "Sun Nov 6 08:49:37 94", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "120, 60",
  ])
  func ignoresWhatIsNeither(value: String) {
    #expect(RetryAfter.parse(value, now: now) == nil)
  }

  @Test func twoDigitYearIsAtMostFiftyYearsAhead() {
    let in2026: Int64 = 1_767_225_600
    #expect(HTTPDate.parse("Thursday, 01-Jan-70 00:00:00 GMT", now: in2026) == 3_155_760_000)
    #expect(HTTPDate.parse("Friday, 01-Jan-77 00:00:00 GMT", now: in2026) == 220_924_800)
    // Into the next century, and to the second: 50 years from `now` and one second more.
    #expect(HTTPDate.parse("Sunday, 06-Nov-05 08:50:37 GMT", now: now) == 1_131_267_037)
    #expect(HTTPDate.parse("Sunday, 06-Nov-44 08:49:37 GMT", now: now) == 2_362_034_977)
    #expect(HTTPDate.parse("Sunday, 06-Nov-44 08:49:38 GMT", now: now) == -793_725_022)
    #expect(RetryAfter.parse("Sunday, 06-Nov-05 08:50:37 GMT", now: now) == 3_600)
    let in2026November: Int64 = 1_795_564_800
    #expect(RetryAfter.parse("Wednesday, 25-Nov-76 00:00:00 GMT", now: in2026November) == 3_600)
    #expect(RetryAfter.parse("Wednesday, 25-Nov-76 00:00:01 GMT", now: in2026November) == 0)
  }

  @Test func leapDayAndLeapSecond() {
    #expect(HTTPDate.parse("Thu, 29 Feb 2024 23:59:60 GMT", now: 0) == 1_709_251_200)
    #expect(HTTPDate.parse("Wed, 29 Feb 2023 00:00:00 GMT", now: 0) == nil)
  }

  @Test func hostileValuesAreReadToo() {
    #expect(RetryAfter.parse(String(repeating: "9", count: 1_000_000), now: now) == 3_600)
    #expect(RetryAfter.parse(String(repeating: " ", count: 1_000_000) + "x", now: now) == nil)
    #expect(RetryAfter.parse("Fri, 31 Dec 9999 23:59:59 GMT", now: .min) == nil)
    #expect(RetryAfter.parse("Sunday, 06-Nov-94 08:50:37 GMT", now: .max) == nil)
  }
}
