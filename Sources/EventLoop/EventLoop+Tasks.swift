extension EventLoop {
  /// Starts a coroutine on this loop: its first job runs in the next round, in the order of the starts.
  ///
  /// This is the only way to start one that is not a structured child; it is listed by `snapshotTasks` until its body
  /// has ended. On the loop's thread.
  @discardableResult
  @inlinable
  public func startTask<T: Sendable>(
    name: String, _ body: @escaping @Sendable () async throws -> T
  ) -> Coroutine<T> {
    mayStartTask()
    let record = StartedTask(name, loop: self, body)
    // The new task takes its creator's task locals over, and puts its own record in the place of what it got: to bind
    // one costs more than all else here.
    let home: Home = home
    let task: Task<T, any Error>
    if RunningTask.isBound {
      task = Task(executorPreference: self) { try await home.run() }
    } else {
      task = record.whileCurrent { Task(executorPreference: self) { try await home.run() } }
    }
    record.begin(TaskReference(task))
    return Coroutine(task, record)
  }

  @usableFromInline
  func mayStartTask() {
    assertConfined("startTask")
    mustHold(!isClosed, "startTask on a closed event loop")
  }

  /// Runs `body` in the current coroutine and lists it in the task table under its own name meanwhile.
  ///
  /// For the children of a task group, which otherwise share the row of the coroutine that made the group.
  public nonisolated(nonsending) func named<T>(_ name: String, _ body: () async throws -> T) async rethrows -> T {
    checkCoroutine()
    let record = RunningTask(name, loop: self, hasBegun: true)
    let covered = currentRecord.flatMap { $0.task == .current ? $0 : nil }
    return try await RunningTask.$bound.withValue(record) {
      record.begin(.current)
      covered?.isCovered = true
      defer {
        covered?.isCovered = false
        finish(record)
      }
      return try await withTaskCancellationHandler(operation: body) {
        record.noteCancellation()
      }
    }
  }

  /// Says in the task table what the current coroutine waits for while `body` runs.
  public nonisolated(nonsending) func waiting<T>(
    for text: String, _ body: () async throws -> T
  ) async rethrows -> T {
    checkCoroutine()
    guard let record = currentRecord else { return try await body() }
    let reason = record.addReason(text)
    defer { record.removeReason(reason) }
    return try await body()
  }

  /// The row of the coroutine that runs, to rename it; nil outside of one.
  public static var currentTask: RunningTask? { RunningTask.current }

  /// Coroutines that are alive, oldest first: at most `limit` of those whose id is larger than `id`. O(n).
  public func snapshotTasks(after id: UInt64 = 0, limit: Int = .max) -> [TaskSnapshot] {
    assertConfined("snapshotTasks")
    var snapshots: [TaskSnapshot] = []
    snapshots.reserveCapacity(min(tasks.count, limit))
    tasks.forEach { if $0.id > id, snapshots.count < limit { snapshots.append($0.snapshot) } }
    return snapshots
  }

  /// How many coroutines are alive.
  public var taskCount: Int { tasks.count }

  /// Cancels the coroutine with this id. False when there is none. O(n).
  @discardableResult
  public func cancelTask(id: UInt64) -> Bool {
    assertConfined("cancelTask")
    var found: RunningTask?
    tasks.forEach { if $0.id == id { found = $0 } }
    found?.cancel()
    return found != nil
  }

  /// Cancels every coroutine of the loop but the current one, whatever rows it has. A child's ancestors are cancelled, and
  /// the child with them.
  public func cancelAllTasks() {
    assertConfined("cancelAllTasks")
    let current = TaskReference.current
    tasks.forEach { if current == nil || $0.task != current { $0.cancel() } }
  }

  /// The record of the coroutine that runs, which has just begun.
  @usableFromInline
  func begun() -> RunningTask {
    let record = tasks.begin()
    record.becomeCurrent()
    return record
  }

  @usableFromInline
  func finish(_ record: RunningTask) {
    record.end()
    tasks.remove(record)
  }
}
