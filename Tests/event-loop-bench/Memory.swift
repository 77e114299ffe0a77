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
    /// Bytes of the heap after the first time, above what was there before.
    let heap: Double
    /// Resident bytes after two times, above what there was before; what is free was given back to the kernel first.
    let residentGrowth: Double
  }

  static func residueOfTimers(_ count: Int) throws -> Residue {
    let (heap, growth) = try EventLoop.run {
      let loop = EventLoop.current!
      var calls: [DelayedCall] = []
      calls.reserveCapacity(count)
      // Its pages count from the first use.
      for _ in 0..<count { calls.append(loop.callLater(.zero, {})) }
      for call in calls { call.cancel() }
      calls.removeAll(keepingCapacity: true)
      allocation_give_back()
      let before = (heap: allocation_bytes_in_use(), resident: Kernel.residentBytes)
      try await Timers.cancelled(loop, count, &calls)
      let heap = allocation_bytes_in_use() - before.heap
      try await Timers.cancelled(loop, count, &calls)
      allocation_give_back()
      return (Double(heap), Double(max(0, Kernel.residentBytes - before.resident)))
    }
    return Residue(heap: heap, residentGrowth: growth)
  }
}
