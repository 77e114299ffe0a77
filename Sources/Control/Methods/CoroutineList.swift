/// `coroutine.list`: the live visits, one row each. What waits for its host is a row, not a coroutine: see `host.list`.
package enum CoroutineList: ControlMethod {
  package static let name = "coroutine.list"
  package static let answering = ControlAnswering.inOrderLong

  package struct Parameters: Codable, Sendable, Equatable {
    /// At most this many rows; 1…1,000.
    package var limit: Int?
    package var cursor: String?
    /// Of this task alone.
    package var task: String?

    package init(limit: Int? = nil, cursor: String? = nil, task: String? = nil) {
      self.limit = limit
      self.cursor = cursor
      self.task = task
    }

    package var page: PageParameters { PageParameters(limit: limit, cursor: cursor) }
  }

  package struct Result: Codable, Sendable, Equatable {
    package var coroutines: [CoroutineReport]
    /// For the next page; none at the end.
    package var cursor: String?

    package init(coroutines: [CoroutineReport], cursor: String? = nil) {
      self.coroutines = coroutines
      self.cursor = cursor
    }
  }
}

/// A visit in progress.
package struct CoroutineReport: Codable, Sendable, Equatable {
  package var id: Int64
  package var taskID: Int64
  package var taskName: String
  /// The name alone.
  package var host: String
  package var url: String
  /// Whether it fetches the host's robots.txt.
  package var robots: Bool
  /// One of ShapeBook's Phase.
  package var phase: String
  /// Microseconds in this phase.
  package var phaseAge: Int64
  /// Microseconds since the visit began.
  package var age: Int64
  package var bytes: Int64

  package init(
    id: Int64, taskID: Int64, taskName: String, host: String, url: String, robots: Bool = false, phase: String,
    phaseAge: Int64, age: Int64, bytes: Int64 = 0
  ) {
    self.id = id
    self.taskID = taskID
    self.taskName = taskName
    self.host = host
    self.url = url
    self.robots = robots
    self.phase = phase
    self.phaseAge = phaseAge
    self.age = age
    self.bytes = bytes
  }

  enum CodingKeys: String, CodingKey {
    case id, host, url, robots, phase, age, bytes
    case taskID = "task_id"
    case taskName = "task_name"
    case phaseAge = "phase_age"
  }
}
