internal import CLinux

/// Threads that make blocking calls for coroutines of one loop. Belongs to the loop's thread.
///
/// The queue is bounded: beyond it, callers wait in their order. `EventLoop.runInThread` uses a shared pool of one
/// thread per core; a pool of size 1 executes its calls one after the other, in the order of `run`.
public final class ThreadPool: @unchecked Sendable {
  public let name: String
  public let size: Int
  /// How many calls wait in the queue at most, besides those that run.
  public let queueLimit: Int
  /// Kept by the pool, unless it is the loop's own: that one is kept by its loop, which is there as long as it has callers.
  unowned(unsafe) let loop: EventLoop
  private let kept: EventLoop?
  private let queue: ThreadQueue
  /// Calls that were admitted and are not over: at most `size` run and `queueLimit` wait.
  private var admitted = 0
  private var callersAtLimit = Fifo<Waiter>()
  private var callers = 0
  /// Those that close the pool.
  private var closers: [Waiter] = []
  private var isClosed = false

  /// Makes a pool; its threads start with the first call. They are called `name-0`, …, and the name is cut to 15 bytes.
  public convenience init(name: String, size: Int, loop: EventLoop, queueLimit: Int = 1_024) {
    self.init(name: name, size: size, loop: loop, keepsLoop: true, queueLimit: queueLimit)
  }

  fileprivate init(name: String, size: Int, loop: EventLoop, keepsLoop: Bool, queueLimit: Int = 1_024) {
    mustHold(size > 0, "a thread pool needs at least one thread")
    mustHold(queueLimit > 0, "a thread pool needs room for at least one call")
    self.name = name
    self.size = size
    self.queueLimit = queueLimit
    self.loop = loop
    kept = keepsLoop ? loop : nil
    queue = ThreadQueue()
  }

  deinit {
    queue.abandonThreads()
  }

  /// How many calls stand in the queue, besides those that run and the callers that wait for room.
  public var waitingCalls: Int { queue.waiting }

  /// Calls `body` on a thread of the pool and suspends the current coroutine until it has returned.
  ///
  /// About 10 µs alone, 2 µs when many are outstanding. Cancelled while it waits for its thread, the call is never
  /// made; once it runs, its result is awaited and returned.
  ///
  /// - Throws: what `body` throws; `CancellationError` when cancelled before it ran; `EventLoopError.poolClosed`;
  ///   `.system` when no thread could be started. One thread is enough; the others are tried again with each call.
  public func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    loop.checkCoroutine()
    if isClosed { throw EventLoopError.poolClosed }
    try Task.checkCancellation()
    try queue.startThreads(size, name: name)
    loop.callsOutside += 1
    callers += 1
    defer {
      loop.callsOutside -= 1
      callers -= 1
      if callers == 0 { wakeClosers() }
    }
    if admitted - size < queueLimit {
      admitted += 1
    } else {
      let waiter = Waiter(.thread, loop: loop)
      callersAtLimit.append(waiter) { $0.isCancelled }
      try await loop.wait(for: waiter)
    }
    defer { admitNext() }
    let outcome = ThreadOutcome<T>()
    let call = ThreadCall(in: self) { outcome.result = Result { try body() } }
    await loop.home.wait(for: call, in: queue)
    queue.expectOver(call)
    guard let result = outcome.result else {
      throw Task.isCancelled ? CancellationError() : EventLoopError.poolClosed
    }
    return try result.get()
  }

  /// Accepts no more calls, waits until all earlier ones are made, and ends the threads. Harmless when repeated.
  public func close() async {
    isClosed = true
    if callers > 0 {
      let waiter = Waiter(.thread, loop: loop)
      closers.append(waiter)
      await loop.waitUninterrupted(for: waiter)
    }
    queue.endThreads()
  }

  private func wakeClosers() {
    for closer in closers { closer.wake() }
    closers = []
  }

  /// Ends the threads after the calls they make now. Blocks for these.
  func shutDown() {
    queue.endThreads()
  }

  /// A call is over: its place goes to the caller that has waited longest, without being free in between.
  private func admitNext() {
    while let waiter = callersAtLimit.popFirst() {
      if waiter.wake() { return }
    }
    admitted -= 1
  }
}

/// Where a thread leaves a call's result before it resumes the caller.
private final class ThreadOutcome<T>: @unchecked Sendable {
  var result: Result<T, any Error>?
}

extension EventLoop {
  /// Calls `body` on a thread of the shared pool (one thread per core) and awaits its result.
  ///
  /// The only way off the loop's thread: for parsing, hashing, compression, blocking calls. See `ThreadPool.run`.
  public func runInThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    checkCoroutine()
    let pool = sharedPool ?? ThreadPool(name: "worker", size: Self.coreCount, loop: self, keepsLoop: false)
    sharedPool = pool
    return try await pool.run(body)
  }

  /// Gives the system the memory that the process's allocator holds and nobody uses: glibc keeps for each thread what its
  /// peaks have left.
  ///
  /// On a thread of the shared pool. Who allocates from the same heap waits meanwhile, the loop's thread too: some
  /// milliseconds for 30 MB that are free in small pieces, 10 for 100 MB, 40 for 300 MB (glibc 2.36). Does nothing once
  /// the loop is closed.
  package func trimMemory() async {
    _ = try? await runInThread { clinux_trim_memory() }
  }
}
