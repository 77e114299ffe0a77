/// Decides where the crawler may connect: everywhere on the public internet, and elsewhere only where the daemon's
/// configuration allows the network. A task cannot widen it.
package struct AddressGuard: Sendable {
  package enum Verdict: Hashable, Sendable {
    case allowed
    /// The rule is for people: `127.0.0.0/8 loopback`, `name localhost`.
    case refused(rule: String)

    package var isAllowed: Bool { self == .allowed }
  }

  /// The networks that the configuration allows although they are special.
  package let allow: [Network]

  package init(allow: [Network] = []) {
    self.allow = allow
  }

  /// Judges an address. IPv4 inside of IPv6 (mapped, compatible, NAT64) is judged by the inner address, because that is
  /// where the packets go.
  package func verdict(_ address: Address) -> Verdict {
    if isAllowedByConfiguration(address) { return .allowed }
    if let embedding = Embedding(of: address) {
      switch verdict(embedding.inner) {
      case .allowed: return .allowed
      case .refused(let rule): return .refused(rule: "\(rule), embedded in \(embedding.name)")
      }
    }
    if let range = SpecialPurposeRange.containing(address) { return .refused(rule: range.rule) }
    return .allowed
  }

  /// Judges a serialised host without a look-up: names that mean this machine or its cloud's metadata service are
  /// refused unless a network that they stand for is allowed; literals (IPv6 with or without brackets) as addresses.
  ///
  /// Letter case and a trailing dot make no difference. The addresses of an allowed name are still to be vetted.
  package func verdict(hostName: String) -> Verdict {
    var name = hostName
    if name.hasSuffix(".") { name.removeLast() }
    if name.hasPrefix("["), name.hasSuffix("]") { name = String(name.dropFirst().dropLast()) }
    if let address = Address(name) { return verdict(address) }
    guard let refused = RefusedName.matching(name.lowercased()) else { return .allowed }
    if refused.addresses.contains(where: isAllowedByConfiguration) { return .allowed }
    return .refused(rule: "name \(refused.pattern)")
  }

  private func isAllowedByConfiguration(_ address: Address) -> Bool {
    allow.contains { $0.contains(address) }
  }
}

extension Address {
  /// The IPv4 address that packets to this IPv6 one end up at, if so.
  package var embedded: Address? { Embedding(of: self)?.inner }
}

/// The forms in which an IPv6 address carries an IPv4 address that traffic ends up at.
private struct Embedding {
  let inner: Address
  let name: String

  init?(of address: Address) {
    guard case .v6(let high, let low) = address else { return nil }
    switch (high, low >> 32) {
    case (0, 0xFFFF): name = "::ffff:0:0/96 IPv4-mapped"
    case (0, 0) where low > 1: name = "::/96 IPv4-compatible"
    case (0x0064_FF9B_0000_0000, 0): name = "64:ff9b::/96 IPv4-IPv6 translation"
    default: return nil
    }
    inner = .v4(UInt32(truncatingIfNeeded: low))
  }
}
