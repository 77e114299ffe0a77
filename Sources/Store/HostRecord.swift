/// One row of `hosts`: a (scheme, name, port) with its robots.txt and its politeness clock, shared by all tasks.
/// Times are microseconds since 1970 UTC.
package struct HostRecord: Sendable, Equatable {
  package var id: Int64
  package var scheme: String
  package var name: String
  package var port: Int
  /// As it is stored. Who writes a new host leaves it to the writer, which finds it by the name: that takes longer than all
  /// else that a URL on a host not met before costs the loop.
  package var registrableDomain: String?
  /// The body of robots.txt as it was received. What is asked for the frontier has only short ones (`shortText`).
  package var robotsText: [UInt8]?
  package var robotsState: String?
  package var robotsFetchedAt: Int64?
  package var robotsExpiresAt: Int64?
  /// As whom robots.txt was asked for; nil: as the first one. Who writes a new host has not asked for it.
  package var robotsAgentID: Int64?
  /// Microseconds from request to request that robots.txt asks for.
  package var crawlDelay: Int64?
  package var nextFetchAt: Int64?
  package var blockedUntil: Int64?
  package var blockReason: String?
  /// Microseconds from request to request that the throttle asks for.
  package var throttleDelay: Int64?

  /// Bytes of a robots.txt up to which it comes with its host: many hosts are read at once.
  package static let shortText = 16 << 10

  package init(
    id: Int64, scheme: String, name: String, port: Int, registrableDomain: String? = nil, robotsText: [UInt8]? = nil,
    robotsState: String? = nil, robotsFetchedAt: Int64? = nil, robotsExpiresAt: Int64? = nil, crawlDelay: Int64? = nil,
    nextFetchAt: Int64? = nil, blockedUntil: Int64? = nil, blockReason: String? = nil, throttleDelay: Int64? = nil
  ) {
    self.id = id
    self.scheme = scheme
    self.name = name
    self.port = port
    self.registrableDomain = registrableDomain
    self.robotsText = robotsText
    self.robotsState = robotsState
    self.robotsFetchedAt = robotsFetchedAt
    self.robotsExpiresAt = robotsExpiresAt
    self.crawlDelay = crawlDelay
    self.nextFetchAt = nextFetchAt
    self.blockedUntil = blockedUntil
    self.blockReason = blockReason
    self.throttleDelay = throttleDelay
  }
}
