import CLinux
import EventLoop
import Glibc
import Testing

/// What pools keep, and for how long.
@Suite struct ThreadBoundTests {
  @Test func `a pool may be closed by several coroutines`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let pool = ThreadPool(name: "closing", size: 1, loop: loop)
      let latch = Latch()
      let call = loop.startTask(name: "call") { try await pool.run { latch.wait() } }
      while !latch.isAwaited { try await nextRounds() }
      let isOver = Slot(false)
      let closers = (0..<3).map { number in
        loop.startTask(name: "closer \(number)") {
          await pool.close()
          #expect(isOver.value)
        }
      }
      try await nextRounds(2)
      isOver.value = true
      latch.open()
      try await call.value
      for closer in closers { try await closer.value }
    }
  }

  @Test func `callers that are cancelled before there is room for them are forgotten`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let pool = ThreadPool(name: "full", size: 1, loop: loop, queueLimit: 1)
      let latch = Latch()
      let calls = (0..<2).map { _ in loop.startTask(name: "call") { try await pool.run { latch.wait() } } }
      while !latch.isAwaited { try await nextRounds() }
      #expect(try await Rows().heldAfterCancelling(loop) { try await pool.run {} } <= 130)
      latch.open()
      for call in calls { try await call.value }
      #expect(try await pool.run { 5 } == 5)
      await pool.close()
    }
  }

  /// In a process of its own, whose memory nobody else fills.
  @Test func `calls that are cancelled in the queue leave nothing in it`() async {
    await #expect(processExitsWith: .success) {
      try EventLoop.run {
        guard let loop = EventLoop.current else { return }
        let pool = ThreadPool(name: "busy", size: 1, loop: loop)
        let latch = Latch()
        let blocking = loop.startTask(name: "blocking") { try await pool.run { latch.wait() } }
        while !latch.isAwaited { try await nextRounds() }
        @Sendable func cancelCalls(_ count: Int) async throws {
          for _ in 0..<count {
            let call = loop.startTask(name: "call") { try await pool.run {} }
            while pool.waitingCalls == 0 { try await nextRounds() }
            call.cancel()
            _ = await call.result
            demand(pool.waitingCalls == 0, "\(pool.waitingCalls) calls wait")
          }
        }
        try await cancelCalls(1_000)
        let before = residentPages()
        try await cancelCalls(100_000)
        let growth = residentPages() - before
        demand(growth < 1_000, "100,000 calls that were cancelled hold \(growth) pages")
        latch.open()
        try await blocking.value
        await pool.close()
      }
    }
  }

  /// In a process of its own, whose mappings nobody else changes.
  @Test func `the threads of a pool that is dropped leave nothing behind`() async {
    await #expect(processExitsWith: .success) {
      try EventLoop.run {
        guard let loop = EventLoop.current else { return }
        @Sendable func usePools(_ count: Int) async throws {
          for _ in 0..<count {
            let thread = try await ThreadPool(name: "dropped", size: 1, loop: loop).run { threadPath() }
            while access(thread, F_OK) == 0 { sched_yield() }
          }
        }
        try await usePools(10)
        let before = try lineCount(of: "/proc/self/maps")
        try await usePools(100)
        let growth = try lineCount(of: "/proc/self/maps") - before
        demand(growth < 50, "the stacks of 100 threads that have ended are \(growth) mappings")
      }
    }
  }

  @Test func `every thread of a large pool has its name`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let pool = ThreadPool(name: "twelve bytes", size: 101, loop: loop)
      let latch = Latch()
      let calls = (0..<101).map { _ in
        loop.startTask(name: "call") {
          try await pool.run { () -> String in
            latch.wait()
            return threadName()
          }
        }
      }
      while latch.waitingCount < 101 { try await nextRounds() }
      latch.open()
      var names: Set<String> = []
      for call in calls { names.insert(try await call.value) }
      #expect(names == Set((0..<100).map { "twelve bytes-\($0)\n" } + ["twelve byte-100\n"]))
      await pool.close()
    }
  }

  @Test func `a pool without limit takes every call`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let pool = ThreadPool(name: "endless", size: 1, loop: loop, queueLimit: .max)
      #expect(try await pool.run { 7 } == 7)
      await pool.close()
    }
  }

  /// In a process of its own, whose memory is limited.
  @Test func `one thread does when the system has no memory for others`() async {
    await #expect(processExitsWith: .success) {
      try EventLoop.run {
        guard let loop = EventLoop.current else { return }
        var attributes = pthread_attr_t()
        var stack = 0
        pthread_attr_init(&attributes)
        pthread_attr_getstacksize(&attributes, &stack)
        // Room for one more stack, and not for sixty-four.
        var limit = rlimit()
        limit.rlim_cur = rlim_t(addressSpace() + 2 * stack)
        limit.rlim_max = limit.rlim_cur
        demand(setrlimit(__rlimit_resource_t(9), &limit) == 0, "no limit can be set")  // RLIMIT_AS
        let pool = ThreadPool(name: "poor", size: 64, loop: loop)
        let result = try await pool.run { 7 }
        demand(result == 7, "the call has returned \(result)")
        await pool.close()
      }
    }
  }
}

/// The directory of the calling thread.
private func threadPath() -> String {
  var buffer = [UInt8](repeating: 0, count: 64)
  let count = buffer.withUnsafeMutableBytes { readlink("/proc/thread-self", $0.baseAddress!, $0.count) }
  return "/proc/" + String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
}

/// The fields of `/proc/self/statm`: pages.
private func memoryFields() -> [Int] {
  let file = fopen("/proc/self/statm", "re")
  defer { fclose(file) }
  var buffer = [UInt8](repeating: 0, count: 128)
  let count = fread(&buffer, 1, buffer.count, file)
  return String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: " ").compactMap { Int($0) }
}

private func residentPages() -> Int { memoryFields()[1] }
private func addressSpace() -> Int { memoryFields()[0] * Int(sysconf(Int32(_SC_PAGESIZE))) }
