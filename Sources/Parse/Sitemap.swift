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

  /// What the reading ended at before the document's end.
  package enum Cut: Sendable, Hashable {
    /// The gzip file ends early or is broken.
    case broken
    /// The limits of these names.
    case entries, bytes, ratio, urlBytes
  }

  /// Nil for what is neither.
  package private(set) var kind: Kind?
  /// In the order of the document. Of a `sitemapindex` they are sitemaps, else pages.
  package private(set) var entries: [Entry] = []
  /// Why what comes after the last entry was not read; nil when all was.
  package var cut: Cut?
  /// URLs that are none of the entries, since they are longer than `SitemapLimits.entryBytes`.
  package var longURLs = 0
  /// What stands where a URL should, and is none of http or https.
  package private(set) var invalidURLs = 0
  /// The start of the first of these.
  private var firstInvalid = ""
  private let limits: SitemapLimits
  private var urlBytes = 0

  init(limits: SitemapLimits) { self.limits = limits }

  mutating func begin(_ kind: Kind) { self.kind = kind }

  /// Adds an entry; false when there is no room for it nor for any other.
  mutating func add(_ entry: Entry) -> Bool {
    let bytes = entry.url.href.utf8.count
    guard entries.count < limits.entries, urlBytes + bytes <= limits.urlBytes else {
      cut = entries.count < limits.entries ? .urlBytes : .entries
      return false
    }
    urlBytes += bytes
    entries.append(entry)
    return true
  }

  /// Counts what is left out since it is no URL of http or https; the first text is kept, up to 100 characters.
  mutating func addInvalid(_ text: some Collection<UInt8>, count: Int = 1) {
    if invalidURLs == 0, count > 0 { firstInvalid = String(String(decoding: text, as: UTF8.self).prefix(100)) }
    invalidURLs += count
  }

  /// A sentence about what the document names and the entries have not; nil when they have all.
  package var lack: String? {
    let noun = kind == .rss || kind == .atom ? "feed" : "sitemap"
    let whole: String? =
      switch cut {
      case nil: nil
      case .broken: "the gzip file of the \(noun) ends early or is broken: what comes before was read"
      case .entries: "the \(noun) names more than \(limits.entries) URLs: the rest was not read"
      case .bytes: "the \(noun) has more than \(limits.bytes) bytes, unpacked: the rest was not read"
      case .ratio: "the \(noun) grows more than \(limits.ratio) times when it is unpacked: the rest was not read"
      case .urlBytes: "the URLs of the \(noun) have more than \(limits.urlBytes) bytes: the rest was not read"
      }
    let long =
      longURLs == 0
      ? nil : "URLs of the \(noun) that are longer than \(limits.entryBytes) bytes, left out: \(longURLs)"
    let invalid: String? =
      invalidURLs == 0
      ? nil
      : "entries of the \(noun) that are no URLs of http or https, left out: \(invalidURLs), "
        + "the first “\(firstInvalid)”"
    let sentences = [whole, long, invalid].compactMap { $0 }
    return sentences.isEmpty ? nil : sentences.joined(separator: "; ")
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
  /// Bytes of one URL, as written and as parsed; a longer one is no entry, and counted.
  package var entryBytes = 2_048
  /// Bytes of all URLs, as parsed; what comes after is not read. A document can have more than it has itself only where the
  /// base of its URLs is repeated, or where bytes are percent-encoded.
  package var urlBytes = 50 << 20

  package init() {}
}
