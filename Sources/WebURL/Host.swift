package import Address

/// A host as it stands between the slashes of an http URL, parsed on its own.
package enum Host: Hashable, Sendable, CustomStringConvertible {
  /// Lower-case ASCII.
  case domain(String)
  case address(Address)

  /// Parses any spelling that a browser takes: decimal, octal, hexadecimal and short IPv4, percent-encoded and full-width
  /// characters, internationalised names, IPv6 in brackets. IPv6 without brackets is taken as well.
  ///
  /// Throws what `WebURL.parse` throws for the same host.
  package init(_ text: String) throws(WebURLError) {
    if text.utf8.contains(.colon), let address = Address(text) {
      self = .address(address)
      return
    }
    guard !text.isEmpty else { throw .hostMissing }
    self = try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { (room) throws(WebURLError) in
      try text.utf8.span.withUnsafeBufferPointer { (bytes) throws(WebURLError) in
        var output = HrefBuffer(borrowing: room)
        let kind = try HostParser.parse(bytes, isSpecial: true, into: &output)
        let name = output.string()
        switch kind {
        case .ipv4, .ipv6:
          guard let address = Address(kind == .ipv6 ? String(name.dropFirst().dropLast()) : name) else {
            fatalError("the host parser wrote \(name) and it is not an address")
          }
          return .address(address)
        case .none, .empty, .domain, .opaque:
          return .domain(name)
        }
      }
    }
  }

  /// The serialised host.
  package var description: String {
    switch self {
    case .domain(let name): name
    case .address(let address): address.urlHostName
    }
  }
}

extension AddressGuard {
  /// Judges a parsed host: an address as such, a name by the names that are refused offline.
  package func verdict(_ host: Host) -> Verdict {
    switch host {
    case .domain(let name): verdict(hostName: name)
    case .address(let address): verdict(address)
    }
  }

  /// Judges a URL: http and https only, then its host. The addresses of an allowed name are still to be vetted.
  package func verdict(_ url: WebURL) -> Verdict {
    guard url.isHTTP, let hostName = url.hostName else {
      return .refused(rule: "scheme \(url.scheme) is neither http nor https")
    }
    return url.address.map { verdict($0) } ?? verdict(hostName: hostName)
  }
}
