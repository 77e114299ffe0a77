import CLinux
import Glibc

/// The calls that wait for a thread, and the threads that make them. Every member may be used from any thread.
final class ThreadQueue: @unchecked Sendable {
  private enum Life {
    case open
    /// No new calls; the threads make those in the queue and end.
    case ended
  }

  private let lock = Lock()
  private let available = Lock.Condition()
  private var calls = Fifo<ThreadCall>()
  /// How many of them were cancelled and are skipped when their turn comes.
  private var cancelled = 0
  private var life = Life.open
  private var threads: [pthread_t] = []

  /// How many calls wait for a thread.
  var waiting: Int { lock.withLock { calls.count - cancelled } }

  /// Starts the threads that do not run yet. Not all of them are needed: without memory for more, one has to do.
  func startThreads(_ size: Int, name: String) throws(EventLoopError) {
    try lock.withLock { () throws(EventLoopError) in
      guard case .open = life else { throw .poolClosed }
      while threads.count < size {
        do throws(EventLoopError) {
          threads.append(try startThread(named: Self.name(of: threads.count, in: name)))
        } catch {
          if threads.isEmpty { throw error }
          return
        }
      }
    }
  }

  /// The kernel's names of threads have at most 15 bytes; it refuses longer ones.
  private static func name(of number: Int, in pool: String) -> String {
    let suffix = "-\(number)"
    var name = pool
    while name.utf8.count + suffix.utf8.count > 15, !name.isEmpty { name.removeLast() }
    return name + suffix
  }

  /// Appends a call whose caller is parked with `continuation`; a call that was cancelled before is over at once.
  func append(_ call: ThreadCall, _ continuation: UnsafeContinuation<Void, Never>) {
    let isAccepted = lock.withLock {
      guard case .created = call.state, case .open = life else {
        call.state = .over
        call.body = nil
        return false
      }
      call.state = .queued(continuation)
      let count = calls.count
      calls.append(call) { if case .queued = $0.state { false } else { true } }
      cancelled -= count + 1 - calls.count
      available.signal()
      return true
    }
    if !isAccepted { continuation.resume() }
  }

  /// Takes a call back that no thread makes yet, and resumes its caller.
  func cancel(_ call: ThreadCall) {
    let continuation: UnsafeContinuation<Void, Never>? = lock.withLock {
      switch call.state {
      case .created:
        call.state = .over
        return nil
      case .queued(let continuation):
        call.state = .over
        call.body = nil
        cancelled += 1
        return continuation
      case .running, .over:
        return nil
      }
    }
    continuation?.resume()
  }

  /// On the loop's thread, after the caller was resumed. The lock hands the thread's writes over in a way that
  /// ThreadSanitizer sees; the runtime's own, when the call was over before its caller had suspended, it does not.
  func expectOver(_ call: ThreadCall) {
    lock.withLock {
      guard case .over = call.state else { fatalError("a caller was resumed before its call was over") }
    }
  }

  /// Tells the threads to end when the queue is empty, without waiting for them.
  func requestEnd() {
    lock.withLock {
      life = .ended
      available.broadcast()
    }
  }

  /// The same, when nobody is left who could wait: what the system keeps of a thread is freed at the thread's end.
  func abandonThreads() {
    requestEnd()
    for thread in takeThreads() { pthread_detach(thread) }
  }

  /// Ends the threads and waits until they are gone.
  func endThreads() {
    requestEnd()
    for thread in takeThreads() { pthread_join(thread, nil) }
  }

  private func takeThreads() -> [pthread_t] {
    lock.withLock {
      defer { threads = [] }
      return threads
    }
  }

  /// What a thread does until the pool ends.
  fileprivate func work() {
    while let (call, continuation) = next() {
      call.body?()
      call.body = nil
      lock.withLock { call.state = .over }
      continuation.resume()
    }
  }

  private func next() -> (ThreadCall, UnsafeContinuation<Void, Never>)? {
    lock.withLock {
      while true {
        while let call = calls.popFirst() {
          if case .queued(let continuation) = call.state {
            call.state = .running
            return (call, continuation)
          }
          cancelled -= 1
        }
        if case .ended = life { return nil }
        lock.wait(for: available)
      }
    }
  }

  private func startThread(named name: String) throws(EventLoopError) -> pthread_t {
    var thread = pthread_t()
    let start = Unmanaged.passRetained(ThreadStart(queue: self, name: name))
    let code = pthread_create(&thread, nil, { enterThread($0) }, start.toOpaque())
    guard code == 0 else {
      start.release()
      throw .system(call: "pthread_create", code: code)
    }
    return thread
  }
}

private final class ThreadStart {
  let queue: ThreadQueue
  let name: String

  init(queue: ThreadQueue, name: String) {
    self.queue = queue
    self.name = name
  }
}

private func enterThread(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  guard let context else { return nil }
  let start = Unmanaged<ThreadStart>.fromOpaque(context).takeRetainedValue()
  clinux_block_all_signals()
  _ = clinux_name_thread(start.name)
  start.queue.work()
  return nil
}

extension EventLoop {
  /// How many threads can run at once here.
  static var coreCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
