import Address
import WebURL

/// A proxy, by the name that the configuration gives it. Who configured it vouches for its address: the guard, which looks
/// at every address that a URL leads to, does not look at this one.
package final class FetchProxy: Sendable {
  enum Kind: String, CaseIterable {
    /// For https URLs a tunnel (CONNECT, RFC 9110 section 9.3.6); for http URLs the proxy makes the request.
    case http
    /// As `http`, over TLS to the proxy, whose certificate must be its own.
    case https
    /// RFC 1928, with a user's name and password by RFC 1929.
    case socks5
  }

  package let name: String
  let kind: Kind
  /// As in a URL.
  let host: String
  let port: Int
  /// That of an IP literal.
  let address: Address?
  let user: Secret?
  package let password: Secret?
  /// The proxy looks names up, and not crawld: then nobody sees where a name leads.
  let resolvesNames: Bool

  package static let accepted =
    "a URL of scheme http, https or socks5 with a host, a port unless it is the scheme's (80, 443, 1080), and nothing else, "
    + "e.g. \"http://proxy.example:3128\""

  /// nil when the URL is no proxy's.
  package init?(name: String, url text: String, user: Secret?, password: Secret?, resolvesNames: Bool) {
    let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
    // A port that is the default of one scheme is not of the other.
    guard parts.count == 2, let kind = Kind(rawValue: parts[0].lowercased()), let url = WebURL("http://\(parts[1])"),
      let other = WebURL("https://\(parts[1])"), let host = url.hostName, !text.hasSuffix("?"), !text.hasSuffix("#"),
      url.href == "http://\(url.hostAndPort)/"
    else { return nil }
    self.name = name
    self.kind = kind
    self.host = host
    address = url.address
    port = url.port ?? other.port ?? kind.defaultPort
    self.user = user
    self.password = password
    self.resolvesNames = resolvesNames
  }

  /// SOCKS5 has a byte for the length of a user's name and of a password (RFC 1929, section 2), and one of them is longer.
  package var hasTooLongSecret: Bool {
    kind == .socks5 && [user, password].contains { ($0?.text.utf8.count ?? 0) > UInt8.max }
  }

  /// What libcurl is told.
  var text: String {
    let scheme = kind == .socks5 && resolvesNames ? "socks5h" : kind.rawValue
    return "\(scheme)://\(host):\(port)"
  }
}

extension FetchProxy.Kind {
  fileprivate var defaultPort: Int {
    switch self {
    case .http: 80
    case .https: 443
    case .socks5: 1_080
    }
  }
}
