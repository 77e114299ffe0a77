extension EventLoop {
  /// How a process has ended.
  public enum ExitStatus: Sendable, Hashable, CustomStringConvertible {
    case exited(code: Int32)
    case signalled(number: Int32, dumpedCore: Bool)

    /// Whether the process ended by itself with code 0.
    public var isSuccess: Bool { self == .exited(code: 0) }

    public var description: String {
      switch self {
      case .exited(let code): "exit status \(code)"
      case .signalled(let number, let dumpedCore): "ended by signal \(number)\(dumpedCore ? ", core dumped" : "")"
      }
    }
  }
}

/// How a process has ended.
public typealias ExitStatus = EventLoop.ExitStatus
