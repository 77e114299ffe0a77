/// `task.offer`: more seeds for a task that has not ended, as many as a line holds. The reply says that they are on disk.
package enum TaskOffer: ControlMethod {
  package static let name = "task.offer"
  package static let answering = ControlAnswering.later

  package struct Parameters: Codable, Sendable, Equatable {
    /// An id, a name, or the unique beginning of a name.
    package var task: String
    package var urls: [String]

    package init(task: String, urls: [String]) {
      self.task = task
      self.urls = urls
    }
  }

  package struct Result: Codable, Sendable, Equatable {
    package var id: Int64
    package var name: String
    /// Seeds that it did not have: URLs that it did not know, and those that were excluded when a page named them.
    package var new: Int
    /// Those of the new ones that a rule excludes all the same.
    package var excluded: Int
    /// URLs that it visits or has visited already; they stay what they are.
    package var known: Int
    /// Texts that are no http or https URL; the others were taken.
    package var invalid: Int
    /// The first of them, with what is wrong.
    package var problems: [Problem]

    package init(
      id: Int64, name: String, new: Int = 0, excluded: Int = 0, known: Int = 0, invalid: Int = 0,
      problems: [Problem] = []
    ) {
      self.id = id
      self.name = name
      self.new = new
      self.excluded = excluded
      self.known = known
      self.invalid = invalid
      self.problems = problems
    }
  }

  package struct Problem: Codable, Sendable, Equatable {
    package var url: String
    package var problem: String
    /// The place of the text among those that were sent, from 0; none of what was not sent.
    package var index: Int?

    package init(url: String, problem: String, index: Int? = nil) {
      self.url = url
      self.problem = problem
      self.index = index
    }
  }
}

/// `task.seal`: no more seeds come; an open task finishes when it has nothing left.
package enum TaskSeal: ControlMethod {
  package static let name = "task.seal"
  package static let answering = ControlAnswering.inOrderLong
  package typealias Parameters = TaskSelection
  package typealias Result = TaskChanges
}
