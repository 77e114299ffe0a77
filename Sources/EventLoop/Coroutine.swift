/// A coroutine that `EventLoop.startTask` has started: its handle, for whoever awaits or cancels it. From any thread.
///
/// The loop's waits look at this handle's cancellation instead of installing a handler each, which is what makes them
/// cheap: so it stands in the place of the standard library's `Task`.
public struct Coroutine<Success: Sendable>: Sendable {
  @usableFromInline let task: Task<Success, any Error>
  @usableFromInline let record: RunningTask

  @inlinable
  init(_ task: Task<Success, any Error>, _ record: RunningTask) {
    self.task = task
    self.record = record
  }

  /// What the coroutine has returned; suspends the caller until then. Cancelling the caller does not shorten it.
  ///
  /// - Throws: what the coroutine has thrown.
  @inlinable
  public nonisolated(nonsending) var value: Success {
    get async throws { try await task.value }
  }

  /// What the coroutine has returned or thrown; suspends the caller until then. Cancelling the caller does not shorten it.
  @inlinable
  public nonisolated(nonsending) var result: Result<Success, any Error> {
    get async { await task.result }
  }

  /// Cancels the coroutine and its children: what they wait for ends with `CancellationError`. Harmless when repeated
  /// or after the end.
  public func cancel() {
    task.cancel()
    record.noteCancellation()
  }

  /// Whether `cancel` was called.
  public var isCancelled: Bool { task.isCancelled }
}
