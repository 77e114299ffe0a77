import CLinux

/// A coroutine that is alive, kept as one plain word: the standard library's `UnsafeCurrentTask` has no layout that is
/// known when this is compiled, and would make every copy a call.
///
/// Whoever keeps one gives it up before the coroutine's body ends.
@usableFromInline
struct TaskReference: Equatable {
  private let pointer: UnsafeRawPointer

  private init(pointer: UnsafeRawPointer) {
    self.pointer = pointer
  }

  /// A coroutine that was just made.
  @usableFromInline
  init<T>(_ task: Task<T, any Error>) {
    pointer = unsafeBitCast(task, to: UnsafeRawPointer.self)
  }

  /// The coroutine that runs; nil outside of one.
  static var current: TaskReference? {
    clinux_current_task().map { TaskReference(pointer: UnsafeRawPointer($0)) }
  }

  /// The coroutine that a job continues: the runtime enqueues the coroutine's own object.
  init(_ job: UnownedJob) {
    pointer = unsafeBitCast(job, to: UnsafeRawPointer.self)
  }

  private var task: UnsafeCurrentTask { unsafeBitCast(pointer, to: UnsafeCurrentTask.self) }

  var isCancelled: Bool { clinux_task_is_cancelled(pointer) }

  func cancel() { task.cancel() }
}
