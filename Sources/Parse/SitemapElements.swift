import WebURL

/// Reads the elements of one sitemap or feed: follows the few that say something, by their names without prefix. What an
/// item says is in the item's namespace; others, such as those of images, have elements with the same names.
///
/// It keeps no tree: only the open elements, of which those deeper than `maximumDepth` are counted.
struct SitemapElements {
  /// What an open element is, by its name and its parent.
  private enum Role {
    case root
    /// RSS: holds items beside the root.
    case channel
    /// `url`, `sitemap`, `item`, `entry`.
    case item
    /// `loc`; RSS `link`.
    case address
    /// RSS: an address unless it says that it is none.
    case identifier
    /// `lastmod`, `pubDate`, `updated`.
    case modified
    case other
  }

  private struct Level {
    var name: Range<Int>
    var prefix: Range<Int>
    var namespace: XMLNamespaces.Namespace
    /// Of `namespaces` before the element.
    var bindings: Int
    var role: Role
    /// What relative URLs of a feed are relative to (`xml:base`).
    var base: WebURL
  }

  private static let maximumDepth = 64
  private static let dateBytes = 64

  private var xml: XMLTokenizer
  private let documentURL: WebURL
  private let limits: SitemapLimits
  /// In it the empty prefix stands for the default namespace.
  private var namespaces: XMLNamespaces
  private var levels: [Level] = []
  /// Open elements beyond `maximumDepth`.
  private var deeper = 0
  private var text: XMLText
  private(set) var sitemap: Sitemap
  private var isFull = false

  // Of the item that is open.
  private var addresses: [WebURL] = []
  private var identifier: WebURL?
  private var isPermanent = true
  private var modified: String?
  private var longURLs = 0
  private var invalidURLs = 0
  /// The first of these.
  private var invalidText: [UInt8] = []

  init(_ document: UnsafeBufferPointer<UInt8>, url: WebURL, limits: SitemapLimits) {
    xml = XMLTokenizer(document)
    namespaces = XMLNamespaces(xml.bytes)
    self.limits = limits
    documentURL = url
    sitemap = Sitemap(limits: limits)
    text = XMLText(limit: limits.entryBytes)
  }

  /// Reads to the end, to the first element if that is no sitemap's, or until the sitemap is full.
  mutating func run() {
    while !isFull {
      switch xml.next() {
      case .startTag:
        start()
        if sitemap.kind == nil { return }
      case .endTag: end()
      case .text: if isCapturing { text.add(xml[xml.text]) }
      case .characterData: if isCapturing { text.addVerbatim(xml[xml.text]) }
      case .end:
        // What is whole of an item counts, whether the document ends in the middle of it or not.
        if levels.contains(where: { $0.role == .item }) { endItem() }
        return
      }
    }
  }

  private var isCapturing: Bool {
    guard deeper == 0, let role = levels.last?.role else { return false }
    return role == .address || role == .identifier || role == .modified
  }

  // MARK: - Tags

  private mutating func start() {
    guard let kind = sitemap.kind else { return startRoot() }
    if deeper == 0, hasName(itemName(kind)), let open = levels.lastIndex(where: { $0.role == .item }),
      isInNamespace(of: levels[open])
    {
      // An item within an item: the end of the first is missing.
      close(to: open)
    }
    guard deeper == 0, levels.count < SitemapElements.maximumDepth, let parent = levels.last else {
      deeper += xml.isEmpty ? 0 : 1
      return
    }
    let bindings = namespaces.count
    declareNamespaces()
    let role = role(kind, parent: parent)
    let base = kind == .atom || kind == .rss ? base(within: parent.base) : parent.base
    levels.append(level(role, base: base, bindings: bindings))
    switch role {
    case .address where kind == .atom: addAtomLink(base)
    case .identifier: isPermanent = !attribute("ispermalink", is: "false")
    default: break
    }
    text = XMLText(limit: role == .modified ? SitemapElements.dateBytes : limits.entryBytes)
    if xml.isEmpty { close(to: levels.count - 1) }
  }

