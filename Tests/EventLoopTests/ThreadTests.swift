import CLinux
import EventLoop
import Glibc
import Testing

@Suite struct ThreadTests {
  @Test func `calls from other threads come in each thread's order, and wake the loop`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let pool = ThreadPool(name: "callers", size: 4, loop: loop)
      let received = Slot<[[Int]]>(Array(repeating: [], count: 4))
      try await withThrowingTaskGroup(of: Void.self) { group in
        for thread in 0..<4 {
          group.addTask {
            try await pool.run {
              for number in 0..<1_000 { loop.callSoonThreadSafe { received.value[thread].append(number) } }
            }
          }
        }
        try await group.waitForAll()
      }
      try await nextRounds(2)
      for thread in 0..<4 { #expect(received.value[thread] == Array(0..<1_000)) }
      await pool.close()
    }
  }

  @Test func `a call on a thread returns its result or its error, off the loop's thread`() throws {
    struct Broken: Error {}
    let loopThread = pthread_self()
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let thread = try await loop.runInThread { pthread_self() }
      #expect(thread != loopThread)
      #expect(pthread_self() == loopThread)
      await #expect(throws: Broken.self) { try await loop.runInThread { throw Broken() } }
    }
  }

  @Test func `a pool of one makes its calls in order on one named thread`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let pool = ThreadPool(name: "writer", size: 1, loop: loop)
      let order = Slot<[Int]>([])
      let threads = try await withThrowingTaskGroup(of: pthread_t.self) { group in
        for number in 0..<100 {
          group.addTask {
            try await pool.run {
              order.value.append(number)
              return pthread_self()
            }
          }
        }
        return try await group.reduce(into: Set<pthread_t>()) { $0.insert($1) }
      }
      #expect(order.value == Array(0..<100))
      #expect(threads.count == 1)
      let name = try await pool.run { threadName() }
      #expect(name == "writer-0\n")
      await pool.close()
      await #expect(throws: EventLoopError.poolClosed) { try await pool.run {} }
    }
  }

  @Test func `a call that is cancelled in the queue is never made and frees what it holds`() throws {
    let trace = Trace()
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let pool = ThreadPool(name: "single", size: 1, loop: loop)
      let latch = Latch()
      let blocking = loop.startTask(name: "blocking") { try await pool.run { latch.wait() } }
      while !latch.isAwaited { try await nextRounds() }
      let queued = loop.startTask(name: "queued") { () async throws in
        let canary = Canary("queued call", trace)
        try await pool.run { withExtendedLifetime(canary) { trace.note("made") } }
      }
      try await nextRounds(2)
      #expect(loop.snapshotTasks().last?.waitingFor == "thread pool single")
      queued.cancel()
      await #expect(throws: CancellationError.self) { try await queued.value }
      #expect(trace.lines == ["freed queued call"])
      latch.open()
      try await blocking.value
      let early = loop.startTask(name: "early") { try await pool.run { trace.note("made") } }
      early.cancel()
      await #expect(throws: CancellationError.self) { try await early.value }
      #expect(try await pool.run { 5 } == 5)
      await pool.close()
    }
    #expect(trace.lines == ["freed queued call"])
  }

  @Test func `a call that already runs is awaited in spite of a cancellation`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let latch = Latch()
      let running = loop.startTask(name: "running") {
        try await loop.runInThread { () -> String in
          latch.wait()
          return "result"
        }
      }
      while !latch.isAwaited { try await nextRounds() }
      running.cancel()
      try await nextRounds(3)
      latch.open()
      #expect(try await running.value == "result")
    }
  }

  @Test func `callers beyond the queue's limit wait in their order`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let pool = ThreadPool(name: "bounded", size: 1, loop: loop, queueLimit: 2)
      let latch = Latch()
      let order = Slot<[Int]>([])
      let started = Slot(0)
      let blocking = loop.startTask(name: "blocking") { try await pool.run { latch.wait() } }
      while !latch.isAwaited { try await nextRounds() }
      let tasks = (0..<10).map { number in
        loop.startTask(name: "caller \(number)") {
          started.value += 1
          try await pool.run { order.value.append(number) }
        }
      }
      try await nextRounds(3)
      #expect(started.value == 10)
      #expect(pool.waitingCalls == 2)
      tasks[5].cancel()
      await #expect(throws: CancellationError.self) { try await tasks[5].value }
      latch.open()
      for (number, task) in tasks.enumerated() where number != 5 { try await task.value }
      try await blocking.value
      #expect(order.value == [0, 1, 2, 3, 4, 6, 7, 8, 9])
      await pool.close()
    }
  }

  @Test func `closing a pool waits for the calls that were accepted`() throws {
    let trace = Trace()
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let pool = ThreadPool(name: "closing", size: 1, loop: loop)
      let latch = Latch()
      for number in 1...2 {
        loop.startTask(name: "call \(number)") {
          try await pool.run {
            latch.wait()
            trace.note("call \(number)")
          }
        }
      }
      while !latch.isAwaited { try await nextRounds() }
      let closing = loop.startTask(name: "closing") {
        await pool.close()
        trace.note("closed")
      }
      try await nextRounds(2)
      await #expect(throws: EventLoopError.poolClosed) { try await pool.run {} }
      latch.open()
      try await closing.value
    }
    #expect(trace.lines == ["call 1", "call 2", "closed"])
  }
}

/// A thread waits here until the loop opens it.
final class Latch: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var isOpen = false
  private var waiting = 0

  init() {
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    mutex.deallocate()
    condition.deallocate()
  }

  var isAwaited: Bool { waitingCount > 0 }

  /// How many threads have come so far.
  var waitingCount: Int {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return waiting
  }

  func wait() {
    pthread_mutex_lock(mutex)
    waiting += 1
    while !isOpen { pthread_cond_wait(condition, mutex) }
    pthread_mutex_unlock(mutex)
  }

  func open() {
    pthread_mutex_lock(mutex)
    isOpen = true
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }
}
