import Crawl
import Testing

/// Events per second, of a task that began just now and of one that has run for long.
struct RateMeterTests {
  @Test func theFirstFetchIsNoRateOfTen() {
    var meter = RateMeter()
    #expect(meter.rate(now: 5_000_000) == 0)
    meter.add(now: 5_000_000)
    for now in [5_000_000, 5_100_000, 6_000_000] as [Int64] { #expect(meter.rate(now: now) == 1, "\(now)") }
    #expect(meter.rate(now: 7_000_000) == 0.5)
  }

  @Test func theLastTenSecondsCount() {
    var meter = RateMeter()
    for second in 0..<100 { for _ in 0..<3 { meter.add(now: Int64(second) * 1_000_000) } }
    #expect(meter.rate(now: 99_500_000) == 3)
    #expect(meter.rate(now: 200_000_000) == 0)
  }
}
