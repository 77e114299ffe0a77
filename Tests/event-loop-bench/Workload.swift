import EventLoop

/// One kind of work that is done many times over, and by which clock it is compared.
struct Workload {
  enum Clock {
    /// CPU of the process: for what never waits.
    case processor
    /// For what waits for another thread or process.
    case wall
  }

  let name: String
  let clock: Clock
  /// How many operations make a count exact to a hundredth.
  let counted: Int
  let run: @Sendable (EventLoop, Int) async throws -> Void

  static let all = [
    Workload(name: "spawn", clock: .processor, counted: 100_000, run: Coroutines.spawn),
    Workload(name: "park", clock: .processor, counted: 100_000, run: Coroutines.park),
    Workload(name: "timer-cancelled", clock: .processor, counted: 200_000, run: Timers.cancelled),
    Workload(name: "timer-fired", clock: .processor, counted: 200_000, run: Timers.fired),
    Workload(name: "pool-alone", clock: .wall, counted: 5_000, run: Pool.alone),
    Workload(name: "pool-64", clock: .wall, counted: 20_000, run: Pool.outstanding),
    Workload(name: "child", clock: .wall, counted: 100, run: Children.run),
  ]

  /// Does the work `operations` times after a tenth of it, which warms up; what it has spent.
  func measure(_ operations: Int) throws -> Meter {
    let (run, warmUp) = (run, max(operations / 10, 1))
    return try EventLoop.run {
      let loop = EventLoop.current!
      try await run(loop, warmUp)
      let begin = Meter(loop)
      try await run(loop, operations)
      return Meter(loop) - begin
    }
  }
}
