/// What the loop knows of one coroutine: the row of the task table. Belongs to the loop's thread.
///
/// Children of a coroutine share its record unless they run in `EventLoop.named`.
public final class RunningTask: @unchecked Sendable {
  /// Unique within the loop; counts from 1.
  public let id: UInt64
  /// What the coroutine is called in lists; may be changed at any time.
  public var name: String
  /// What the coroutine's author has to say of its waits, asked only when somebody looks; nil: nothing.
  public var detail: (any TaskDetail)?
  /// When it was started.
  public let started: EventLoop.Instant
  /// What the coroutine, or children that share the record, wait for in their authors' words; the newest is shown.
  private var reasons: [(id: Int, text: String)] = []
  private var nextReason = 0
  private(set) var waitReason = WaitReason.nothing
  private(set) var waitingSince: EventLoop.Instant
  /// The coroutine, from its making until its body has ended: the reference is valid meanwhile.
  private(set) var task: TaskReference?
  /// What the coroutine itself (no child that shares the record) is parked with.
  private var waiter: Waiter?
  unowned(unsafe) let loop: EventLoop
  // Neighbours in the task table.
  unowned(unsafe) var previous: RunningTask?
  unowned(unsafe) var next: RunningTask?

  /// The record of the coroutine that runs, or of its nearest ancestor that has one.
  @TaskLocal static var current: RunningTask?

  /// Makes this the current record while `body` runs.
  @usableFromInline
  func whileCurrent(_ body: () -> Void) {
    Self.$current.withValue(self, operation: body)
  }

  init(id: UInt64, name: String, loop: EventLoop) {
    self.id = id
    self.name = name
    self.loop = loop
    started = loop.now
    waitingSince = loop.now
  }

  /// Tells which coroutine this is the record of.
  @usableFromInline
  func begin(_ task: TaskReference?) {
    self.task = task
  }

  func end() {
    loop.slowCalls?.touch(self)
    task = nil
    detail = nil
  }

  func beginWaiting(for reason: WaitReason, at now: EventLoop.Instant) {
    waitReason = reason
    loop.slowCalls?.touch(self)
    if reasons.isEmpty { waitingSince = now }
  }

  func endWaiting(at now: EventLoop.Instant) {
    waitReason = .nothing
    loop.slowCalls?.touch(self)
    if reasons.isEmpty { waitingSince = now }
  }

  /// The coroutine parks with `waiter`, which a cancellation wakes.
  func park(with waiter: Waiter) {
    self.waiter = waiter
  }

  func unpark() {
    waiter = nil
  }

  /// The coroutine was cancelled: wakes it. From any thread.
  func noteCancellation() {
    if loop.isCurrent {
      waiter?.wake(.cancelled)
    } else {
      loop.callSoonThreadSafe { self.waiter?.wake(.cancelled) }
    }
  }

  /// Shows `text` until the reason with the returned id is removed.
  func addReason(_ text: String) -> Int {
    nextReason += 1
    reasons.append((nextReason, text))
    waitingSince = loop.now
    return nextReason
  }

  func removeReason(_ id: Int) {
    reasons.removeAll { $0.id == id }
    waitingSince = loop.now
  }

  /// Cancels the coroutine. On the loop's thread.
  func cancel() {
    task?.cancel()
    waiter?.wake(.cancelled)
  }

  var snapshot: TaskSnapshot {
    let told = reasons.isEmpty ? detail.flatMap { detail in detail.waitingFor.map { ($0, detail.waitingSince) } } : nil
    return TaskSnapshot(
      id: id, name: name, started: started,
      waitingFor: reasons.last?.text ?? told?.0 ?? waitReason.description,
      since: told?.1 ?? waitingSince, isCancelled: task?.isCancelled ?? false)
  }
}

/// What a coroutine waits for in its author's words, where it changes too often to be noted each time: it is asked when
/// the task table is read. Belongs to the loop's thread.
public protocol TaskDetail: AnyObject {
  /// Nil: what the loop knows is shown.
  var waitingFor: String? { get }
  var waitingSince: EventLoop.Instant { get }
}

/// One row of the task table, as it was at one instant.
public struct TaskSnapshot: Sendable, Hashable {
  public let id: UInt64
  public let name: String
  public let started: EventLoop.Instant
  /// What the coroutine waits for; nil when it runs, or waits for another coroutine without having said so.
  public let waitingFor: String?
  /// Since when it has waited for that, or has run.
  public let since: EventLoop.Instant
  public let isCancelled: Bool
}
