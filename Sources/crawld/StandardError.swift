internal import Glibc

/// The process's standard error.
enum StandardError {
  /// What a pipe that can be written to takes at least without waiting (PIPE_BUF).
  private static let piece = 4_096

  /// Writes one line. Never waits: a line that nobody takes, or that can't be written, is dropped, from where that began.
  /// - Returns: whether all of it was written.
  @discardableResult
  static func write(_ line: String) -> Bool {
    let bytes = Array((line + "\n").utf8)
    var start = 0
    while start < bytes.count {
      guard isReady else { return false }
      let count = bytes.withUnsafeBytes {
        Glibc.write(STDERR_FILENO, $0.baseAddress! + start, min(piece, $0.count - start))
      }
      if count < 0 && errno != EINTR { return false }
      start += max(0, count)
    }
    return true
  }

  private static var isReady: Bool {
    var state = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    var result = poll(&state, 1, 0)
    while result < 0, errno == EINTR { result = poll(&state, 1, 0) }
    return result > 0
  }
}