  private mutating func startRoot() {
    let names: [(name: StaticString, kind: Sitemap.Kind)] = [
      ("urlset", .urlset), ("sitemapindex", .sitemapindex), ("rss", .rss), ("rdf", .rss), ("feed", .atom),
    ]
    guard let kind = names.first(where: { hasName($0.name) })?.kind else { return }
    sitemap.begin(kind)
    declareNamespaces()
    levels = [level(.root, base: base(within: documentURL), bindings: 0)]
    if xml.isEmpty { levels = [] }
  }

  /// The element that the last start tag begins.
  private func level(_ role: Role, base: WebURL, bindings: Int) -> Level {
    Level(
      name: xml.name, prefix: xml.prefix, namespace: namespaces[xml.prefix], bindings: bindings, role: role, base: base)
  }

  /// Closes the innermost open element of this name and what is open within it; nothing when there is none.
  private mutating func end() {
    if deeper > 0 {
      deeper -= 1
      return
    }
    let name = xml[xml.name]
    guard let place = levels.lastIndex(where: { $0.name.count == name.count && xml[$0.name].elementsEqual(name) })
    else {
      return
    }
    close(to: place)
  }

  private mutating func close(to count: Int) {
    while levels.count > count {
      let level = levels.removeLast()
      namespaces.forget(to: level.bindings)
      switch level.role {
      case .address where sitemap.kind != .atom: addAddress(level.base)
      case .identifier: if isPermanent { identifier = identifier ?? url(relativeTo: nil) }
      case .modified: addModified(level)
      case .item: endItem()
      case .address, .root, .channel, .other: break
      }
      // Only the innermost element's text was taken.
      text = XMLText(limit: 0)
    }
    deeper = 0
  }

  // MARK: - Names

  private func itemName(_ kind: Sitemap.Kind) -> StaticString {
    switch kind {
    case .sitemapindex: "sitemap"
    case .rss: "item"
    case .atom: "entry"
    case .urlset, .text: "url"
    }
  }

  private func role(_ kind: Sitemap.Kind, parent: Level) -> Role {
    switch parent.role {
    case .root, .channel:
      if hasName(itemName(kind)) { return .item }
      return kind == .rss && parent.role == .root && hasName("channel") ? .channel : .other
    case .item:
      // The date of RSS is often Dublin Core's.
      if kind == .rss && (hasName("pubdate") || hasName("date")) { return .modified }
      guard isInNamespace(of: parent) else { return .other }
      switch kind {
      case .urlset, .sitemapindex, .text: return hasName("loc") ? .address : hasName("lastmod") ? .modified : .other
      case .atom: return hasName("link") ? .address : hasName("updated") || hasName("published") ? .modified : .other
      case .rss: return hasName("link") ? .address : hasName("guid") ? .identifier : .other
      }
    case .address, .identifier, .modified, .other: return .other
    }
  }

  /// Whether the last start tag's name is in the namespace of an open element. Of namespaces that are not known, as of
  /// prefixes that nobody declares, one prefix stands for one.
  private func isInNamespace(of level: Level) -> Bool {
    let namespace = namespaces[xml.prefix]
    guard namespace == .other else { return namespace == level.namespace }
    return level.namespace == .other && xml[xml.prefix].elementsEqual(xml[level.prefix])
  }

  private mutating func declareNamespaces() {
    var attributes = xml.attributes
    while attributes.next() {
      let (prefix, local) = xml.split(attributes.name)
      if xml[prefix].elementsEqual("xmlns".utf8) {
        namespaces.declare(local, attributes.value)
      } else if prefix.isEmpty && xml[local].elementsEqual("xmlns".utf8) {
        namespaces.declare(prefix, attributes.value)
      }
    }
  }

