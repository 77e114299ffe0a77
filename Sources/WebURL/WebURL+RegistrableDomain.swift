private import CPSL

extension WebURL {
  /// The part of the host that somebody registered: one label more than the public suffix (`example.co.uk`), by the list
  /// that libpsl carries. Without a trailing dot.
  ///
  /// nil for IP literals, public suffixes, single labels and opaque hosts.
  package var registrableDomain: String? {
    guard components.host == .domain, var name = hostName else { return nil }
    if name.hasSuffix(".") { name.removeLast() }
    // An empty label is no part of any registered name, and libpsl does not expect one.
    guard !name.isEmpty, !name.hasPrefix("."), !name.utf8.containsTwoDotsInARow else { return nil }
    return name.withCString { pointer in
      psl_registrable_domain(psl_builtin(), pointer).map { String(cString: $0) }
    }
  }
}

extension String.UTF8View {
  fileprivate var containsTwoDotsInARow: Bool {
    zip(self, dropFirst()).contains { $0 == .dot && $1 == .dot }
  }
}
