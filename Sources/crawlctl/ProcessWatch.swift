import EventLoop
import Glibc

/// A process that is no child of ours, known by its id and its start, so that a reused id is not taken for it.
struct ProcessWatch: Sendable {
  private let process: Int32
  private let start: String

  /// Nil when the process is gone, or cannot be seen from here.
  init?(_ process: Int32) {
    guard process > 0, let start = Self.start(of: process) else { return nil }
    self.process = process
    self.start = start
  }

  /// Waits until the process has ended; asks the system every 20 ms, which no event could tell without being its parent.
  func waitForExit(on loop: EventLoop) async throws {
    while Self.start(of: process) == start { try await loop.sleep(for: .milliseconds(20)) }
  }

  /// When the process began, in ticks since the system's start, as text; nil when it has ended (proc_pid_stat(5)).
  private static func start(of process: Int32) -> String? {
    let descriptor = open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1_024)
    let count = read(descriptor, &bytes, bytes.count)
    // The name of the program stands in parentheses and may hold anything; state is the field after it, start the 20th.
    guard count > 0, let end = bytes[..<count].lastIndex(of: UInt8(ascii: ")")) else { return nil }
    let fields = bytes[(end + 1)..<count].split(separator: UInt8(ascii: " "))
    guard fields.count > 19, let state = fields[0].first else { return nil }
    if state == UInt8(ascii: "Z") || state == UInt8(ascii: "X") { return nil }
    return String(decoding: fields[19], as: UTF8.self)
  }
}
