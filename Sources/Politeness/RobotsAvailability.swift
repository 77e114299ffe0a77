/// What the answer to the request for /robots.txt means (RFC 9309, section 2.3.1), after redirects were followed.
package enum RobotsAvailability: String, Hashable, Sendable, CaseIterable {
  /// 2xx: the body is to be parsed.
  case available
  /// 4xx but 429: as if everything were allowed.
  case unavailable
  /// 5xx, 429, or no answer: nothing may be fetched until it is known. So is a redirect after those that are followed:
  /// the standard lets such a file count as unavailable, but then a rule could go unheard.
  case unreachable

  /// `status` is nil when there was no answer.
  package init(status: Int?) {
    switch status {
    case .some(200...299): self = .available
    case .some(429): self = .unreachable
    case .some(400...499): self = .unavailable
    default: self = .unreachable
    }
  }
}
