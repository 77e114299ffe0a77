import CCurl
import Glibc
import Names

/// From libcurl's result to an outcome and the fields of a response.
extension Transfer {
  /// 0 before a status line was read.
  var status: Int { ccurl_get_long(handle.easy, CURLINFO_RESPONSE_CODE) }

  /// It is a 3xx that does not say where to; an empty field does.
  var lacksLocation: Bool {
    (300..<400).contains(status) && status != 304 && ResponseHeaders(bytes: headers).first("location") == nil
  }

  /// What a time-out means in the state that the transfer is in.
  var timeOutOutcome: FetchOutcome {
    if section == .body { return .bodyTimeout }
    if isRequestSent { return .firstByteTimeout }
    if awaitsProxy { return .proxyFailed }
    return isSecuring ? .tlsTimeout : .connectTimeout
  }

  /// The outcome of a failure that libcurl found.
  func failure(_ code: CURLcode) -> (outcome: FetchOutcome, error: String) {
    let message = handle.errorMessage
    var error = message.isEmpty ? String(cString: curl_easy_strerror(code)) : message
    if code == CURLE_SSL_CERTPROBLEM, let certificate = origin.lane.route.certificate {
      error = "the certificate \(certificate.name): \(error)"
    }
    if let proxy = origin.lane.route.proxy, let outcome = outcome(code, of: proxy) {
      return (outcome, "the proxy \(proxy.name): \(error)")
    }
    return (outcome(code, error), error)
  }

