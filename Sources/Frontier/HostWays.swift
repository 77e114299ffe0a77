internal import Politeness

/// What is known of the ways to a host through proxies: of those over which it was silent, since it last answered over them. The
/// way without a proxy is a matter of the host's clock.
struct HostWays {
  private struct Way {
    var breaker = CircuitBreaker()
    /// A fetch that finds out how it is has started; its end is waited for until then.
    var trialUntil: Int64?
  }

  private var ways: [String: Way] = [:]

  var isEmpty: Bool { ways.isEmpty }

  /// Why nothing starts over the way now: until when the host is left alone, or a fetch finds out how it is.
  func silence(behind proxy: String?, now: Int64) -> (until: Int64, isTrial: Bool)? {
    guard !ways.isEmpty, let proxy, let way = ways[proxy], way.breaker.isTrying else { return nil }
    if let until = way.breaker.until, until > now { return (until, false) }
    return way.trialUntil.flatMap { $0 > now ? ($0, true) : nil }
  }

  /// A fetch starts.
  mutating func noteStart(behind proxy: String?, now: Int64) {
    guard !ways.isEmpty, let proxy, ways[proxy]?.breaker.isTrying ?? false else { return }
    // Should its end not be told, as when the task gets another proxy meanwhile, another one tries it.
    ways[proxy]?.trialUntil = now + HostClock.maximumOutage
  }

  /// A fetch has ended.
  mutating func note(_ observation: FetchObservation, now: Int64) {
    guard let proxy = observation.proxy else { return }
    switch observation.kind {
    case .ok, .postponed, .rateLimited, .serverError: if !ways.isEmpty { ways[proxy] = nil }
    case .silent:
      ways[proxy, default: Way()].breaker.noteSilence(now: now)
      ways[proxy]?.trialUntil = nil
    case .networkError, .aborted: ways[proxy]?.trialUntil = nil
    }
  }
}
