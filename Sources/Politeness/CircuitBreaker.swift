/// Leaves alone what was silent several times in a row. Times as in `HostClock`, whose limits it has.
package struct CircuitBreaker: Sendable {
  /// Until when it is left alone; it may have passed. Nil when it never was since the last answer.
  package private(set) var until: Int64?
  /// Fetches that found it silent, since its last answer.
  private var failures = 0
  /// How often it was left alone since the last answer.
  private var outages = 0

  package init() {}

  /// One fetch at a time finds out how it is.
  package var isTrying: Bool { outages > 0 }

  /// Those that were in flight when it was left alone tell nothing new.
  package mutating func noteSilence(now: Int64) {
    if until ?? .min > now { return }
    failures += 1
    guard outages > 0 || failures >= HostClock.failuresOfOutage else { return }
    until = now + min(HostClock.firstOutage << min(outages, 16), HostClock.maximumOutage)
    outages += 1
  }

  /// It is left alone until then, as an earlier daemon has found out.
  mutating func hold(until time: Int64) { until = max(time, until ?? .min) }

  /// It may be tried at once.
  mutating func endHold() { until = nil }
}