  private func outcome(_ code: CURLcode, _ error: String) -> FetchOutcome {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_URL_MALFORMAT:
      // Addresses are handed over, so this is a name that libcurl refuses to write into a Host field.
      return .dnsNotFound
    case CURLE_COULDNT_CONNECT:
      return connectOutcome
    case CURLE_OPERATION_TIMEDOUT:
      return timeOutOutcome
    case CURLE_SSL_CONNECT_ERROR where isCutOff(error):
      return .reset
    case CURLE_SSL_CERTPROBLEM:
      // The files of our own certificate, which are read for each connection before anything of TLS is sent.
      return .localResource
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CRL_BADFILE, CURLE_SSL_CLIENTCERT,
      CURLE_USE_SSL_FAILED:
      return .tlsFailed
    case CURLE_PARTIAL_FILE:
      // Also within the header section, once Content-Length was read.
      return section == .body ? .truncated : .reset
    case CURLE_GOT_NOTHING, CURLE_SEND_ERROR, CURLE_HTTP2_STREAM:
      return .reset
    case CURLE_HTTP2:
      // The server ended the session within the answer, or it never began. Frames that are wrong are a CURLE_RECV_ERROR.
      return .reset
    case CURLE_RECV_ERROR:
      return receiveOutcome(error)
    case CURLE_OUT_OF_MEMORY:
      // Also libcurl's word for a single header line above 100 KB, and for a trailer above 4 KB.
      guard isRequestSent else { return .localResource }
      return section == .body ? .protocolError : .headerLimit
    case CURLE_FAILED_INIT, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ENGINE_INITFAILED, CURLE_UNRECOVERABLE_POLL,
      CURLE_INTERFACE_FAILED, CURLE_BAD_FUNCTION_ARGUMENT, CURLE_UNKNOWN_OPTION, CURLE_NO_CONNECTION_AVAILABLE:
      // What is this machine's fault is tried again for ever, so it must not be what a server can bring about: a trailer
      // without a colon is a bad function argument.
      return isRequestSent ? .protocolError : .localResource
    case CURLE_BAD_CONTENT_ENCODING:
      // Before the body only the number of codings can be wrong: libcurl refuses the sixth.
      return section == .body ? .protocolError : .bomb
    case CURLE_ABORTED_BY_CALLBACK:
      return .aborted
    default:
      return .protocolError
    }
  }

  private var connectOutcome: FetchOutcome {
    switch Int32(ccurl_get_long(handle.easy, CURLINFO_OS_ERRNO)) {
    case ECONNREFUSED: .connectRefused
    case ETIMEDOUT: .connectTimeout
    case EMFILE, ENFILE, ENOBUFS, ENOMEM: .localResource
    // No port is left; or there is no address to connect from, as where IPv6 is off, and none comes by waiting.
    case EADDRNOTAVAIL: LocalRoute.exists(to: address.address) ? .localResource : .connectFailed
    default: .connectFailed
    }
  }

  /// libcurl has one code for a TLS handshake that fails and for one that the connection's end cuts off: then it tells what
  /// the system said, or OpenSSL's word for an end without an alert.
  private func isCutOff(_ error: String) -> Bool {
    error.hasPrefix("Recv failure: ") || error.hasPrefix("Send failure: ") || error.contains(" SSL_connect: ")
      || error.contains("unexpected eof while reading")
  }

  /// libcurl has one code for a broken connection and for a broken message.
  private func receiveOutcome(_ error: String) -> FetchOutcome {
    if error.hasPrefix("Too large response headers") { return .headerLimit }
    // What the system said last may be of another time.
    if error.hasSuffix("in chunked-encoding") { return .protocolError }
    if error.contains("unexpected eof while reading") { return section == .body ? .truncated : .reset }
    // The server's word on the certificate that it wanted comes behind the handshake (RFC 8446 section 2).
    if section == .headers, headers.isEmpty, error.contains(" alert ") { return .tlsFailed }
    switch Int32(ccurl_get_long(handle.easy, CURLINFO_OS_ERRNO)) {
    case ECONNRESET, EPIPE, ECONNABORTED, ETIMEDOUT, EHOSTUNREACH, ENETUNREACH, ENETRESET: return .reset
    default: break
    }
    return error.contains("reset") || error.hasPrefix("Recv failure") ? .reset : .protocolError
  }

  /// Everything that is known at the end.
  func fill(_ response: FetchResponse, _ outcome: FetchOutcome, _ error: String?) {
    let easy = handle.easy
    response.outcome = outcome
    response.error = error
    response.serversOutcome = outcome == .proxyFailed ? serversOutcome : nil
    response.isUnheard = outcome == .reset && !isReused && !isOverHTTP2 && headerBytes == 0
    response.isUnverified = outcome == .tlsFailed && endCode == CURLE_PEER_FAILED_VERIFICATION
    response.remoteAddress = address.text
    response.tlsVersion = tlsVersion
    response.certificateExpiresAt = certificateExpiresAt
    readTimings(&response.timings)
    response.timings.total = call.stopwatch.elapsed
    guard isRequestSent else { return }
    response.reused = isReused
    response.isUntaken = isUntaken
    response.isRefused = isRefused
    response.wireBytes = headerBytes &+ receivedBytes
    response.bodyBytes = bodyBytes
    let isBroken = section == .body && (outcome.isAnswer ? error != nil : !isComplete)
    let isTooLarge = outcome == .tooLarge || outcome == .bomb
    response.truncated = isCut || isBroken || outcome == .truncated || isTooLarge || coded?.cut != nil
    // A section that is not complete says nothing reliable, and that of a proxy nothing of the server.
    guard section == .body else { return }
    response.isProxyRefusal = proxyRefusal != nil
    guard !response.isProxyRefusal else { return }
    response.status = status
    response.httpVersion =
      switch Int(ccurl_get_long(easy, CURLINFO_HTTP_VERSION)) {
      case Int(CURL_HTTP_VERSION_1_0): "1.0"
      case Int(CURL_HTTP_VERSION_1_1): "1.1"
      case Int(CURL_HTTP_VERSION_2_0): "2"
      default: nil
      }
    response.headers = ResponseHeaders(bytes: headers)
    if error == nil, status != 300, lacksLocation { response.error = "the redirect has no Location" }
    response.requestHeaders = RequestHeaders.redacted(requestHeaders)
  }

  private func readTimings(_ timings: inout FetchTimings) {
    let easy = handle.easy
    let connected = ccurl_get_int64(easy, CURLINFO_CONNECT_TIME_T)
    let secured = ccurl_get_int64(easy, CURLINFO_APPCONNECT_TIME_T)
    // A kept connection reports the time at which it was found.
    if ccurl_get_long(easy, CURLINFO_NUM_CONNECTS) > 0 {
      timings.connect = connected
      timings.tls = max(0, secured - connected)
    }
    let requested = ccurl_get_int64(easy, CURLINFO_PRETRANSFER_TIME_T)
    let answered = ccurl_get_int64(easy, CURLINFO_STARTTRANSFER_TIME_T)
    timings.firstByte = max(0, answered - requested)
  }
}
