import EventLoop

/// Delayed calls with random deadlines.
enum Timers {
  /// Inserts calls that are due within an hour, and cancels them all.
  static func cancelled(_ loop: EventLoop, _ count: Int) async throws {
    var calls: [DelayedCall] = []
    calls.reserveCapacity(count)
    try await cancelled(loop, count, &calls)
  }

  /// The same with a place for the calls that exists already.
  static func cancelled(_ loop: EventLoop, _ count: Int, _ calls: inout [DelayedCall]) async throws {
    var random = Randomness()
    for _ in 0..<count {
      calls.append(loop.callLater(.microseconds(1_000_000 + random.next(below: 3_600_000_000)), {}))
    }
    for call in calls { call.cancel() }
    calls.removeAll(keepingCapacity: true)
    try await loop.sleep(for: .zero)
  }

  /// Inserts calls that are due within some milliseconds, and waits until all were made.
  static func fired(_ loop: EventLoop, _ count: Int) async throws {
    var random = Randomness()
    let tally = Tally()
    for _ in 0..<count {
      loop.callLater(.microseconds(1_000 + random.next(below: 10_000))) { tally.count += 1 }
    }
    while tally.count < count { try await loop.sleep(for: .milliseconds(1)) }
  }
}

private final class Tally {
  var count = 0
}

/// Numbers without a visible order, the same in every run.
private struct Randomness {
  private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) * bound >> 31
  }
}
