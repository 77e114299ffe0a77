import Address
import CCurl
import EventLoop
import Glibc

/// What libcurl asks and tells while a transfer runs. Nothing here may call libcurl's multi interface.
extension Transfer {
  /// CURLOPT_OPENSOCKETFUNCTION: the last look at the address before a packet can go there.
  func openSocket(_ target: UnsafeMutablePointer<curl_sockaddr>) -> curl_socket_t {
    guard request.gate.isOpen else { return refuse(.aborted, "the task was stopped before the connection was opened") }
    let start = UnsafeRawPointer(target) + MemoryLayout<curl_sockaddr>.offset(of: \.addr)!
    guard let remote = Address(sockaddr: UnsafeRawBufferPointer(start: start, count: Int(target.pointee.addrlen)))
    else {
      return refuse(.addressRefused, "neither IPv4 nor IPv6")
    }
    if let refusal = refusal(of: remote) { return refuse(.addressRefused, refusal) }
    guard mayBeSent else { return refuse(.reset, untaken()) }
    call.hasTurn = false
    // libcurl tries again by itself.
    context.sockets.settle(self)
    guard !context.sockets.isFull else {
      shortage = .limit
      return refuse(.localResource, "\(context.sockets.open) sockets are open, which is the most that may be")
    }
    let kind = target.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(target.pointee.family, kind, target.pointee.`protocol`)
    guard descriptor >= 0 else {
      let code = errno
      if code == EMFILE || code == ENFILE { shortage = .system(closed: context.sockets.closed) }
      return refuse(.localResource, "no socket could be opened: \(String(cString: strerror(code)))")
    }
    context.sockets.insert(FetchSocket(descriptor: descriptor, shard: shard, origin: origin, opener: self))
    origin.pinned = address
    opened = descriptor
    return descriptor
  }

  /// Why nothing may go to this address, if so. A route with a proxy has no addresses but the proxy's, this transfer's or those
  /// that others of the route were to connect to: libcurl uses what was looked up last.
  private func refusal(of remote: Address) -> String? {
    if let proxy = origin.lane.route.proxy {
      return origin.lane.proxyAddresses.contains(remote) ? nil : "\(remote) is no address of the proxy \(proxy.name)"
    }
    if case .refused(let rule) = context.addressGuard.verdict(remote) { return "\(remote) is refused: \(rule)" }
    return nil
  }

  /// The socket waits for the other end before any request went out: TCP is up, and TLS, or the proxy's way to the server, is
  /// being negotiated.
  func isReadingBeforeRequest() {
    guard !isRequestSent else { return }
    isConnected = true
    guard origin.isHTTPS else { return }
    isSecuring = true
    request.progress.enter(.tls, now: now)
  }

  /// CURLOPT_SSL_CTX_FUNCTION: the socket that was opened last is about to negotiate TLS.
  func beginTLS(with tlsContext: UnsafeMutableRawPointer) {
    hasBegunTLS = true
    // Without OpenSSL nobody can; then sessions are what libcurl makes of them.
    _ = ccurl_keep_sessions(tlsContext)
    guard let socket = context.sockets[opened] else { return }
    // Its socket outlives a connection's TLS. Without OpenSSL nobody watches.
    _ = ccurl_watch_records(tlsContext, FetchSocket.recordFunction, Unmanaged.passUnretained(socket).toOpaque())
  }

