private import CPSL

extension WebURL {
  /// The part of the host that somebody registered: one label more than the public suffix (`example.co.uk`), by the list
  /// that libpsl carries. Without a trailing dot.
  ///
  /// nil for IP literals, public suffixes, single labels and opaque hosts.
  package var registrableDomain: String? {
    guard components.host == .domain, let name = hostName?.utf8 else { return nil }
    var length = name.count
    if name.last == .dot { length -= 1 }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: length + 1) { room in
      var previous = UInt8.dot
      for (index, byte) in name.prefix(length).enumerated() {
        // An empty label is no part of any registered name, and libpsl does not expect one.
        if byte == .dot, previous == .dot { return nil }
        previous = byte
        room[index] = CChar(bitPattern: byte)
      }
      room[length] = 0
      return psl_registrable_domain(psl_builtin(), room.baseAddress).map { String(cString: $0) }
    }
  }
}
