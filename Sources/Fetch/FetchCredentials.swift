package import WebURL

/// A user's name and password, and the origins that they are for. They are sent to no other, wherever a redirect leads.
package final class FetchCredentials: Sendable {
  package enum Scheme: Sendable {
    /// RFC 7617: with the first request already.
    case basic
    /// RFC 7616: after a challenge, so that a fetch is two requests.
    case digest
  }

  package let name: String
  let user: Secret
  package let password: Secret
  let scheme: Scheme
  let origins: [OriginPattern]

  package init(name: String, user: Secret, password: Secret, scheme: Scheme, origins: [OriginPattern]) {
    self.name = name
    self.user = user
    self.password = password
    self.scheme = scheme
    self.origins = origins
  }

  /// Whether they are for this URL's origin. Linear in the number of origins.
  package func covers(_ url: WebURL) -> Bool { origins.contains { $0.covers(url) } }
}

/// An origin (RFC 6454), `https://shop.example:8443`, or all those of hosts below a name, `https://*.shop.example`.
package struct OriginPattern: Sendable {
  private let scheme: String
  private let host: String
  private let port: Int?
  private let isBelow: Bool

  package static let accepted =
    "origins such as \"https://shop.example\", \"http://shop.example:8080\" and \"https://*.shop.example\""

  /// nil for what is no http or https origin, and for all hosts below a public suffix.
  package init?(_ text: String) {
    let parts = text.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    isBelow = parts[1].hasPrefix("*.")
    let origin = isBelow ? "\(parts[0])://\(parts[1].dropFirst(2))" : text
    guard let url = WebURL(origin), url.isHTTP, let host = url.hostName, !host.contains("*") else { return nil }
    // Neither a user, nor a path, a query or a fragment.
    guard url.href == "\(url.scheme)://\(url.hostAndPort)/", !origin.hasSuffix("?"), !origin.hasSuffix("#") else {
      return nil
    }
    if isBelow, url.registrableDomain == nil { return nil }
    scheme = url.scheme
    self.host = host
    port = url.effectivePort
  }

  func covers(_ url: WebURL) -> Bool {
    guard url.scheme == scheme, url.effectivePort == port, let name = url.hostName else { return false }
    return isBelow ? name.hasSuffix(".\(host)") : name == host
  }
}
