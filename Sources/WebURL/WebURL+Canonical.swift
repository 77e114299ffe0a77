internal import Glibc

extension WebURL {
  /// The form that stands for the URL in the seen set. Idempotent; linear, but for the sorting of a query.
  ///
  /// Every policy leaves the fragment out. For http and https the path and the query are normalised as RFC 3986 section
  /// 6.2.2 allows for any server: `%41` becomes `A` (unreserved characters alone are decoded) and hexadecimal digits
  /// become upper-case. An invalid percent sequence stays as it is. What the WHATWG parser has done already (letter case
  /// of scheme and host, default port, dot segments) is not done again; empty queries, empty segments, trailing slashes
  /// and credentials stay, because servers tell them apart. Then come the policy's own rules. A policy makes classes of
  /// URLs and no request: what is fetched is a URL as it was found, never its canonical form.
  package func canonical(_ policy: CanonicalPolicy = .conservative) -> WebURL {
    guard isHTTP else { return withoutFragment() }
    return isPlain(policy) ? self : rewritten(policy)
  }

  /// A part of a path or a query, as a user has written it for comparing, in the form that canonical URLs have: what is not
  /// ASCII percent-encoded, then as `canonical` does. Linear.
  package static func canonicalPart(_ text: some Sequence<UInt8>) -> [UInt8] {
    var encoded: [UInt8] = []
    for byte in text {
      if byte < 0x80 {
        encoded.append(byte)
      } else {
        encoded += [.percent, .hexDigit(byte >> 4), .hexDigit(byte & 15)]
      }
    }
    if encoded.isEmpty { return [] }
    return encoded.withUnsafeBufferPointer { encoded in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: encoded.count) { room in
        var output = HrefBuffer(borrowing: room)
        output.appendNormalised(encoded, lowercased: false)
        return output.takeBack(to: 0)
      }
    }
  }

  /// The keyed identity of the canonical form.
  package func canonicalFingerprint(_ policy: CanonicalPolicy, _ key: FingerprintKey) -> UInt64 {
    isHTTP && isPlain(policy) ? fingerprint(key) : canonical(policy).fingerprint(key)
  }

  /// Whether there is nothing in it that the policy could change.
  private func isPlain(_ policy: CanonicalPolicy) -> Bool {
    policy.isConservative && !components.hasFragment && !withPathAndQuery(Self.hasPercent)
  }

  private static func hasPercent(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    bytes.baseAddress.map { memchr($0, Int32(UInt8.percent), bytes.count) != nil } ?? false
  }

  private func rewritten(_ policy: CanonicalPolicy) -> WebURL {
    var components = components
    var href = href
    let text = href.withUTF8 { bytes in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1024) { room in
        func part(_ start: UInt32, _ end: UInt32) -> UnsafeBufferPointer<UInt8> {
          UnsafeBufferPointer(rebasing: bytes[Int(start)..<Int(end)])
        }
        var output = HrefBuffer(borrowing: room)
        output.append(part(0, components.pathStart))
        output.appendNormalised(part(components.pathStart, components.queryStart), lowercased: policy.lowercasesPath)
        var query: [UInt8]?
        if components.hasQuery {
          let start = output.count
          output.appendNormalised(part(components.queryStart + 1, components.fragmentStart), lowercased: false)
          query = policy.applied(toQuery: output.takeBack(to: start))
        }
        components.queryStart = UInt32(output.count)
        if let query {
          output.append(.question)
          output.append(query)
        }
        components.fragmentStart = UInt32(output.count)
        components.end = components.fragmentStart
        return output.string()
      }
    }
    return WebURL(href: text, components: components)
  }

  /// The URL up to its fragment; itself when it has none.
  package func withoutFragment() -> WebURL {
    guard components.hasFragment else { return self }
    var components = components
    components.end = components.fragmentStart
    return WebURL(href: String(href.utf8.prefix(Int(components.end)))!, components: components)
  }

  package var hasCredentials: Bool { components.hasCredentials }

  /// The URL without username and password; itself when it has none.
  package func withoutCredentials() -> WebURL {
    guard components.hasCredentials else { return self }
    let removed = components.hostStart - components.usernameStart
    var components = components
    components.usernameEnd = components.usernameStart
    components.hostStart -= removed
    components.hostEnd -= removed
    components.pathStart -= removed
    components.queryStart -= removed
    components.fragmentStart -= removed
    components.end -= removed
    let utf8 = href.utf8
    return WebURL(
      href: String(utf8.prefix(Int(components.hostStart)))!
        + String(utf8.dropFirst(Int(components.hostStart + removed)))!,
      components: components)
  }
}

extension HrefBuffer {
  /// Appends with the percent-encoding of unreserved characters undone and the digits of all others in upper case.
  ///
  /// A digit that would complete an invalid sequence before it stays encoded (`%4%31` is not `%41`): otherwise a second
  /// pass would go on where the first one ended.
  fileprivate mutating func appendNormalised(_ source: UnsafeBufferPointer<UInt8>, lowercased: Bool) {
    reserve(source.count)
    var position = 0
    /// How many more hexadecimal digits would complete the invalid sequence that the output ends in; 0 if it ends in none.
    var missing = 0
    while position < source.count {
      let byte = source[position]
      guard byte == .percent else {
        missing = missing > 0 && byte.hexValue != nil ? missing - 1 : 0
        append(lowercased ? byte.asciiLowercased : byte)
        position += 1
        continue
      }
      guard position + 2 < source.count, let high = source[position + 1].hexValue,
        let low = source[position + 2].hexValue
      else {
        missing = 2
        append(.percent)
        position += 1
        continue
      }
      let decoded = high << 4 | low
      if decoded.isIn(.unreserved), missing == 0 || decoded.hexValue == nil {
        append(lowercased ? decoded.asciiLowercased : decoded)
      } else {
        append(.percent)
        append(.hexDigit(high))
        append(.hexDigit(low))
      }
      missing = 0
      position += 3
    }
  }

  fileprivate mutating func append(_ source: UnsafeBufferPointer<UInt8>) {
    if let base = source.baseAddress { append(base, count: source.count) }
  }

  /// Removes and returns what was written from `start` on.
  fileprivate mutating func takeBack(to start: Int) -> [UInt8] {
    let taken = [UInt8](UnsafeBufferPointer(start: bytes + start, count: count - start))
    count = start
    return taken
  }
}
