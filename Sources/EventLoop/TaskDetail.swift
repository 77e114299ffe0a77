/// What a coroutine waits for in its author's words, where it changes too often to be noted each time: it is asked when
/// the task table is read. Belongs to the loop's thread.
public protocol TaskDetail: AnyObject {
  /// Nil: what the loop knows is shown.
  var waitingFor: String? { get }
  var waitingSince: EventLoop.Instant { get }
}
