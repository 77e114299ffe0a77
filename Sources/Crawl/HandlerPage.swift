internal import Fetch
internal import Frontier
internal import Parse
internal import WebURL

/// What an `on-page` call tells of a page.
struct HandlerPage: Sendable, Encodable {
  private let page: Page
  private let url: String
  private let status: Int?
  private let contentType: String?
  private let fetchedAt: Int64
  private let depth: Int
  private let text: String?
  private let html: String?
  /// The length of its line, but for what JSON escapes.
  let size: Int

  init(_ page: Page, of entry: FrontierEntry, _ response: FetchResponse, for program: HandlerProgram) {
    self.page = page
    url = entry.url.href
    status = response.status
    contentType = response.contentType
    fetchedAt = response.startedAt
    depth = entry.depth
    text = Self.start(of: page.text, program.textBytes)
    html = Self.start(of: page.source, program.htmlBytes)
    size = page.factBytes + url.utf8.count + (text?.utf8.count ?? 0) + (html?.utf8.count ?? 0)
  }

  /// At most `limit` bytes of a text, whole characters; nil where nobody asked for any.
  private static func start(of text: String?, _ limit: Int) -> String? {
    guard limit > 0, let text else { return nil }
    if text.utf8.count <= limit { return text }
    var end = text.utf8.index(text.utf8.startIndex, offsetBy: limit)
    while text.utf8[end] & 0xC0 == 0x80 { end = text.utf8.index(before: end) }
    return String(text[..<end])
  }

  private enum CodingKeys: String, CodingKey {
    case url, status, depth, title, description, h1, language, charset, robots, links, text, html
    case contentType = "content_type"
    case fetchedAt = "fetched_at"
    case canonicalURL = "canonical_url"
    case wordCount = "word_count"
  }

  private struct NamedLink: Encodable {
    var url: String
    var kind: String
    var rel: String?
    var anchor: String?
  }

  func encode(to encoder: any Encoder) throws {
    var object = encoder.container(keyedBy: CodingKeys.self)
    try object.encode(url, forKey: .url)
    try object.encodeIfPresent(status, forKey: .status)
    try object.encodeIfPresent(contentType, forKey: .contentType)
    try object.encode(fetchedAt, forKey: .fetchedAt)
    try object.encode(depth, forKey: .depth)
    try object.encodeIfPresent(page.title, forKey: .title)
    try object.encodeIfPresent(page.description, forKey: .description)
    try object.encodeIfPresent(page.h1, forKey: .h1)
    try object.encodeIfPresent(page.language, forKey: .language)
    try object.encodeIfPresent(page.canonical?.withoutCredentials().href, forKey: .canonicalURL)
    try object.encode(page.charset, forKey: .charset)
    try object.encodeIfPresent(page.robots.text, forKey: .robots)
    try object.encode(page.wordCount, forKey: .wordCount)
    let links = page.links.compactMap { link in
      link.url.map {
        NamedLink(url: $0.withoutCredentials().href, kind: link.kind.name, rel: link.rel, anchor: link.anchor)
      }
    }
    try object.encode(links, forKey: .links)
    try object.encodeIfPresent(text, forKey: .text)
    try object.encodeIfPresent(html, forKey: .html)
  }
}

extension Page {
  /// Bytes of all but its text and its source, with the names of fields.
  fileprivate var factBytes: Int {
    let facts = [title, description, h1, language, canonical?.href, robots.text].reduce(500) {
      $0 + ($1?.utf8.count ?? 0)
    }
    return links.reduce(facts) { bytes, link in
      bytes + 60 + (link.url?.href.utf8.count ?? 0) + (link.rel?.utf8.count ?? 0) + (link.anchor?.utf8.count ?? 0)
    }
  }
}

extension BodyReader.Contents {
  /// Bytes that it holds, about.
  var size: Int {
    switch self {
    case .page(let page): page.factBytes + (page.text?.utf8.count ?? 0) + (page.source?.utf8.count ?? 0)
    case .sitemap(let sitemap): sitemap.entries.reduce(0) { $0 + 60 + $1.url.href.utf8.count }
    }
  }
}
