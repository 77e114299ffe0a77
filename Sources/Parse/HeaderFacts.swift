package import WebURL

/// What the header section of a response says about its resource, whatever that is: links, directives for robots, a
/// refresh, a language.
package struct HeaderFacts: Sendable {
  /// The one of Refresh, then those of Link fields, once for each kind that their relations make; positions from 0.
  package private(set) var links: [Link] = []
  package private(set) var robots = MetaRobots()
  /// The Refresh field, when it names a URL; it stands in `links` too.
  package private(set) var refresh: Link?
  /// The one language of Content-Language.
  package private(set) var language: String?
  /// Whether a limit cut the list of links.
  package private(set) var linksTruncated = false
  private let limits: ParseLimits

  /// `values` gives the values of all fields of a name, in order. `url` is the response's; the links are joined with it.
  package init(
    url: WebURL, productToken: String, limits: ParseLimits = ParseLimits(), values: (String) -> [String]
  ) {
    self.limits = limits
    for field in values("X-Robots-Tag") {
      robots.add(field: field, productToken: productToken, upTo: limits.titleBytes)
    }
    if let target = values("Refresh").first.flatMap(Refresh.init)?.url {
      refresh = add(.refresh, target, url, field: "Refresh")
    }
    for field in values("Link") { add(linkField: field, url) }
    let languages = values("Content-Language")
    if languages.count == 1 && !languages[0].utf8.contains(Octet.comma) {
      var written = languages[0]
      let one = written.withUTF8 { String(decoding: Octet.trimmed($0), as: UTF8.self) }
      language = one.isEmpty || one.utf8.count > 256 ? nil : one
    }
  }

  private mutating func add(linkField field: String, _ url: WebURL) {
    for link in LinkField.parse(field) {
      guard let rel = link.rel, !rel.utf8.allSatisfy(Octet.isWhitespace) else { continue }
      // A link from another resource says nothing about this one (RFC 8288, section 3.2).
      if let anchor = link.anchor, WebURL(anchor, base: url)?.href != url.href { continue }
      for kind in Relation.kinds(rel) {
        guard let place = add(kind, link.target, url, field: "Link").map(\.position) else { return }
        links[place].rel = cut(rel, to: 256)
        links[place].hreflang = link.hreflang.map { cut($0, to: 256) }
        links[place].anchor = link.title.map { cut($0, to: limits.anchorBytes) }
      }
    }
  }

  @discardableResult
  private mutating func add(_ kind: LinkKind, _ target: String, _ base: WebURL, field: String) -> Link? {
    guard links.count < limits.links else {
      linksTruncated = true
      return nil
    }
    let isWhole = target.utf8.count <= limits.valueBytes
    let link = Link(
      kind: kind, tag: "", attribute: field, value: cut(target, to: limits.valueBytes),
      url: isWhole ? WebURL(target, base: base)?.withoutFragment() : nil, position: links.count)
    links.append(link)
    return link
  }

  /// The start of a text, which is never cut within a character.
  private func cut(_ text: String, to limit: Int) -> String {
    guard text.utf8.count > limit else { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: limit)
    while text.utf8[end] & 0xC0 == 0x80 { end = text.utf8.index(before: end) }
    return String(text[..<end])
  }
}

extension Page {
  /// Adds what the response's header section says: its refresh goes first, its canonical URL and language count where
  /// the page has none, its directives add up, its links follow the page's.
  package mutating func add(_ header: HeaderFacts, limits: ParseLimits = ParseLimits()) {
    robots.add(header.robots, upTo: limits.titleBytes)
    if !hasLanguage { language = header.language }
    linksTruncated = linksTruncated || header.linksTruncated
    for var link in header.links {
      if canonical == nil && link.kind == .canonical { canonical = link.url }
      link.position = links.count
      links.append(link)
      if link.kind == .refresh { refresh = link }
    }
  }
}
