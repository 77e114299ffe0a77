import BenchmarkCounts
import CAllocationCount
import EventLoop

/// What waiting costs in memory.
enum Memory {
  /// Bytes of the heap per coroutine that sleeps, with all that the loop keeps for it.
  static func bytesPerSleeper(_ count: Int) throws -> Double {
    try EventLoop.run {
      let loop = EventLoop.current!
      var sleepers: [Coroutine<Void>] = []
      sleepers.reserveCapacity(count)
      let before = allocation_bytes_in_use()
      for _ in 0..<count {
        sleepers.append(loop.startTask(name: "sleeper") { try await loop.sleep(for: .seconds(3_600)) })
      }
      // The second round begins when each of them has had its turn.
      for _ in 0..<2 { try await loop.sleep(for: .zero) }
      let after = allocation_bytes_in_use()
      for sleeper in sleepers { sleeper.cancel() }
      return Double(after - before) / Double(count)
    }
  }

  /// What stays when delayed calls were inserted and cancelled.
  struct Residue {
    /// Bytes of the heap after the first time, above what was there before any.
    let heap: Double
    /// Resident bytes after two times, above what there was before any; what is free was given back to the kernel first,
    /// which the allocator does not always do by itself (its pages of the peak are there for the next one).
    let residentGrowth: Double
  }

  static func residueOfTimers(_ count: Int) throws -> Residue {
    try EventLoop.run {
      let loop = EventLoop.current!
      // The pages of the place for the calls count from their first use, so they are used before.
      var calls = [DelayedCall](repeating: loop.callLater(.zero, {}), count: count)
      calls[0].cancel()
      calls.removeAll(keepingCapacity: true)
      let before = (heap: allocation_bytes_in_use(), resident: Kernel.residentBytes)
      try await Timers.cancelled(loop, count, &calls)
      let heap = allocation_bytes_in_use() - before.heap
      try await Timers.cancelled(loop, count, &calls)
      allocation_give_back()
      return Residue(
        heap: Double(heap), residentGrowth: Double(max(0, Kernel.residentBytes - before.resident)))
    }
  }
}
