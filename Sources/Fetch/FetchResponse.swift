package import EventLoop

/// What came of a fetch: always an outcome, and as much of a response as there was.
/// An object, so that the coroutines that it passes through hold no more than a pointer. Only `blameServer` and `noteLack`
/// change anything once it was handed out: hence `@unchecked`, and no access is checked for exclusivity.
package final class FetchResponse: @unchecked Sendable {
  @exclusivity(unchecked) package internal(set) var outcome: FetchOutcome
  /// A sentence about what went wrong; nil for an HTTP answer that came complete and was read to its end, unless it
  /// is a redirect without a Location. It may quote the server and is to be escaped for display.
  @exclusivity(unchecked) package internal(set) var error: String?
  @exclusivity(unchecked) package internal(set) var status: Int?
  /// `1.0`, `1.1` or `2`.
  @exclusivity(unchecked) package internal(set) var httpVersion: String?
  @exclusivity(unchecked) package internal(set) var remoteAddress: String?
  /// The connection had carried a request before.
  @exclusivity(unchecked) package internal(set) var reused = false
  /// The Location field of a 3xx as it was sent, unless above 16 KiB. Bytes that are not UTF-8 are percent-encoded.
  @exclusivity(unchecked) package internal(set) var location: String?
  @exclusivity(unchecked) package internal(set) var headers = ResponseHeaders()
  /// The request line and the fields as they were sent, with `redacted` for secrets; empty unless asked for.
  @exclusivity(unchecked) package internal(set) var requestHeaders: [UInt8] = []
  /// Decoded. Empty unless an HTTP answer came complete (robots.txt, and where messages are kept: as far as it was kept).
  @exclusivity(unchecked) package var body: [UInt8] = []
  /// Bytes of the response as received, before decoding: header sections and body, without the framing of chunks and of
  /// HTTP/2, whose fields count as if written out.
  @exclusivity(unchecked) package internal(set) var wireBytes = 0
  /// Bytes of the body after decoding, also when they were not kept.
  @exclusivity(unchecked) package internal(set) var bodyBytes = 0
  /// The Content-Type fields, joined by commas. This and the other single fields are kept up to 1 KiB.
  @exclusivity(unchecked) package internal(set) var contentType: String?
  @exclusivity(unchecked) package internal(set) var contentEncoding: String?
  /// The body has more bytes than were received or kept.
  @exclusivity(unchecked) package internal(set) var truncated = false
  /// Retry-After as it was sent.
  @exclusivity(unchecked) package internal(set) var retryAfter: String?
  @exclusivity(unchecked) package internal(set) var etag: String?
  @exclusivity(unchecked) package internal(set) var lastModified: String?
  @exclusivity(unchecked) package internal(set) var timings = FetchTimings()
  @exclusivity(unchecked) package internal(set) var tlsVersion: String?
  /// Whether the server's certificate had to be valid and its own; nil for http.
  @exclusivity(unchecked) package internal(set) var tlsVerified: Bool?
  /// The name of the proxy; its address is then the remote one.
  @exclusivity(unchecked) package internal(set) var proxy: String?
  /// Of `.proxyFailed`: the proxy was reached, so this URL's server may be the cause, and this is then the outcome. It may have
  /// answered 407 itself, or the proxy may have ended the connection without a word because of it (both `.connectFailed`), or
  /// may be silent because it waits for it (`.connectTimeout`). Nil: it can't be the server's. Never an answer: that of a proxy
  /// must not be taken for the server's.
  @exclusivity(unchecked) package internal(set) var serversOutcome: FetchOutcome?
  /// The proxy has answered 407, of itself or as the server: mostly of `.proxyFailed`, or of what that became by `blameServer`.
  /// There is no status then, and no header section.
  @exclusivity(unchecked) package internal(set) var isProxyRefusal = false
  /// End of the server certificate's validity, in seconds since 1970.
  @exclusivity(unchecked) package internal(set) var certificateExpiresAt: Int64?
  /// When the request was about to be written, for the last time if more than once; nil when it never was.
  @exclusivity(unchecked) package internal(set) var requestSentAt: EventLoop.Instant?
  /// The server got the request, or may have got it.
  package var requestSent: Bool { requestSentAt != nil }
  /// Of `.reset`: not a byte of an answer came. Either the server had closed the kept connection on which the request was
  /// sent (RFC 9112, section 9.3.1; then `reused` is true), or it has refused the stream (RFC 9113, section 8.7), or ended the
  /// session without it (section 6.8).
  /// Of an answer: it is 408 on a kept connection, by which servers give one up that was idle for long (RFC 9110, section
  /// 15.5.9), whatever was on its way to them.
  @exclusivity(unchecked) package internal(set) var isUntaken = false
  /// Of those: the connection was open, the server has refused the stream, or the first of a session.
  @exclusivity(unchecked) package internal(set) var isRefused = false
  /// Of `.reset`: a new connection ended, and nothing of HTTP had come over it, not a line.
  @exclusivity(unchecked) package internal(set) var isUnheard = false
  /// Of `.tlsFailed`: the server's certificate is not valid, or not its own.
  @exclusivity(unchecked) package internal(set) var isUnverified = false
  /// A later attempt may end differently: that of such an outcome, and of 408 and 425, which ask for it (RFC 9110, section
  /// 15.5.9; RFC 8470, section 5.2).
  package var isRetryable: Bool {
    outcome.isRetryable && !isUnverified || outcome.isAnswer && (status == 408 || status == 425)
  }
  /// Microseconds since 1970 UTC.
  @exclusivity(unchecked) package internal(set) var startedAt: Int64

  init(outcome: FetchOutcome, error: String? = nil, startedAt: Int64) {
    self.outcome = outcome
    self.error = error
    self.startedAt = startedAt
  }

  /// The first field of this name, in any letter case; linear in the header section.
  package func header(_ name: String) -> String? { headers.first(name) }

  /// Makes the proxy's failure the server's. Only for who was handed the response, before anyone else sees it; without effect
  /// when it can't be the server's.
  package func blameServer() {
    guard outcome == .proxyFailed, let serversOutcome else { return }
    outcome = serversOutcome
  }

  /// Notes that its body, which came whole, was not read whole. `isCut`: it is a file that ends early itself, as when bytes
  /// that were announced don't come. Only for who was handed the response, before anyone else sees it.
  package func noteLack(_ sentence: String, isCut: Bool) {
    error = sentence
    guard isCut else { return }
    outcome = .truncated
    truncated = true
  }
}
