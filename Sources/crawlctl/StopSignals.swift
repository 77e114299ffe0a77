import Glibc

/// Ctrl-C and TERM while nothing may be left behind: they are taken note of, and the verb looks.
enum StopSignals {
  nonisolated(unsafe) private static var count: sig_atomic_t = 0

  static func take() {
    for number in [SIGINT, SIGTERM, SIGHUP] { signal(number) { _ in StopSignals.count = 1 } }
  }

  static var haveCome: Bool { count > 0 }
}
