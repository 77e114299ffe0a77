import Glibc

/// What can go wrong in the event loop and in what it offers. Each case reads as a sentence.
public enum EventLoopError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A system call failed.
  case system(call: String, code: Int32)
  /// The loop was closed before.
  case closed
  /// `runUntilComplete` was called on a thread whose loop already runs, or on a loop that runs on another thread.
  case alreadyRunning
  /// `stop()` ended the run before its coroutine was done.
  case stopped
  /// `close()` was called while coroutines are alive, or those of other loops wait in this one; their names, at most ten, and
  /// the number of the latter.
  case tasksAlive([String])
  /// With a virtual clock: the run's coroutine waits for something that nothing is left to bring; those that are alive,
  /// at most ten.
  case deadlocked([String])
  /// The time limit of `withTimeout` has passed.
  case timedOut(limit: Duration)
  /// The descriptor is already watched by this loop.
  case alreadyWatched(descriptor: Int32)
  /// A line is longer than the limit that the reader set.
  case lineTooLong(limit: Int)
  /// The connection was closed at this end.
  case connectionClosed
  /// The socket address cannot be used: an empty Unix path, or one above 107 bytes.
  case unusableAddress(SocketAddress)
  /// The thread pool was closed before.
  case poolClosed
  /// The program of a command is not there: neither at its path, nor, without a slash, in a directory of PATH. A script
  /// whose interpreter is missing is reported like this too.
  case programNotFound(String)

  public var description: String {
    switch self {
    case .system(let call, let code): "\(call) failed: \(Self.text(of: code))"
    case .closed: "the event loop is closed"
    case .alreadyRunning: "an event loop is already running here: a nested or second run is not possible"
    case .stopped: "the event loop was stopped before its coroutine was done"
    case .tasksAlive(let names): "the event loop cannot be closed: alive are \(names.joined(separator: ", "))"
    case .deadlocked(let names): "nothing is left that could wake \(names.joined(separator: ", "))"
    case .timedOut(let limit): "not done within \(limit)"
    case .alreadyWatched(let descriptor): "file descriptor \(descriptor) is already watched by this event loop"
    case .lineTooLong(let limit): "a line is longer than \(limit) bytes"
    case .connectionClosed: "the connection was closed at this end"
    case .unusableAddress(let address): "\(address) is no usable socket address"
    case .poolClosed: "the thread pool is closed"
    case .programNotFound(let name): "the program \(name) was not found"
    }
  }

  /// The errno of a failed system call, or nil.
  public var code: Int32? {
    if case .system(_, let code) = self { code } else { nil }
  }

  /// The process, or the system, has no descriptor left.
  public var isDescriptorShortage: Bool { code == EMFILE || code == ENFILE }

  /// Passes a C door's result on, or throws its negative errno.
  @discardableResult
  static func check(_ call: StaticString, _ result: Int32) throws(EventLoopError) -> Int32 {
    guard result >= 0 else { throw .system(call: "\(call)", code: -result) }
    return result
  }

  private static func text(of code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
