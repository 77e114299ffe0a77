package import EventLoop
import Glibc

/// Where the control socket is, and how it is made so that nobody else can use it.
package enum ControlSocket {
  /// Bytes that the path of a Unix-domain socket has at most (sun_path, less its end).
  package static let longestPath = 107

  // MARK: The path

  /// The path when nobody names one: for root `/run/crawld/crawld.sock`; otherwise `crawld.sock` in
  /// `$XDG_RUNTIME_DIR`, else in the directory `crawld` of `$XDG_STATE_HOME` (`~/.local/state`), where the data is too;
  /// without a home, in a directory of this user in `/tmp`.
  package static func defaultPath(
    user: UInt32 = geteuid(), environment: (String) -> String? = environmentVariable
  ) -> String {
    if user == 0 { return "/run/crawld/crawld.sock" }
    if let directory = absolute(environment("XDG_RUNTIME_DIR")) { return "\(directory)/crawld.sock" }
    if let directory = absolute(environment("XDG_STATE_HOME")) { return "\(directory)/crawld/crawld.sock" }
    if let home = absolute(environment("HOME")) { return "\(home)/.local/state/crawld/crawld.sock" }
    return "/tmp/crawld-\(user)/crawld.sock"
  }

  /// The path for a client that was told none: `$CRAWLD_SOCKET`, else the default.
  package static func pathForClients(environment: (String) -> String? = environmentVariable) -> String {
    if let path = environment("CRAWLD_SOCKET"), !path.isEmpty { return path }
    return defaultPath(environment: environment)
  }

  /// A variable of this process's environment.
  package static func environmentVariable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// The XDG specification has relative paths ignored.
  private static func absolute(_ path: String?) -> String? {
    guard let path, path.hasPrefix("/") else { return nil }
    return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// Why no socket can have this path, in a sentence; nil when one can.
  package static func flaw(ofPath path: String) -> String? {
    let bytes = path.utf8.count
    if bytes > 0, bytes <= longestPath, !path.utf8.contains(0) { return nil }
    return "the control socket's path has \(bytes) bytes; 1 to \(longestPath) are possible: \(path)"
  }

  // MARK: Listening

  /// Listens on the path and serves. The listener removes the socket when it is closed.
  ///
  /// The directory is made (0700) if it is missing; from its first moment on, nobody else may use the socket (0600). A
  /// stale socket, one that nobody answers at, is replaced.
  ///
  /// - Parameter lock: an open descriptor of the data directory's lock file, on which this process holds `flock`: who
  ///   has the data is the one who may replace a stale socket.
  /// - Throws: `ControlError.failed` or `.permission` with a sentence that names the path.
  package static func listen(
    at path: String, lock: Int32, _ server: ControlServer, on loop: EventLoop
  ) async throws -> Listener {
    try prepareDirectory(of: path)
    try removeStale(path, lock: lock)
    let limit = await server.connectionLimit
    let mask = umask(0o077)
    defer { umask(mask) }
    do {
      // Who steers does not wait until thousands of fetches have been looked after.
      let listener = try await loop.listen(
        on: .unix(path: path), connectionLimit: limit, isPreferred: true, server)
      // Nobody else could use it before either; this takes the meaningless right to execute it away.
      chmod(path, 0o600)
      return listener
    } catch let error as EventLoopError {
      throw failure(path, "no socket can be made there: \(error)", error.code ?? 0)
    }
  }

  /// Makes sure of a directory in which nobody but this user and root can put another socket in the place of ours.
  static func prepareDirectory(of path: String) throws(ControlError) {
    if let flaw = flaw(ofPath: path) { throw ControlError(.failed, flaw) }
    let directory = directory(of: path)
    if mkdir(directory, 0o700) != 0, errno != EEXIST {
      throw failure(path, "its directory cannot be made: \(text(of: errno))", errno)
    }
    var status = stat()
    guard stat(directory, &status) == 0 else {
      throw failure(path, "its directory cannot be looked at: \(text(of: errno))", errno)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw failure(path, "\(directory) is no directory", ENOTDIR) }
    let isSticky = status.st_mode & 0o1000 != 0
    guard status.st_mode & 0o002 == 0 || isSticky else {
      throw failure(path, "everybody may write in \(directory), so the socket would not be safe there", EACCES)
    }
    guard status.st_uid == geteuid() || status.st_uid == 0 || geteuid() == 0 else {
      throw failure(path, "\(directory) belongs to another user", EACCES)
    }
  }

  /// Removes a socket that nobody answers at. Anything else at the path is left alone, and refused.
  static func removeStale(_ path: String, lock: Int32) throws(ControlError) {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw failure(path, text(of: errno), errno)
    }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw failure(path, "this is no socket; it is left as it is, so name another path", EEXIST)
    }
    guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
      throw failure(path, "a socket is there, and only who holds the data directory's lock may replace it", EEXIST)
    }
    switch try probe(path) {
    case ECONNREFUSED:
      guard unlink(path) == 0 || errno == ENOENT else {
        throw failure(path, "the stale socket cannot be removed: \(text(of: errno))", errno)
      }
    case ENOENT: return
    case 0, EAGAIN: throw failure(path, "another daemon answers there", EADDRINUSE)
    case let code: throw failure(path, text(of: code), code)
    }
  }

  /// What connecting to the path brings: 0, or an errno. Never waits.
  private static func probe(_ path: String) throws(ControlError) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw failure(path, text(of: errno), errno) }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(longestPath)) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    return result == 0 ? 0 : errno
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func failure(_ path: String, _ sentence: String, _ code: Int32) -> ControlError {
    let isForbidden = code == EACCES || code == EPERM
    return ControlError(isForbidden ? .permission : .failed, "control socket \(path): \(sentence)")
  }

  static func text(of code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
