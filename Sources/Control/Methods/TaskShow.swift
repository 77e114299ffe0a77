/// `task.show`: one task with its outcomes, last errors and first seeds.
package enum TaskShow: ControlMethod {
  package static let name = "task.show"

  package struct Parameters: Codable, Sendable, Equatable {
    /// An id, a name, or the unique beginning of a name.
    package var task: String

    package init(task: String) {
      self.task = task
    }
  }

  package struct Result: Codable, Sendable, Equatable {
    package var task: TaskReport

    package init(task: TaskReport) {
      self.task = task
    }
  }
}
