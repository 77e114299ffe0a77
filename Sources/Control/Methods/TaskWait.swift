/// `task.wait`: answered when the task has come to rest, or when the time is up.
package enum TaskWait: ControlMethod {
  package static let name = "task.wait"
  package static let answering = ControlAnswering.later

  /// What is waited for. The daemon answers alike for either, since only a verb leads on from a pause: it is for the client to
  /// say which of them is a success.
  package enum Goal: String, Codable, Sendable, CaseIterable {
    /// `finished`, `failed` or `cancelled`; also `paused`, since nothing but a resume leads on from there.
    case done
    /// `paused`, or a final state.
    case paused
  }

  package struct Parameters: Codable, Sendable, Equatable {
    /// An id, a name, or the unique beginning of a name.
    package var task: String
    package var goal: Goal
    /// At most this long, in milliseconds; the server answers within 60 s in any case.
    package var timeoutMilliseconds: Int

    package init(task: String, goal: Goal = .done, timeoutMilliseconds: Int = 30_000) {
      self.task = task
      self.goal = goal
      self.timeoutMilliseconds = timeoutMilliseconds
    }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      task = try container.decode(String.self, forKey: .task)
      let word = try container.decodeIfPresent(String.self, forKey: .goal) ?? Goal.done.rawValue
      guard let goal = Goal(rawValue: word) else {
        let accepted = Goal.allCases.map(\.rawValue).joined(separator: " or ")
        throw ControlError(
          .invalidParameters, "\(TaskWait.name): parameter for: “\(word)” is not known; accepted: \(accepted)",
          data: ControlError.Facts(parameter: "for", accepted: accepted))
      }
      self.goal = goal
      timeoutMilliseconds = try container.decodeIfPresent(Int.self, forKey: .timeoutMilliseconds) ?? 30_000
    }

    /// The time to wait, brought into 0…60 s.
    package var timeout: Duration { .milliseconds(min(max(timeoutMilliseconds, 0), 60_000)) }

    enum CodingKeys: String, CodingKey {
      case task
      case goal = "for"
      case timeoutMilliseconds = "timeout_ms"
    }
  }

  package struct Result: Codable, Sendable, Equatable {
    package var task: TaskReport
    /// Whether it had come to rest, paused or ended, before the time was up.
    package var reached: Bool

    package init(task: TaskReport, reached: Bool) {
      self.task = task
      self.reached = reached
    }
  }
}
