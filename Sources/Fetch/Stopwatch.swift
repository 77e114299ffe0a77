import CCurl
import Glibc

/// Measures how long a step of a fetch takes.
///
/// By the clock itself and not by the loop's time, which stands still within a tick: many fetches begin and end in one.
/// libcurl's own times come from the same clock, so the steps of a fetch never add up to more than the whole.
struct Stopwatch {
  private let began = Stopwatch.now()

  /// Microseconds since it was made. About 30 ns.
  var elapsed: Int64 { Stopwatch.now() - began }

  private static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }
}
