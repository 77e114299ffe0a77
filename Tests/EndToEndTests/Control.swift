import EventLoop
import Testing

/// A verb that ended otherwise than the test needs.
struct UnexpectedExit: Error, CustomStringConvertible {
  var arguments: [String]
  var ended: Ended
  var description: String { "crawlctl \(arguments.joined(separator: " ")): \(ended)" }
}

extension Stage {
  /// Runs `crawlctl VERB … --socket …` to its end.
  func crawlctl(_ arguments: [String]) async throws -> Ended {
    try await loop.run(Programs.crawlctl, arguments + ["--socket", socket])
  }

  /// Runs a verb that has to end with this exit code; returns its output.
  @discardableResult
  func control(_ arguments: String..., exit code: Int32 = 0) async throws -> String {
    try await control(arguments, exit: code)
  }

  @discardableResult
  func control(_ arguments: [String], exit code: Int32 = 0) async throws -> String {
    let ended = try await crawlctl(arguments)
    guard ended.code == code else { throw UnexpectedExit(arguments: arguments, ended: ended) }
    return ended.output
  }

  /// Adds a task named `name` without waits between its fetches.
  func add(_ name: String, _ options: [String] = [], seeds: [String]) async throws {
    let arguments = ["add", "--name", name, "--delay", "0", "--concurrency", "4"] + options + seeds
    let ended = try await crawlctl(arguments)
    guard ended.code == 0 else { throw UnexpectedExit(arguments: arguments, ended: ended) }
  }
}
