import CCurl

/// TLS sessions to resume, so that a host that closed its connection is spared a full handshake (about 600 µs of CPU).
///
/// libcurl keeps 8 sessions in one share. Origins are spread over a fixed number of shares, each made when first used;
/// when too many meet in one, the oldest sessions are lost and nothing else. Confined to the loop's thread.
final class TLSSessions {
  private var shares: [UnsafeMutableRawPointer?]

  init(count: Int = 128) {
    shares = Array(repeating: nil, count: count)
  }

  /// nil for origins without TLS, or when libcurl has no memory.
  func share(for origin: Origin) -> UnsafeMutableRawPointer? {
    guard origin.isHTTPS else { return nil }
    let index = Int(UInt(bitPattern: origin.text.hashValue) / 64 % UInt(shares.count))
    if let share = shares[index] { return share }
    guard let share = curl_share_init() else { return nil }
    guard ccurl_share_data(share, CURL_LOCK_DATA_SSL_SESSION) == CURLSHE_OK else {
      curl_share_cleanup(share)
      return nil
    }
    shares[index] = share
    return share
  }

  /// To be called once no handle uses a share any more.
  func close() {
    for share in shares {
      if let share { curl_share_cleanup(share) }
    }
    shares = Array(repeating: nil, count: shares.count)
  }
}
