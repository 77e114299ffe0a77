import Control
import EventLoop
import Glibc
import Testing

/// The path of the socket: who may use it, and what is never deleted.
struct ControlSocketTests {
  /// Tries to listen at the path, and closes at once. Nil when it went well.
  private func listen(at path: String, lock: Int32) throws -> ControlError? {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let server = ControlServer(loop: loop, handlers: HandlerTable())
      do {
        try await ControlSocket.listen(at: path, lock: lock, server, on: loop).close()
        return nil
      } catch let error as ControlError {
        return error
      }
    }
  }

  private func mode(of path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
  }

  /// Makes a socket that nobody listens at, as a killed daemon leaves it.
  private func makeStaleSocket(at path: String) throws {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0)
  }

  @Test func onlyItsUserMayUseIt() throws {
    let directory = try TemporaryDirectory()
    let lock = try LockFile(directory.file("lock"))
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let server = ControlServer(loop: loop, handlers: HandlerTable())
      let path = directory.file("new/s")
      let listener = try await ControlSocket.listen(at: path, lock: lock.descriptor, server, on: loop)
      #expect(self.mode(of: directory.file("new")) == 0o700)
      #expect(self.mode(of: path) == 0o600)
      await listener.closeAll()
      #expect(self.mode(of: path) == nil)
    }
  }

  @Test func whatIsNoSocketIsLeftAlone() throws {
    let directory = try TemporaryDirectory()
    let lock = try LockFile(directory.file("lock"))
    let file = directory.file("notes")
    let descriptor = open(file, O_WRONLY | O_CREAT, 0o600)
    #expect(write(descriptor, "text", 4) == 4)
    close(descriptor)
    let error = try listen(at: file, lock: lock.descriptor)
    #expect(error?.message == "control socket \(file): this is no socket; it is left as it is, so name another path")
    var status = stat()
    #expect(stat(file, &status) == 0 && status.st_size == 4)
    // A link to a socket is no socket either.
    try makeStaleSocket(at: directory.file("stale"))
    symlink(directory.file("stale"), directory.file("link"))
    #expect(try listen(at: directory.file("link"), lock: lock.descriptor)?.message.contains("no socket") == true)
    #expect(mode(of: directory.file("link")) != nil)
  }

  @Test func aStaleSocketIsReplacedUnderTheLockAlone() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("s")
    try makeStaleSocket(at: path)
    let lock = try LockFile(directory.file("lock"))
    let other = try LockFile(directory.file("lock"))
    let refused = try listen(at: path, lock: other.descriptor)
    #expect(refused?.message.contains("only who holds the data directory's lock") == true)
    #expect(try listen(at: path, lock: -1) != nil)
    #expect(mode(of: path) != nil)
    #expect(try listen(at: path, lock: lock.descriptor) == nil)
  }

  @Test func aSocketThatAnswersIsLeftAlone() throws {
    let directory = try TemporaryDirectory()
    let lock = try LockFile(directory.file("lock"))
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let server = ControlServer(loop: loop, handlers: HandlerTable())
      let path = directory.file("s")
      let listener = try await ControlSocket.listen(at: path, lock: lock.descriptor, server, on: loop)
      let error = await #expect(throws: ControlError.self) {
        try await ControlSocket.listen(at: path, lock: lock.descriptor, server, on: loop)
      }
      #expect(error?.message == "control socket \(path): another daemon answers there")
      #expect(self.mode(of: path) == 0o600)
      await listener.closeAll()
    }
  }

  @Test func directoriesThatAreNotSafe() throws {
    let directory = try TemporaryDirectory()
    let lock = try LockFile(directory.file("lock"))
    mkdir(directory.file("open"), 0o777)
    chmod(directory.file("open"), 0o777)
    let error = try listen(at: directory.file("open/s"), lock: lock.descriptor)
    #expect(error?.code == .permission && error?.message.contains("everybody may write") == true)
    #expect(mode(of: directory.file("open/s")) == nil)
    let missing = try listen(at: directory.file("no/such/s"), lock: lock.descriptor)
    #expect(missing?.message.contains("its directory cannot be made") == true)
    let file = try listen(at: directory.file("lock/s"), lock: lock.descriptor)
    #expect(file?.message.contains("is no directory") == true)
  }

  @Test func pathsThatNoSocketCanHave() throws {
    let long = "/tmp/" + String(repeating: "d", count: 103)
    #expect(long.utf8.count == 108)
    #expect(try listen(at: long, lock: -1)?.message.contains("108 bytes; 1 to 107 are possible") == true)
    #expect(try listen(at: "", lock: -1)?.message.contains("0 bytes") == true)
  }

  @Test(
    arguments: [
      (0, ["XDG_RUNTIME_DIR": "/run/user/0"], "/run/crawld/crawld.sock"),
      (1000, ["XDG_RUNTIME_DIR": "/run/user/1000", "HOME": "/home/a"], "/run/user/1000/crawld.sock"),
      (1000, ["XDG_RUNTIME_DIR": "/run/user/1000/"], "/run/user/1000/crawld.sock"),
      (1000, ["XDG_RUNTIME_DIR": "relative", "HOME": "/home/a"], "/home/a/.local/state/crawld/crawld.sock"),
      (1000, ["XDG_RUNTIME_DIR": "", "XDG_STATE_HOME": "/state", "HOME": "/home/a"], "/state/crawld/crawld.sock"),
      (1000, [:], "/tmp/crawld-1000/crawld.sock"),
    ] as [(UInt32, [String: String], String)])
  func theDefaultPath(user: UInt32, environment: [String: String], expected: String) {
    #expect(ControlSocket.defaultPath(user: user) { environment[$0] } == expected)
  }

  @Test func aClientLooksAtTheEnvironmentFirst() {
    #expect(ControlSocket.pathForClients { $0 == "CRAWLD_SOCKET" ? "/x/s" : nil } == "/x/s")
    #expect(
      ControlSocket.pathForClients { $0 == "CRAWLD_SOCKET" ? "" : nil } == ControlSocket.defaultPath { _ in nil })
  }
}