  /// CURLOPT_PREREQFUNCTION: the last moment before the request is written, on a new connection or a kept one.
  func mayRequest(from remote: UnsafePointer<CChar>, port: Int32, localPort: Int32) -> Bool {
    // Mostly as it was handed over; else another spelling of the address that was vetted, or another address.
    let isOther = address.text.withCString { strcmp(remote, $0) != 0 }
    let actual = isOther ? Address(String(cString: remote)) : address.address
    let ends = actual.map { ConnectionEnds(remote: $0, port: port, localPort: localPort) }
    let isKept = opened < 0
    if let ends, !isKept { context.sockets.noteUse(of: opened, ends) }
    opened = -1
    let kept = isKept ? ends.flatMap { context.sockets[$0] } : nil
    // A kept connection was found after all.
    context.sockets.passTurn(of: call)
    guard request.gate.isOpen else {
      verdict = (.aborted, "the task was stopped before the request was sent")
      return false
    }
    guard let actual else {
      verdict = (.addressRefused, "the connection's address is not known")
      return false
    }
    if isOther, let refusal = refusal(of: actual) {
      verdict = (.addressRefused, refusal)
      return false
    }
    let tls = origin.isHTTPS ? readTLSSession() : nil
    guard mayBeSent else {
      verdict = (.reset, untaken())
      return false
    }
    if isKept, !origin.isHTTPS || tls?.is_http2 == false, kept?.hasUnread == true || tls?.has_unread == true {
      // Behind a challenge: libcurl fails to write the request, and takes another connection for it.
      if requests > 0, kept?.dissolve() == true { return true }
      refuseUnasked()
      return false
    }
    requests += 1
    isOverHTTP2 = tls?.is_http2 == true
    self.localPort = localPort
    isReused = ccurl_get_long(handle.easy, CURLINFO_NUM_CONNECTS) == 0
    let sentAt = Instant.monotonicNow
    if let maySend = request.maySend, !maySend(sentAt, call.sentAt != nil) {
      verdict = (.aborted, "nothing may be sent to the host any more")
      return false
    }
    call.sentAt = sentAt
    if section == .body {
      do throws(FetchError) { try beginAgain() } catch {
        verdict = (.localResource, error.description)
        return false
      }
    }
    // Behind those to a proxy.
    requestHeaders.removeAll(keepingCapacity: true)
    requestedAt = now
    context.counters.requestsSent += 1
    request.progress.enter(.requestSent, now: now)
    return true
  }

  /// A server has said something before it was asked, at an idle connection or behind the end of its last answer: whatever it
  /// is, it is no answer to this request (RFC 9112 sections 6.3 and 9.2), which libcurl 7.88 would take it for. It may be the
  /// alert by which TLS ends. Other messages of TLS are seldom: session tickets come before the first answer.
  /// The connection is closed, and the request goes out on another one.
  private func refuseUnasked() {
    // Else behind a challenge, on a connection that could not be dissolved.
    isUnsent = requests == 0
    verdict = (.reset, "the server sent something on the kept connection before it was asked")
  }

  /// libcurl repeats a request by itself, at once, when a kept connection turns out to be closed, or the server refuses the
  /// stream. When it is sent again is not for libcurl to say, but after a challenge (RFC 7616), whose body comes to nobody, and
  /// where the server wants HTTP/1.1.
  private var mayBeSent: Bool {
    if requests == 0 || section == .body && bodyBytes == 0 && requests < maximumRequests { return true }
    guard requests == 1, isWantedOverHTTP1 else { return false }
    origin.needsHTTP1 = true
    return true
  }

  /// The server has reset the stream with HTTP_1_1_REQUIRED, and libcurl asks again over HTTP/1.1 (RFC 9113 section 7), which
  /// only its error message tells. Mostly that is another one by now, which it has for none of its other repetitions.
  private var isWantedOverHTTP1: Bool {
    guard isOverHTTP2 else { return false }
    let message = handle.errorMessage
    return message == "Empty reply from server" || message.contains("HTTP_1_1_REQUIRED")
  }

  private func untaken() -> String {
    isUntaken = true
    isRefused = !isReused || origin.isHTTPS && !context.sockets.isClosedByServer(origin, localPort: localPort)
    return isRefused ? "the server did not take the request" : "the server had closed the kept connection"
  }

  /// A complete answer was a challenge (RFC 7616), which libcurl takes up by itself: the next one counts.
  private func beginAgain() throws(FetchError) {
    if let answerCookies = request.answerCookies {
      let setCookies = ResponseHeaders(bytes: headers).octets("Set-Cookie")
      if !setCookies.isEmpty { try handle.setCookie(answerCookies(setCookies)) }
    }
    call.reset()
    section = .headers
    headers.removeAll(keepingCapacity: true)
    hasField = false
    announced = .none
    hasTransferEncoding = false
    framing = ChunkFraming()
    contentCodings = 0
    codings = []
    coded = nil
    isTransferCoded = false
    isChunked = false
  }

