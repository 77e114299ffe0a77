/// A change of a row of `urls` that exists already, or is inserted earlier in the same visit.
package struct URLUpdate: Sendable, Equatable {
  package var id: Int64
  package var state: URLState
  package var reason: String?
  package var dueAt: Int64?
  package var attempts: Int
  /// Left as it is when `nil`.
  package var depth: Int?
  /// Left as it is when `nil`.
  package var priority: Int?
  /// Another spelling of the same URL; left as it is when `nil`.
  package var url: String?
  /// Left as it is when `nil`.
  package var redirects: Int?
  /// It is a seed from now on: `via_url_id` becomes NULL.
  package var isSeed: Bool

  package init(
    id: Int64, state: URLState, reason: String? = nil, dueAt: Int64? = nil, attempts: Int = 0, depth: Int? = nil,
    priority: Int? = nil, url: String? = nil, redirects: Int? = nil, isSeed: Bool = false
  ) {
    self.id = id
    self.state = state
    self.reason = reason
    self.dueAt = dueAt
    self.attempts = attempts
    self.depth = depth
    self.priority = priority
    self.url = url
    self.redirects = redirects
    self.isSeed = isSeed
  }

  /// It says no more than what has become of the URL.
  var isOfState: Bool { depth == nil && priority == nil && url == nil && redirects == nil && !isSeed }
}
