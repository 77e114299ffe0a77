import CCurl
import EventLoop

/// One request over one address, from the moment that libcurl gets it to its end.
///
/// Its life: running → ended → released, each once. It ends by libcurl's result, by a verdict of a callback, or by an
/// abort (deadline, cancellation) from outside. Confined to the loop's thread, hence `@unchecked`.
final class Transfer: @unchecked Sendable {
  enum State {
    case running
    /// The response stands; libcurl still has the handle.
    case ended
    case released
  }

  /// Which part of a response is being read.
  enum Section {
    case headers
    /// A status line of the 100s was read, and its section ended.
    case interim
    case body
  }

  let call: FetchCall
  let address: PinnedAddress
  let handle: EasyHandle
  let shard: Shard
  let context: FetchContext
  /// Wakes the coroutine that waits for the end.
  let parking = Parking()
  /// Its place in the shard's list.
  var position = 0

  // Touched for every line and block, never by two at once: all of it happens in callbacks that cannot nest.
  @exclusivity(unchecked) var state = State.running
  @exclusivity(unchecked) var section = Section.headers
  @exclusivity(unchecked) var headers: [UInt8] = []
  /// The header section of the request that counts, if it is to be kept.
  @exclusivity(unchecked) var requestHeaders: [UInt8] = []
  @exclusivity(unchecked) var headerBytes = 0
  /// What the header sections take: libcurl keeps them, too.
  var headerMemory: Int { 2 * headerBytes }
  /// A field's line was read, of any section: libcurl has one to which a folded line belongs.
  @exclusivity(unchecked) var hasField = false
  /// A part of the line was seen that comes next.
  @exclusivity(unchecked) var isWithinLine = false
  @exclusivity(unchecked) var body: [UInt8] = []
  /// Decoded bytes, kept or not.
  @exclusivity(unchecked) var bodyBytes = 0
  /// What the header section says of the body's size and coding.
  var announced = AnnouncedLength.none
  var hasTransferEncoding = false
  @exclusivity(unchecked) var framing = ChunkFraming()
  var contentCodings = 0
  /// Those that are known, in the order in which they were applied.
  var codings: [ContentCoding] = []
  /// Unpacks the body, from its first byte on.
  @exclusivity(unchecked) var coded: (any CodedBody)?
  /// Transfer-Encoding names more than chunks.
  var isTransferCoded = false
  var isChunked = false
  /// What a callback of ours decided, before libcurl reports that it was stopped.
  var verdict: (outcome: FetchOutcome, error: String)?
  /// robots.txt had more than is kept; libcurl was stopped, and all is well.
  var isCut = false
  /// As many bytes came as were announced, of a body that libcurl reads to the connection's end; all is well.
  var isWhole = false
  /// What libcurl ended it with.
  private(set) var endCode: CURLcode?
  /// What kept it from opening its socket, if that was this machine.
  var shortage: SocketShortage?
  var tlsVersion: String?
  var certificateExpiresAt: Int64?
  /// The socket that it opened, until the first request goes out; -1 when there is none.
  var opened: Int32 = -1
  /// Where its body, or a long header section, comes from, if that is known.
  @exclusivity(unchecked) var bodySocket: FetchSocket?
  private var timer: DelayedCall?
  /// How late the timer was that has found, before the request was sent, that the process had not run.
  private var missed: Duration?
  /// TCP is up, and the other end is waited for before the request was sent.
  var isConnected = false
  /// TCP is up, and TLS is being negotiated.
  var isSecuring = false
  /// TLS was begun, be it with an https proxy.
  var hasBegunTLS = false
  var requestedAt: Instant?
  /// How often the request was sent.
  var requests = 0
  var isOverHTTP2 = false
  /// It was sent on a connection that had carried another.
  var isReused = false
  /// That of the connection on which it was sent.
  var localPort: Int32 = 0
  /// Its request was not sent because the kept connection for it was no good: it is to be made anew.
  var isUnsent = false
  /// See `FetchResponse.isUntaken` and `isRefused`.
  var isUntaken = false
  var isRefused = false
  private var bodySince: Instant?
  private var speedMark: (at: Instant, bytes: Int)?

  init(call: FetchCall, address: PinnedAddress, handle: EasyHandle, shard: Shard, context: FetchContext) {
    self.call = call
    self.address = address
    self.handle = handle
    self.shard = shard
    self.context = context
    call.reset()
  }

  var request: FetchRequest { call.request }

  /// That of its call, which has no other transfer meanwhile.
  var response: FetchResponse { call.response }

  var origin: Origin { call.origin }

  var deadline: Instant { call.deadline }

  /// Bytes of the body on the wire, as far as the header section tells. Transfer-Encoding overrides Content-Length, for
  /// libcurl too (RFC 9112 section 6.3).
  var announcedBytes: Int? {
    if !hasTransferEncoding, case .bytes(let count) = announced { count } else { nil }
  }

