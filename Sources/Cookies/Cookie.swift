/// A cookie as a jar keeps it. Times are microseconds since 1970 UTC.
package struct Cookie: Sendable, Equatable {
  /// Two cookies with the same key are one: the later replaces the earlier.
  package struct Key: Hashable, Sendable {
    /// The host that set it, or the domain that it named; as in a URL.
    package var domain: String
    /// It goes back to that very host, and to no host below it.
    package var isHostOnly: Bool
    package var path: String
    package var name: String

    package init(domain: String, isHostOnly: Bool, path: String, name: String) {
      self.domain = domain
      self.isHostOnly = isHostOnly
      self.path = path
      self.name = name
    }
  }

  package var key: Key
  package var value: String
  /// Sent over https alone.
  package var isSecure: Bool
  /// nil: as long as the task.
  package var expiresAt: Int64?
  package var createdAt: Int64

  package init(key: Key, value: String, isSecure: Bool, expiresAt: Int64?, createdAt: Int64) {
    self.key = key
    self.value = value
    self.isSecure = isSecure
    self.expiresAt = expiresAt
    self.createdAt = createdAt
  }

  func isExpired(at now: Int64) -> Bool { expiresAt.map { $0 <= now } ?? false }

  /// What it counts against a jar's limit.
  var bytes: Int { key.name.utf8.count + value.utf8.count + key.domain.utf8.count + key.path.utf8.count + 128 }

  /// `path-match` of section 5.1.4.
  static func path(_ path: String, covers requested: String) -> Bool {
    guard requested.utf8.starts(with: path.utf8) else { return false }
    let rest = requested.utf8.dropFirst(path.utf8.count)
    return rest.isEmpty || path.utf8.last == UInt8(ascii: "/") || rest.first == UInt8(ascii: "/")
  }

  /// Whether a host is a domain or below it: `domain-match` of section 5.1.3, for hosts that are no IP addresses.
  static func domain(_ domain: String, covers host: String) -> Bool {
    if host == domain { return true }
    let difference = host.utf8.count - domain.utf8.count
    return difference > 0 && !domain.isEmpty && host.utf8.elementsEqual(domain.utf8, suffixAfter: difference)
  }
}

extension String.UTF8View {
  /// Whether what follows the first `count` bytes is a dot's successor and equal to `other`.
  fileprivate func elementsEqual(_ other: String.UTF8View, suffixAfter count: Int) -> Bool {
    dropFirst(count - 1).first == UInt8(ascii: ".") && dropFirst(count).elementsEqual(other)
  }
}
