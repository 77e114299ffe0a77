import CLinux
import Glibc

/// The signals that a loop takes as events instead of interruptions. Belongs to the loop's thread.
///
/// Signals that anybody asked for stay blocked in the loop's thread until the loop closes, so that none that comes
/// between two listeners ends the process.
final class SignalWatcher {
  private struct Listener {
    let id: Int
    let numbers: Set<Int32>
    let continuation: AsyncStream<Int32>.Continuation
  }

  private unowned(unsafe) let loop: EventLoop
  private var descriptor: Int32 = -1
  private var watch: Watch?
  private var listeners: [Listener] = []
  /// What the descriptor reports.
  private var watched: Set<Int32> = []
  /// What was blocked for it, and was not before.
  private var blocked: Set<Int32> = []
  private var nextID = 0

  init(loop: EventLoop) {
    self.loop = loop
  }

  func add(_ numbers: Set<Int32>, _ continuation: AsyncStream<Int32>.Continuation) throws(EventLoopError) {
    guard numbers.allSatisfy(Self.canBeTaken) else { throw .system(call: "signalfd", code: EINVAL) }
    if !numbers.isSubset(of: watched) || watch == nil {
      let blockedBefore = Self.blockedNow()
      var set = Self.set(of: watched.union(numbers))
      let opened = try EventLoopError.check("signalfd", clinux_signalfd(&set))
      do {
        let opening = try loop.watch(opened, for: .readable) { [unowned(unsafe) self] _ in drain() }
        closeDescriptor()
        descriptor = opened
        watch = opening
      } catch {
        _ = Glibc.close(opened)
        throw error
      }
      pthread_sigmask(SIG_BLOCK, &set, nil)
      watched.formUnion(numbers)
      blocked.formUnion(numbers.subtracting(blockedBefore))
    }
    let id = nextID
    nextID += 1
    listeners.append(Listener(id: id, numbers: numbers, continuation: continuation))
    let loop = loop
    continuation.onTermination = { _ in
      loop.callSoonThreadSafe { loop.signalWatcher?.remove(id) }
    }
  }

  /// Ends all streams and lets the signals act as before; those that are still pending are forgotten.
  func close() {
    let ended = listeners
    listeners = []
    for listener in ended { listener.continuation.finish() }
    closeDescriptor()
    var pending = Self.set(of: watched)
    while clinux_take_pending_signal(&pending) > 0 {}
    var set = Self.set(of: blocked)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    watched = []
    blocked = []
  }

  private func remove(_ id: Int) {
    listeners.removeAll { $0.id == id }
  }

  private func drain() {
    while true {
      let number = clinux_signalfd_read(descriptor)
      guard number > 0 else { return }
      for listener in listeners where listener.numbers.contains(number) { listener.continuation.yield(number) }
    }
  }

  private func closeDescriptor() {
    watch?.cancel()
    watch = nil
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
    descriptor = -1
  }

  /// The C library keeps two for itself, and the kernel two.
  private static func canBeTaken(_ number: Int32) -> Bool {
    var set = sigset_t()
    sigemptyset(&set)
    return sigaddset(&set, number) == 0 && number != SIGKILL && number != SIGSTOP
  }

  private static func set(of numbers: Set<Int32>) -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in numbers { sigaddset(&set, number) }
    return set
  }

  private static func blockedNow() -> Set<Int32> {
    var set = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &set)
    return Set((1...64).filter { sigismember(&set, $0) == 1 })
  }
}

extension EventLoop {
  /// The signals with these numbers, as they come, instead of what they do by default.
  ///
  /// They are blocked in this thread (call it before others are started) until the loop closes, which has to happen on this
  /// thread then. A stream keeps the newest 64 that were not taken. On the loop's thread, inside a run.
  ///
  /// - Throws: `EventLoopError.system` when a number is no signal that can be taken (EINVAL), as SIGKILL, or no descriptor is
  ///   left (EMFILE, ENFILE); `.closed`.
  public func signals(_ numbers: Int32...) throws(EventLoopError) -> AsyncStream<Int32> {
    assertConfined("signals")
    if isClosed { throw .closed }
    let (stream, continuation) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(64))
    let watcher = signalWatcher ?? SignalWatcher(loop: self)
    signalWatcher = watcher
    try watcher.add(Set(numbers), continuation)
    return stream
  }
}
