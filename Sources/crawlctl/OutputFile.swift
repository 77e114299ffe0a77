import Glibc

/// A file that appears under its name when it is whole: it is written beside it and renamed at the end.
final class OutputFile {
  private let path: String
  private let partial: String
  private let isReplacing: Bool
  private let descriptor: Int32
  private var bytes = 0
  private var problem: Int32 = 0
  private var isFinished = false

  /// Throws one line for the user: the file exists already, or cannot be made.
  init(_ path: String, isReplacing: Bool) throws {
    self.path = path
    self.isReplacing = isReplacing
    partial = "\(path).partial-\(getpid())"
    if !isReplacing, access(path, F_OK) == 0 { throw Self.exists(path) }
    descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Failure(.failed, "crawlctl: \(partial): \(SystemText.describe(errno))") }
  }

  deinit {
    close(descriptor)
    if !isFinished { unlink(partial) }
  }

  /// Appends. What goes wrong is said by `finish`.
  func write(_ piece: [UInt8]) {
    var rest = piece[...]
    while problem == 0, !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
        bytes += count
      } else if errno != EINTR {
        problem = errno
      }
    }
  }

  /// Brings all of it to the disk and gives it its name. Returns its size.
  func finish() throws -> Int {
    if problem == 0, fsync(descriptor) != 0 { problem = errno }
    guard problem == 0 else { throw Failure(.failed, "crawlctl: \(partial): \(SystemText.describe(problem))") }
    // A link is refused where a name is taken, which a renaming is not.
    let result = isReplacing ? rename(partial, path) : link(partial, path)
    if result != 0 {
      if errno == EEXIST { throw Self.exists(path) }
      throw Failure(.failed, "crawlctl: \(path): \(SystemText.describe(errno))")
    }
    if !isReplacing { unlink(partial) }
    isFinished = true
    return bytes
  }

  private static func exists(_ path: String) -> Failure {
    Failure(.refused, "crawlctl: \(path) exists; --force replaces it")
  }
}
