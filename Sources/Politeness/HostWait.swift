/// Why nothing of a host starts before a time. The raw value is what the database and the control protocol show.
package enum BlockReason: String, Hashable, Sendable, Codable, CaseIterable {
  /// The host asked for it with Retry-After.
  case retryAfter = "retry_after"
  /// `crawlctl block`.
  case user
  /// It was silent several times in a row.
  case outage
}

/// What a host waits for. Times are microseconds on the loop's clock.
package enum HostWait: Hashable, Sendable {
  case nothing
  case slots(inFlight: Int, concurrency: Int)
  /// The request of a fetch that has started is not sent yet, and the delay counts from then.
  case request
  case delay(until: Int64)
  case crawlDelay(until: Int64)
  case throttle(until: Int64)
  case blocked(until: Int64, BlockReason)

  /// When it ends by itself; nil when something else has to happen first, or nothing is waited for.
  package var until: Int64? {
    switch self {
    case .delay(let until), .crawlDelay(let until), .throttle(let until), .blocked(let until, _): until
    case .nothing, .slots, .request: nil
    }
  }
}
