import Address
import CCurl
import WebURL

/// A scheme, host and port that are being fetched from, and the address that its connections go to.
///
/// The address is kept while a connection to it lives, whatever the name servers say meanwhile: only then is the
/// connection used again. Confined to the loop's thread.
final class Origin {
  /// `https://example.org:8443`
  let text: String
  /// The text and a slash: what libcurl is told.
  let urlText: String
  /// The same as libcurl reads it, so that it does not do so for each transfer; nil when it refuses to.
  let curlURL: OpaquePointer?
  let isHTTPS: Bool
  /// It has refused a stream of HTTP/2 for want of HTTP/1.1. Forgotten with its last connection.
  var needsHTTP1 = false
  /// Why nothing is fetched from it, if so.
  let refusal: (outcome: FetchOutcome, error: String)?
  let lane: Lane
  /// The place of its shard.
  let slot: Int
  var pinned: PinnedAddress?
  /// Sockets that are open.
  var sockets = 0
  /// Those of them that are not read for now: see `BodyRoom`.
  var waitingSockets = 0
  /// Fetches that have begun and not ended.
  var fetches = 0
  /// Transfers that libcurl has.
  var transfers = 0
  /// Transfers that have ended, but for those of robots.txt.
  var pages = 0

  init(text: String, refusal: (outcome: FetchOutcome, error: String)?, lane: Lane, slot: Int) {
    self.text = text
    self.refusal = refusal
    self.lane = lane
    urlText = text + "/"
    curlURL = Origin.curlURL(urlText)
    isHTTPS = text.hasPrefix("https:")
    self.slot = slot
  }

  deinit {
    curl_url_cleanup(curlURL)
  }

  var isUnused: Bool { sockets == 0 && fetches == 0 }

  private static func curlURL(_ text: String) -> OpaquePointer? {
    guard let url = curl_url() else { return nil }
    if text.withCString({ curl_url_set(url, CURLUPART_URL, $0, UInt32(CURLU_NON_SUPPORT_SCHEME)) }) == CURLUE_OK {
      return url
    }
    curl_url_cleanup(url)
    return nil
  }
}

/// Where a connection goes, a vetted address or that of a proxy, in the forms that libcurl takes.
final class PinnedAddress {
  let address: Address
  /// As `inet_ntop` writes it.
  let text: String
  /// `::ADDRESS:` for CURLOPT_CONNECT_TO: SNI and Host stay those of the URL, and nothing is cached.
  let connectTo: UnsafeMutablePointer<curl_slist>?
  /// `HOST:PORT:ADDRESS` for CURLOPT_RESOLVE, of a proxy with a name.
  let resolve: UnsafeMutablePointer<curl_slist>?
  /// The server's address, however it is written, as far as it is known: behind a proxy that looks names up it is not.
  let server: String?

  init(_ address: Address) {
    self.address = address
    text = address.description
    connectTo = PinnedAddress.connectTo(address, text)
    resolve = nil
    server = PinnedAddress.server(address)
  }

  /// An address of a proxy, and one of the server, which SOCKS is told. HTTP has no way to say one beside the name: with
  /// CURLOPT_CONNECT_TO libcurl would make a plain request a tunnel.
  init(_ address: Address, of proxy: FetchProxy, to server: Address?) {
    self.address = address
    text = address.description
    self.server = server.map(PinnedAddress.server)
    connectTo = proxy.kind == .socks5 ? server.flatMap { PinnedAddress.connectTo($0, $0.description) } : nil
    resolve =
      proxy.address == nil
      ? curl_slist_append(nil, "\(proxy.host):\(proxy.port):\(address.isIPv6 ? "[\(text)]" : text)") : nil
  }

  private static func server(_ address: Address) -> String { (address.embedded ?? address).description }

  private static func connectTo(_ address: Address, _ text: String) -> UnsafeMutablePointer<curl_slist>? {
    curl_slist_append(nil, address.isIPv6 ? "::[\(text)]:" : "::\(text):")
  }

  deinit {
    curl_slist_free_all(connectTo)
    curl_slist_free_all(resolve)
  }
}

/// The origins in use, for each lane by themselves. An origin without a fetch and without a socket is forgotten.
final class OriginTable {
  private var origins: [String: Origin] = [:]
  private let addressGuard: AddressGuard

  init(guard addressGuard: AddressGuard) {
    self.addressGuard = addressGuard
  }

  var count: Int { origins.count }

  subscript(url: WebURL, lane: Lane) -> Origin {
    let text =
      url.withOriginPrefix { String(decoding: $0, as: UTF8.self) } ?? "\(url.scheme)://\(url.hostAndPort)"
    let key = key(text, lane)
    if let known = origins[key] { return known }
    let slot = lane.slots.lowerBound + Int(UInt(bitPattern: text.hashValue) % UInt(lane.slots.count))
    let origin = Origin(text: text, refusal: refusal(url), lane: lane, slot: slot)
    origins[key] = origin
    return origin
  }

  private func refusal(_ url: WebURL) -> (outcome: FetchOutcome, error: String)? {
    guard url.isHTTP, let hostName = url.hostName else { return (.schemeRefused, "only http and https are fetched") }
    if case .refused(let rule) = addressGuard.verdict(hostName: hostName) {
      return (.addressRefused, "\(hostName) is refused: \(rule)")
    }
    return nil
  }

  func forgetIfUnused(_ origin: Origin) {
    if origin.isUnused { origins[key(origin.text, origin.lane)] = nil }
  }

  private func key(_ text: String, _ lane: Lane) -> String {
    lane.originPrefix.isEmpty ? text : lane.originPrefix + text
  }
}
