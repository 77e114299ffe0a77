/// `host.block`: no request starts to a host until a time, whatever task it is for. Kept over a restart.
package enum HostBlock: ControlMethod {
  package static let name = "host.block"

  package struct Parameters: Codable, Sendable, Equatable {
    /// A name, which means its hosts of every scheme and port, `name:port`, or `scheme://name:port`.
    package var host: String
    /// Microseconds since 1970 UTC; nil: until `host.unblock`.
    package var until: Int64?

    package init(host: String, until: Int64? = nil) {
      self.host = host
      self.until = until
    }
  }

  package typealias Result = HostBlocks
}

/// `host.unblock`: ends every block of a host: the user's, what it asked for with Retry-After, and that of an outage.
package enum HostUnblock: ControlMethod {
  package static let name = "host.unblock"

  package struct Parameters: Codable, Sendable, Equatable {
    /// As in `host.block`.
    package var host: String

    package init(host: String) {
      self.host = host
    }
  }

  package typealias Result = HostBlocks
}

/// The hosts that were meant, and until when they are blocked now.
package struct HostBlocks: Codable, Sendable, Equatable {
  package var hosts: [HostBlockReport]

  package init(hosts: [HostBlockReport]) {
    self.hosts = hosts
  }
}

package struct HostBlockReport: Codable, Sendable, Equatable {
  package var id: Int64
  /// `scheme://name:port`.
  package var host: String
  /// None when no block is in force.
  package var blockedUntil: Int64?
  /// True of a host that no task knows yet.
  package var isNew: Bool?

  package init(id: Int64, host: String, blockedUntil: Int64? = nil, isNew: Bool? = nil) {
    self.id = id
    self.host = host
    self.blockedUntil = blockedUntil
    self.isNew = isNew
  }

  enum CodingKeys: String, CodingKey {
    case id, host
    case isNew = "new"
    case blockedUntil = "blocked_until"
  }
}
