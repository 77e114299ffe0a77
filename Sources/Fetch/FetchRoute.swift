import Address

/// What decides which connections may carry a request: two requests share one only if their routes are equal.
///
/// An object, so that a request holds it in a word; made once for all requests of a kind.
package final class FetchRoute: Sendable, Hashable {
  package enum HTTPVersion: Sendable {
    /// HTTP/2 where TLS negotiates it (ALPN), else HTTP/1.1.
    case automatic
    case http1
  }

  package let httpVersion: HTTPVersion
  /// Whether the server's certificate must be valid and its own.
  package let verifiesTLS: Bool

  /// nil: straight to the server.
  package let proxy: FetchProxy?
  /// What a server that asks for a certificate gets.
  package let certificate: ClientCertificate?

  package init(
    httpVersion: HTTPVersion = .automatic, verifiesTLS: Bool = true, proxy: FetchProxy? = nil,
    certificate: ClientCertificate? = nil
  ) {
    self.httpVersion = httpVersion
    self.verifiesTLS = verifiesTLS
    self.proxy = proxy
    self.certificate = certificate
  }

  package static func == (left: FetchRoute, right: FetchRoute) -> Bool {
    left.httpVersion == right.httpVersion && left.verifiesTLS == right.verifiesTLS && left.proxy === right.proxy
      && left.certificate === right.certificate
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(httpVersion)
    hasher.combine(verifiesTLS)
    hasher.combine(proxy.map(ObjectIdentifier.init))
    hasher.combine(certificate.map(ObjectIdentifier.init))
  }

  /// What a request goes by that names no other.
  static let ordinary = FetchRoute()
}

/// The connections of one route: shards and TLS sessions that no other route's requests come to, whatever libcurl
/// compares by itself. Confined to the loop's thread.
final class Lane {
  let route: FetchRoute
  /// The places of its shards.
  let slots: Range<Int>
  let tlsSessions: TLSSessions
  /// In front of the origins in its table; empty for that of ordinary requests.
  let originPrefix: String
  /// Where its proxy has been connected to: kept connections may still go there.
  var proxyAddresses: Set<Address> = []

  /// The shards of a route that is not the ordinary one, which serves few hosts, or has few descriptors.
  static let fewSlots = 8

  init(_ route: FetchRoute, number: Int, slots: Range<Int>) {
    self.route = route
    self.slots = slots
    tlsSessions = TLSSessions(count: number == 0 ? 128 : 16)
    originPrefix = number == 0 ? "" : "\(number) "
  }
}
