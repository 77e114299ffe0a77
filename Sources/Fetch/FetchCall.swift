import EventLoop

/// One fetch on its way, and what stays the same over its attempts. Confined to the loop's thread.
final class FetchCall {
  let request: FetchRequest
  let origin: Origin
  /// Microseconds since 1970 UTC.
  let startedAt: Int64
  /// When the whole fetch must be over.
  let deadline: Instant
  /// It was woken to open a socket, and has neither tried to nor passed its turn on.
  var hasTurn = false

  init(request: FetchRequest, origin: Origin, startedAt: Int64, deadline: Instant) {
    self.request = request
    self.origin = origin
    self.startedAt = startedAt
    self.deadline = deadline
  }

  func response(_ outcome: FetchOutcome, _ error: String) -> FetchResponse {
    FetchResponse(outcome: outcome, error: error, startedAt: startedAt)
  }
}
