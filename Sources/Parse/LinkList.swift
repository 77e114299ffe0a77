import WebURL

/// The links of one page, joined with its base URL as they come.
///
/// Within a page many links name the same target: a link whose bytes (up to the fragment) were seen before takes the
/// earlier URL instead of parsing it again.
struct LinkList: ~Copyable {
  private(set) var links: [Link] = []
  /// Unless values are kept, where in the page the value of each link stands; empty for one that is kept all the same.
  private var places: [Range<Int>] = []
  var isTruncated = false
  /// The URL of the first `base[href]` in effect.
  private(set) var base: WebURL?
  private var hasBase = false
  /// The length of all URLs.
  private var urlBytes = 0
  private let documentURL: WebURL
  /// What links are joined with: the base, or else the document's URL.
  private var joinedWith: WebURL
  /// The encoding of the queries in all links of the page; nil for UTF-8.
  private let queryEncoder: QueryEncoder?
  private let limits: ParseLimits
  /// The places of those links that repeat no earlier one; filled when the list is longer than its limit.
  private var firsts: [Identity: Int] = [:]
  private let seen: UnsafeMutablePointer<Seen>

  private static let seenCount = 256

  /// A value met before, as it stood in the page.
  private struct Seen {
    var start = 0
    var count = 0
    /// Up to the fragment.
    var stem = 0
    var link = -1
  }

  /// What links have in common that repeat each other.
  private struct Identity: Hashable {
    var kind: LinkKind
    var rel: String?
    var url: WebURL?
    /// Of a link without a URL.
    var value: String
  }

  init(documentURL: WebURL, queryEncoder: QueryEncoder?, limits: ParseLimits) {
    self.documentURL = documentURL
    joinedWith = documentURL
    self.queryEncoder = queryEncoder
    self.limits = limits
    seen = .allocate(capacity: LinkList.seenCount)
    seen.initialize(repeating: Seen(), count: LinkList.seenCount)
    links.reserveCapacity(64)
    if !limits.keepsValues { places.reserveCapacity(64) }
  }

  deinit { seen.deallocate() }

  /// Adds the link whose value stands at `range` of the page; nil when it is not kept.
  mutating func add(
    _ kind: LinkKind, _ tag: Tag, _ attribute: AttributeName, _ bytes: UnsafePointer<UInt8>, _ range: Range<Int>,
    rel: consuming String?, _ decoder: inout TextDecoder
  ) -> Int? {
    guard hasRoom() else { return nil }
    let value = decoder.decode(bytes, range.lowerBound, range.upperBound, inAttribute: true)
    // A value that is as it stood in the page can be compared with an earlier one there.
    guard value.baseAddress == bytes + range.lowerBound, value.count <= limits.valueBytes else {
      return append(kind, tag, attribute, value, rel: rel)
    }
    let stem = Octet.find(Octet.numberSign, bytes, range.lowerBound, range.upperBound) - range.lowerBound
    let slot = LinkList.slot(bytes + range.lowerBound, stem)
    let earlier = seen[slot]
    let text: String
    let url: WebURL?
    var repeats: Int?
    var isKnown = true
    // A base is not joined with the base, so it has no URL in common with other links.
    if kind != .base && earlier.link >= 0 && earlier.stem == stem
      && LinkList.areEqual(bytes, earlier.start, range.lowerBound, stem)
    {
      url = links[earlier.link].url
      if url != nil && links[earlier.link].kind == kind && links[earlier.link].rel == rel { repeats = earlier.link }
      let isSame =
        earlier.count == value.count
        && LinkList.areEqual(bytes, earlier.start + stem, range.lowerBound + stem, value.count - stem)
      text = isSpared(url) ? "" : isSame ? links[earlier.link].value : String(decoding: value, as: UTF8.self)
    } else {
      url = join(value, kind)
      text = isSpared(url) ? "" : String(decoding: value, as: UTF8.self)
      isKnown = false
    }
    if links.count >= limits.links, !isKept(&repeats, kind, rel, url, text) { return nil }
    if !isKnown {
      seen[slot] = Seen(start: range.lowerBound, count: range.count, stem: stem, link: kind == .base ? -1 : links.count)
    }
    return append(kind, tag, attribute, text, url, rel: rel, repeats: repeats, place: range)
  }

  /// Whether a link with this URL needs no value.
  @inline(__always)
  private func isSpared(_ url: borrowing WebURL?) -> Bool { !limits.keepsValues && url != nil }

  /// Adds a link by its decoded value; nil when it is not kept.
  mutating func add(
    _ kind: LinkKind, _ tag: Tag, _ attribute: AttributeName, _ value: UnsafeBufferPointer<UInt8>, rel: String?
  ) -> Int? {
    guard hasRoom() else { return nil }
    return append(kind, tag, attribute, value, rel: rel)
  }

  private mutating func append(
    _ kind: LinkKind, _ tag: Tag, _ attribute: AttributeName, _ value: UnsafeBufferPointer<UInt8>, rel: String?
  ) -> Int? {
    let text = String(decoding: value.prefix(limits.valueBytes), as: UTF8.self)
    // However long the fragment is, the URL ends before it; with its sign, lest what stands there be taken for the end.
    let stem = value.baseAddress.map { Octet.find(Octet.numberSign, $0, 0, value.count) } ?? 0
    let url = stem <= limits.valueBytes ? join(UnsafeBufferPointer(rebasing: value.prefix(stem + 1)), kind) : nil
    var repeats: Int?
    if links.count >= limits.links, !isKept(&repeats, kind, rel, url, text) { return nil }
    return append(kind, tag, attribute, text, url, rel: rel)
  }

