import BenchmarkCounts

extension Count {
  init(name: String, value: Double) { self.init(name: name, value: value, limits: Thresholds.limits) }
}

/// What must not be exceeded: counts per operation that are the same on every machine. Times have no place here.
///
/// Where a count is exact, its limit is a hundredth above it, for what the measurement itself and the two ends of the
/// run add; one more job, allocation or system call per operation exceeds it.
enum Thresholds {
  /// The threads are those of the process when the work is done and its loop is closed.
  static let limits: [String: Double] = [
    // The coroutine's first job, and its creator's when the value is there.
    "spawn threads": 1,
    "spawn jobs": 2.01,
    "spawn allocations": 4.01,
    // The call, and the coroutine that it resumes.
    "park threads": 1,
    "park jobs": 2.01,
    // The call's closure and the checked continuation.
    "park allocations": 2.01,
    // Nothing runs for what was cancelled; the delayed call itself is the allocation.
    "timer-cancelled threads": 1,
    "timer-cancelled jobs": 0.01,
    "timer-cancelled allocations": 1.01,
    "timer-fired threads": 1,
    "timer-fired jobs": 1.01,
    "timer-fired allocations": 1.01,
    // The coroutine that the thread resumes; fewer when the thread is done before the coroutine has suspended. The call,
    // its outcome and its closure; the hand-over between the threads allocates once for many.
    "pool-alone threads": 1,
    "pool-alone jobs": 1.01,
    "pool-alone allocations": 3.05,
    "pool-64 threads": 1,
    "pool-64 jobs": 1.01,
    "pool-64 allocations": 3.1,
    // The event of the process's end, and the coroutine that it resumes.
    "child threads": 1,
    "child jobs": 2.05,
    // Without environment: arguments, pipes, the process, its watch and its waiter.
    "child allocations": 18.1,
    // The coroutine: its endpoint is told of the event at once. The message alone: the waiter is that of the read before.
    "echo-unix-1 threads": 1,
    "echo-unix-1 jobs": 1.01,
    "echo-unix-1 allocations": 1.01,
    "echo-tcp-1 threads": 1,
    "echo-tcp-1 jobs": 1.01,
    "echo-tcp-1 allocations": 1.01,
    // Wait, read, write.
    "echo-unix-1 system calls": 3.02,
    "echo-tcp-1 system calls": 3.02,
    // With 64 connections some are accepted, and all end, while the messages are counted. A message may arrive before
    // its coroutine waits, so there may be fewer jobs.
    "echo-unix-64 threads": 1,
    "echo-unix-64 jobs": 1.05,
    "echo-unix-64 allocations": 1.05,
    "echo-tcp-64 threads": 1,
    "echo-tcp-64 jobs": 1.05,
    "echo-tcp-64 allocations": 1.05,
    // One read that finds a message and one write, never a read that finds nothing.
    "echo-unix-64 transfers": 2.02,
    "echo-tcp-64 transfers": 2.02,
    // Read and write; one wait serves all messages that have come meanwhile. Under strace the clients are always
    // faster than the server, so these are nearly 64.
    "echo-unix-64 system calls": 2.2,
    "echo-tcp-64 system calls": 2.2,
    // The memory of 100,000 coroutines that sleep, all that the loop keeps for them included. The runtime takes 1,344 of
    // it: its task and one slab of frames. One frame too many between `startTask` and the parking lot begins a second
    // slab of a kilobyte.
    "memory bytes-per-sleeper": 1_600,
    // The allocator's own shifts.
    "memory timers-kept": 65_536,
    // Resident bytes, when the allocator has given back what is free: a page table or two may move.
    "memory timers-growth": 1_048_576,
  ]
}
