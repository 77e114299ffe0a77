internal import Glibc
internal import Synchronization

/// The process's standard error.
enum StandardError {
  /// What a pipe takes as a whole or not at all (PIPE_BUF).
  private static let piece = 4_096

  /// How it is written to without ever waiting.
  private enum Way {
    /// A description of our own of the same pipe or terminal, whose writes don't wait. The flags of the one that was
    /// inherited are others' as well, and stay what they are.
    case own(CInt)
    case socket
    /// A file, which never waits; or a pipe or terminal that can't be opened again, and is asked before each piece. A
    /// terminal may wait all the same.
    case inherited
  }

  private static let way: Way = {
    var status = stat()
    guard fstat(STDERR_FILENO, &status) == 0 else { return .inherited }
    let kind = status.st_mode & S_IFMT
    if kind == S_IFSOCK { return .socket }
    guard kind == S_IFIFO || isatty(STDERR_FILENO) == 1 else { return .inherited }
    let own = open("/proc/self/fd/\(STDERR_FILENO)", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    return own < 0 ? .inherited : .own(own)
  }()

  /// The rest of a line that found room in part: it goes before anything else, so that no line is ever half a one.
  private static let rest = Mutex<[UInt8]>([])

  /// Writes one line. Never waits: a line that finds no room at all, or can't be written, is dropped.
  /// - Returns: whether it was taken. Of a line that is taken in part the rest follows with the next one.
  @discardableResult
  static func write(_ line: String) -> Bool {
    rest.withLock { rest in
      rest.removeFirst(put(rest))
      guard rest.isEmpty else { return false }
      let bytes = Array((line + "\n").utf8)
      let count = put(bytes)
      if count > 0 { rest = Array(bytes[count...]) }
      return count > 0
    }
  }

  /// Writes as many of the bytes as there is room for; returns their number.
  private static func put(_ bytes: [UInt8]) -> Int {
    var start = 0
    while start < bytes.count {
      let count = bytes.withUnsafeBytes { buffer -> Int in
        let (begin, size) = (buffer.baseAddress! + start, min(piece, buffer.count - start))
        switch way {
        case .own(let descriptor): return Glibc.write(descriptor, begin, size)
        case .socket: return send(STDERR_FILENO, begin, size, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        case .inherited:
          guard isReady else {
            errno = EAGAIN
            return -1
          }
          return Glibc.write(STDERR_FILENO, begin, size)
        }
      }
      if count < 0 && errno != EINTR { break }
      start += max(0, count)
    }
    return start
  }

  private static var isReady: Bool {
    var state = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    var result = poll(&state, 1, 0)
    while result < 0, errno == EINTR { result = poll(&state, 1, 0) }
    return result > 0
  }
}
