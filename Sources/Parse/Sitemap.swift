package import WebURL

/// What a sitemap or a feed names.
package struct Sitemap: Sendable {
  /// What the document says that it is.
  package enum Kind: String, CaseIterable, Sendable {
    /// The Sitemaps protocol: pages.
    case urlset
    /// The Sitemaps protocol: other sitemaps.
    case sitemapindex
    /// The Sitemaps protocol: one URL per line.
    case text
    /// RSS in any version.
    case rss
    /// Atom (RFC 4287).
    case atom
  }

  package struct Entry: Sendable, Hashable {
    /// An http or https URL without its fragment.
    package var url: WebURL
    /// When it was changed last, as written: a W3C date, in RSS an RFC 822 date.
    package var lastModified: String?
  }

  /// Nil for what is neither.
  package private(set) var kind: Kind?
  /// In the order of the document. Of a `sitemapindex` they are sitemaps, else pages.
  package private(set) var entries: [Entry] = []
  /// Whether a limit cut the document or the list, or the document was compressed and broken.
  package var isTruncated = false
  private let limits: SitemapLimits
  private var urlBytes = 0

  init(limits: SitemapLimits) { self.limits = limits }

  mutating func begin(_ kind: Kind) { self.kind = kind }

  /// Adds an entry; false when there is no room for it nor for any other.
  mutating func add(_ entry: Entry) -> Bool {
    let bytes = entry.url.href.utf8.count
    guard entries.count < limits.entries, urlBytes + bytes <= limits.urlBytes else {
      isTruncated = true
      return false
    }
    urlBytes += bytes
    entries.append(entry)
    return true
  }
}

/// The bounds of one sitemap's reading; those of the Sitemaps protocol where it has one.
package struct SitemapLimits: Sendable, Hashable {
  /// Pages, or sitemaps of an index; what comes after is not read.
  package var entries = 50_000
  /// Bytes of the document, unpacked; what comes after is not read.
  package var bytes = 50 << 20
  /// Unpacked bytes per packed byte, once `ratioAfterBytes` are unpacked; a document that has more ends there.
  package var ratio = 200
  package var ratioAfterBytes = 1 << 20
  /// Bytes of one URL, as written and as parsed; a longer one is no entry.
  package var entryBytes = 2_048
  /// Bytes of all URLs; what comes after is not read.
  package var urlBytes = 16 << 20

  package init() {}
}
