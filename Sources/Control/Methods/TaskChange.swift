/// The tasks that `task.pause`, `task.resume`, `task.cancel`, `task.retry` and `task.remove` are for.
package struct TaskSelection: Codable, Sendable, Equatable {
  /// How many tasks a request may name.
  package static let limit = 1_000

  /// Ids, names, or unique beginnings of names (but for `task.cancel` and `task.remove`); at most `limit`.
  package var tasks: [String]
  /// Every task that the verb can be asked of; not with `tasks`.
  package var all: Bool
  /// Whether fetches in flight are aborted too (`task.pause` alone).
  package var now: Bool
  /// Only those that are paused for this reason; what is not stays as it is (`task.resume` alone).
  package var reason: String?

  package init(tasks: [String] = [], all: Bool = false, now: Bool = false, reason: String? = nil) {
    self.tasks = tasks
    self.all = all
    self.now = now
    self.reason = reason
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if container.contains(.tasks), try !container.decodeNil(forKey: .tasks) {
      let count = try container.nestedUnkeyedContainer(forKey: .tasks).count ?? 0
      guard count <= Self.limit else {
        throw ControlError(
          .invalidParameters,
          "the request names \(count) tasks; \(Self.limit) at most are accepted (or \"all\": true for every task)",
          data: ControlError.Facts(parameter: "tasks", accepted: "a list of at most \(Self.limit) texts"))
      }
    }
    tasks = try container.decodeIfPresent([String].self, forKey: .tasks) ?? []
    all = try container.decodeIfPresent(Bool.self, forKey: .all) ?? false
    guard all || container.contains(.tasks) else {
      throw ControlError(
        .invalidParameters, "the request names no task: give \"tasks\", or \"all\": true for every task",
        data: ControlError.Facts(parameter: "tasks", accepted: "a list of at most \(Self.limit) texts"))
    }
    guard !all || tasks.isEmpty else {
      throw ControlError(
        .invalidParameters, "the request names tasks, and asks for all: give either \"tasks\" or \"all\": true",
        data: ControlError.Facts(parameter: "all", accepted: "false, or no \"tasks\""))
    }
    now = try container.decodeIfPresent(Bool.self, forKey: .now) ?? false
    reason = try container.decodeIfPresent(String.self, forKey: .reason)
  }

  enum CodingKeys: String, CodingKey {
    case tasks, all, now, reason
  }
}

/// The reply of the methods that take a `TaskSelection`, and of `url.retry`: one row per selector, or per task with `all`.
package struct TaskChanges: Codable, Sendable, Equatable {
  package var changes: [TaskChange]

  package init(changes: [TaskChange]) {
    self.changes = changes
  }
}

/// What a verb did to one task. With `error`, nothing was changed.
package struct TaskChange: Codable, Sendable, Equatable {
  /// None when the selector names no task.
  package var id: Int64?
  /// The task's name, or the selector as it was given.
  package var name: String
  package var from: String?
  package var to: String?
  /// Of `task.retry` and `url.retry`: how many URLs are tried again.
  package var urls: Int?
  package var error: ControlError?

  package init(
    id: Int64?, name: String, from: String? = nil, to: String? = nil, urls: Int? = nil, error: ControlError? = nil
  ) {
    self.id = id
    self.name = name
    self.from = from
    self.to = to
    self.urls = urls
    self.error = error
  }
}

/// `task.pause`: when the reply arrives no new request starts.
package enum TaskPause: ControlMethod {
  package static let name = "task.pause"
  package static let answering = ControlAnswering.inOrderLong
  package typealias Parameters = TaskSelection
  package typealias Result = TaskChanges
}

/// `task.resume`: a paused task goes on where it stopped.
package enum TaskResume: ControlMethod {
  package static let name = "task.resume"
  package static let answering = ControlAnswering.inOrderLong
  package typealias Parameters = TaskSelection
  package typealias Result = TaskChanges
}

/// `task.cancel`: fetches in flight are aborted, and the task never runs again; its results stay.
package enum TaskCancel: ControlMethod {
  package static let name = "task.cancel"
  package static let answering = ControlAnswering.inOrderLong
  package typealias Parameters = TaskSelection
  package typealias Result = TaskChanges
}

/// `task.remove`: an ended task goes, and everything that it found. The rows are deleted in the background.
package enum TaskRemove: ControlMethod {
  package static let name = "task.remove"
  package static let answering = ControlAnswering.inOrderLong
  package typealias Parameters = TaskSelection
  package typealias Result = TaskChanges
}

/// `task.retry`: failed URLs are tried again, as if they had never been tried; an ended task runs on.
package enum TaskRetry: ControlMethod {
  package static let name = "task.retry"
  package static let answering = ControlAnswering.later
  package typealias Parameters = TaskSelection
  package typealias Result = TaskChanges
}

/// `url.retry`: the same for one URL, in each task in which it has failed.
package enum URLRetry: ControlMethod {
  package static let name = "url.retry"
  package static let answering = ControlAnswering.later

  package struct Parameters: Codable, Sendable, Equatable {
    package var url: String
    /// In this task alone.
    package var task: String?

    package init(url: String, task: String? = nil) {
      self.url = url
      self.task = task
    }
  }

  package typealias Result = TaskChanges
}
