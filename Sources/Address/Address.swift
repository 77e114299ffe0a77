/// The room Address: IPv4 and IPv6 addresses as values, networks, the special-purpose ranges, and the guard that says
/// whether the crawler may connect to an address.
///
/// - Everything here is a pure value: no look-up, no socket, no clock. The same address always gets the same verdict.
/// - An address is its bits. How it was spelt (decimal, octal, short, full-width …) is the business of the URL's host
///   parser; the parsers here take the strict literal forms alone.
/// - A refusal names the rule that refused, in words that can be shown to a user.
import Glibc

/// An IPv4 or IPv6 address.
package enum Address: Hashable, Sendable {
  /// The 32 bits in host order: 127.0.0.1 is `0x7F00_0001`.
  case v4(UInt32)
  /// The first and the last 64 bits, each in host order.
  case v6(high: UInt64, low: UInt64)

  /// The address inside the bytes of a `sockaddr_in` or `sockaddr_in6`; nil for any other family and for short bytes.
  package init?(sockaddr bytes: UnsafeRawBufferPointer) {
    guard bytes.count >= MemoryLayout<sa_family_t>.size else { return nil }
    switch Int32(bytes.loadUnaligned(as: sa_family_t.self)) {
    case AF_INET:
      guard bytes.count >= MemoryLayout<sockaddr_in>.size else { return nil }
      self = .v4(UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
    case AF_INET6:
      guard bytes.count >= MemoryLayout<sockaddr_in6>.size else { return nil }
      self = .v6(
        high: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
        low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)))
    default:
      return nil
    }
  }

  package var isIPv4: Bool {
    if case .v4 = self { true } else { false }
  }

  package var isIPv6: Bool { !isIPv4 }

  /// 32 or 128.
  package var bitCount: Int { isIPv4 ? 32 : 128 }

  /// The 16-bit piece at `index` (0…7) of an IPv6 address's halves.
  static func piece(_ index: Int, high: UInt64, low: UInt64) -> UInt16 {
    let half = index < 4 ? high : low
    return UInt16(truncatingIfNeeded: half >> UInt64(48 - 16 * (index & 3)))
  }
}
