package import Glibc

/// What the kernel says of this process.
package enum Kernel {
  /// A clock's time in nanoseconds: of the CPU of all threads, user and system, unless another is named.
  package static func time(_ clock: clockid_t = CLOCK_PROCESS_CPUTIME_ID) -> Int {
    var time = timespec()
    clock_gettime(clock, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  /// System calls that read or write a descriptor, those that found nothing included.
  package static var transfers: Int {
    let lines = text(of: "/proc/self/io").split(separator: "\n")
    return lines.reduce(0) { sum, line in
      line.hasPrefix("syscr: ") || line.hasPrefix("syscw: ") ? sum + (Int(line.dropFirst(7)) ?? 0) : sum
    }
  }

  /// Bytes of memory that are resident.
  package static var residentBytes: Int {
    let fields = text(of: "/proc/self/statm").split(separator: " ")
    return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
  }

  /// How many threads the process has.
  package static var threads: Int {
    let lines = text(of: "/proc/self/status").split(separator: "\n")
    return lines.first { $0.hasPrefix("Threads:") }.flatMap { Int($0.dropFirst(8).filter(\.isNumber)) } ?? 0
  }

  /// As above, but that it waits for up to a second until there are no more than so many: the kernel counts a thread that has
  /// ended, and was waited for, a moment longer.
  package static func threads(downTo least: Int) -> Int {
    for _ in 0..<1_000 where threads > least { usleep(1_000) }
    return threads
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

/// Ends the program with a sentence for the user.
package func stop(_ sentence: String, code: Int32 = 1) -> Never {
  let line = Array("\(sentence)\n".utf8)
  _ = write(STDERR_FILENO, line, line.count)
  exit(code)
}
