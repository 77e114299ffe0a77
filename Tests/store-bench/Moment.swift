import BenchmarkCounts
import CAllocationCount
import CDiskCount
import Glibc

/// What the process has spent so far; the difference of two moments is what lies between them.
struct Moment {
  /// CPU in nanoseconds.
  var processor: Int
  var wall: Int
  /// Of the calling thread.
  var allocations: Int
  var writes: Int
  var syncs: Int

  static let zero = Moment(processor: 0, wall: 0, allocations: 0, writes: 0, syncs: 0)

  static func - (end: Moment, begin: Moment) -> Moment {
    Moment(
      processor: end.processor - begin.processor, wall: end.wall - begin.wall,
      allocations: end.allocations - begin.allocations, writes: end.writes - begin.writes,
      syncs: end.syncs - begin.syncs)
  }

  static func += (sum: inout Moment, more: Moment) { sum = sum - (zero - more) }
}

extension Moment {
  /// - Parameter clock: whose CPU counts; that of all threads unless another is named.
  init(_ clock: clockid_t = CLOCK_PROCESS_CPUTIME_ID) {
    self.init(
      processor: Kernel.time(clock), wall: Kernel.time(CLOCK_MONOTONIC), allocations: Int(allocation_count()),
      writes: Int(disk_writes()), syncs: Int(disk_syncs()))
  }
}