  /// Of a body with nothing but `identity` in Transfer-Encoding (RFC 2616 section 4.4), which browsers do so: libcurl goes by the
  /// connection's end alone.
  var identityBytes: Int? {
    if hasTransferEncoding, !isChunked, case .bytes(let count) = announced { count } else { nil }
  }

  var isRequestSent: Bool { requestedAt != nil }

  var now: Instant { context.loop.now }

  // MARK: Deadlines

  /// A timer that fires this much after its time says that the process did not run meanwhile: it was stopped, or the
  /// machine gave it no time.
  private static let standstill: Duration = .seconds(1)

  /// Sets the one timer of a transfer. It fires no later than any deadline can be, and is set anew from there: a fetch
  /// that is quick registers and cancels one delayed call in all.
  func startTimer() { setTimer(min(deadline, now + lookout)) }

  /// How soon the timer looks again before the request is sent: so often that it sees a standstill even if that is over
  /// before libcurl's time for connecting is.
  private var lookout: Duration {
    let limits = request.limits
    return min(limits.connect, limits.firstByte, limits.lowSpeedTime, Self.standstill)
  }

  /// How late the timer is at this time, if that is so much that the process did not run.
  private func lateness(_ now: Instant) -> Duration? {
    timer.map { now - $0.deadline }.flatMap { $0 >= Self.standstill ? $0 : nil }
  }

  /// The process runs again after a standstill, or was not allowed to read. Nobody else is to blame for the time that has
  /// passed, so all limits of time begin anew.
  private func beginTimesAnew(_ now: Instant) {
    call.deadline = now + request.limits.total
    if section == .body { speedMark = (now, receivedBytes) } else if isRequestSent { requestedAt = now }
  }

  private func setTimer(_ instant: Instant) {
    timer = context.loop.callAt(instant) { [unowned self] in checkDeadlines() }
  }

  private func checkDeadlines() {
    guard case .running = state else { return }
    let now = self.now
    let limits = request.limits
    let lateness = lateness(now)
    if let lateness, !isRequestSent { missed = lateness }
    if lateness != nil || origin.waitingSockets > 0 { beginTimesAnew(now) }
    var next = deadline
    if now >= deadline {
      return abort(timeOutOutcome, "the fetch was not over in time (\(limits.total))")
    }
    if section == .body {
      let mark = speedMark ?? (bodySince ?? now, 0)
      if now >= mark.at + limits.lowSpeedTime {
        let received = receivedBytes
        let seconds = Double(limits.lowSpeedTime.wholeMicroseconds) / 1e6
        if Double(received - mark.bytes) < Double(limits.lowSpeedBytesPerSecond) * seconds {
          return abort(.tooSlow, "fewer than \(limits.lowSpeedBytesPerSecond) bytes per second came")
        }
        speedMark = (now, received)
      } else {
        speedMark = mark
      }
      next = min(next, (speedMark?.at ?? now) + limits.lowSpeedTime)
    } else if let requestedAt {
      if now >= requestedAt + limits.firstByte {
        return abort(.firstByteTimeout, "no complete header section came in \(limits.firstByte)")
      }
      next = min(next, requestedAt + limits.firstByte)
    } else {
      // libcurl watches over connecting; the request may go out at any time from now on.
      next = min(next, now + lookout)
    }
    setTimer(next)
  }

  /// The section of the response that follows is the body.
  func enterBody() {
    section = .body
    bodySince = now
    let first = now + request.limits.lowSpeedTime
    if let timer, timer.deadline > first {
      timer.cancel()
      setTimer(first)
    }
    request.progress.enter(.body, now: now)
  }

  // MARK: End

  /// Bytes of the body as received so far, without the framing of chunks.
  var receivedBytes: Int { Int(ccurl_get_int64(handle.easy, CURLINFO_SIZE_DOWNLOAD_T)) }

  /// Ends it from outside of libcurl; without effect when it has ended.
  func abort(_ outcome: FetchOutcome, _ error: String) {
    guard case .running = state else { return }
    shard.abort(self, outcome, error)
  }

  /// libcurl found nothing wrong with the message.
  var isComplete: Bool { endCode == CURLE_OK }

  /// What a success lacks of its body, as a sentence. The connection may say nothing of that.
  private var lack: String? {
    if let coding = coded?.cut { return "the body's \(coding.rawValue) stream ends early" }
    guard status == 206, !request.asksForPart, let range = partialRange else { return nil }
    return "the server sent a part of the body without being asked for one: \(range)"
  }

