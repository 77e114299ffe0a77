import CLinux
import EventLoop
import Glibc
import Testing

/// What ran, in order. Confined to the loop of its test.
final class Trace: @unchecked Sendable {
  var lines: [String] = []

  func note(_ line: String) { lines.append(line) }
}

/// A value that one thread leaves for another that waits for it by other means.
final class Slot<T>: @unchecked Sendable {
  var value: T

  init(_ value: T) { self.value = value }
}

/// Tells when it is freed.
final class Canary: @unchecked Sendable {
  private let trace: Trace
  private let name: String

  init(_ name: String, _ trace: Trace) {
    self.name = name
    self.trace = trace
  }

  deinit { trace.note("freed \(name)") }
}

/// A coroutine waits here until somebody opens the gate. Confined to the loop of its test.
actor Gate: LoopActor {
  nonisolated let loop: EventLoop
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var isOpen = false

  init(_ loop: EventLoop) { self.loop = loop }

  var waitingCount: Int { waiting.count }

  func pass() async {
    if isOpen { return }
    await withCheckedContinuation { waiting.append($0) }
  }

  func open() {
    isOpen = true
    for continuation in waiting { continuation.resume() }
    waiting = []
  }
}

/// Waits for the round after the present one, so that what is ready has run.
func nextRounds(_ count: Int = 1) async throws {
  let loop = try #require(EventLoop.current)
  for _ in 0..<count { try await loop.sleep(for: .zero) }
}

/// Runs `body` on a thread of its own whose table of descriptors is its own too: what it opens, leaks or exhausts there
/// concerns no other test.
func withOwnDescriptors<T>(_ body: @escaping () throws -> T) throws -> T {
  let result = Slot<Result<T, any Error>?>(nil)
  let work: () -> Void = {
    // unshare(CLONE_FILES)
    let unshare = unsafeBitCast(dlsym(nil, "unshare"), to: (@convention(c) (Int32) -> Int32).self)
    precondition(unshare(0x400) == 0, "the thread cannot have descriptors of its own")
    result.value = Result { try body() }
  }
  var thread = pthread_t()
  let context = Unmanaged.passRetained(Slot(work))
  let code = pthread_create(
    &thread, nil,
    { context in
      Unmanaged<Slot<() -> Void>>.fromOpaque(context!).takeRetainedValue().value()
      return nil
    }, context.toOpaque())
  precondition(code == 0)
  pthread_join(thread, nil)
  return try result.value!.get()
}

/// Opens descriptors until none is left.
func takeAllDescriptors() -> [Int32] {
  var taken: [Int32] = []
  while true {
    let descriptor = dup(0)
    if descriptor < 0 { break }
    taken.append(descriptor)
  }
  #expect(errno == EMFILE)
  return taken
}

/// How many descriptors this thread has open.
func openDescriptorCount() throws -> Int {
  let directory = try #require(opendir("/proc/thread-self/fd"))
  defer { closedir(directory) }
  var count = 0
  while readdir(directory) != nil { count += 1 }
  return count
}

func text(_ bytes: [UInt8]?) -> String? {
  bytes.map { String(decoding: $0, as: UTF8.self) }
}

/// A path for a socket in a new directory that is removed when `body` ends.
func withSocketPath<T>(_ body: (String) throws -> T) throws -> T {
  var template = Array("/tmp/eventloop-XXXXXX".utf8CString)
  let directory = String(cString: try #require(mkdtemp(&template)))
  defer {
    unlink("\(directory)/socket")
    rmdir(directory)
  }
  return try body("\(directory)/socket")
}

/// The two ends of a pipe, non-blocking.
struct Pipe: Sendable {
  let reading: Int32
  let writing: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    try #require(clinux_pipe(&ends) == 0)
    (reading, writing) = (ends[0], ends[1])
    try #require(clinux_set_nonblocking(reading) == 0)
    try #require(clinux_set_nonblocking(writing) == 0)
  }

  func put(_ count: Int = 1) {
    let bytes = [UInt8](repeating: 1, count: count)
    precondition(write(writing, bytes, count) == count)
  }

  /// Takes what is there; the number of bytes.
  func take() -> Int {
    var bytes = [UInt8](repeating: 0, count: 4096)
    return max(0, read(reading, &bytes, bytes.count))
  }

  func closeBoth() {
    close(reading)
    close(writing)
  }
}

/// How many lines a file has: of `/proc`, whose files have no size.
func lineCount(of path: String) throws -> Int {
  let file = try #require(fopen(path, "re"), "\(path) cannot be read")
  defer { fclose(file) }
  var count = 0
  while true {
    let byte = getc(file)
    if byte == EOF { return count }
    if byte == 0x0A { count += 1 }
  }
}

/// What this thread is called.
func threadName() -> String {
  let file = fopen("/proc/thread-self/comm", "re")
  defer { fclose(file) }
  var buffer = [UInt8](repeating: 0, count: 32)
  let count = fread(&buffer, 1, buffer.count, file)
  return String(decoding: buffer.prefix(count), as: UTF8.self)
}

/// Rows of coroutines that are over, and whether something still holds them. Confined to the loop of its test.
final class Rows: @unchecked Sendable {
  private var isHeld: [() -> Bool] = []

  func noteCurrent() {
    let row = EventLoop.currentTask
    isHeld.append { [weak row] in row != nil }
  }

  var heldCount: Int { isHeld.count { $0() } }

  /// Cancels a thousand coroutines in their `wait`, one after the other; how many of them are held afterwards.
  func heldAfterCancelling(_ loop: EventLoop, _ wait: @escaping @Sendable () async throws -> Void) async throws -> Int {
    for _ in 0..<1_000 {
      let waiting = loop.startTask(name: "waiting") {
        self.noteCurrent()
        try await wait()
      }
      try await nextRounds(2)
      waiting.cancel()
      await #expect(throws: CancellationError.self) { try await waiting.value }
    }
    try await nextRounds()
    return heldCount
  }
}

/// Ends the process of an exit test with a sentence.
func demand(_ condition: Bool, _ sentence: @autoclosure () -> String) {
  if !condition { fatalError(sentence()) }
}
