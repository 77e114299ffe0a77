/// The namespaces that prefixes stand for (Namespaces in XML 1.0), as far as they matter in an XHTML page, a sitemap or a
/// feed.
///
/// It keeps at most `maximumBindings` prefixes at a time, and a declaration that changes nothing takes no room. A prefix
/// beyond stands for what it stood for before.
struct XMLNamespaces {
  enum Namespace: UInt8 {
    case html, svg, xlink
    case sitemap, atom, rss
    case other
  }

  private struct Binding {
    var prefix: Range<Int>
    var namespace: Namespace
  }

  static let maximumBindings = 64

  private let bytes: UnsafePointer<UInt8>
  private var bindings: [Binding] = []

  init(_ bytes: UnsafePointer<UInt8>) { self.bytes = bytes }

  var count: Int { bindings.count }

  /// Takes what the last tag before declares: `xmlns:prefix="…"`. A prefix is declared anew within an element, and has its
  /// earlier meaning after it.
  mutating func declare(_ prefix: Range<Int>, _ value: Range<Int>) {
    let namespace = namespace(named: value)
    guard self[prefix] != namespace, bindings.count < XMLNamespaces.maximumBindings else { return }
    bindings.append(Binding(prefix: prefix, namespace: namespace))
  }

  /// Forgets the declarations behind the first `count`.
  mutating func forget(to count: Int) { bindings.removeSubrange(min(count, bindings.count)...) }

  /// What a prefix stands for; `other` for one that nobody declared. At most `maximumBindings` comparisons.
  subscript(_ prefix: Range<Int>) -> Namespace {
    for binding in bindings.reversed() where binding.prefix.count == prefix.count {
      if slice(binding.prefix).elementsEqual(slice(prefix)) { return binding.namespace }
    }
    return .other
  }

  /// The namespace with the name at this range.
  func namespace(named range: Range<Int>) -> Namespace {
    for (name, namespace) in XMLNamespaces.names where name.utf8CodeUnitCount == range.count {
      if slice(range).elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: range.count)) { return namespace }
    }
    return .other
  }

  private static let names: [(StaticString, Namespace)] = [
    ("http://www.w3.org/1999/xhtml", .html), ("http://www.w3.org/2000/svg", .svg),
    ("http://www.w3.org/1999/xlink", .xlink), ("http://www.sitemaps.org/schemas/sitemap/0.9", .sitemap),
    ("http://www.google.com/schemas/sitemap/0.84", .sitemap), ("http://www.w3.org/2005/Atom", .atom),
    ("http://purl.org/atom/ns#", .atom), ("http://purl.org/rss/1.0/", .rss),
  ]

  private func slice(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: bytes + range.lowerBound, count: range.count)
  }
}
