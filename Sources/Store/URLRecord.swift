/// A new row of `urls`. Its id is given by the loop, which counts on from `Store.nextURLID`.
package struct URLRecord: Sendable, Equatable {
  package var id: Int64
  package var taskID: Int64
  /// `nil` for what has no host that could be asked, e.g. a URL that the standard rejects.
  package var hostID: Int64?
  package var url: String
  package var fingerprint: UInt64
  package var depth: Int
  package var redirects: Int
  package var priority: Int
  package var state: URLState
  package var reason: String?
  package var dueAt: Int64?
  package var attempts: Int
  /// The URL that led here first; `nil` for a seed.
  package var viaURLID: Int64?
  package var discoveredAt: Int64
  package var runID: Int64

  package init(
    id: Int64, taskID: Int64, hostID: Int64? = nil, url: String, fingerprint: UInt64, depth: Int = 0,
    redirects: Int = 0, priority: Int = 0, state: URLState = .ready, reason: String? = nil, dueAt: Int64? = nil,
    attempts: Int = 0, viaURLID: Int64? = nil, discoveredAt: Int64, runID: Int64
  ) {
    self.id = id
    self.taskID = taskID
    self.hostID = hostID
    self.url = url
    self.fingerprint = fingerprint
    self.depth = depth
    self.redirects = redirects
    self.priority = priority
    self.state = state
    self.reason = reason
    self.dueAt = dueAt
    self.attempts = attempts
    self.viaURLID = viaURLID
    self.discoveredAt = discoveredAt
    self.runID = runID
  }
}
