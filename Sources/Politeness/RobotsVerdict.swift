/// What robots.txt says about one URL.
package struct RobotsVerdict: Hashable, Sendable {
  package let allowed: Bool
  /// The rule that decided, e.g. `Disallow: /private`; nil when none matched.
  package let rule: String?
  /// Its line, from 1; CR, LF and CRLF end a line.
  package let line: Int?

  package init(allowed: Bool, rule: String?, line: Int?) {
    self.allowed = allowed
    self.rule = rule
    self.line = line
  }
}

/// What the answer to the request for /robots.txt means (RFC 9309, section 2.3.1), after redirects were followed.
package enum RobotsAvailability: Hashable, Sendable {
  /// 2xx: the body is to be parsed.
  case available
  /// 4xx but 429: as if everything were allowed.
  case unavailable
  /// 5xx, 429, too many redirects, or no answer: nothing may be fetched until it is known.
  case unreachable

  package init(status: Int) {
    switch status {
    case 200...299: self = .available
    case 429: self = .unreachable
    case 400...499: self = .unavailable
    default: self = .unreachable
    }
  }
}
