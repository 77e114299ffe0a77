import EventLoop
import Glibc

/// A `crawlctl` that goes on while the test does something: its lines are read one by one.
struct Following: Sendable {
  let process: ChildProcess

  /// The next line of stdout; nil at its end.
  func line() async throws -> String? { try await Self.line(process.pipe) }

  /// The next line of stderr; nil at its end.
  func diagnostic() async throws -> String? { try await Self.line(process.standardError) }

  private static func line(_ connection: Connection?) async throws -> String? {
    try await connection?.readLine(limit: 1 << 20).map { String(decoding: $0, as: UTF8.self) }
  }
}

extension Stage {
  /// Runs `crawlctl VERB …` beside `body`, and ends it afterwards unless it has ended.
  func following<T: Sendable>(
    _ arguments: [String], body: @escaping @Sendable (Following) async throws -> T
  ) async throws -> (T, ExitStatus) {
    var command = Command(Programs.crawlctl, arguments + ["--socket", socket])
    command.standardInput = .null
    command.standardError = .pipe
    return try await loop.spawn(command, Beside(body: body))
  }
}

private struct Beside<T: Sendable>: ProcessProtocol {
  let body: @Sendable (Following) async throws -> T

  func run(_ process: ChildProcess) async throws -> T {
    let result = try await body(Following(process: process))
    if process.exitStatus == nil { try process.send(signal: SIGTERM) }
    return result
  }
}
