/// What keeps a host from being asked; times are microseconds since 1970 UTC.
package struct HostBlock: Sendable {
  package var hostID: Int64
  /// For what it asked for or did, see `reason`.
  package var blockedUntil: Int64?
  package var reason: String?
  /// For what a user said.
  package var userBlockedUntil: Int64?
}
