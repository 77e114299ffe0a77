package import Frontier

/// What makes a host's delay as long as it is, for people.
package struct DelayReason: Sendable {
  package var origin: DelayOrigin
  /// Of a task's delay.
  var taskName: String

  /// For programs.
  package var word: String {
    switch origin {
    case .task: "task"
    case .user: "user"
    case .crawlDelay: "crawl_delay"
    case .throttle: "throttle"
    }
  }

  /// The task whose delay it is.
  package var taskID: Int64? { if case .task(let id) = origin { id } else { nil } }

  var sentence: String {
    switch origin {
    case .task: "the delay of task \(taskName)"
    case .user: "as a user said"
    case .crawlDelay: "the Crawl-delay of robots.txt"
    case .throttle: "slowed down after errors, 429, 503 or rising latency"
    }
  }
}
