import Address
import EventLoop
import WebURL

/// One call of `fetch`: what its attempts share, and the response so far.
final class FetchCall {
  let request: FetchRequest
  let origin: Origin
  let stopwatch = Stopwatch()
  var deadline: Instant
  /// It was woken to try for a socket, and has neither opened one nor passed the turn on.
  var hasTurn = false
  /// The address of a kept connection, which was tried before any look-up.
  var tried: Address?
  /// Addresses to try.
  var candidates: ArraySlice<Address> = []
  /// When its request was about to be written, for the last time.
  var sentAt: Instant?
  /// The name has more than one.
  var hasChoice = false
  /// The wait for a place, the look-up, and the addresses that were tried in vain, in microseconds.
  var queueTime: Int64 = 0
  var lookUpTime: Int64 = 0
  var lostTime: Int64 = 0
  /// That of the last attempt; `aborted` before the first.
  private(set) var response: FetchResponse
  private var isResponseFresh = true

  init(request: FetchRequest, origin: Origin, startedAt: Int64, deadline: Instant) {
    self.request = request
    self.origin = origin
    self.deadline = deadline
    response = FetchCall.response(at: startedAt, by: origin)
  }

  var port: Int { request.url.effectivePort ?? 0 }

  /// An attempt begins: nothing of the one before stays.
  func reset() {
    if !isResponseFresh { response = FetchCall.response(at: response.startedAt, by: origin) }
    isResponseFresh = false
  }

  /// One that says what is known before the first attempt.
  private static func response(at startedAt: Int64, by origin: Origin) -> FetchResponse {
    let response = FetchResponse(outcome: .aborted, startedAt: startedAt)
    response.proxy = origin.lane.route.proxy?.name
    if origin.isHTTPS { response.tlsVerified = origin.lane.route.verifiesTLS }
    return response
  }

  /// It ends without an attempt.
  @inline(never)
  func end(_ outcome: FetchOutcome, _ error: String, at address: Address? = nil) {
    reset()
    response.outcome = outcome
    response.error = error
    response.remoteAddress = address?.description
    response.timings.total = stopwatch.elapsed
  }
}
