/// The room WebURL: URLs as the WHATWG URL Standard (url.spec.whatwg.org) parses and serialises them, their canonical
/// form, their fingerprint and their registrable domain.
///
/// - A `WebURL` always holds a URL that parsed: there is no invalid one, and `WebURL(url.href) == url`.
/// - The serialisation is stored once, and it is ASCII; components are offsets into it. Two URLs are equal when their
///   serialisations are.
/// - Parsing takes linear time and memory in the length of the input and the base, whatever the bytes are.
/// - Nothing here looks anything up. The form is the standard's parser without a state override: setters do not exist
///   here. The legacy encodings live in the room Parse, which hands one in for the queries of its documents.
package import Address

/// A URL record of the WHATWG URL Standard, held as its serialisation. It has the compiler's initializer, because one
/// written here would copy each new URL.
package struct WebURL: Sendable {
  /// The WHATWG serialisation; ASCII.
  package let href: String
  let components: Components
}

extension WebURL {
  /// Parses a URL or, with a base, a relative reference; nil when the standard's parser fails.
  package init?(_ input: String, base: WebURL? = nil) {
    var input = input
    let parsed = input.withUTF8 { try? WebURL.parse($0, base: base, keepFragment: true) }
    guard let parsed else { return nil }
    self = parsed
  }

  /// Parses UTF-8 bytes (what is not UTF-8 is read as U+FFFD) as a URL or, with a base, a relative reference.
  ///
  /// Linear in the length of the input and the base; one allocation for a short ASCII input. Without `keepFragment` the
  /// fragment is left out, as in an identity. `queryEncoder` is the standard's `encoding` argument, nil for UTF-8.
  /// Throws the reason when the standard's parser fails, and `.tooLong` above 2³¹ − 1 bytes.
  package static func parse(
    _ input: UnsafeBufferPointer<UInt8>, base: WebURL?, keepFragment: Bool, queryEncoder: QueryEncoder? = nil
  ) throws(WebURLError) -> WebURL {
    try URLParser.parse(input, base: base, keepFragment: keepFragment, queryEncoder: queryEncoder)
  }
}

extension WebURL: Hashable {
  package static func == (left: WebURL, right: WebURL) -> Bool { left.href == right.href }

  package func hash(into hasher: inout Hasher) { hasher.combine(href) }
}

extension WebURL: CustomStringConvertible {
  package var description: String { href }
}

extension WebURL {
  /// Lower-case, without the colon.
  package var scheme: String { slice(0, components.schemeEnd) }

  /// Percent-encoded; empty when there is none.
  package var username: String {
    components.hasCredentials ? slice(components.usernameStart, components.usernameEnd) : ""
  }

  /// Percent-encoded; empty when there is none.
  package var password: String {
    components.hasPassword ? slice(components.usernameEnd + 1, components.hostStart - 1) : ""
  }

  /// The serialised host: a lower-case ASCII domain, an IPv4 address in four decimals, or an IPv6 address in brackets.
  ///
  /// nil when the URL has no authority (`mailto:`), empty for `file:///`.
  package var hostName: String? {
    components.host == .none ? nil : slice(components.hostStart, components.hostEnd)
  }

  /// The port that the URL names; nil when it names none or its scheme's default.
  package var port: Int? { components.hasPort ? Int(components.port) : nil }

  /// The port to connect to: the one named, else the default of http, https, ws, wss or ftp.
  package var effectivePort: Int? { port ?? components.scheme.defaultPort.map(Int.init) }

  /// Percent-encoded; begins with a slash unless it is opaque (`mailto:`) or empty.
  package var path: String { slice(components.pathStart, components.queryStart) }

  /// Percent-encoded, without the question mark; nil when there is none, empty for a bare `?`.
  package var query: String? {
    components.hasQuery ? slice(components.queryStart + 1, components.fragmentStart) : nil
  }

  /// Percent-encoded, without the number sign; nil when there is none, empty for a bare `#`.
  package var fragment: String? {
    components.hasFragment ? slice(components.fragmentStart + 1, components.end) : nil
  }

  /// What the request line names: the path, and the query with its question mark.
  package var pathAndQuery: String { slice(components.pathStart, components.fragmentStart) }

  /// The host and, if the URL names one, a colon and the port; empty without an authority.
  package var hostAndPort: String { slice(components.hostStart, components.authorityEnd) }

  /// Whether the scheme is http or https.
  package var isHTTP: Bool { components.scheme == .http || components.scheme == .https }

  /// Whether the path is one opaque string, as in `mailto:` and `data:`; nothing but a fragment resolves against it.
  package var hasOpaquePath: Bool { components.hasOpaquePath }

  /// The address when the host is an IP literal.
  package var address: Address? {
    switch components.host {
    case .ipv4: Address(slice(components.hostStart, components.hostEnd))
    case .ipv6: Address(slice(components.hostStart + 1, components.hostEnd - 1))
    case .none, .empty, .domain, .opaque: nil
    }
  }

  /// What `path` is, without a copy.
  package func withPath<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    withBytes(components.pathStart, components.queryStart, body)
  }

  /// What `pathAndQuery` is, without a copy.
  package func withPathAndQuery<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    withBytes(components.pathStart, components.fragmentStart, body)
  }

  /// What `hostAndPort` is, without a copy.
  package func withHostAndPort<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    withBytes(components.hostStart, components.authorityEnd, body)
  }

  /// The scheme, the host and, if the URL names one, the port, as they stand before the path; nil when the URL has
  /// credentials or no authority. URLs with equal prefixes have the same origin (RFC 6454).
  package func withOriginPrefix<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
    components.hasCredentials || components.host == .none ? nil : withBytes(0, components.pathStart, body)
  }

  private func withBytes<Result>(_ start: UInt32, _ end: UInt32, _ body: (UnsafeBufferPointer<UInt8>) -> Result)
    -> Result
  {
    href.utf8.span.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[Int(start)..<Int(end)])) }
  }

  private func slice(_ start: UInt32, _ end: UInt32) -> String {
    href.utf8.span.withUnsafeBufferPointer {
      String(decoding: UnsafeBufferPointer(rebasing: $0[Int(start)..<Int(end)]), as: UTF8.self)
    }
  }
}
