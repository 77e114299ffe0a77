import EventLoop
import Glibc

/// A daemon whose log is read as it comes, from its first line on: for what happens before it is ready.
struct LoneDaemon: Sendable {
  let process: ChildProcess

  /// Returns the first line of the log that has this text; nil when the daemon has ended its log before.
  @discardableResult
  func waitForLine(_ text: String) async throws -> String? {
    guard let log = process.standardError else { return nil }
    while let line = try await log.readLine(limit: 1 << 16) {
      let line = String(decoding: line, as: UTF8.self)
      if line.contains(text) { return line }
    }
    return nil
  }
}

extension Stage {
  /// Starts the daemon and runs `body` at once, ready or not; returns how the daemon ended, which `body` sees to.
  func withLoneDaemon(
    _ options: [String] = [], _ body: @escaping @Sendable (LoneDaemon) async throws -> Void
  ) async throws -> ExitStatus {
    var command = Command(Programs.crawld, daemonOptions(true) + options)
    command.standardInput = .null
    command.standardOutput = .null
    command.standardError = .pipe
    return try await loop.spawn(command, Watching(body: body)).1
  }
}

private struct Watching: ProcessProtocol {
  let body: @Sendable (LoneDaemon) async throws -> Void

  func run(_ process: ChildProcess) async throws { try await body(LoneDaemon(process: process)) }
}
