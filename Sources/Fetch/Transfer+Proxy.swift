import CCurl

/// What a failure means when a proxy stands between: the proxy's own, which no host is to blame for, or what the proxy
/// found out about the server.
extension Transfer {
  /// nil when the proxy had done its part.
  func outcome(_ code: CURLcode, of proxy: FetchProxy) -> FetchOutcome? {
    guard !isRequestSent else { return nil }
    if code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_COULDNT_CONNECT { return .proxyFailed }
    return proxy.kind == .socks5 ? outcomeOfSOCKS(code) : outcomeOfTunnel(code)
  }

  /// CURLINFO_PROXY_ERROR: the reply of RFC 1928, section 6, or where talking to the proxy failed.
  private func outcomeOfSOCKS(_ code: CURLcode) -> FetchOutcome? {
    guard code == CURLE_PROXY else { return nil }
    return switch CURLproxycode(UInt32(ccurl_get_long(handle.easy, CURLINFO_PROXY_ERROR))) {
    case CURLPX_REPLY_HOST_UNREACHABLE, CURLPX_REPLY_NETWORK_UNREACHABLE, CURLPX_REPLY_NOT_ALLOWED,
      CURLPX_REPLY_GENERAL_SERVER_FAILURE, CURLPX_REPLY_UNASSIGNED, CURLPX_REPLY_ADDRESS_TYPE_NOT_SUPPORTED:
      .connectFailed
    case CURLPX_REPLY_CONNECTION_REFUSED: .connectRefused
    case CURLPX_REPLY_TTL_EXPIRED: .connectTimeout
    default: .proxyFailed
    }
  }

  private func outcomeOfTunnel(_ code: CURLcode) -> FetchOutcome? {
    switch ccurl_get_long(handle.easy, CURLINFO_HTTP_CONNECTCODE) {
    case 200..<300: return nil
    case 0:
      // Once TCP is up, it may be the server that the proxy waits for.
      let isConnected = ccurl_get_int64(handle.easy, CURLINFO_CONNECT_TIME_T) > 0
      return code == CURLE_OPERATION_TIMEDOUT && isConnected ? .connectTimeout : .proxyFailed
    case 407: return .proxyFailed
    default: return .connectFailed
    }
  }

  /// An answer that a proxy gave to a plain request for itself (RFC 9110, section 15.5.8).
  var proxyRefusal: String? {
    guard let proxy = origin.lane.route.proxy, proxy.kind != .socks5, !origin.isHTTPS, status == 407 else { return nil }
    return "the proxy \(proxy.name) wants a user and a password that it knows (407)"
  }

  /// Of a failure of the proxy: the server may be its cause (`FetchResponse.mayBlameServer`).
  var mayBlameServer: Bool {
    guard let proxy = origin.lane.route.proxy else { return false }
    if isRequestSent { return proxyRefusal != nil }
    guard proxy.kind == .socks5 else {
      let isCutOff = endCode == CURLE_RECV_ERROR || endCode == CURLE_SEND_ERROR
      return isCutOff && ccurl_get_long(handle.easy, CURLINFO_HTTP_CONNECTCODE) == 0
    }
    return switch CURLproxycode(UInt32(ccurl_get_long(handle.easy, CURLINFO_PROXY_ERROR))) {
    case CURLPX_CLOSED, CURLPX_RECV_REQACK: true
    default: false
    }
  }
}
