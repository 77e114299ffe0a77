package import Address
import Glibc

/// What this machine knows by itself of its ways out.
package enum LocalRoute {
  /// Whether it has a route to the address, and an address of its own to go there from. No packet is sent: connecting a UDP
  /// socket only chooses a route. Where it can't be found out for want of a descriptor or a port, there is one.
  package static func exists(to address: Address) -> Bool {
    let family = address.isIPv4 ? AF_INET : AF_INET6
    let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return errno != EAFNOSUPPORT }
    defer { close(descriptor) }
    return connect(descriptor, to: address) || errno == EAGAIN
  }

  /// f.root-servers.net stands for the IPv6 internet.
  static var toIPv6Internet: Bool { exists(to: .v6(high: 0x2001_0500_002F_0000, low: 0xF)) }

  private static func connect(_ descriptor: Int32, to address: Address) -> Bool {
    let port = in_port_t(53).bigEndian
    switch address {
    case .v4(let bits):
      var system = sockaddr_in()
      system.sin_family = sa_family_t(AF_INET)
      system.sin_port = port
      withUnsafeMutableBytes(of: &system.sin_addr) { $0.storeBytes(of: bits.bigEndian, as: UInt32.self) }
      return withUnsafeBytes(of: &system) { connect(descriptor, $0) }
    case .v6(let high, let low):
      var system = sockaddr_in6()
      system.sin6_family = sa_family_t(AF_INET6)
      system.sin6_port = port
      withUnsafeMutableBytes(of: &system.sin6_addr) {
        $0.storeBytes(of: high.bigEndian, as: UInt64.self)
        $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
      }
      return withUnsafeBytes(of: &system) { connect(descriptor, $0) }
    }
  }

  private static func connect(_ descriptor: Int32, _ system: UnsafeRawBufferPointer) -> Bool {
    let start = system.assumingMemoryBound(to: sockaddr.self).baseAddress
    return Glibc.connect(descriptor, start, socklen_t(system.count)) == 0
  }
}
