/// The sitemaps of a host: `/sitemap.xml` is an index that names `/sitemap/all.xml`, an index of the files that name the
/// pages: of 20 pages each, in turn `/sitemap/<k>.xml.gz` (a urlset, packed) and `/sitemap/<k>.txt`.
extension Site {
  package static let sitemapTarget = "/sitemap.xml"

  private static let pagesPerSitemap = 20

  private var sitemapFiles: Int { (pages + Site.pagesPerSitemap - 1) / Site.pagesPerSitemap }

  private func target(ofSitemapFile file: Int) -> String {
    file % 2 == 0 ? "/sitemap/\(file).xml.gz" : "/sitemap/\(file).txt"
  }

  /// Every sitemap of a host, indexes included.
  package var sitemapTargets: [String] {
    [Site.sitemapTarget, "/sitemap/all.xml"] + (0..<sitemapFiles).map(target(ofSitemapFile:))
  }

  /// The sitemap or feed at this target, if there is one.
  func sitemap(host: Int, target: String) -> Response? {
    if target == Site.sitemapTarget { return .xml(index(host, ["/sitemap/all.xml"])) }
    if target == "/sitemap/all.xml" { return .xml(index(host, (0..<sitemapFiles).map(self.target(ofSitemapFile:)))) }
    if target == "/feed/rss" || target == "/feed/atom" { return feed(host, isAtom: target == "/feed/atom") }
    if let file = (0..<sitemapFiles).first(where: { self.target(ofSitemapFile: $0) == target }) {
      return sitemapFile(host, file)
    }
    let parts = target.split(separator: "/")
    guard parts.count == 3, parts[0] == "sitemap", parts[1] == "deep", let level = Int(parts[2]) else { return nil }
    return .xml(index(host, ["/sitemap/deep/\(level + 1)", self.target(ofPage: level % pages)]))
  }

  private func sitemapFile(_ host: Int, _ file: Int) -> Response {
    let first = file * Site.pagesPerSitemap
    let urls = (first..<min(first + Site.pagesPerSitemap, pages)).map { url(host: host, page: $0) }
    if file % 2 == 1 { return .text(urls.joined(separator: "\n")) }
    let list = urls.map { "<url><loc>\n \($0)\n</loc><lastmod>2026-01-02</lastmod></url>\n" }.joined()
    let packed = Gzip.stored(Array((Site.declaration + "<urlset \(Site.namespace)>\n\(list)</urlset>\n").utf8))
    return Response(fields: ["Content-Type: application/octet-stream"], body: packed)
  }

  private func index(_ host: Int, _ targets: [String]) -> String {
    let list = targets.map { "<sitemap><loc>\(url(Place(host: host, target: $0)))</loc></sitemap>\n" }.joined()
    return Site.declaration + "<sitemapindex \(Site.namespace)>\n\(list)</sitemapindex>\n"
  }

  private func feed(_ host: Int, isAtom: Bool) -> Response {
    if isAtom {
      let entries = (0..<pages).map { "<entry><link href=\"\(target(ofPage: $0))\"/></entry>\n" }.joined()
      return .xml(Site.declaration + "<feed xmlns=\"http://www.w3.org/2005/Atom\">\n\(entries)</feed>\n")
    }
    let items = (0..<pages).map { "<item><link>\(url(host: host, page: $0))</link></item>\n" }.joined()
    return .xml(Site.declaration + "<rss version=\"2.0\"><channel>\n\(items)</channel></rss>\n")
  }

  private static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
  private static let namespace = "xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\""
}

extension Response {
  fileprivate static func xml(_ text: String) -> Response {
    Response(fields: ["Content-Type: application/xml"], body: Array(text.utf8))
  }
}
