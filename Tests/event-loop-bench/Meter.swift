import BenchmarkCounts
import CAllocationCount
import EventLoop
import Glibc

/// What the process and one of its loops have spent so far. The difference of two meters is what lies between them.
struct Meter {
  /// CPU of all threads, user and system, in nanoseconds.
  var processor = Kernel.time()
  var wall = Kernel.time(CLOCK_MONOTONIC)
  /// Jobs and calls that the loop has run, those of the tick that runs now excepted.
  var jobs: Int
  /// How often the loop has asked the kernel for events.
  var ticks: Int
  /// Allocations of the calling thread.
  var allocations = Int(allocation_count())

  init(_ loop: EventLoop) {
    let statistics = loop.statistics
    jobs = statistics.jobs
    ticks = statistics.ticks
  }

  static func - (end: Meter, begin: Meter) -> Meter {
    var difference = end
    difference.processor -= begin.processor
    difference.wall -= begin.wall
    difference.jobs -= begin.jobs
    difference.ticks -= begin.ticks
    difference.allocations -= begin.allocations
    return difference
  }
}
