/// A block that is not an ordinary destination on the public internet, with the name that its registry gives it.
package struct SpecialPurposeRange: Sendable {
  package let network: Network
  package let name: String

  /// What a refusal says: `127.0.0.0/8 loopback`.
  package var rule: String { "\(network) \(name)" }

  private init(_ network: String, _ name: String) {
    guard let parsed = try? Network(network) else { fatalError("the table's network \(network) is mistyped") }
    self.network = parsed
    self.name = name
  }

  /// The first range that holds the address; nil for an ordinary one. Embedded IPv4 addresses are not looked into.
  package static func containing(_ address: Address) -> SpecialPurposeRange? {
    (address.isIPv4 ? ipv4 : ipv6).first { $0.network.contains(address) }
  }

  /// IANA's IPv4 Special-Purpose Address Registry, RFC 5771 (multicast), RFC 1112 section 4 (240/4), and the one ordinary
  /// address at which a cloud has its metadata service; the narrower block stands before the wider one.
  package static let ipv4: [SpecialPurposeRange] = [
    SpecialPurposeRange("0.0.0.0/32", "this host on this network"),
    SpecialPurposeRange("0.0.0.0/8", "this network"),
    SpecialPurposeRange("10.0.0.0/8", "private use"),
    SpecialPurposeRange("100.64.0.0/10", "shared address space"),
    SpecialPurposeRange("127.0.0.0/8", "loopback"),
    SpecialPurposeRange("168.63.129.16/32", "Azure's host of the virtual machine"),
    SpecialPurposeRange("169.254.0.0/16", "link local"),
    SpecialPurposeRange("172.16.0.0/12", "private use"),
    SpecialPurposeRange("192.0.0.0/29", "IPv4 service continuity prefix"),
    SpecialPurposeRange("192.0.0.8/32", "IPv4 dummy address"),
    SpecialPurposeRange("192.0.0.9/32", "port control protocol anycast"),
    SpecialPurposeRange("192.0.0.10/32", "traversal using relays around NAT anycast"),
    SpecialPurposeRange("192.0.0.170/31", "NAT64/DNS64 discovery"),
    SpecialPurposeRange("192.0.0.0/24", "IETF protocol assignments"),
    SpecialPurposeRange("192.0.2.0/24", "documentation (TEST-NET-1)"),
    SpecialPurposeRange("192.31.196.0/24", "AS112-v4"),
    SpecialPurposeRange("192.52.193.0/24", "AMT"),
    SpecialPurposeRange("192.88.99.0/24", "deprecated 6to4 relay anycast"),
    SpecialPurposeRange("192.168.0.0/16", "private use"),
    SpecialPurposeRange("192.175.48.0/24", "direct delegation AS112 service"),
    SpecialPurposeRange("198.18.0.0/15", "benchmarking"),
    SpecialPurposeRange("198.51.100.0/24", "documentation (TEST-NET-2)"),
    SpecialPurposeRange("203.0.113.0/24", "documentation (TEST-NET-3)"),
    SpecialPurposeRange("224.0.0.0/4", "multicast"),
    SpecialPurposeRange("255.255.255.255/32", "limited broadcast"),
    SpecialPurposeRange("240.0.0.0/4", "reserved"),
  ]

  /// IANA's IPv6 Special-Purpose Address Registry, multicast, site-local (RFC 3879), and last of all whatever global
  /// unicast does not cover (RFC 4291: IANA allocates from 2000::/3 alone).
  package static let ipv6: [SpecialPurposeRange] = [
    SpecialPurposeRange("::1/128", "loopback"),
    SpecialPurposeRange("::/128", "unspecified"),
    SpecialPurposeRange("64:ff9b:1::/48", "IPv4-IPv6 translation, local use"),
    SpecialPurposeRange("100::/64", "discard only"),
    SpecialPurposeRange("100:0:0:1::/64", "dummy IPv6 prefix"),
    SpecialPurposeRange("2001::/32", "Teredo"),
    SpecialPurposeRange("2001:1::1/128", "port control protocol anycast"),
    SpecialPurposeRange("2001:1::2/128", "traversal using relays around NAT anycast"),
    SpecialPurposeRange("2001:1::3/128", "DNS-SD service registration protocol anycast"),
    SpecialPurposeRange("2001:2::/48", "benchmarking"),
    SpecialPurposeRange("2001:3::/32", "AMT"),
    SpecialPurposeRange("2001:4:112::/48", "AS112-v6"),
    SpecialPurposeRange("2001:10::/28", "deprecated ORCHID"),
    SpecialPurposeRange("2001:20::/28", "ORCHIDv2"),
    SpecialPurposeRange("2001:30::/28", "drone remote ID protocol entity tags"),
    SpecialPurposeRange("2001::/23", "IETF protocol assignments"),
    SpecialPurposeRange("2001:db8::/32", "documentation"),
    SpecialPurposeRange("2002::/16", "6to4"),
    SpecialPurposeRange("2620:4f:8000::/48", "direct delegation AS112 service"),
    SpecialPurposeRange("3fff::/20", "documentation"),
    SpecialPurposeRange("5f00::/16", "segment routing (SRv6) SIDs"),
    SpecialPurposeRange("fc00::/7", "unique local"),
    SpecialPurposeRange("fe80::/10", "link local"),
    SpecialPurposeRange("fec0::/10", "deprecated site local"),
    SpecialPurposeRange("ff00::/8", "multicast"),
    SpecialPurposeRange("::/3", "outside of global unicast 2000::/3"),
    SpecialPurposeRange("4000::/2", "outside of global unicast 2000::/3"),
    SpecialPurposeRange("8000::/1", "outside of global unicast 2000::/3"),
  ]
}
