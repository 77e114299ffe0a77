import Control
import EventLoop
import Glibc
import Testing

/// A fresh directory that goes away with its value.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    var template = Array("/tmp/control-XXXXXX".utf8CString)
    path = try #require(mkdtemp(&template).map { String(cString: $0) })
  }

  deinit {
    removeTree(path)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}

private func removeTree(_ path: String) {
  guard let directory = opendir(path) else { return }
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) {
      String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
    if name == "." || name == ".." { continue }
    let child = "\(path)/\(name)"
    if unlink(child) != 0 { removeTree(child) }
  }
  closedir(directory)
  rmdir(path)
}

/// A file on which this process holds a lock, as the daemon does in its data directory.
final class LockFile: Sendable {
  let descriptor: Int32

  init(_ path: String) throws {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    try #require(descriptor >= 0)
    flock(descriptor, LOCK_EX | LOCK_NB)
  }

  deinit {
    close(descriptor)
  }
}

/// Runs `body` on a thread whose table of descriptors is its own: what it exhausts there concerns no other test.
func withOwnDescriptors(_ body: @escaping @Sendable () throws -> Void) throws {
  final class Outcome: @unchecked Sendable {
    let body: () throws -> Void
    var result: Result<Void, any Error>?
    init(_ body: @escaping () throws -> Void) { self.body = body }
  }
  let outcome = Outcome(body)
  var thread = pthread_t()
  let code = pthread_create(
    &thread, nil,
    { context in
      let outcome = Unmanaged<Outcome>.fromOpaque(context!).takeRetainedValue()
      // unshare(CLONE_FILES)
      let unshare = unsafeBitCast(dlsym(nil, "unshare"), to: (@convention(c) (Int32) -> Int32).self)
      precondition(unshare(0x400) == 0, "the thread cannot have descriptors of its own")
      outcome.result = Result { try outcome.body() }
      return nil
    }, Unmanaged.passRetained(outcome).toOpaque())
  precondition(code == 0)
  pthread_join(thread, nil)
  try outcome.result?.get()
}

/// A server on a socket in a fresh directory, and the loop that it runs on.
struct Scene: Sendable {
  let loop: EventLoop
  let path: String
  let listener: Listener
  let server: ControlServer

  /// Runs `body` against a server with these handlers, on a loop with a virtual clock.
  static func run(
    limits: ControlLimits = ControlLimits(), clock: EventLoop.Clock = .virtual,
    admits: (@Sendable (ControlPeer) -> Bool)? = nil,
    freeDescriptors: @escaping @Sendable () -> Bool = { false },
    handlers: @escaping @Sendable (inout HandlerTable) -> Void = { _ in },
    _ body: @escaping @Sendable (Scene) async throws -> Void
  ) throws {
    let directory = try TemporaryDirectory()
    let lock = try LockFile(directory.file("lock"))
    try EventLoop.run(clock: clock) {
      let loop = try #require(EventLoop.current)
      var table = HandlerTable()
      handlers(&table)
      let server =
        if let admits {
          ControlServer(loop: loop, handlers: table, limits: limits, admits: admits)
        } else {
          ControlServer(loop: loop, handlers: table, limits: limits, freeDescriptors: freeDescriptors)
        }
      let path = directory.file("s")
      let listener = try await ControlSocket.listen(at: path, lock: lock.descriptor, server, on: loop)
      let scene = Scene(loop: loop, path: path, listener: listener, server: server)
      do {
        try await body(scene)
      } catch {
        await listener.closeAll()
        throw error
      }
      await listener.closeAll()
    }
  }

  /// A connection without the client's manners.
  func connect() async throws -> Connection {
    try await loop.connect(to: .unix(path: path))
  }

  /// Asks with a client of its own.
  func call<M: ControlMethod>(_ method: M.Type, _ parameters: M.Parameters) async throws -> M.Result {
    try await ControlClient.connect(to: path, on: loop) { try await $0.call(method, parameters) }
  }
}

extension Connection {
  /// Writes the line and reads the line that comes back.
  func ask(_ line: String) async throws -> String {
    try await write(line + "\n")
    return try await readReply()
  }

  /// The next line; "" at the end of the stream.
  func readReply() async throws -> String {
    String(decoding: try await readLine(limit: 1 << 26) ?? [], as: UTF8.self)
  }
}

/// What a handler saw, for a test to look at. Belongs to the loop's thread.
final class Seen<Value>: @unchecked Sendable {
  var values: [Value] = []
}

/// A task for replies.
func someTask(_ id: Int64 = 7, _ name: String = "docs.example", state: String = "running") -> TaskReport {
  TaskReport(
    id: id, name: name, state: state, desiredState: "running", reason: "user", recrawlOf: 6, seedCount: 3,
    createdAt: 1,
    startedAt: 2, finishedAt: 3, elapsed: 4, settings: ["delay": "1s"], settingsRevision: 5,
    counts: TaskCounts(
      known: 6, ready: 1, delayed: 1, inFlight: 1, done: 1, failed: 1, excluded: 1, fetches: 9, finalAnswers: 8,
      okAnswers: 7),
    bytes: TaskBytes(wire: 10, body: 11), rate: 1.5, okPercent: 87.5, actions: ["pause", "cancel", "set"],
    outcomes: ["ok": 7], changes: ["new": 7], reasons: [ReasonCount(state: "excluded", reason: "scope", count: 1)],
    errors: [TaskError(url: "http://a/", outcome: "reset", error: "by peer", at: 12)], seeds: ["http://a/"])
}
