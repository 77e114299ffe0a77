/// How a fetch ended: the closed vocabulary of the results database, of the code and of the command line.
///
/// An outcome is a value, never an error: about 70 % of a real crawl's fetches do not end in a page.
package enum FetchOutcome: String, Sendable, Hashable, CaseIterable {
  /// 2xx, 300 without a Location, and other redirects without one whose body is not empty.
  case ok
  /// 304, the answer to a conditional request. To any other request it is a `protocolError`.
  case notModified = "not_modified"
  /// Other 3xx but 304; a target is in `FetchResponse.location`, unless the server forgot it and sent no body either.
  case redirected
  /// 4xx but 410 and 429.
  case clientError = "client_error"
  /// 410.
  case gone
  /// 5xx, and status codes above 599 (RFC 9110 section 15).
  case serverError = "server_error"
  /// 429.
  case rateLimited = "rate_limited"

  /// The name does not exist, has no address, or can't be a host's name.
  case dnsNotFound = "dns_not_found"
  case dnsFailed = "dns_failed"
  case dnsTimeout = "dns_timeout"
  case connectRefused = "connect_refused"
  case connectTimeout = "connect_timeout"
  /// No route, network unreachable, connection reset before it was one; or a proxy does not serve us because of the host.
  case connectFailed = "connect_failed"
  /// The proxy could not be reached or did not serve us: the host is not to blame.
  case proxyFailed = "proxy_failed"
  case tlsFailed = "tls_failed"
  case tlsTimeout = "tls_timeout"

  /// The request was sent, and the header section was not complete in time.
  case firstByteTimeout = "first_byte_timeout"
  /// The deadline of the whole fetch passed within the body.
  case bodyTimeout = "body_timeout"
  case tooSlow = "too_slow"
  /// The connection ended before an answer, or was reset within it.
  case reset
  /// What came is not HTTP, or its body is not in the coding that its header names.
  case protocolError = "protocol_error"

  case tooLarge = "too_large"
  /// A decompression bomb: the ratio of decoded to received bytes, or the number of codings, is over its limit.
  case bomb
  case headerLimit = "header_limit"
  /// Fewer bytes came than were announced, a coded body or a sitemap's gzip file ends early, or the server sent a part
  /// unasked.
  case truncated
  case addressRefused = "address_refused"
  case schemeRefused = "scheme_refused"

  /// This machine could not: no descriptor, no port, no memory, no certificate of its own that can be read.
  case localResource = "local_resource"
  /// Pause, cancel or shutdown ended it, or nothing may be sent to its address for now.
  case aborted

  /// An HTTP answer came: complete, or a redirect or an error, which are what they are whatever becomes of their bodies.
  package var isAnswer: Bool {
    switch self {
    case .ok, .notModified, .redirected, .clientError, .gone, .serverError, .rateLimited: true
    default: false
    }
  }

  /// A later attempt may end differently.
  package var isRetryable: Bool {
    switch self {
    case .serverError, .rateLimited, .dnsFailed, .dnsTimeout, .connectRefused, .connectTimeout, .connectFailed,
      .proxyFailed, .tlsFailed, .tlsTimeout, .firstByteTimeout, .bodyTimeout, .tooSlow, .reset, .truncated,
      .localResource:
      true
    default: false
    }
  }

  /// A failure that may be its body's alone.
  var isOfBody: Bool {
    switch self {
    case .truncated, .tooLarge, .bomb, .protocolError, .headerLimit, .reset, .tooSlow, .bodyTimeout: true
    default: false
    }
  }

  /// An HTTP answer that no retry would change.
  package var isFinalAnswer: Bool { isAnswer && !isRetryable }

  /// false when the host is not to blame: the fetch goes back to the queue as if it had not been tried.
  package var costsAttempt: Bool { self != .aborted && self != .localResource && self != .proxyFailed }

  /// The outcome of a complete answer by its status code.
  package init(status: Int) {
    switch status {
    case 200...299: self = .ok
    case 304: self = .notModified
    case 300...399: self = .redirected
    case 410: self = .gone
    case 429: self = .rateLimited
    case 400...499: self = .clientError
    case 500...: self = .serverError
    default: self = .protocolError
    }
  }
}
