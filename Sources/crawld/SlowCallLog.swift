internal import EventLoop
internal import Logging

/// Logs what held the event loop, at most one line in ten seconds: the others are counted. Confined to the loop's thread.
final class SlowCallLog {
  private let logger: Logger
  private var quietUntil: EventLoop.Instant?
  private var unsaid = 0

  private static let interval = Duration.seconds(10)

  init(_ logger: Logger) {
    self.logger = logger
  }

  func note(_ call: SlowCall, at now: EventLoop.Instant) {
    if let quietUntil, now < quietUntil {
      unsaid += 1
      return
    }
    let more = unsaid == 0 ? "" : " (and \(unsaid) more before it)"
    logger.warning("\(call)\(more)")
    quietUntil = now + Self.interval
    unsaid = 0
  }

  /// Says what is not said yet: the daemon ends.
  func close() {
    if unsaid > 0 { logger.warning("\(unsaid) more calls held the event loop since then") }
    unsaid = 0
  }
}
