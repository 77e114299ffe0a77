import EventLoop

struct Unavailable: Error {}

/// The code under test: tries again after 1, 2, 4 … seconds, and gives up after a minute.
func retry<T: Sendable>(_ attempt: @escaping @Sendable () async throws -> T) async throws -> T {
  guard let loop = EventLoop.current else { fatalError("retry needs an event loop") }
  return try await loop.withTimeout(.seconds(60)) {
    var pause = Duration.seconds(1)
    while true {
      do { return try await attempt() } catch is Unavailable {}
      try await loop.sleep(for: pause)
      pause *= 2
    }
  }
}

/// Fails until its time has come, and notes when it was asked.
actor Server: LoopActor {
  nonisolated let loop: EventLoop
  private let opening: Instant
  private(set) var asked: [Int64] = []

  init(loop: EventLoop, opensAfter delay: Duration) {
    self.loop = loop
    opening = loop.now + delay
  }

  func ask() throws -> String {
    asked.append(loop.now.nanoseconds / 1_000_000_000)
    if loop.now < opening { throw Unavailable() }
    return "open"
  }
}

try EventLoop.run(clock: .virtual) {
  guard let loop = EventLoop.current else { return }
  let server = Server(loop: loop, opensAfter: .seconds(5))
  let answer = try await retry { try await server.ask() }
  print("\(answer), asked at \(await server.asked) s")
}

// A minute passes at once: it costs no more than its six attempts.
try EventLoop.run(clock: .virtual) {
  guard let loop = EventLoop.current else { return }
  let server = Server(loop: loop, opensAfter: .seconds(3_600))
  do {
    _ = try await retry { try await server.ask() }
  } catch EventLoopError.timedOut {
    print("given up at \(loop.now), asked at \(await server.asked) s")
  }
}

// Nothing is left that could wake the coroutine: the run ends with an error, where a real clock would hang.
let (silence, keepOpen) = AsyncStream.makeStream(of: Void.self)
do {
  try EventLoop.run(clock: .virtual) { for await _ in silence {} }
} catch EventLoopError.deadlocked(let names) {
  print("deadlocked: \(names.joined(separator: ", "))")
}
keepOpen.finish()
