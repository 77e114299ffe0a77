import Address
import Testing

@Suite struct AddressGuardTests {
  private func rule(_ text: String, allow: [String] = []) throws -> String? {
    let address = try #require(Address(text))
    switch AddressGuard(allow: try allow.map { try Network($0) }).verdict(address) {
    case .allowed: return nil
    case .refused(let rule): return rule
    }
  }

  @Test(arguments: [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0",
    "192.0.3.0", "192.167.255.255",
    "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
    "223.255.255.255", "2000::1", "2001:200::1", "2001:db7:ffff::1", "2001:db9::", "2003::1", "2606:4700::1111",
    "3ffe::1", "3fff:1000::", "::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::808:808",
  ])
  func ordinaryAddressesAreAllowed(_ text: String) throws {
    #expect(try rule(text) == nil)
  }

  @Test(arguments: [
    ("0.0.0.0", "0.0.0.0/32 this host on this network"),
    ("0.1.2.3", "0.0.0.0/8 this network"),
    ("10.255.255.255", "10.0.0.0/8 private use"),
    ("100.64.0.0", "100.64.0.0/10 shared address space"),
    ("100.100.100.200", "100.64.0.0/10 shared address space"),
    ("127.0.0.1", "127.0.0.0/8 loopback"),
    ("127.255.255.255", "127.0.0.0/8 loopback"),
    ("168.63.129.16", "168.63.129.16/32 Azure's host of the virtual machine"),
    ("169.254.169.254", "169.254.0.0/16 link local"),
    ("172.16.0.0", "172.16.0.0/12 private use"),
    ("172.31.255.255", "172.16.0.0/12 private use"),
    ("192.0.0.1", "192.0.0.0/29 IPv4 service continuity prefix"),
    ("192.0.0.171", "192.0.0.170/31 NAT64/DNS64 discovery"),
    ("192.0.0.255", "192.0.0.0/24 IETF protocol assignments"),
    ("192.0.2.1", "192.0.2.0/24 documentation (TEST-NET-1)"),
    ("192.88.99.1", "192.88.99.0/24 deprecated 6to4 relay anycast"),
    ("192.168.0.1", "192.168.0.0/16 private use"),
    ("198.19.255.255", "198.18.0.0/15 benchmarking"),
    ("198.51.100.1", "198.51.100.0/24 documentation (TEST-NET-2)"),
    ("203.0.113.1", "203.0.113.0/24 documentation (TEST-NET-3)"),
    ("224.0.0.1", "224.0.0.0/4 multicast"),
    ("240.0.0.1", "240.0.0.0/4 reserved"),
    ("255.255.255.255", "255.255.255.255/32 limited broadcast"),
    ("::", "::/128 unspecified"),
    ("::1", "::1/128 loopback"),
    ("64:ff9b:1::1", "64:ff9b:1::/48 IPv4-IPv6 translation, local use"),
    ("100::1", "100::/64 discard only"),
    ("100:0:0:1::1", "100:0:0:1::/64 dummy IPv6 prefix"),
    ("2001::1", "2001::/32 Teredo"),
    ("2001:2::1", "2001:2::/48 benchmarking"),
    ("2001:1ff::1", "2001::/23 IETF protocol assignments"),
    ("2001:db8::1", "2001:db8::/32 documentation"),
    ("2002:808:808::", "2002::/16 6to4"),
    ("3fff::1", "3fff::/20 documentation"),
    ("5f00::1", "5f00::/16 segment routing (SRv6) SIDs"),
    ("fc00::1", "fc00::/7 unique local"),
    ("fdff::1", "fc00::/7 unique local"),
    ("fe80::1", "fe80::/10 link local"),
    ("fec0::1", "fec0::/10 deprecated site local"),
    ("ff02::1", "ff00::/8 multicast"),
    ("1000::1", "::/3 outside of global unicast 2000::/3"),
    ("4000::1", "4000::/2 outside of global unicast 2000::/3"),
    ("e000::1", "8000::/1 outside of global unicast 2000::/3"),
  ])
  func specialAddressesAreRefusedWithTheRule(_ text: String, _ expected: String) throws {
    #expect(try rule(text) == expected)
  }

