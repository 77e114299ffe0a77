package import ArgumentParser
import FoundationEssentials
import Parse
import WebURL

/// `crawlctl check sitemap`
package struct CheckSitemap: ParsableCommand, CheckKind {
  package static let configuration = CommandConfiguration(
    commandName: "sitemap", abstract: "Which URLs does this sitemap or feed name?",
    discussion: """
      Lines on stdin are answered on stdout:
      in:  {"id":1,"base64":"…","url":"https://example.org/sitemap.xml.gz",
            "content_type":"application/gzip"}  ("content_type" may be left out)
      out: {"id":1,"kind":"urlset","entries":[{"url":"https://example.org/a",
            "lastmod":"2026-01-02"}],"sitemaps":[]}
      Each is one line; here they are broken. "kind" is urlset, sitemapindex, text, rss, atom, or null for what is none; \
      "lastmod" is as written, or null. An index has "sitemaps", the others have "entries".
      """)

  struct Question: Decodable {
    var base64: String
    var url: String
    var content_type: String?
  }

  struct Answer: Encodable {
    private enum CodingKeys: String, CodingKey {
      case kind, entries, sitemaps
    }

    var sitemap: Sitemap

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      let isIndex = sitemap.kind == .sitemapindex
      try container.encode(sitemap.kind?.rawValue, forKey: .kind)
      try container.encode(isIndex ? [] : sitemap.entries.map(CheckedEntry.init), forKey: .entries)
      try container.encode(isIndex ? sitemap.entries.map(\.url.href) : [], forKey: .sitemaps)
    }
  }

  private struct CheckedEntry: Encodable {
    private enum CodingKeys: String, CodingKey {
      case url, lastmod
    }

    var entry: Sitemap.Entry

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(entry.url.href, forKey: .url)
      try container.encode(entry.lastModified, forKey: .lastmod)
    }
  }

  package init() {}

  package func run() throws {
    var session = CheckSession(Self.self)
    try session.run()
  }

  static func answer(_ question: Question) throws(CheckProblem) -> Answer {
    guard let data = Data(base64Encoded: question.base64) else { throw CheckProblem(text: "\"base64\" is no Base64") }
    guard let url = WebURL(question.url) else { throw CheckProblem(text: "\"url\" is no URL") }
    return Answer(sitemap: SitemapReader.read([UInt8](data), url: url, contentType: question.content_type))
  }
}
