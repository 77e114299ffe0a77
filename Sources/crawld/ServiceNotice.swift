internal import Glibc

/// Tells a service manager how the daemon is, as sd_notify(3) describes: a datagram to the socket `$NOTIFY_SOCKET`.
/// Without one it does nothing; a failure is no reason to stop, and one that does not read is not waited for.
enum ServiceNotice {
  case ready, stopping, reloading, alive

  /// How often it wants to hear that the daemon is alive: twice in `$WATCHDOG_USEC`, as sd_watchdog_enabled(3) advises; nil
  /// when it does not watch, or watches another process (`$WATCHDOG_PID`).
  static var alivePeriod: Duration? {
    func number(_ name: String) -> Int64? { getenv(name).flatMap { Int64(String(cString: $0)) } }
    guard let microseconds = number("WATCHDOG_USEC"), microseconds >= 2 else { return nil }
    if let process = number("WATCHDOG_PID"), process != Int64(getpid()) { return nil }
    return .microseconds(microseconds / 2)
  }

  func send() {
    guard let path = getenv("NOTIFY_SOCKET").map({ String(cString: $0) }), path.hasPrefix("/") || path.hasPrefix("@"),
      path.utf8.count < 108
    else { return }
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(path.utf8)
    if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout.offset(of: \sockaddr_un.sun_path)! + bytes.count)
    let message = Array(text.utf8)
    _ = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT), $0, length)
      }
    }
  }

  private var text: String {
    switch self {
    case .ready: "READY=1"
    case .stopping: "STOPPING=1"
    case .alive: "WATCHDOG=1"
    case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(Self.monotonic)"
    }
  }

  private static var monotonic: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }
}
