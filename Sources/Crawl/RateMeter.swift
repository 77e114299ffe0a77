/// Events per second over the last ten full seconds, or since the first event while that is shorter, but over one second at
/// least: what came at the start is no rate yet. Constant memory and time.
package struct RateMeter {
  private static let seconds = 10
  private var counts = [Int](repeating: 0, count: seconds + 1)
  private var current: Int64 = .min
  private var started: Int64?

  package init() {}

  /// Counts an event at `now`, microseconds of loop time.
  package mutating func add(now: Int64) {
    advance(to: now / 1_000_000)
    if started == nil { started = now }
    counts[slot(current)] += 1
  }

  /// The rate at `now`.
  package mutating func rate(now: Int64) -> Double {
    guard let started else { return 0 }
    advance(to: now / 1_000_000)
    let past = (1...Int64(Self.seconds)).reduce(0) { $0 + counts[slot(current - $1)] }
    let age = now - started
    if age >= Int64(Self.seconds + 1) * 1_000_000 { return Double(past) / Double(Self.seconds) }
    return Double(past + counts[slot(current)]) * 1_000_000 / Double(max(age, 1_000_000))
  }

  private mutating func advance(to second: Int64) {
    guard second > current else { return }
    if current == .min || second - current > Int64(Self.seconds) {
      counts = [Int](repeating: 0, count: Self.seconds + 1)
    } else {
      for passed in current + 1...second { counts[slot(passed)] = 0 }
    }
    current = second
  }

  /// Also of seconds before the clock's beginning, which the first ten look back to.
  private func slot(_ second: Int64) -> Int {
    let place = Int(second % Int64(Self.seconds + 1))
    return place < 0 ? place + Self.seconds + 1 : place
  }
}
