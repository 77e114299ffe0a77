import EventLoop
import Glibc

/// A running `crawld`.
struct Daemon: Sendable {
  let process: ChildProcess
  let notice: ReadyNotice

  /// Returns when it has begun to stop.
  func waitUntilStopping() async throws { try await notice.wait(for: process, toSay: "STOPPING=1") }

  /// Ends it as a power cut would: at once, without a chance to do anything.
  func kill() async throws {
    try process.send(signal: SIGKILL)
    _ = try await process.waitForExit()
  }
}

/// A daemon that ended before it was ready.
struct NotReady: Error, CustomStringConvertible {
  var status: ExitStatus
  var description: String { "crawld never became ready: \(status)" }
}

extension Stage {
  /// Starts the daemon, waits until it is ready, runs `body`, and ends the daemon in order unless it has ended.
  ///
  /// - Parameter program: a program, with its arguments, that runs the daemon and becomes it.
  /// - Returns: what `body` returned, and how the daemon ended.
  @discardableResult
  func withDaemon<T: Sendable>(
    _ options: [String] = [], allowingLoopback allowed: Bool = true, environment: [String: String] = [:],
    under program: [String] = [],
    _ body: @escaping @Sendable (Daemon) async throws -> T
  ) async throws -> (T, ExitStatus) {
    let notice = try ReadyNotice(directory: directory, loop: loop)
    return try await loop.spawn(
      daemonCommand(program + [Programs.crawld] + daemonOptions(allowed) + options, environment, notice: notice.path),
      Running(notice: notice, body: body))
  }

  /// Starts the daemon where it cannot start, and returns how it ended. Later options win over the stage's own.
  func failingDaemon(_ options: [String] = []) async throws -> Ended {
    try await loop.run(Programs.crawld, daemonOptions(true) + options)
  }

  func daemonOptions(_ allowed: Bool) -> [String] {
    ["--config", configuration, "--data", data, "--socket", socket, "--hosts-file", hostsFile]
      + (allowed ? ["--allow-network", "127.0.0.0/8"] : [])
  }

  private func daemonCommand(_ words: [String], _ environment: [String: String], notice: String) -> Command {
    // The shell only appends the log, and becomes the daemon.
    var command = Command("/bin/sh", ["-c", "exec \"$0\" \"$@\" 2>>\"$CRAWLD_TEST_LOG\""] + words)
    command.environment = environment.merging(["CRAWLD_TEST_LOG": log, "NOTIFY_SOCKET": notice]) { $1 }
    command.standardInput = .null
    command.standardOutput = .null
    command.grace = .seconds(20)
    return command
  }
}

private struct Running<T: Sendable>: ProcessProtocol {
  let notice: ReadyNotice
  let body: @Sendable (Daemon) async throws -> T

  func run(_ process: ChildProcess) async throws -> T {
    try await notice.wait(for: process)
    let result = try await body(Daemon(process: process, notice: notice))
    if process.exitStatus == nil { try process.send(signal: SIGTERM) }
    return result
  }
}