  /// Content-Range, unless it is that of the whole (RFC 9110, section 14.4).
  private var partialRange: String? {
    guard let range = ResponseHeaders(bytes: headers).first("content-range") else { return nil }
    let words = range.split { $0 == " " || $0 == "-" || $0 == "/" }
    let isWhole = words.count == 4 && Int(words[1]) == 0 && Int(words[3]) == Int(words[2]).map { $0 &+ 1 }
    return isWhole ? nil : String(range.prefix(100))
  }

  /// Bytes of the body up to the end of its last whole line.
  private var wholeLines: Int {
    (body.lastIndex { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") } ?? -1) + 1
  }

  /// 300 without a Location is a page of links to choose from (RFC 9110, section 15.4.1); with any other redirect that lacks
  /// one its body is all that there is, and browsers show it (Fetch Standard, "HTTP-redirect fetch", step 3).
  private func outcome(ofAnswer status: Int) -> FetchOutcome {
    let isDocument = (status == 300 || bodyBytes > 0) && !request.isRobots && lacksLocation
    return isDocument ? .ok : FetchOutcome(status: status)
  }

  /// libcurl is done with it.
  func end(_ code: CURLcode) {
    endCode = code
    if let verdict {
      end(verdict.outcome, verdict.error)
    } else if code == CURLE_OPERATION_TIMEDOUT, !isRequestSent, let lateness = lateness(.monotonicNow) ?? missed {
      // libcurl watches over connecting by the clock alone, which it reads itself, and may be asked before the timer or after.
      finish(.localResource, "this process did not run for \(lateness) while the connection was made")
    } else if code == CURLE_OK, section != .body {
      // Nothing is wrong with it in libcurl's eyes: a field that was cut in two, or was not sent, is one less.
      finish(.reset, "the connection ended within the header section")
    } else if code == CURLE_OK || isCut || isWhole, let refusal = proxyRefusal {
      finish(.proxyFailed, refusal)
    } else if code == CURLE_OK || isCut || isWhole {
      let outcome = self.outcome(ofAnswer: status)
      if outcome == .notModified && !request.isConditional {
        finish(.protocolError, "the answer is 304 (not modified) to a request without a condition")
      } else if outcome == .ok, !isCut, let lack {
        finish(.truncated, lack)
      } else {
        finish(answer: outcome, isCut ? nil : lack)
      }
    } else if code == CURLE_HTTP2, isRequestSent, section == .headers, headers.isEmpty {
      // The server has ended the session (GOAWAY) and does not process this stream (RFC 9113 section 6.8).
      isUntaken = true
      isRefused = !isReused
      finish(.reset, "the server ended the connection without taking the request (GOAWAY)")
    } else {
      let failure = self.failure(code)
      end(failure.outcome, failure.error)
    }
  }

  /// It failed, unless its answer was one before that.
  func end(_ outcome: FetchOutcome, _ error: String) {
    guard section == .body, outcome.isOfBody else { return finish(outcome, error) }
    if let refusal = proxyRefusal { return finish(.proxyFailed, refusal) }
    if let answer = answerDespiteBody { finish(answer: answer, error) } else { finish(outcome, error) }
  }

  /// What the answer is although its body failed: where a redirect leads, and that something is not there, the header section
  /// says, and browsers need no more for it. nil of other answers, and of a challenge, to which libcurl was about to reply.
  private var answerDespiteBody: FetchOutcome? {
    let isChallenge = status == 401 && request.credentials.contains { $0.scheme == .digest }
    guard !isChallenge else { return nil }
    let outcome = self.outcome(ofAnswer: status)
    return switch outcome {
    case .clientError, .gone, .serverError, .rateLimited: outcome
    case .redirected: response.location == nil ? nil : outcome
    default: nil
    }
  }

  /// - Parameter error: what is wrong with its body, which is then left out.
  private func finish(answer outcome: FetchOutcome, _ error: String?) {
    if status == 408, isReused, !isOverHTTP2 { isUntaken = true }
    finish(outcome, error)
  }

  private func finish(_ outcome: FetchOutcome, _ error: String?) {
    guard case .running = state else { fatalError("a transfer ends twice") }
    state = .ended
    timer?.cancel()
    timer = nil
    fill(response, outcome, error)
    coded = nil
    context.sockets.room.buffered -= body.count + headerMemory
    if let bodySocket { bodySocket.endBody() } else { context.sockets.room.makeRoom() }
    bodySocket = nil
    context.counters.wireBytes += response.wireBytes
    // Half a rule is another rule.
    if request.isRobots && isCut { body.removeLast(body.count - wholeLines) }
    if outcome.isAnswer && error == nil || request.isRobots || request.keepsMessages { response.body = body }
    body = []
  }

  /// libcurl has let go of the handle: it returns to the pool, and the waiting coroutine goes on.
  func release() {
    guard case .ended = state else { fatalError("a transfer is released that has not ended") }
    state = .released
    context.pool.put(handle)
    parking.wake(.happened)
  }
}
