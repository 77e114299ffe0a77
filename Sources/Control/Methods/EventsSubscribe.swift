/// `events.subscribe`: what happens from now on, as notifications `event` on the same connection. Of a client that reads
/// too slowly events are dropped; one of kind `dropped` says how many.
package enum EventsSubscribe: ControlSubscription {
  package static let name = "events.subscribe"
  package static let notification = "event"

  package typealias Event = EventReport

  /// How many kinds, tasks, hosts and outcomes a request may name, of each.
  package static let limit = 1_000

  /// What is wanted: an event passes that has each property which is asked for.
  package struct Parameters: Codable, Sendable, Equatable {
    /// Some of `task fetch host daemon`; none: all.
    package var kinds: [String]
    /// Of these tasks: ids, names, or unique beginnings of names.
    package var tasks: [String]
    /// Of these hosts: `name`, `name:port` or `scheme://name:port`.
    package var hosts: [String]
    /// Fetches with one of these outcomes.
    package var outcomes: [String]
    /// What goes wrong: fetches with any outcome but `ok not_modified redirected`, tasks that failed or were paused by the
    /// daemon, blocks of hosts, and what the daemon says of itself.
    package var errors: Bool

    package init(
      kinds: [String] = [], tasks: [String] = [], hosts: [String] = [], outcomes: [String] = [], errors: Bool = false
    ) {
      self.kinds = kinds
      self.tasks = tasks
      self.hosts = hosts
      self.outcomes = outcomes
      self.errors = errors
    }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      kinds = try Self.list(.kinds, in: container)
      tasks = try Self.list(.tasks, in: container)
      hosts = try Self.list(.hosts, in: container)
      outcomes = try Self.list(.outcomes, in: container)
      errors = try container.decodeIfPresent(Bool.self, forKey: .errors) ?? false
    }

    private static func list(
      _ key: CodingKeys, in container: KeyedDecodingContainer<CodingKeys>
    ) throws -> [String] {
      guard container.contains(key), try !container.decodeNil(forKey: key) else { return [] }
      let count = try container.nestedUnkeyedContainer(forKey: key).count ?? 0
      guard count <= limit else {
        throw ControlError(
          .invalidParameters, "the request names \(count) \(key.rawValue); \(limit) at most are accepted",
          data: ControlError.Facts(parameter: key.rawValue, accepted: "a list of at most \(limit) texts"))
      }
      return try container.decode([String].self, forKey: key)
    }

    enum CodingKeys: String, CodingKey {
      case kinds, tasks, hosts, outcomes, errors
    }
  }

  package struct Result: Codable, Sendable, Equatable {
    /// Events that wait for the client at most; more are dropped.
    package var capacity: Int

    package init(capacity: Int) {
      self.capacity = capacity
    }
  }

  package static func dropped(_ count: Int) -> EventReport {
    var event = EventReport(kind: "dropped")
    event.dropped = count
    return event
  }
}

/// Something that happened. Which fields there are depends on `kind`.
package struct EventReport: Codable, Sendable, Equatable {
  /// `task fetch host daemon`, or `dropped` in place of events that the client was too slow for.
  package var kind: String
  /// Microseconds since 1970 UTC; none of `dropped`.
  package var at: Int64?
  /// Of `task` and `fetch`.
  package var taskID: Int64?
  package var taskName: String?
  /// Of `task`: the verb or what the daemon did (`add pause resume cancel set retry rm start paused finished …`).
  package var action: String?
  package var from: String?
  package var to: String?
  /// Of `task`: why it is in its state. Of `host`: why it is left alone (`user retry_after …`).
  package var reason: String?
  /// Of `task` and `host`: who did it.
  package var actor: String?
  package var settingsRevision: Int?
  /// Of `task` with the action `set`: the settings that have another value now.
  package var changes: [TaskSet.SettingChange]?
  /// Of `fetch` and `host`: `scheme://name:port`.
  package var host: String?
  /// Of `fetch`, whose row is in the database when the event comes.
  package var fetchID: Int64?
  package var url: String?
  /// Of `fetch`: whether it was the host's robots.txt.
  package var robots: Bool?
  package var attempt: Int?
  package var outcome: String?
  package var status: Int?
  package var error: String?
  package var redirectTo: String?
  /// Of `fetch` in a recrawl, as in `fetches.change`.
  package var change: String?
  /// Of `fetch`: bytes of the decoded body.
  package var bodyBytes: Int64?
  /// Of `fetch`: microseconds from its start to its end.
  package var duration: Int64?
  /// Of `host`: none when it is not blocked any more.
  package var blockedUntil: Int64?
  /// Of `daemon`: a sentence.
  package var message: String?
  /// Of `dropped`: how many events.
  package var dropped: Int?

  package init(kind: String, at: Int64? = nil) {
    self.kind = kind
    self.at = at
  }

  enum CodingKeys: String, CodingKey {
    case kind, at, action, from, to, reason, actor, host, url, robots, attempt, outcome, status, error, change,
      changes, duration, message, dropped
    case taskID = "task_id"
    case taskName = "task_name"
    case settingsRevision = "settings_revision"
    case fetchID = "fetch_id"
    case redirectTo = "redirect_to"
    case bodyBytes = "body_bytes"
    case blockedUntil = "blocked_until"
  }
}
