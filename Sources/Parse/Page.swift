package import WebURL

/// What one HTML page says about itself and where it points.
package struct Page: Sendable {
  /// The WHATWG name of the encoding in lower case, such as `utf-8` or `windows-1252`.
  package var charset: String
  /// What decided the encoding.
  package var charsetSource: CharsetSource
  /// The URL of the first `base[href]`, when the document has one that counts.
  package var base: WebURL?
  package var title: String?
  package var description: String?
  /// The text of the first `h1`.
  package var h1: String?
  /// The target of the first `link[rel=canonical]`.
  package var canonical: WebURL?
  package var language: String?
  package var robots: MetaRobots
  /// The first meta refresh that names a URL; it stands in `links` too.
  package var refresh: Link?
  /// Words of the visible text: runs of characters without ASCII white space.
  package var wordCount: Int
  /// A hash of the visible text as it stands, of each run of text without the white space around it; nil when there is
  /// none. The same text in the same elements gives the same hash, whatever their attributes and their indentation.
  package var textHash: UInt64?
  package var links: [Link]
  /// Whether a limit cut the list of links.
  package var linksTruncated: Bool
}

/// What decided a page's encoding, strongest first.
package enum CharsetSource: String, Sendable, CaseIterable {
  /// A byte order mark.
  case bom
  /// The `charset` of the Content-Type header.
  case http
  /// A `meta` element (or an XML declaration) within the first 1,024 bytes.
  case meta
  /// Bytes beyond ASCII, and all of them valid UTF-8.
  case utf8
  /// Nothing: windows-1252, as browsers assume.
  case `default`
}

/// The wishes of `meta[name=robots]`.
package struct MetaRobots: Sendable, Hashable {
  package var noindex = false
  package var nofollow = false
  /// The contents of all such elements, joined by commas, as written; cut at `ParseLimits.titleBytes`.
  package var text: String?

  package init() {}

  /// Reads one comma-separated list of directives; `none` means both. Directives add up over several lists.
  package mutating func add(_ content: String, upTo limit: Int = ParseLimits().titleBytes) {
    for directive in content.utf8.split(whereSeparator: { $0 == UInt8(ascii: ",") || Octet.isWhitespace($0) }) {
      switch String(decoding: directive.map(Octet.lowercase), as: UTF8.self) {
      case "noindex": noindex = true
      case "nofollow": nofollow = true
      case "none": (noindex, nofollow) = (true, true)
      default: break
      }
    }
    guard let before = text else {
      text = content
      return
    }
    if before.utf8.count + content.utf8.count < limit { text = before + "," + content }
  }
}
