import CAllocationCount
import EventLoop
import Glibc

/// What the process and one of its loops have spent so far. The difference of two meters is what lies between them.
struct Meter {
  /// CPU of all threads, user and system, in nanoseconds.
  var processor = now(CLOCK_PROCESS_CPUTIME_ID)
  var wall = now(CLOCK_MONOTONIC)
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

  private static func now(_ clock: clockid_t) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}

/// What the kernel says of this process.
enum Kernel {
  /// System calls that read or write a descriptor, those that found nothing included.
  static var transfers: Int {
    let lines = text(of: "/proc/self/io").split(separator: "\n")
    return lines.reduce(0) { sum, line in
      line.hasPrefix("syscr: ") || line.hasPrefix("syscw: ") ? sum + (Int(line.dropFirst(7)) ?? 0) : sum
    }
  }

  /// Bytes of memory that are resident.
  static var residentBytes: Int {
    let fields = text(of: "/proc/self/statm").split(separator: " ")
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  private static func text(of path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let count = read(descriptor, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }
}
