/// A block of addresses in CIDR notation (RFC 4632): a first address and the number of leading bits that all share.
package struct Network: Hashable, Sendable, CustomStringConvertible {
  package let address: Address
  /// 0…32 for IPv4, 0…128 for IPv6.
  package let prefixLength: Int

  /// Parses `127.0.0.0/8`, `fd00::/8`, or a single address, which is a network of one.
  ///
  /// Bits beyond the prefix are an error: whoever writes `10.1.2.3/8` may have meant a host or a network.
  package init(_ text: String) throws(AddressError) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = Address(String(parts[0])) else { throw .notAnAddress(text) }
    guard parts.count == 2 else {
      self.init(unchecked: address, address.bitCount)
      return
    }
    let digits = parts[1].utf8
    guard !digits.isEmpty, digits.count <= 3, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }),
      let length = Int(parts[1]), length <= address.bitCount
    else { throw .notAPrefixLength(text, maximum: address.bitCount) }
    let masked = Network(unchecked: address, length)
    guard masked.address == address else { throw .bitsBeyondPrefix(text, suggestion: masked.description) }
    self = masked
  }

  /// The network of `prefixLength` leading bits (clamped to what the family has) around `address`.
  package init(around address: Address, prefixLength: Int) {
    self.init(unchecked: address, min(max(prefixLength, 0), address.bitCount))
  }

  init(unchecked address: Address, _ prefixLength: Int) {
    self.address = address.masked(to: prefixLength)
    self.prefixLength = prefixLength
  }

  /// Whether the address lies in this network. An IPv4 network never holds an IPv6 address, embedded or not.
  package func contains(_ other: Address) -> Bool {
    address.isIPv4 == other.isIPv4 && other.masked(to: prefixLength) == address
  }

  package var description: String { "\(address)/\(prefixLength)" }
}

extension Address {
  /// The address with all bits behind the first `length` cleared.
  func masked(to length: Int) -> Address {
    // Swift's `<<` gives 0 for a shift by the whole width, and shifts right by a negative amount.
    switch self {
    case .v4(let value):
      .v4(value & (UInt32.max << (32 - length)))
    case .v6(let high, let low):
      length <= 64
        ? .v6(high: high & (UInt64.max << (64 - length)), low: 0)
        : .v6(high: high, low: low & (UInt64.max << (128 - length)))
    }
  }
}
