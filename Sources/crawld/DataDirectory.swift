internal import Glibc

/// The daemon's data directory and its lock: one daemon per directory. The kernel drops the lock when the process ends,
/// however it ends.
final class DataDirectory: Sendable {
  let path: String
  /// Holds the lock as long as it is open.
  let lock: Int32

  /// Makes the directory (0700) if need be, and takes its lock.
  /// - Throws: `Refusal` when it can't be made or written, when others could put something else in its place, or another
  ///   daemon has it.
  init(_ path: String) throws(Refusal) {
    self.path = path
    try Self.make(path)
    try Self.judge(path)
    let file = path + "/crawld.lock"
    lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard lock >= 0 || errno != ELOOP else {
      throw Refusal(.permission, "data directory \(path): crawld.lock is a symbolic link; it is left as it is")
    }
    guard lock >= 0 else {
      throw Refusal(Self.code(errno), "data directory \(path): not writable: \(String(cString: strerror(errno)))")
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(lock)
      guard code == EWOULDBLOCK else {
        throw Refusal(.failed, "data directory \(path): can't be locked: \(String(cString: strerror(code)))")
      }
      throw Refusal(.taken, "data directory \(path): another crawld runs on it (crawlctl status); one at a time")
    }
  }

  private static func make(_ path: String) throws(Refusal) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += (made.isEmpty || made.hasSuffix("/") ? "" : "/") + part
      var status = stat()
      if stat(made, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { continue }
      guard mkdir(made, 0o700) == 0 || errno == EEXIST && isDirectory(made) else {
        throw Refusal(code(errno), "data directory \(path): \(made) can't be made: \(String(cString: strerror(errno)))")
      }
    }
  }

  /// Makes sure that only this user and root decide what is in the directory, and that this user may write to what is there.
  private static func judge(_ path: String) throws(Refusal) {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw Refusal(code(errno), "data directory \(path): \(String(cString: strerror(errno)))")
    }
    guard isOurs(status) || geteuid() == 0 else {
      throw Refusal(.permission, "data directory \(path) belongs to another user (\(status.st_uid))")
    }
    guard status.st_mode & 0o002 == 0 else {
      throw Refusal(.permission, "data directory \(path): everybody may write in it; chmod o-w makes it safe")
    }
    for name in ["crawl.db", "crawl.db-wal", "crawl.db-shm", "crawld.lock"] {
      let file = "\(path)/\(name)"
      guard lstat(file, &status) == 0 else { continue }
      // A link that somebody else has made leads where somebody else wants.
      guard isOurs(status) || geteuid() == 0 && status.st_mode & S_IFMT == S_IFREG else {
        throw Refusal(.permission, "\(file) belongs to another user (\(status.st_uid))")
      }
      guard stat(file, &status) == 0 else { continue }
      guard status.st_mode & S_IFMT == S_IFREG else {
        throw Refusal(.failed, "\(file) is no file; it is left as it is")
      }
      guard status.st_mode & 0o002 == 0 else {
        throw Refusal(.permission, "\(file): everybody may write to it; chmod o-w makes it safe")
      }
      guard access(file, R_OK | W_OK) == 0 else {
        throw Refusal(code(errno), "\(file): not writable: \(String(cString: strerror(errno)))")
      }
    }
  }

  private static func isOurs(_ status: stat) -> Bool { status.st_uid == geteuid() || status.st_uid == 0 }

  private static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    let isThere = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    errno = EEXIST
    return isThere
  }

  private static func code(_ code: Int32) -> Refusal.Code { code == EACCES || code == EPERM ? .permission : .failed }
}
