/// `task.why`: what a task, a host or a URL is waiting for, and until when.
package enum TaskWhy: ControlMethod {
  package static let name = "task.why"

  package struct Parameters: Codable, Sendable, Equatable {
    /// A task (id, name or unique beginning of a name), a host (`name`, `name:port` or `scheme://name:port`), or a URL.
    package var subject: String
    /// Of this task alone, for a host or a URL.
    package var task: String?

    package init(subject: String, task: String? = nil) {
      self.subject = subject
      self.task = task
    }
  }

  package struct Result: Codable, Sendable, Equatable {
    /// What the subject was taken for: `task`, `host` or `url`.
    package var kind: String
    /// The subject by its full name: the task's name, the host's origin, the URL.
    package var subject: String
    package var state: String?
    package var reason: String?
    /// The answer in sentences, the most important first.
    package var lines: [Line]
    /// When the next URL may be fetched, whatever holds it up; none when no time is known, or it may be at any moment.
    package var nextDueAt: Int64?
    /// The subject's tasks.
    package var tasks: [Int64]

    package init(
      kind: String, subject: String, state: String? = nil, reason: String? = nil, lines: [Line],
      nextDueAt: Int64? = nil, tasks: [Int64] = []
    ) {
      self.kind = kind
      self.subject = subject
      self.state = state
      self.reason = reason
      self.lines = lines
      self.nextDueAt = nextDueAt
      self.tasks = tasks
    }

    enum CodingKeys: String, CodingKey {
      case kind, subject, state, reason, lines, tasks
      case nextDueAt = "next_due_at"
    }
  }

  /// One thing that holds the subject up, or one fact about it.
  package struct Line: Codable, Sendable, Equatable {
    /// A stable word for programs, e.g. `host_delay writer bodies daemon_in_flight in_flight paused last_error`.
    package var kind: String
    /// The sentence for people.
    package var text: String
    /// URLs (or fetches) concerned.
    package var count: Int?
    /// Until when, if that is known.
    package var until: Int64?

    package init(kind: String, text: String, count: Int? = nil, until: Int64? = nil) {
      self.kind = kind
      self.text = text
      self.count = count
      self.until = until
    }
  }
}
