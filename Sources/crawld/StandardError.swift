internal import Glibc

/// The process's standard error.
enum StandardError {
  /// Writes one line, in one call as long as the kernel takes it whole; a line that can't be written is dropped.
  static func write(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress! + start, $0.count - start) }
      if count < 0 && errno != EINTR { return }
      start += max(0, count)
    }
  }
}
