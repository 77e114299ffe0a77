/// Tells whether a host answers more slowly than it used to. Two moving averages: one follows within about eight
/// answers, the other within about a hundred, and falls as fast as the first. What has been told of once is usual from then
/// on: answers that stay as late as they have become are told of no more.
struct LatencyTrend: Sendable {
  /// Differences below this are noise, in microseconds.
  private static let tolerance: Int64 = 200_000
  private static let maximum: Int64 = 600_000_000

  private var recent: Int64?
  private var usual: Int64 = 0

  /// Adds a latency in microseconds. True when the recent ones have become more than twice the usual ones.
  mutating func add(_ latency: Int64) -> Bool {
    let sample = min(max(0, latency), Self.maximum)
    guard let last = recent else {
      recent = sample
      usual = sample
      return false
    }
    let now = last + (sample - last) / 8
    recent = now
    usual += (now - usual) / (now < usual ? 4 : 96)
    guard now > 2 * usual + Self.tolerance else { return false }
    usual = now
    return true
  }
}
