package import WebURL

/// Which URLs belong to a task: in scope if they match *any* seed. Seeds themselves are always in scope.
package struct Scope: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    /// Same name and port as a seed; http and https alike.
    case host
    /// Same registrable domain as a seed (public suffix list); the host itself where there is none.
    case domain
    /// Same name and port, and a path below the seed's directory.
    case prefix
    /// Everything.
    case any
  }

  package let kind: Kind
  private var hosts: Set<String> = []
  private var domains: Set<String> = []
  private var prefixes: [String: [String]] = [:]
  private let ignoresCase: Bool

  /// - Parameter ignoresCase: paths that differ only in the case of ASCII letters are one.
  package init(_ kind: Kind, ignoresCase: Bool = false) {
    self.kind = kind
    self.ignoresCase = ignoresCase
  }

  /// Adds a seed, or the URL where a seed's redirect chain ended. Returns false when that changed nothing.
  @discardableResult
  package mutating func admit(seed url: WebURL) -> Bool {
    let host = Self.hostKey(url)
    switch kind {
    case .any: return false
    case .host: return hosts.insert(host).inserted
    case .domain: return domains.insert(url.registrableDomain ?? host).inserted
    case .prefix:
      let directory = Self.directory(path(url))
      if prefixes[host, default: []].contains(directory) { return false }
      prefixes[host, default: []].append(directory)
      return true
    }
  }

  package func contains(_ url: WebURL) -> Bool {
    switch kind {
    case .any: true
    case .host: hosts.contains(Self.hostKey(url))
    case .domain: domains.contains(url.registrableDomain ?? Self.hostKey(url))
    case .prefix: isBelowSeed(url)
    }
  }

  private func isBelowSeed(_ url: WebURL) -> Bool {
    guard let prefixes = prefixes[Self.hostKey(url)] else { return false }
    let path = path(url)
    return prefixes.contains { path.hasPrefix($0) }
  }

  private func path(_ url: WebURL) -> String { ignoresCase ? url.path.lowercased() : url.path }

  /// Name and port, where the default ports of http and https count as the same.
  private static func hostKey(_ url: WebURL) -> String {
    let name = url.hostName ?? ""
    return url.port.map { "\(name):\($0)" } ?? name
  }

  private static func directory(_ path: String) -> String {
    path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? "/"
  }
}
