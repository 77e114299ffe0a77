/// `task.list`: all tasks in the order of their ids, in pages.
package enum TaskList: ControlMethod {
  package static let name = "task.list"
  package static let answering = ControlAnswering.inOrderLong

  package typealias Parameters = PageParameters

  package struct Result: Codable, Sendable, Equatable {
    package var tasks: [TaskReport]
    /// For the next page; none at the end.
    package var cursor: String?

    package init(tasks: [TaskReport], cursor: String? = nil) {
      self.tasks = tasks
      self.cursor = cursor
    }
  }
}
