import EventLoop
import Glibc
import Testing

/// Ten thousand coroutines across everything that the loop offers, half of them cancelled at random moments, some from
/// other threads. What they do and when they are cancelled is that of the seed, `EVENTLOOP_STRESS_SEED` (1 unless set); in
/// which order threads and children answer is not. Afterwards nothing may be left.
@Suite struct StressTests {
  private static let coroutines = 10_000
  private static let seed = getenv("EVENTLOOP_STRESS_SEED").flatMap { UInt64(String(cString: $0)) } ?? 1

  @Test func `random work and random cancellation leave nothing behind`() throws {
    try withOwnDescriptors {
      try withSocketPath { try run(socket: $0) }
    }
  }

  private func run(socket: String) throws {
    let before = try openDescriptorCount()
    let started = Slot<[Int32]>([])
    let ended = Slot<[String: Int]>([:])
    try EventLoop.run(clock: .virtual) {
      let loop = try #require(EventLoop.current)
      let crowd = try await Crowd(loop, seed: Self.seed, socket: socket, started: started, ended: ended)
      try await crowd.run(Self.coroutines)
      await crowd.close()
      #expect(loop.taskCount == 1, "\(loop.snapshotTasks(limit: 20))")
      #expect(loop.statistics.pendingDeadlines == 0)
      #expect(loop.statistics.watches == 0)
    }
    #expect(ended.value.values.reduce(0, +) == Self.coroutines)
    // Each way to end was taken, so the cancellations hit what they were meant for.
    for way in ["done", "cancelled", "timed out"] { #expect(ended.value[way, default: 0] > 100, "\(ended.value)") }
    #expect(ended.value["failed", default: 0] == 0, "\(ended.value)")
    #expect(started.value.count > 50)
    for id in started.value { #expect(access("/proc/\(id)", F_OK) != 0, "process \(id) is left") }
    #expect(try openDescriptorCount() == before)
  }
}

/// The coroutines of the test and what they share. Confined to the loop of the test.
private final class Crowd: @unchecked Sendable {
  private let loop: EventLoop
  private let listener: Listener
  private let pool: ThreadPool
  private let started: Slot<[Int32]>
  private let ended: Slot<[String: Int]>
  private var random: SeededNumbers
  private var members: [Coroutine<Void>] = []

  init(
    _ loop: EventLoop, seed: UInt64, socket: String, started: Slot<[Int32]>, ended: Slot<[String: Int]>
  ) async throws {
    self.loop = loop
    self.started = started
    self.ended = ended
    random = SeededNumbers(seed: seed)
    listener = try await loop.listen(on: .unix(path: socket), connectionLimit: 64, Echo())
    pool = ThreadPool(name: "crowd", size: 3, loop: loop, queueLimit: 16)
  }

  func run(_ count: Int) async throws {
    for number in 0..<count {
      let kind = random.next(below: 100)
      let time = Duration.milliseconds(random.next(below: 1_000))
      let member = loop.startTask(name: "member \(number)") { await self.live(kind, time) }
      members.append(member)
      switch random.next(below: 4) {
      case 0: loop.callLater(.milliseconds(random.next(below: 1_000))) { member.cancel() }
      case 1 where kind.isMultiple(of: 5):
        loop.startTask(name: "canceller \(number)") { try await self.pool.run { member.cancel() } }
      case 2 where kind.isMultiple(of: 7): member.cancel()
      default: break
      }
      // Some begin together, others one after the other.
      if random.next(below: 20) == 0 { try await loop.sleep(for: .milliseconds(random.next(below: 5))) }
    }
    for member in members { try await member.value }
    members = []
    while loop.snapshotTasks().contains(where: { $0.name.hasPrefix("canceller") }) { try await nextRounds() }
  }

  func close() async {
    await listener.closeAll()
    await pool.close()
  }

  private func live(_ kind: Int, _ time: Duration) async {
    let way: String
    do {
      try await act(kind, time)
      way = "done"
    } catch is CancellationError {
      way = "cancelled"
    } catch EventLoopError.timedOut {
      way = "timed out"
    } catch {
      way = "failed"
      Issue.record(error)
    }
    ended.value[way, default: 0] += 1
  }

  private func act(_ kind: Int, _ time: Duration) async throws {
    switch kind {
    case 0..<35: try await loop.sleep(for: time)
    case 35..<50: try await loop.withTimeout(.milliseconds(500)) { try await loop.sleep(for: time) }
    case 50..<65: try await family(time)
    case 65..<80: _ = try await pool.run { time.components.attoseconds & 1 }
    case 80..<98: try await talk(time)
    case 98: try await child(["cat"], time)
    default: try await child(["sleep", "1000"], time)
    }
  }

  /// Children of a group, each with a row of its own; the first to end ends the others.
  private func family(_ time: Duration) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...3 { group.addTask { try await self.brother(number, time) } }
      try await group.next()
      group.cancelAll()
    }
  }

  private func brother(_ number: Int, _ time: Duration) async throws {
    try await loop.named("child \(number)") { try await loop.sleep(for: time * number) }
  }

  private func talk(_ time: Duration) async throws {
    let connection = try await loop.connect(to: listener.address)
    defer { connection.close() }
    for number in 1...3 {
      try await connection.write("line \(number)\n")
      #expect(text(try await connection.readLine(limit: 99)) == "line \(number)")
      try await loop.sleep(for: time / 10)
    }
  }

  private func child(_ words: [String], _ time: Duration) async throws {
    var command = Command(words[0], Array(words.dropFirst()))
    command.grace = .seconds(3_600)
    _ = try await loop.spawn(
      command,
      Talking { process in
        self.started.value.append(process.id)
        try await self.loop.withTimeout(.seconds(2)) {
          try await process.pipe.write("line\n")
          if words == ["cat"] { #expect(text(try await process.pipe.readLine(limit: 99)) == "line") }
          try await self.loop.sleep(for: time * 4)
        }
        // The sleeper does not end with its input.
        if words != ["cat"] { try process.send(signal: SIGTERM) }
      })
  }
}

/// Numbers that are the same in every run (a linear congruential generator, its upper bits).
private struct SeededNumbers {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
  }

  mutating func next(below bound: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(bound))
  }
}
