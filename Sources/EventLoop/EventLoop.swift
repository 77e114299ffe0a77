// The event loop: one thread runs many coroutines, in an order that the programmer can predict.
//
// What it is. One class that is both a SerialExecutor (actors that name it run on its thread) and a TaskExecutor
// (coroutines that prefer it resume on its thread). What waits for something of the loop's own is parked as a job that is
// put into the ready queue when it is woken (see `ParkingLot`). A continuation of others resumes on its task's generic
// executor before it goes to its actor; because both are this loop, one enqueue brings it there and no thread is switched.
//
// A tick is: collect the events of the kernel and the calls of other threads; append what is due to the ready queue;
// run the ready queue, first in, first out; run the before-sleep hooks; wait. The queue is run until it is empty, but
// the kernel is asked again after `jobsPerPoll` jobs at the latest, so a coroutine that always has something to do
// cannot starve sockets or deadlines.
//
// Invariants.
// 1. Everything of the loop but `callSoonThreadSafe`, `stop`, `enqueue` and what says so belongs to the loop's thread:
//    the one that is inside `runUntilComplete`, or, while it does not run, the one that owns the value.
// 2. A coroutine is resumed exactly once. Who resumes it is decided on the loop's thread, without locks.
// 3. A callback runs on the loop's thread, never inside the call that registered it.
// 4. What was cancelled is never called afterwards, even if it was already due.
// 5. The loop outlives its coroutines: `close()` refuses while one is alive.
//
// A connection whose peer keeps up would never suspend its coroutine; it is made to after a MiB (see `Endpoint`).
//
// What it does not do. It offers no fairness between tasks beyond first in, first out; it knows no priorities but that of
// descriptors whose watch is preferred: when thousands are ready, the kernel's answer begins with those. It never
// interrupts a callback: long work belongs into `runInThread`. It starts no thread but those of its thread pools.
//
// A coroutine begins inside an actor of the loop, and nonisolated callees stay there, so a wait costs one enqueue. Code that
// is in no actor works too, but pays one more enqueue each time that it returns from an actor or from a wait for something
// that is not the loop's. The compiler puts it
// there when the closure of `startTask` has a capture list or names an actor's `self`, and in children of a task group:
// write `self.` instead of a capture list, and let the closure do no more than call a method.
//
// Rules for the code on top of it: a bare unstructured task, or one started by anything but `startTask`, leaves the loop
// (structured children stay on it). Sleep with `sleep(for:)`, never with the standard library's. Every actor is a
// `LoopActor`.

import CLinux
import Glibc

/// A single-threaded event loop that executes coroutines, callbacks, timers and readiness events.
///
/// Use: `let loop = try EventLoop()`, `try loop.runUntilComplete { … }`, `try loop.close()`; or `EventLoop.run { … }`.
public final class EventLoop: @unchecked Sendable {
  // What other threads may touch.
  let foreign: ForeignQueue

  // What only the loop's thread touches.
  let clock: Clock
  let poller: Poller
  /// Asked first, by preferred watches; it is watched by the other. Made when it is needed.
  var preferredPoller: Poller?
  let ready = ReadyQueue()
  let timers = DelayedCallHeap()
  // Unchecked where the runtime's look for overlapping accesses would cost as much as the access: each ends before code of
  // others runs, such as what a watch calls or lets go of.
  @exclusivity(unchecked) var watches = WatchTable()
  var hooks: [HookToken] = []
  let tasks = TaskTable()
  /// When this tick began; while no run lasts, when the last one did.
  var tickTime: Instant
  /// Whether no run lasts. It belongs to the loop's thread too; others ask `foreign`.
  var isIdle = true
  /// How many coroutines wait here that have no row: those of other loops.
  var guests = 0
  let counters = LoopCounters()
  var isClosed = false
  var isStopRequested = false
  var signalWatcher: SignalWatcher?
  var sharedPool: ThreadPool?
  /// Nil unless somebody wants to know of slow calls.
  var slowCalls: SlowCallWatch?
  /// Where connections read into before the bytes get their own place.
  let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 16)
  /// Calls that run on other threads now; virtual time stands still meanwhile.
  var callsOutside = 0
  @exclusivity(unchecked) @usableFromInline private(set) var home: Home!
  let parkingLot = ParkingLot()

  /// How many jobs run at most before the kernel is asked again: one `epoll_wait` costs about as much as two jobs, so
  /// at this bound it adds 2 % to a busy loop.
  static let jobsPerPoll = 64

  /// Makes a loop that runs nothing yet. Ignores SIGPIPE in the process: a write to a closed peer is an error value.
  ///
  /// - Throws: `EventLoopError.system` when the kernel refuses an epoll or an event descriptor.
  public init(clock: Clock = .monotonic) throws(EventLoopError) {
    self.clock = clock
    poller = try Poller()
    foreign = try ForeignQueue()
    tickTime = clock == .virtual ? Instant(nanoseconds: 0) : .monotonicNow
    home = Home(loop: self)
    signal(SIGPIPE, SIG_IGN)
    try poller.add(foreign.eventDescriptor, events: CLINUX_READABLE | CLINUX_EDGE_TRIGGERED, token: Poller.wakeToken)
  }

  /// One that was not closed: what its users have kept of it must know that it is gone.
  deinit {
    abandonAll()
    foreign.close()
    readBuffer.deallocate()
  }

  /// The loop that runs on this thread, or nil.
  public static var current: EventLoop? {
    guard let pointer = clinux_current_loop() else { return nil }
    return Unmanaged<EventLoop>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// Whether the caller is on this loop's thread while it runs.
  public var isCurrent: Bool {
    clinux_current_loop() == Unmanaged.passUnretained(self).toOpaque()
  }

  /// The time of this tick: read once per tick, so all that happens in a tick happens at one instant.
  ///
  /// Monotonic, unrelated to the calendar. While no run lasts it is the time of the call. With the virtual clock it starts at
  /// 0 and jumps.
  public var now: Instant { isIdle && clock == .monotonic ? .monotonicNow : tickTime }

  /// The figures of the loop: what it has now, and what it has done since its start or the last `resetStatistics`.
  public var statistics: LoopStatistics {
    var statistics = counters.statistics(foreignCalls: foreign.accepted)
    statistics.pendingDeadlines = timers.count
    statistics.watches = watches.count
    return statistics
  }

  /// Starts the figures again from zero.
  ///
  /// - Parameter slowTickLimit: ticks that worked longer than this count as slow.
  public func resetStatistics(slowTickLimit: Duration? = nil) {
    counters.reset(foreignCalls: foreign.accepted)
    if let slowTickLimit { counters.slowTickLimit = Instant.nanoseconds(of: slowTickLimit) }
  }

  /// Traps unless the caller may touch the loop's own state.
  func assertConfined(_ operation: StaticString) {
    mustHold(
      isCurrent || !foreign.isRunning,
      "\(operation) was called from another thread than the event loop's: use callSoonThreadSafe")
  }
}
