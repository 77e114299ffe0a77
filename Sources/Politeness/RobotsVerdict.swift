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