  private func hasName(_ name: StaticString) -> Bool { Octet.equalsIgnoringCase(xml[xml.name], name) }

  // MARK: - What the elements say

  private func attribute(_ name: StaticString, is value: StaticString) -> Bool {
    guard let range = xml.attribute(name) else { return false }
    return Octet.equalsIgnoringCase(Octet.trimmed(xml[range]), value)
  }

  private func base(within base: WebURL) -> WebURL {
    guard let range = xml.attribute("xml:base"), range.count <= limits.entryBytes else { return base }
    var value = XMLText(limit: limits.entryBytes)
    value.add(xml[range])
    guard let url = SitemapElements.parse(value, relativeTo: base), url.href.utf8.count <= limits.entryBytes else {
      return base
    }
    return url
  }

  /// RFC 4287, 4.2.7: a link without `rel` is an alternate, and the relation's name may be written as an IRI.
  private mutating func addAtomLink(_ base: WebURL) {
    let isAlternate =
      xml.attribute("rel") == nil || attribute("rel", is: "alternate")
      || attribute("rel", is: "http://www.iana.org/assignments/relation/alternate")
    guard isAlternate, let range = xml.attribute("href") else { return }
    text = XMLText(limit: limits.entryBytes)
    text.add(xml[range])
    if let url = url(relativeTo: base) { keep(url) }
  }

  private mutating func addAddress(_ base: WebURL) {
    let isRSS = sitemap.kind == .rss
    // RSS has one link per item.
    if isRSS && !addresses.isEmpty { return }
    // The protocol wants whole URLs; a path is plain all the same, but a name without a scheme would be another page.
    let isRelative = isRSS || text.bytes.first == Octet.solidus
    if let url = url(relativeTo: isRelative ? base : nil) { keep(url) }
  }

  private mutating func keep(_ url: WebURL) {
    // One more than there is room for, which tells that there was one.
    if addresses.count <= limits.entries - sitemap.entries.count { addresses.append(url) }
  }

  private mutating func addModified(_ level: Level) {
    guard let date = text.trimmed else { return }
    // Atom's "updated" is required and says more than "published".
    let isLate = Octet.equalsIgnoringCase(xml[level.name], "updated")
    if modified == nil || isLate { modified = String(decoding: date, as: UTF8.self) }
  }

  private mutating func endItem() {
    if addresses.isEmpty, let identifier { addresses = [identifier] }
    // Of an item of RSS one is wanted.
    if sitemap.kind == .rss {
      longURLs = min(longURLs, addresses.isEmpty ? 1 : 0)
      invalidURLs = min(invalidURLs, addresses.isEmpty ? 1 - longURLs : 0)
    }
    sitemap.longURLs += longURLs
    sitemap.addInvalid(invalidText, count: invalidURLs)
    for url in addresses where !isFull {
      isFull = !sitemap.add(Sitemap.Entry(url: url, lastModified: modified))
    }
    (addresses, identifier, modified, isPermanent) = ([], nil, nil, true)
    (longURLs, invalidURLs, invalidText) = (0, 0, [])
  }

  /// The URL that the text taken is; nil when it is none that could be fetched, or too long, both of which are counted.
  private mutating func url(relativeTo base: WebURL?) -> WebURL? {
    let url = SitemapElements.parse(text, relativeTo: base)
    if text.isCut || url.map({ $0.isHTTP && $0.href.utf8.count > limits.entryBytes }) ?? false {
      longURLs += 1
      return nil
    }
    guard let url, url.isHTTP else {
      if invalidURLs == 0 { invalidText = Array(text.trimmed ?? []) }
      invalidURLs += 1
      return nil
    }
    return url
  }

  private static func parse(_ text: XMLText, relativeTo base: WebURL?) -> WebURL? {
    text.trimmed?.withUnsafeBufferPointer { try? WebURL.parse($0, base: base, keepFragment: false) }
  }
}
