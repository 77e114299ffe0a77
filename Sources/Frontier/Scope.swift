package import WebURL

/// Which URLs belong to a task: in scope if they match *any* seed. Seeds themselves are always in scope.
package struct Scope: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    /// Same name and port as a seed; http and https alike.
    case host
    /// Same registrable domain as a seed (public suffix list); the host itself where there is none.
    case domain
    /// Same name and port, and a path below the seed's directory, however both are percent-encoded.
    case prefix
    /// Everything.
    case any
  }

  /// Another one takes the seeds that were admitted with it.
  package var kind: Kind
  /// Hashes of a name and a port, and of these and a directory, so that many seeds need little room: among a million two
  /// have the same in one of 10⁷ crawls.
  private var hosts: Set<Int> = []
  private var directories: Set<Int> = []
  private var domains: Set<String> = []
  private let ignoresCase: Bool

  /// - Parameter ignoresCase: paths that differ only in the case of ASCII letters are one.
  package init(_ kind: Kind, ignoresCase: Bool = false) {
    self.kind = kind
    self.ignoresCase = ignoresCase
  }

  /// Adds a seed, or the URL where a seed's redirect chain ended. Returns whether more is in scope now.
  @discardableResult
  package mutating func admit(seed url: WebURL) -> Bool {
    let host = Self.hostKey(url)
    let isNewHost = hosts.insert(host).inserted
    let isNewDomain = isNewHost && domains.insert(url.registrableDomain ?? url.hostAndPort).inserted
    var directory: Int?
    forEachDirectory(of: url, host: host) {
      directory = $0
      return false
    }
    let isNewDirectory = directory.map { directories.insert($0).inserted } ?? false
    return switch kind {
    case .host: isNewHost
    case .domain: isNewDomain
    case .prefix: isNewDirectory
    case .any: false
    }
  }

  /// Linear in the URL's length, whatever the number of seeds.
  package func contains(_ url: WebURL) -> Bool {
    switch kind {
    case .any: return true
    case .host: return hosts.contains(Self.hostKey(url))
    case .domain: return domains.contains(url.registrableDomain ?? url.hostAndPort)
    case .prefix:
      let host = Self.hostKey(url)
      guard hosts.contains(host) else { return false }
      var isBelowSeed = false
      forEachDirectory(of: url, host: host) {
        isBelowSeed = directories.contains($0)
        return isBelowSeed
      }
      return isBelowSeed
    }
  }

  /// The directories that a path lies in, from the root on, as hashes; ends when `body` returns true.
  private func forEachDirectory(of url: WebURL, host: Int, _ body: (Int) -> Bool) {
    var hasher = Hasher()
    hasher.combine(host)
    let canonical = url.canonical().path
    var path = ignoresCase ? canonical.lowercased() : canonical
    path.withUTF8 { bytes in
      var start = 0
      while let end = bytes[start...].firstIndex(of: UInt8(ascii: "/")) {
        hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[start...end]))
        if body(hasher.finalize()) { return }
        start = end + 1
      }
    }
  }

  /// Of the name and the port, where the default ports of http and https count as the same.
  private static func hostKey(_ url: WebURL) -> Int {
    var hasher = Hasher()
    url.withHostAndPort { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    return hasher.finalize()
  }
}
