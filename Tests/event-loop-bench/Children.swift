import EventLoop

/// Child processes.
enum Children {
  /// Starts a program that does nothing and awaits its exit, one after the other.
  static func run(_ loop: EventLoop, _ count: Int) async throws {
    var command = Command("/bin/true")
    command.standardInput = .null
    command.standardOutput = .null
    // Each variable costs allocations of its own: without any, the count is the same everywhere.
    command.inheritsEnvironment = false
    for _ in 0..<count { _ = try await loop.spawn(command, LeftAlone()) }
  }
}

/// Does nothing with a child but wait for its end.
struct LeftAlone: ProcessProtocol {
  func run(_ process: ChildProcess) async throws {}
}
