/// `daemon.shutdown`: the daemon stops starting fetches, lets short ones end, commits and exits. Loses nothing.
package enum DaemonShutdown: ControlMethod {
  package static let name = "daemon.shutdown"

  package struct Parameters: Codable, Sendable, Equatable {
    /// Whether fetches in flight are aborted instead of waited for.
    package var now: Bool

    package init(now: Bool = false) {
      self.now = now
    }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      now = try container.decodeIfPresent(Bool.self, forKey: .now) ?? false
    }

    enum CodingKeys: String, CodingKey {
      case now
    }
  }

  package struct Result: Codable, Sendable, Equatable {
    package var pid: Int32
    /// Fetches that were in flight when the request came.
    package var inFlight: Int

    package init(pid: Int32, inFlight: Int = 0) {
      self.pid = pid
      self.inFlight = inFlight
    }

    enum CodingKeys: String, CodingKey {
      case pid
      case inFlight = "in_flight"
    }
  }
}
