import Testing
import Units

@Suite struct TimestampTests {
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0 as Int64), ("2026-01-31T13:45:00Z", 1_769_867_100_000_000),
    ("2026-01-31 13:45:00.25+01:00", 1_769_863_500_250_000), ("2026-01-31", 1_769_817_600_000_000),
    ("2026-01-31T13:45", 1_769_867_100_000_000), ("2024-02-29T23:59:60Z", 1_709_251_200_000_000),
    ("1969-12-31T23:59:59.999999Z", -1), ("2026-01-31T13:45:00-0530", 1_769_886_900_000_000),
    ("9999-12-31T23:59:59Z", 253_402_300_799_000_000), ("2026-01-31t13:45:00.1234567z", 1_769_867_100_123_456),
  ])
  func reads(text: String, microseconds: Int64) throws {
    #expect(try Timestamp.parse(text).microseconds == microseconds)
  }

  @Test(arguments: [
    "", "2026", "2026-1-31", "2026-13-01", "2025-02-29", "2026-01-31T", "2026-01-31T24:00:00Z", "2026-01-31T13:45:00X",
    "2026-01-31T13:45:00.Z", "2026-01-31T13:45:00+1", "2026-01-31T13:45:61Z", "0000-01-01", "2026-01-31Z", "+026-01-31",
  ])
  func refusesWithASentence(text: String) {
    let error = #expect(throws: UnitsError.self) { try Timestamp.parse(text) }
    #expect(error?.accepted == Timestamp.accepted)
  }

  @Test func writesInUTC() {
    #expect(Timestamp(microseconds: 0).iso8601() == "1970-01-01T00:00:00Z")
    #expect(Timestamp(microseconds: -1).iso8601(fractionDigits: 6) == "1969-12-31T23:59:59.999999Z")
    #expect(Timestamp(microseconds: 1_769_867_100_250_000).iso8601(fractionDigits: 3) == "2026-01-31T13:45:00.250Z")
    #expect(Timestamp(microseconds: 1_769_867_100_250_000).description == "2026-01-31T13:45:00Z")
  }

  @Test(arguments: [Int64.min, -62_135_596_800_000_000, 951_782_400_000_000, 253_402_300_799_000_000, .max])
  func anyNumberCanBeWritten(microseconds: Int64) {
    #expect(!Timestamp(microseconds: microseconds).iso8601(fractionDigits: 6).isEmpty)
  }

  @Test func writtenTextComesBack() throws {
    for day in stride(from: 0 as Int64, to: 60_000, by: 97) {
      let timestamp = Timestamp(microseconds: day * 86_400_000_000 + 45_296_123_456)
      #expect(try Timestamp.parse(timestamp.iso8601(fractionDigits: 6)) == timestamp)
    }
  }

  @Test func nowIsAfterThisWasWritten() {
    #expect(Timestamp.now() > Timestamp(microseconds: 1_700_000_000_000_000))
  }
}
