import Glibc

/// Says which input was being read when the process ends by a signal, and ends it when one input takes too long.
///
/// The handler does what a signal handler may: it writes bytes that were made before.
enum InputWatch {
  /// What reproduces the input, up to its number.
  nonisolated(unsafe) private static var command: [UInt8] = []
  nonisolated(unsafe) private static var number = 0
  nonisolated(unsafe) private static var seconds = 0
  nonisolated(unsafe) private static var earlier: [Int32: sigaction] = [:]
  /// A stack for the handler, for what overflows the other.
  nonisolated(unsafe) private static let room = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 16)

  private static let signals = [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGVTALRM]

  /// `deadline`: seconds of CPU time for one input.
  static func begin(_ reader: String, seed: UInt64, deadline: Int) {
    command = Array("\nfuzz-readers \(reader) --seed \(seed) --count 1 --first ".utf8)
    seconds = deadline
    guard earlier.isEmpty else { return }
    var stack = stack_t()
    stack.ss_size = 1 << 16
    stack.ss_sp = room
    sigaltstack(&stack, nil)
    for signal in signals {
      var action = sigaction()
      var before = sigaction()
      action.__sigaction_handler.sa_handler = { InputWatch.report($0) }
      action.sa_flags = SA_ONSTACK
      sigaction(signal, &action, &before)
      earlier[signal] = before
    }
  }

  static func next(_ number: Int) {
    self.number = number
    arm(seconds)
  }

  static func end() { arm(0) }

  private static func arm(_ seconds: Int) {
    var timer = itimerval(it_interval: timeval(), it_value: timeval(tv_sec: seconds, tv_usec: 0))
    setitimer(__itimer_which_t(ITIMER_VIRTUAL.rawValue), &timer, nil)
  }

  private static func report(_ signal: Int32) {
    command.withUnsafeBytes { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { digits in
      var place = digits.count
      var rest = number
      repeat {
        place -= 1
        digits[place] = 0x30 + UInt8(rest % 10)
        rest /= 10
      } while rest > 0
      _ = write(STDERR_FILENO, digits.baseAddress! + place, digits.count - place)
    }
    let isHang = signal == SIGVTALRM
    let end: StaticString = isHang ? "\n  took longer than its deadline\n" : "\n  was read when the process trapped\n"
    _ = write(STDERR_FILENO, end.utf8Start, end.utf8CodeUnitCount)
    if isHang { _exit(3) }
    // What the process would have done without this handler.
    for candidate in signals { if var action = earlier[candidate] { sigaction(candidate, &action, nil) } }
    raise(signal)
  }
}
