import EventLoop
import TestWeb

/// A user who asks all that may be asked while a crawl goes on, and is answered each time.
struct Questions: Sendable {
  private(set) var answers = 0
  private(set) var longest: Duration = .zero
  /// The most that the daemon took of the machine when one was answered.
  private(set) var descriptors = 0

  /// Asks until the task has come to its end, or until `isEnough`.
  mutating func ask(
    _ stage: Stage, _ daemon: Daemon, about task: String, until isEnough: @Sendable () async throws -> Bool
  ) async throws {
    let questions = [
      ["status"], ["ls"], ["show", task], ["why", task], ["hosts"], ["ps"], ["ps", "--all"], ["url", stage.url("/")],
      ["query", "SELECT count(*) FROM pages"],
    ]
    while true {
      for question in questions {
        let began = Instant.monotonicNow
        try await stage.control(question)
        longest = max(longest, Instant.monotonicNow - began)
        answers += 1
        descriptors = max(descriptors, Footprint(of: daemon.process.id).descriptors)
        if try await isEnough() { return }
      }
    }
  }

  /// Asks until the task has come to its end.
  mutating func ask(_ stage: Stage, _ daemon: Daemon, untilDone task: String) async throws {
    try await ask(stage, daemon, about: task) {
      try await stage.control("ls", "--json").contains("\"state\":\"finished\"")
    }
  }

  var description: String { "\(answers) questions answered, each within \(Int(longest / .milliseconds(1))) ms" }
}
