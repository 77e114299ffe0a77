import CLinux

/// What the loop knows of one coroutine: the row of the task table. Belongs to the loop's thread.
///
/// Children of a coroutine share its record unless they run in `EventLoop.named`. There is one for each coroutine, so
/// what few of them need is kept apart, in `Remarks`.
public class RunningTask: @unchecked Sendable {
  /// Unique within the loop; counts from 1.
  public final let id: UInt64
  /// What the coroutine is called in lists; may be changed at any time.
  public final var name: String
  /// When it was started.
  public final let started: EventLoop.Instant
  private final var waitingSince: EventLoop.Instant
  /// What the coroutine itself (no child that shares the record) is parked with, and holds meanwhile.
  private final var parkedWith: Unmanaged<Wait>?
  private final var remarks: Remarks?
  /// The coroutine, from its making until its body has ended: the reference is valid meanwhile.
  final private(set) var task: TaskReference?
  /// Held, since a handle of the coroutine may be cancelled when both are over. The loop holds its records only as long as
  /// they are in the table, so this is no cycle that lasts; but a handle that is kept keeps a closed loop's memory.
  final let loop: EventLoop
  /// The coroutine has another record for the time being, in `EventLoop.named`.
  final var isCovered = false
  /// It runs, or has run.
  final var hasBegun: Bool
  // Neighbours in the task table.
  final var previous: TaskTable.Link?
  final var next: TaskTable.Link?

  /// A record, or `unbound`: the runtime copies a plain reference in a tenth of the time that an optional one takes it, and
  /// each start of a coroutine copies two.
  @TaskLocal static var bound: any AnyObject & Sendable = unbound
  private static let unbound = Unbound()
  private final class Unbound: Sendable {}

  /// The record of the coroutine that runs, or of its nearest ancestor that has one.
  static var current: RunningTask? {
    let bound = bound
    return bound === unbound ? nil : unsafeDowncast(bound, to: RunningTask.self)
  }

  /// Whether this, or an ancestor, has a record.
  @usableFromInline
  static var isBound: Bool { place != nil }

  /// Where the runtime keeps the record of the coroutine that runs; nil where none was bound.
  private static var place: UnsafeMutablePointer<any AnyObject & Sendable>? {
    clinux_task_local(unsafeBitCast($bound, to: UnsafeRawPointer.self))?
      .assumingMemoryBound(to: (any AnyObject & Sendable).self)
  }

  /// Takes the place of the record that the coroutine was started with, which is its creator's. A task that is no child has
  /// copies of its creator's task locals, so the place is its own; as long as it has no children, nobody else looks there.
  final func becomeCurrent() {
    guard let place = Self.place else { fatalError("a coroutine has begun without a record") }
    place.pointee = self
  }

  /// Makes this the current record while `body` runs.
  @usableFromInline
  final func whileCurrent<T>(_ body: () -> T) -> T {
    Self.$bound.withValue(self, operation: body)
  }

  /// Makes a record and puts it into the loop's table.
  @usableFromInline
  init(_ name: String, loop: EventLoop, hasBegun: Bool = false) {
    id = loop.tasks.nextID()
    self.name = name
    self.loop = loop
    self.hasBegun = hasBegun
    started = loop.now
    waitingSince = started
    loop.tasks.insert(self)
  }

  /// Tells which coroutine this is the record of.
  @usableFromInline
  final func begin(_ task: TaskReference?) {
    self.task = task
  }

  final func end() {
    loop.slowCalls?.touch(self)
    task = nil
    remarks = nil
  }

  // MARK: Cancellation

  /// Cancels the coroutine. On the loop's thread.
  final func cancel() {
    task?.cancel()
    wait?.cancel()
  }

  /// The coroutine was cancelled: ends its wait. From any thread.
  final func noteCancellation() {
    if loop.isCurrent { wait?.cancel() } else { loop.callSoonThreadSafe { self.wait?.cancel() } }
  }

  // MARK: Waiting

  private final var wait: Wait? { parkedWith?.takeUnretainedValue() }

  /// The coroutine parks; a cancellation ends the wait.
  final func park(with wait: Wait) {
    parkedWith = .passUnretained(wait)
    touch()
  }

  final func unpark() {
    parkedWith = nil
    touch()
  }

  /// A child that shares the record parks; its cancellation is its own.
  final func parkChild(with wait: Wait) {
    remark {
      $0.childWait = wait
      $0.parkedChildren += 1
    }
    touch()
  }

  final func unparkChild(_ wait: Wait) {
    remark {
      if $0.childWait === wait { $0.childWait = nil }
      $0.parkedChildren -= 1
    }
    touch()
  }

  private final func touch() {
    loop.slowCalls?.touch(self)
    if remarks?.reasons.isEmpty ?? true { waitingSince = loop.now }
  }

  /// Shows `text` until the reason with the returned number is removed.
  final func addReason(_ text: String) -> Int {
    waitingSince = loop.now
    return remark { remarks in
      let number = (remarks.reasons.last?.number ?? 0) + 1
      remarks.reasons.append((number, text))
      return number
    }
  }

  final func removeReason(_ number: Int) {
    remark { $0.reasons.removeAll { $0.number == number } }
    waitingSince = loop.now
  }

  /// What the coroutine's author has to say of its waits, asked only when somebody looks; nil: nothing.
  public final var detail: (any TaskDetail)? {
    get { remarks?.detail }
    set { remark { $0.detail = newValue } }
  }

  final var snapshot: TaskSnapshot {
    var (waitingFor, since) = ((wait ?? remarks?.childWait).map(loop.text(of:)), waitingSince)
    if waitingFor == nil, let remarks, remarks.parkedChildren > 0 {
      waitingFor = "its children, \(remarks.parkedChildren) of which wait"
    }
    if let reason = remarks?.reasons.last {
      waitingFor = reason.text
    } else if let detail = remarks?.detail, let told = detail.waitingFor {
      (waitingFor, since) = (told, detail.waitingSince)
    }
    return TaskSnapshot(
      id: id, name: name, started: started, waitingFor: waitingFor, since: since,
      isCancelled: task?.isCancelled ?? false)
  }

  /// What its author, or its children, have added.
  private final class Remarks {
    /// What the coroutine, or children that share the record, wait for in their authors' words; the newest is shown.
    @exclusivity(unchecked) var reasons: [(number: Int, text: String)] = []
    var detail: (any TaskDetail)?
    /// What the child that parked last is parked with.
    var childWait: Wait?
    /// Children that are parked, that one and others.
    var parkedChildren = 0
  }

  @discardableResult
  private final func remark<T>(_ change: (Remarks) -> T) -> T {
    let remarks = remarks ?? Remarks()
    self.remarks = remarks
    return change(remarks)
  }
}

/// The record of a coroutine that `startTask` starts. It holds the coroutine's body as well, so that the closure of the
/// standard library's task captures nothing but the loop's actor, and needs no memory of its own.
@usableFromInline
final class StartedTask<Success: Sendable>: RunningTask, @unchecked Sendable {
  @exclusivity(unchecked) @usableFromInline var body: (@Sendable () async throws -> Success)?

  @inlinable
  init(_ name: String, loop: EventLoop, _ body: @escaping @Sendable () async throws -> Success) {
    self.body = body
    super.init(name, loop: loop)
  }

  /// The body, once: it is freed when it has ended.
  @inlinable
  func takeBody() -> @Sendable () async throws -> Success {
    guard let taken = body else { fatalError("a coroutine was started twice") }
    body = nil
    return taken
  }
}
