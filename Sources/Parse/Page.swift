package import WebURL

/// What one HTML page says about itself and where it points.
package struct Page: Sendable {
  /// The WHATWG name of the encoding in lower case, such as `utf-8` or `windows-1252`.
  package var charset: String
  /// What decided the encoding.
  package var charsetSource: CharsetSource
  /// The URL of the first `base[href]`, when the document has one that counts.
  package var base: WebURL?
  /// The text of the first `title`.
  package var title: String?
  /// The content of the first `meta[name=description]`.
  package var description: String?
  /// The text of the first `h1`.
  package var h1: String?
  /// The target of the first `link[rel=canonical]`; without one, that of a Link header.
  package var canonical: WebURL?
  package var language: String?
  /// The page says itself what its language is, or that it is not known (`lang=""`; HTML Standard, 3.2.6.2).
  package var hasLanguage: Bool
  /// What `meta` elements for all crawlers and for this one ask, and X-Robots-Tag headers.
  package var robots: MetaRobots
  package var openGraph: OpenGraph
  /// The first meta refresh that names a URL, or a Refresh header, which goes first; it stands in `links` too.
  package var refresh: Link?
  /// The visible text, white space collapsed, at most `ParseLimits.textBytes` bytes; nil when nobody asked for it.
  package var text: String?
  /// The page as it came, in UTF-8, at most `ParseLimits.sourceBytes` bytes; nil when nobody asked for it.
  package var source: String?
  /// Words of the visible text: runs of characters without white space.
  package var wordCount: Int
  /// A hash of the whole visible text, white space collapsed; nil when there is none. Equal texts have equal hashes, however
  /// they are written.
  package var textHash: UInt64?
  /// Texts that are nearly the same differ in few of these bits; nil without a text, and when nobody asked for it.
  package var simhash: UInt64?
  package var links: [Link]
  /// Whether the page has links that a limit kept from the list.
  package var linksTruncated: Bool

  /// The page in other languages and forms: links with the relation alternate.
  package var alternates: [Link] {
    links.filter { $0.kind == .alternate || !$0.tag.isEmpty && $0.hreflang != nil && $0.hasRelation("alternate") }
  }
}

/// What decided a page's encoding, strongest first.
package enum CharsetSource: String, Sendable, CaseIterable {
  /// A byte order mark.
  case bom
  /// The `charset` of the Content-Type header.
  case http
  /// A `meta` element (not in XHTML), or an XML declaration.
  case meta
  /// Bytes beyond ASCII, and all of them valid UTF-8.
  case utf8
  /// Nothing: windows-1252, as browsers assume; in XHTML UTF-8.
  case `default`
}