  /// CURLOPT_WRITEFUNCTION outside of bodies: a header line, or a block of a long one, before libcurl looks at it.
  ///
  /// libcurl below 8.1.1 adds a folded line to the field before it, and when there is none in its section to the last
  /// field of the handle's transfer before, whose memory is free (curl's pull request 11103).
  func mayRead(headerLine block: UnsafeRawBufferPointer) -> Bool {
    defer { isWithinLine = true }
    let isFolded = block.first == UInt8(ascii: " ") || block.first == UInt8(ascii: "\t")
    guard isFolded, !isWithinLine, !hasField else { return true }
    verdict = (.protocolError, "the header section begins with a folded line")
    return false
  }

  /// CURLOPT_HEADERFUNCTION: a line at a time, trailers too.
  func receive(headerLine line: UnsafeRawBufferPointer) -> Bool {
    context.sockets.signs &+= 1
    isWithinLine = false
    context.sockets.room.buffered -= headerMemory
    headerBytes += line.count
    context.sockets.room.buffered += headerMemory
    if headerBytes > ordinarySections, bodySocket == nil { noteBodySocket() }
    guard headerBytes <= request.limits.headerBytes else {
      verdict = (.headerLimit, "the header section is larger than \(request.limits.headerBytes) bytes")
      return false
    }
    switch section {
    case .body: return true
    case .interim:
      headers.removeAll(keepingCapacity: true)
      section = .headers
    case .headers: break
    }
    let isStatusLine = headers.isEmpty
    if isStatusLine { headers.reserveCapacity(ordinaryHeaders) }
    headers.append(contentsOf: line)
    let isEnd = line.count <= 2 && (line.first == UInt8(ascii: "\r") || line.first == UInt8(ascii: "\n"))
    guard isEnd else {
      if !isStatusLine { hasField = true }
      return true
    }
    if (100..<200).contains(status), status != 101 {
      section = .interim
      return true
    }
    enterBody()
    readFields()
    return acceptHeaders()
  }

  /// Judges the complete header section; false stops the transfer.
  private func acceptHeaders() -> Bool {
    let limits = request.limits
    if status == 101 {
      verdict = (.protocolError, "the answer is 101 (switching protocols), which was not asked for")
      return false
    }
    if isTransferCoded {
      verdict = (.bomb, "the transfer is compressed, which was not asked for")
      return false
    }
    if announced == .contradictory {
      verdict = (.protocolError, "the Content-Length fields contradict each other")
      return false
    }
    if codings.count < contentCodings {
      // As browsers do: a coding that nobody knows ("utf-8", "none") is none.
      contentCodings = 0
    } else if contentCodings > limits.contentCodings {
      verdict = (.bomb, "the body is coded \(contentCodings) times over")
      return false
    } else if contentCodings > 1, announcedBytes ?? .max > maximumTwiceCoded {
      // What the outer coding grows into, the inner one may turn into nothing: `mostBetweenCodings` bounds what that costs for
      // each body, this how many times it may be paid. So the length must be one that libcurl goes by as well.
      verdict = (.bomb, "a body coded \(contentCodings) times over is read only up to \(maximumTwiceCoded) bytes")
      return false
    }
    if announced == .unreadable, !hasTransferEncoding, status != 204, status != 304 {
      // Where the body ends nobody knows (RFC 9112 section 6.3); libcurl reads as far as there are digits.
      verdict = (.protocolError, "the Content-Length field has no number")
      return false
    }
    if contentCodings > 0 || hasTransferEncoding { handle.reportProgress() }
    if let announced = announcedBytes, announced > limits.bodyBytes, !request.isRobots,
      FetchOutcome(status: status) != .notModified
    {
      verdict = (.tooLarge, "a body of \(announced) bytes is announced; the limit is \(limits.bodyBytes)")
      return false
    }
    return true
  }

  /// CURLOPT_WRITEFUNCTION: bytes of the body, in its codings.
  func receive(body block: UnsafeRawBufferPointer) -> Bool {
    context.sockets.signs &+= 1
    if contentCodings == 0 { return receive(decoded: block) }
    if coded == nil { coded = ContentCoding.body(in: codings) }
    guard let coded else {
      verdict = (.localResource, "there is no memory to decode the body")
      return false
    }
    switch coded.unpack(block, receive(decoded:)) {
    case .unpacked: return true
    case .refused: return false
    case .broken(let coding, let message):
      verdict = (.protocolError, "the body's \(coding.rawValue) stream is broken: \(message)")
      return false
    case .bomb:
      verdict = (.bomb, "one coding of the body unpacks more than \(mostBetweenCodings) bytes for the other")
      return false
    }
  }

