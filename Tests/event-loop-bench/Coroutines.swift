import EventLoop

/// Coroutines that are started, and coroutines that wait.
enum Coroutines {
  /// Starts a coroutine and awaits its value, one after the other.
  static func spawn(_ loop: EventLoop, _ count: Int) async throws {
    for _ in 0..<count {
      _ = try await loop.startTask(name: "one") { 1 }.value
    }
  }

  /// Suspends on a continuation that the loop's next round resumes.
  static func park(_ loop: EventLoop, _ count: Int) async throws {
    await Parker(loop: loop).park(count)
  }
}

private actor Parker: LoopActor {
  nonisolated let loop: EventLoop

  init(loop: EventLoop) {
    self.loop = loop
  }

  func park(_ count: Int) async {
    for _ in 0..<count {
      await withCheckedContinuation { continuation in
        loop.callSoon { continuation.resume() }
      }
    }
  }
}
