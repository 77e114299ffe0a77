import TestWeb
import Testing

@Suite struct SitemapTests {
  private let site: Site = {
    var site = Site(hosts: 2, pages: 45)
    site.isLinked = false
    return site
  }()

  private func text(_ target: String) -> String {
    guard case .send(let bytes)? = Routes(site: site).steps(host: "h1.test", target: target, visit: 1).first else {
      return ""
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test func robotsNamesTheIndexAndTheIndexAnother() {
    #expect(text("/robots.txt").hasSuffix("\nSitemap: http://h1.test/sitemap.xml\n"))
    #expect(text("/sitemap.xml").contains("<sitemap><loc>http://h1.test/sitemap/all.xml</loc></sitemap>"))
    #expect(text("/sitemap/deep/7").contains("<loc>http://h1.test/sitemap/deep/8</loc>"))
    #expect(text("/sitemap/3.txt").hasPrefix("HTTP/1.1 404 "))
  }

  /// Stored blocks show their bytes.
  @Test func theFilesNameEveryPageAndNoPageNamesAnother() {
    #expect(
      site.sitemapTargets == [
        "/sitemap.xml", "/sitemap/all.xml", "/sitemap/0.xml.gz", "/sitemap/1.txt", "/sitemap/2.xml.gz",
      ])
    let files = site.sitemapTargets.dropFirst(2)
    for file in files { #expect(text("/sitemap/all.xml").contains("<loc>http://h1.test\(file)</loc>")) }
    let lines = Set(files.flatMap { text($0).split(whereSeparator: \.isNewline).map { $0.drop { $0 == " " } } })
    let feeds = [text("/feed/rss"), text("/feed/atom")]
    for page in 0..<45 {
      #expect(lines.contains(site.url(host: 1, page: page)[...]), "page \(page)")
      #expect(feeds[0].contains("<link>\(site.url(host: 1, page: page))</link>"))
      #expect(feeds[1].contains("href=\"\(site.target(ofPage: page))\""))
      #expect(site.outlinks(host: 1, page: page).map(\.target) == ["/private/\(page)"])
    }
  }
}
