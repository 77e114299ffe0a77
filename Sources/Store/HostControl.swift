/// What users want of a host; nil: what its tasks say.
package struct HostSettingsRecord: Sendable, Equatable {
  package var hostID: Int64
  /// Microseconds.
  package var delay: Int64?
  package var concurrency: Int?
  package var budget: Int?

  package init(hostID: Int64, delay: Int64? = nil, concurrency: Int? = nil, budget: Int? = nil) {
    self.hostID = hostID
    self.delay = delay
    self.concurrency = concurrency
    self.budget = budget
  }
}

/// What keeps a host from being asked; times are microseconds since 1970 UTC.
package struct HostBlock: Sendable {
  package var hostID: Int64
  /// For what it asked for or did, see `reason`.
  package var blockedUntil: Int64?
  package var reason: String?
  /// For what a user said.
  package var userBlockedUntil: Int64?
}