  /// Decoded bytes, at most 16 KiB at a time.
  private func receive(decoded block: UnsafeRawBufferPointer) -> Bool {
    let limits = request.limits
    // What comes behind it is no part of it.
    let most = contentCodings == 0 ? identityBytes.map { max(0, $0 - bodyBytes) } ?? .max : .max
    let block = UnsafeRawBufferPointer(rebasing: block.prefix(most))
    if request.isRobots {
      let room = FetchRequest.robotsBytes - body.count
      keep(UnsafeRawBufferPointer(rebasing: block.prefix(room)))
      bodyBytes += min(room, block.count)
      isCut = block.count > room
      return !isCut
    }
    bodyBytes += block.count
    let isOverRatio = bodyBytes > limits.ratioAfterBytes && contentCodings > 0 && isOver(ratio: limits.ratio)
    guard bodyBytes <= limits.bodyBytes, !isOverRatio else {
      verdict =
        isOverRatio
        ? (.bomb, "\(receivedBytes) bytes grew to more than \(limits.ratio) times as many")
        : (.tooLarge, "the body is larger than \(limits.bodyBytes) bytes")
      return false
    }
    if body.isEmpty {
      // As far as the server tells; growing by doubling would copy a compressed page four times.
      let announced = min(announcedBytes ?? 0, maximumReserve)
      body.reserveCapacity(max(block.count, contentCodings > 0 ? announced * 4 : announced))
    }
    keep(block)
    return true
  }

  private func keep(_ block: UnsafeRawBufferPointer) {
    body.append(contentsOf: block)
    context.sockets.room.buffered += block.count
    if bodySocket == nil { noteBodySocket() }
    request.progress.bytes = body.count
  }

  /// libcurl reads from the socket that it was told of, and seldom from others.
  private func noteBodySocket() {
    guard let socket = context.sockets.current, socket.origin === origin else { return }
    bodySocket = socket
    socket.beginBody()
  }

  /// libcurl counts a block as received before or after it is decoded; the block under way is at most its buffer.
  private func isOver(ratio: Int) -> Bool {
    bodyBytes / max(1, ratio) > receivedBytes
  }

  /// CURLOPT_XFERINFOFUNCTION, for coded and chunked bodies: received bytes count even if they decode to nothing, or are
  /// between chunks. Called after at most a hundred buffers.
  func mayGoOn(received: Int) -> Bool {
    guard section == .body, verdict == nil else { return true }
    let limit = request.limits.bodyBytes
    if received > limit {
      verdict = (.tooLarge, "more than \(limit) bytes were received")
      return false
    }
    if let identityBytes, received >= identityBytes {
      isWhole = true
      return false
    }
    // libcurl may have come here while it was to read from another connection of the origin.
    if hasTransferEncoding, let socket = context.sockets.current, socket.origin === origin,
      socket.ends?.localPort == localPort, context.sockets[socket.descriptor] === socket
    {
      framing.look(received: received, on: socket.descriptor, few: request.limits.wasteAfterBytes / 2)
    }
    let wire = received + framing.bytes
    if wire > request.limits.wasteAfterBytes, wire / 2 > bodyBytes {
      verdict = (.tooLarge, "\(wire) bytes came for a body of \(bodyBytes)")
      return false
    }
    return true
  }

  private func readTLSSession() -> ccurl_tls? {
    var session = ccurl_tls()
    guard ccurl_tls_session(handle.easy, &session) else { return nil }
    tlsVersion = session.version.map { String(cString: $0) }
    certificateExpiresAt = session.expires_at == 0 ? nil : session.expires_at
    return session
  }

  private func refuse(_ outcome: FetchOutcome, _ error: String) -> curl_socket_t {
    verdict = (outcome, error)
    return -1
  }
}

/// Bytes set aside for a header section: with the array's own, as much as the allocator has at hand (glibc: 1,032 bytes).
private let ordinaryHeaders = 960
/// Bytes of header sections above which what follows waits for room in memory as bodies do.
private let ordinarySections = 16 << 10
/// Times that the request of one transfer may be sent: two of them are answered by challenges.
private let maximumRequests = 3
/// Bytes set aside on a server's word alone.
private let maximumReserve = 256 << 10
/// Announced bytes of a body in more than one coding.
private let maximumTwiceCoded = 32 << 10
