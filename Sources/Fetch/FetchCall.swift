import EventLoop

/// One fetch on its way, and what stays the same over its attempts. Confined to the loop's thread.
final class FetchCall {
  let request: FetchRequest
  let origin: Origin
  /// Microseconds since 1970 UTC.
  let startedAt: Int64
  /// Runs since the fetch began to wait for its place.
  let stopwatch: Stopwatch
  /// When the whole fetch must be over.
  let deadline: Instant
  /// It was woken to open a socket, and has neither tried to nor passed its turn on.
  var hasTurn = false

  init(request: FetchRequest, origin: Origin, startedAt: Int64, stopwatch: Stopwatch, deadline: Instant) {
    self.request = request
    self.origin = origin
    self.startedAt = startedAt
    self.stopwatch = stopwatch
    self.deadline = deadline
  }

  func response(_ outcome: FetchOutcome, _ error: String) -> FetchResponse {
    var response = FetchResponse(outcome: outcome, error: error, startedAt: startedAt)
    response.timings.total = stopwatch.elapsed
    return response
  }
}
