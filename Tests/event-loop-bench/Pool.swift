import EventLoop

/// Calls on a thread of the loop's pool, and back.
enum Pool {
  /// One call after the other.
  static func alone(_ loop: EventLoop, _ count: Int) async throws {
    for _ in 0..<count { try await loop.runInThread {} }
  }

  /// 64 coroutines that each make one call after the other.
  static func outstanding(_ loop: EventLoop, _ count: Int) async throws {
    let tasks = (0..<64).map { _ in
      loop.startTask(name: "caller") { try await alone(loop, count / 64) }
    }
    for task in tasks { try await task.value }
  }
}