  /// Whether a link, in a list that is longer than its limit, is to be kept: it repeats none, neither the one at the place
  /// `repeats` nor another one, and there are not too many of these. Otherwise it is counted, or the list is truncated.
  private mutating func isKept(
    _ repeats: inout Int?, _ kind: LinkKind, _ rel: String?, _ url: WebURL?, _ value: String
  ) -> Bool {
    if firsts.isEmpty {
      for (place, link) in links.enumerated() {
        let identity = Identity(kind: link.kind, rel: link.rel, url: link.url, value: link.url == nil ? link.value : "")
        if firsts[identity] == nil { firsts[identity] = place }
      }
    }
    let identity = Identity(kind: kind, rel: rel, url: url, value: url == nil ? value : "")
    repeats = repeats ?? firsts[identity]
    if let repeats {
      links[repeats].count += 1
    } else if firsts.count < limits.links {
      firsts[identity] = links.count
      return true
    } else {
      isTruncated = true
    }
    return false
  }

  @inline(__always)
  private mutating func append(
    _ kind: LinkKind, _ tag: Tag, _ attribute: AttributeName, _ value: consuming String, _ url: consuming WebURL?,
    rel: consuming String?, repeats: Int? = nil, place: Range<Int> = 0..<0
  ) -> Int {
    if !limits.keepsValues { places.append(place) }
    links.append(
      Link(
        kind: kind, rel: rel, tag: tag.text, attribute: attribute.text, value: value,
        url: url, position: links.count, repeats: repeats))
    return links.count - 1
  }

  private mutating func hasRoom() -> Bool {
    if urlBytes < limits.urlBytes { return true }
    isTruncated = true
    return false
  }

  @inline(__always)
  mutating func setAnchor(_ anchor: consuming String?, of place: Int) { links[place].anchor = anchor }

  mutating func setHreflang(_ language: String, of place: Int) { links[place].hreflang = language }

  /// Makes the link at `place`, a `base`, the document's base, if it is the first; earlier links are joined anew, but for
  /// refreshes, which are parsed when their element is inserted (HTML Standard, 4.2.5.3). `bytes`: of the page.
  mutating func setBase(_ place: Int, _ bytes: UnsafePointer<UInt8>) {
    guard !hasBase else { return }
    hasBase = true
    guard let url = links[place].url, url.scheme != "data", url.scheme != "javascript" else { return }
    base = url
    joinedWith = url
    forget()
    urlBytes = 0
    for index in places.indices where !places[index].isEmpty {
      let value = UnsafeBufferPointer(start: bytes + places[index].lowerBound, count: places[index].count)
      links[index].value = String(decoding: value, as: UTF8.self)
    }
    for index in links.indices where !LinkList.keepsBase(links[index].kind) {
      var value = links[index].value
      if links[index].url == nil && value.utf8.count >= limits.valueBytes { continue }
      links[index].repeats = nil
      links[index].url = urlBytes < limits.urlBytes ? value.withUTF8 { join($0, .link) } : nil
    }
    for index in places.indices where !places[index].isEmpty && isSpared(links[index].url) { links[index].value = "" }
    if urlBytes >= limits.urlBytes { isTruncated = true }
  }

  private static func keepsBase(_ kind: LinkKind) -> Bool { kind == .base || kind == .metaRefresh }

  mutating func drop(to count: Int) {
    guard count < links.count else { return }
    links.removeLast(links.count - count)
    if !places.isEmpty { places.removeLast(places.count - count) }
    forget()
  }

  private mutating func forget() {
    seen.update(repeating: Seen(), count: LinkList.seenCount)
    firsts = [:]
  }

  /// A base element itself is joined with the document's URL. Inlined, because a call may copy the list's fields.
  @inline(__always)
  private mutating func join(_ value: UnsafeBufferPointer<UInt8>, _ kind: LinkKind) -> WebURL? {
    let url = try? WebURL.parse(
      value, base: kind == .base ? documentURL : joinedWith, keepFragment: false, queryEncoder: queryEncoder)
    urlBytes += url?.href.utf8.count ?? 0
    return url
  }

  // MARK: - Bytes seen before

  @inline(__always)
  private static func slot(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
    var hash = UInt64(truncatingIfNeeded: count)
    var index = 0
    while index &+ 8 <= count {
      hash = (hash ^ Octet.load8(bytes + index)) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash &>> 32
      index &+= 8
    }
    var rest: UInt64 = 0
    if count >= 8 {
      rest = Octet.load8(bytes + (count &- 8))
    } else {
      while index < count {
        rest = rest &<< 8 | UInt64(bytes[index])
        index &+= 1
      }
    }
    hash = (hash ^ rest) &* 0x9E37_79B9_7F4A_7C15
    return Int(truncatingIfNeeded: hash &>> 56) & (seenCount - 1)
  }

  @inline(__always)
  private static func areEqual(_ bytes: UnsafePointer<UInt8>, _ left: Int, _ right: Int, _ count: Int) -> Bool {
    var index = 0
    while index &+ 8 <= count {
      if Octet.load8(bytes + left + index) != Octet.load8(bytes + right + index) { return false }
      index &+= 8
    }
    if count >= 8 {
      return Octet.load8(bytes + (left &+ count &- 8)) == Octet.load8(bytes + (right &+ count &- 8))
    }
    while index < count {
      if bytes[left &+ index] != bytes[right &+ index] { return false }
      index &+= 1
    }
    return true
  }
}
