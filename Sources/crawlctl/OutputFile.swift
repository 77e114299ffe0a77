import Glibc
import Store

/// The file that a verb makes. A regular one appears under its name when it is whole: it is written beside it and renamed at
/// the end. A device or a pipe is written to as it is. It never takes the place of a database, nor of a part of one.
final class OutputFile {
  /// As the user named it, for messages.
  private let name: String
  private let target: Target
  private let descriptor: Int32
  private var bytes = 0
  private var problem: Int32 = 0
  private var isFinished = false

  private enum Target {
    /// A device or a pipe.
    case direct
    /// A name, behind all links, and the file beside it.
    case regular(path: String, partial: String, isReplacing: Bool)
  }

  /// Throws one line for the user: the file exists already, or cannot be made. From then on Ctrl-C and TERM are taken note
  /// of (`StopSignals`) if something could be left behind.
  init(_ name: String, isReplacing: Bool) throws {
    self.name = name
    if try Self.isStream(name) {
      target = .direct
      descriptor = open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY)
    } else {
      let path = try Self.pathBehindLinks(name)
      try Self.refuseDatabase(at: path)
      if !isReplacing, access(name, F_OK) == 0 { throw Self.exists(name) }
      let partial = "\(path).partial-\(getpid())"
      StopSignals.take()
      target = .regular(path: path, partial: partial, isReplacing: isReplacing)
      descriptor = open(partial, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    }
    guard descriptor >= 0 else { throw Self.failure(name, errno) }
  }

  deinit {
    close(descriptor)
    if case .regular(_, let partial, _) = target, !isFinished { unlink(partial) }
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
    guard case .regular(let path, let partial, let isReplacing) = target else {
      if problem != 0 { throw Self.failure(name, problem) }
      return bytes
    }
    if problem == 0, fsync(descriptor) != 0 { problem = errno }
    guard problem == 0 else { throw Self.failure(name, problem) }
    // A daemon may have begun with it meanwhile.
    try Self.refuseDatabase(at: path)
    // A link is refused where a name is taken, which a renaming is not.
    let result = isReplacing ? rename(partial, path) : link(partial, path)
    if result != 0 { throw errno == EEXIST ? Self.exists(name) : Self.failure(name, errno) }
    if !isReplacing { unlink(partial) }
    isFinished = true
    return bytes
  }

  /// Whether it is a device or a pipe. Throws for what no rows can be written to.
  private static func isStream(_ name: String) throws -> Bool {
    var status = stat()
    guard stat(name, &status) == 0 else { return false }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return false
    case S_IFCHR, S_IFIFO: return true
    case S_IFDIR: throw Failure(.usage, "crawlctl: \(name) is a directory; name a file in it")
    default: throw Failure(.usage, "crawlctl: \(name) is neither a file, a character device nor a pipe")
    }
  }

  /// Where a link leads to, so that it stays one.
  private static func pathBehindLinks(_ name: String) throws -> String {
    var status = stat()
    guard lstat(name, &status) == 0, status.st_mode & S_IFMT == S_IFLNK else { return name }
    guard let path = realpath(name, nil) else {
      throw Failure(.failed, "crawlctl: \(name) is a link to what is not there: \(SystemText.describe(errno))")
    }
    defer { free(path) }
    return String(cString: path)
  }

  private static func refuseDatabase(at path: String) throws(Failure) {
    do throws(DatabaseCopy.Failure) {
      try DatabaseCopy.refuseDatabase(at: path, forCopy: false)
    } catch {
      throw Failure(error)
    }
  }

  private static func failure(_ name: String, _ code: Int32) -> Failure {
    Failure(.failed, "crawlctl: \(name): \(SystemText.describe(code))")
  }

  private static func exists(_ name: String) -> Failure {
    Failure(.refused, "crawlctl: \(name) exists; --force replaces it")
  }
}