  @Test(arguments: [
    ("::ffff:127.0.0.1", "127.0.0.0/8 loopback, embedded in ::ffff:0:0/96 IPv4-mapped"),
    ("::10.0.0.1", "10.0.0.0/8 private use, embedded in ::/96 IPv4-compatible"),
    ("64:ff9b::a9fe:a9fe", "169.254.0.0/16 link local, embedded in 64:ff9b::/96 IPv4-IPv6 translation"),
  ])
  func anEmbeddedAddressIsJudgedByTheInnerOne(_ text: String, _ expected: String) throws {
    #expect(try rule(text) == expected)
  }

  /// Every range of the tables is refused as a whole: its first and its last address.
  @Test(arguments: SpecialPurposeRange.ipv4.map(\.rule) + SpecialPurposeRange.ipv6.map(\.rule))
  func everyRangeIsRefusedFromEndToEnd(_ rule: String) throws {
    let all = SpecialPurposeRange.ipv4 + SpecialPurposeRange.ipv6
    let range = try #require(all.first { $0.rule == rule })
    let length = range.network.prefixLength
    let ends: [Address] =
      switch range.network.address {
      case .v4(let first): [.v4(first), .v4(first | (length == 0 ? .max : UInt32.max >> UInt32(length)))]
      case .v6(let high, let low):
        length >= 64
          ? [.v6(high: high, low: low), .v6(high: high, low: low | UInt64.max >> UInt64(length - 64))]
          : [.v6(high: high, low: low), .v6(high: high | UInt64.max >> UInt64(length), low: .max)]
      }
    for end in ends {
      #expect(range.network.contains(end))
      #expect(!AddressGuard().verdict(end).isAllowed, "\(end)")
    }
  }

  @Test func theConfigurationAllowsANetwork() throws {
    #expect(try rule("127.0.0.1", allow: ["127.0.0.0/8"]) == nil)
    #expect(try rule("::ffff:127.0.0.1", allow: ["127.0.0.0/8"]) == nil)
    #expect(try rule("127.0.0.1", allow: ["10.0.0.0/8", "127.0.0.1/32"]) == nil)
    #expect(try rule("127.0.0.2", allow: ["127.0.0.1"]) == "127.0.0.0/8 loopback")
    #expect(try rule("::1", allow: ["127.0.0.0/8"]) == "::1/128 loopback")
    #expect(try rule("::1", allow: ["::1"]) == nil)
    #expect(try rule("fd00::1", allow: ["fd00::/8"]) == nil)
  }

  @Test(arguments: [
    ("localhost", "name localhost"), ("LOCALHOST", "name localhost"), ("localhost.", "name localhost"),
    ("a.b.localhost", "name *.localhost"), ("localhost.localdomain", "name localhost.localdomain"),
    ("ip6-localhost", "name ip6-localhost"), ("ip6-loopback", "name ip6-loopback"),
    ("ip6-allnodes", "name ip6-allnodes"), ("metadata.google.internal", "name metadata.google.internal"),
    ("metadata.google.internal.", "name metadata.google.internal"), ("127.0.0.1", "127.0.0.0/8 loopback"),
    ("[::1]", "::1/128 loopback"), ("::1", "::1/128 loopback"), ("169.254.169.254.", "169.254.0.0/16 link local"),
  ])
  func localNamesAreRefusedOffline(_ name: String, _ expected: String) {
    #expect(AddressGuard().verdict(hostName: name) == .refused(rule: expected))
  }

  @Test(arguments: [
    "example.com", "localhost.example.com", "notlocalhost", "mylocalhost.com", "localhosts", "[2606:4700::1111]", "",
    ".",
  ])
  func otherNamesAreLeftToTheirAddresses(_ name: String) {
    #expect(AddressGuard().verdict(hostName: name) == .allowed)
  }

  @Test func aNamePassesWhenTheNetworkItStandsForIsAllowed() throws {
    let loopback = AddressGuard(allow: [try Network("127.0.0.0/8")])
    #expect(loopback.verdict(hostName: "localhost") == .allowed)
    #expect(loopback.verdict(hostName: "www.localhost") == .allowed)
    #expect(!loopback.verdict(hostName: "metadata.google.internal").isAllowed)
    let linkLocal = AddressGuard(allow: [try Network("169.254.0.0/16")])
    #expect(linkLocal.verdict(hostName: "metadata.google.internal") == .allowed)
    #expect(!linkLocal.verdict(hostName: "localhost").isAllowed)
  }
}
