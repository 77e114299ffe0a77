internal import Fetch
internal import Parse
internal import WebURL

/// Reads the body of one answer as what it is, as far as the task wants it.
final class BodyReader: Sendable {
  indirect enum Contents: Sendable {
    case page(Page)
    case sitemap(Sitemap)

    var page: Page? { if case .page(let page) = self { page } else { nil } }
    var sitemap: Sitemap? { if case .sitemap(let sitemap) = self { sitemap } else { nil } }
  }

  private let url: WebURL
  private let contentType: String?
  private let type: MediaType
  private let productToken: String
  private let kind: ContentKind
  private let isNamedSitemap: Bool
  private let follow: FollowKinds
  private let limits: ParseLimits

  /// Bytes of a page's visible text that are stored.
  private static let storedText = 4 << 20

  /// Nil when nothing of the response is to be read. `type`: what its Content-Type was read as. `isNamedSitemap`: the URL
  /// was named as a sitemap, or is a seed of a task that follows them, so that any body may be one. `keepsText`: a page's
  /// visible text is wanted; of it and of the HTML as much is kept as one of the handlers asks for, too.
  init?(
    _ response: FetchResponse, type: MediaType, url: WebURL, productToken: String, isNamedSitemap: Bool,
    follow: FollowKinds, keepsText: Bool, handlers: [Handler]
  ) {
    let noSniff = ContentKind.forbidsSniffing(response.headers.all("X-Content-Type-Options"))
    kind = response.body.withUnsafeBufferPointer { ContentKind.sniff(type, $0, noSniff: noSniff) }
    contentType = response.contentType
    self.type = type
    self.url = url
    self.productToken = productToken
    self.isNamedSitemap = isNamedSitemap
    self.follow = follow
    var limits = ParseLimits()
    limits.keepsValues = false
    limits.textBytes = max(keepsText ? Self.storedText : 0, handlers.map(\.program.textBytes).max() ?? 0)
    limits.sourceBytes = handlers.map(\.program.htmlBytes).max() ?? 0
    self.limits = limits
    guard isPage || isNamedSitemap || isXML && (follow.contains(.sitemap) || follow.contains(.feed)) else { return nil }
  }

  private var isPage: Bool { kind == .html || kind == .xhtml }
  private var isXML: Bool { kind == .xml || kind == .feed }

  /// Nil for what is neither a page nor a sitemap. A sitemap without a kind is a gzip file that is broken. Linear in the
  /// length of the body.
  func read(_ body: [UInt8]) -> Contents? {
    if isNamedSitemap || isXML {
      let sitemap = SitemapReader.read(body, url: url, contentType: contentType)
      if let kind = sitemap.kind, isNamedSitemap || follow.contains(kind.isFeed ? .feed : .sitemap) {
        return .sitemap(sitemap)
      }
      // Nothing came before its end that says what it is.
      if isNamedSitemap, sitemap.cut == .broken { return .sitemap(sitemap) }
    }
    guard isPage else { return nil }
    return .page(
      body.withUnsafeBufferPointer {
        PageReader.read($0, url: url, type: type, productToken: productToken, limits: limits)
      })
  }
}
