import CCurl

/// What a failure means when a proxy stands between: the proxy's own, which no host is to blame for, or what the proxy
/// found out about the server.
extension Transfer {
  /// nil when the proxy had done its part.
  func outcome(_ code: CURLcode, of proxy: FetchProxy) -> FetchOutcome? {
    guard !isRequestSent else { return nil }
    if code == CURLE_COULDNT_RESOLVE_PROXY || code == CURLE_COULDNT_CONNECT { return .proxyFailed }
    return proxy.kind == .socks5 ? outcomeOfSOCKS(code) : outcomeOfTunnel
  }

  /// There is a proxy, and it has not done its part yet: a connection to the server, or to itself where it makes the request.
  var awaitsProxy: Bool {
    guard let proxy = origin.lane.route.proxy, !isRequestSent else { return false }
    return proxy.kind == .socks5 ? !hasBegunTLS : !(200..<300).contains(tunnelStatus)
  }

  /// What CONNECT was answered with; 0: nothing.
  private var tunnelStatus: Int { ccurl_get_long(handle.easy, CURLINFO_HTTP_CONNECTCODE) }

  /// CURLINFO_PROXY_ERROR: the reply of RFC 1928, section 6, or where talking to the proxy failed.
  private func outcomeOfSOCKS(_ code: CURLcode) -> FetchOutcome? {
    if code == CURLE_OPERATION_TIMEDOUT, awaitsProxy { return .proxyFailed }
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

  private var outcomeOfTunnel: FetchOutcome? {
    switch tunnelStatus {
    case 200..<300: nil
    case 0, 407: .proxyFailed
    default: .connectFailed
    }
  }

  /// An answer that a proxy gave to a plain request for itself (RFC 9110, section 15.5.8), unless it is the server's.
  var proxyRefusal: String? {
    guard let proxy = origin.lane.route.proxy, proxy.kind != .socks5, !origin.isHTTPS, status == 407 else { return nil }
    return
      "the proxy \(proxy.name) has answered 407, of itself (it wants a user and a password that it knows) or as the server"
  }

  /// Of a failure of the proxy: `FetchResponse.serversOutcome`.
  var serversOutcome: FetchOutcome? {
    guard let proxy = origin.lane.route.proxy else { return nil }
    if isRequestSent { return proxyRefusal == nil ? nil : .connectFailed }
    // It may be the server that the proxy waits for, longer than we do.
    let isSilence = endCode == nil || endCode == CURLE_OPERATION_TIMEDOUT
    let isTunnel = proxy.kind == .socks5 || origin.isHTTPS
    if isSilence { return isTunnel && isConnected && awaitsProxy ? .connectTimeout : nil }
    guard proxy.kind == .socks5 else {
      let isCutOff = endCode == CURLE_RECV_ERROR || endCode == CURLE_SEND_ERROR
      return isCutOff && tunnelStatus == 0 ? .connectFailed : nil
    }
    // Of other failures libcurl says nothing there.
    guard endCode == CURLE_PROXY else { return nil }
    return switch CURLproxycode(UInt32(ccurl_get_long(handle.easy, CURLINFO_PROXY_ERROR))) {
    case CURLPX_CLOSED, CURLPX_RECV_REQACK: .connectFailed
    default: nil
    }
  }
}
