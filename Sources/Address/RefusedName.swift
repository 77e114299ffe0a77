/// A host name that is refused before any look-up: it means this machine or its cloud's metadata service, whatever DNS
/// may answer.
package struct RefusedName: Sendable {
  /// `localhost`, or `*.localhost` for every name below it.
  package let pattern: String
  /// Where the name leads; it passes when the configuration allows one of them.
  package let addresses: [Address]

  /// The pattern that matches a lower-case name without a trailing dot.
  package static func matching(_ name: String) -> RefusedName? {
    // The suffixes are ASCII: equal bytes are equal text.
    whole[name] ?? suffixes.first { name.utf8.suffix($0.end.count).elementsEqual($0.end) }?.name
  }

  private static let whole = Dictionary(uniqueKeysWithValues: all.filter { !$0.isSuffix }.map { ($0.pattern, $0) })
  private static let suffixes = all.filter(\.isSuffix).map { (end: Array($0.pattern.utf8.dropFirst()), name: $0) }

  private var isSuffix: Bool { pattern.hasPrefix("*") }

  private static let loopback: [Address] = [.v4(0x7F00_0001), .v6(high: 0, low: 1)]
  private static let multicast: [Address] = [.v6(high: 0xFF02 << 48, low: 1)]
  /// 169.254.169.254, and fd00:ec2::254 and fd20:ce::254 where clouds serve IPv6.
  private static let metadata: [Address] = [
    .v4(0xA9FE_A9FE), .v6(high: 0xFD00_0EC2 << 32, low: 0x254), .v6(high: 0xFD20_00CE << 32, low: 0x254),
  ]

  /// RFC 6761 section 6.3, the names of Debian's and Red Hat's hosts files, and the clouds' metadata services.
  package static let all: [RefusedName] =
    ["localhost", "*.localhost", "localhost.localdomain", "*.localhost.localdomain"].map { .init($0, loopback) }
    + ["localhost4", "localhost6", "localhost4.localdomain4", "localhost6.localdomain6"].map { .init($0, loopback) }
    + ["ip6-localhost", "ip6-loopback"].map { .init($0, loopback) }
    + ["ip6-localnet", "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts"].map { .init($0, multicast) }
    + [
      "metadata", "metadata.google.internal", "*.metadata.google.internal", "metadata.goog", "metadata.internal",
      "metadata.azure.internal", "metadata.azure.com", "metadata.tencentyun.com", "instance-data",
      "instance-data.ec2.internal",
    ].map { .init($0, metadata) }

  private init(_ pattern: String, _ addresses: [Address]) {
    self.pattern = pattern
    self.addresses = addresses
  }
}
