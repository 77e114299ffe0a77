/// What one fetch showed of its host.
package struct FetchObservation: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// Any answer that is no sign of overload: 2xx, 3xx, 4xx but 429.
    case ok
    /// An answer that is no sign of overload either, with a Retry-After in microseconds.
    case postponed(retryAfter: Int64)
    /// 429 or 503, with its Retry-After in microseconds if it had one.
    case rateLimited(retryAfter: Int64?)
    /// Another 5xx.
    case serverError
    /// Its name could not be looked up, no connection with it came about, or it did not say a word in time or before it ended
    /// the connection. Of a host that has answered before also: its name does not exist, none of its addresses may be connected
    /// to, or its certificate is wrong.
    case silent
    /// No HTTP answer for another reason: what came was none, or was cut short.
    case networkError
    /// Ended by us (pause, cancel, shutdown, a limit), or of a host that has never answered: its name does not exist, or its
    /// addresses are refused. Tells nothing about the host.
    case aborted
  }

  package var kind: Kind
  /// Request sent to first byte, in microseconds; nil when there was no answer.
  package var latency: Int64?
  /// Its request was sent, as `HostClock.send` was told.
  package var isSent: Bool

  /// The name of the proxy that it went through, if any.
  package var proxy: String?

  package init(_ kind: Kind, latency: Int64? = nil, isSent: Bool = false, proxy: String? = nil) {
    self.proxy = proxy
    self.kind = kind
    self.latency = latency
    self.isSent = isSent
  }

  /// The kind that an HTTP status stands for. `retryAfter` in microseconds counts where RFC 9110 gives it a meaning: for 429 and
  /// 503, redirects (section 10.2.3) and 413 (section 15.5.14).
  package static func kind(status: Int, retryAfter: Int64?) -> Kind {
    switch status {
    case 429, 503: .rateLimited(retryAfter: retryAfter)
    case 500...599: .serverError
    case 300...399, 413: retryAfter.map { .postponed(retryAfter: $0) } ?? .ok
    default: .ok
    }
  }
}
