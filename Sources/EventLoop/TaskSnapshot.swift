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
