package import ArgumentParser
import FoundationEssentials
import Parse
import WebURL

/// `crawlctl check page`
package struct CheckPage: ParsableCommand, CheckKind {
  package static let configuration = CommandConfiguration(
    commandName: "page", abstract: "What does this page say about itself, and what is its text?",
    discussion: """
      Lines on stdin are answered on stdout:
      in:  {"id":1,"html_base64":"…","url":"https://example.org/",
            "content_type":"text/html","agent":"crawld","headers":
            {"Link":"</de>; rel=alternate; hreflang=de","X-Robots-Tag":["noindex"]}}
      out: {"id":1,"charset":"utf-8","charset_source":"http","title":"…",
            "description":"…","h1":"…","language":"en","canonical":null,
            "robots":{"noindex":true,"nofollow":false,"text":"noindex"},
            "refresh":null,"open_graph":{"title":"…","image":"…"},
            "alternates":[{"hreflang":"de","url":"https://example.org/de"}],
            "word_count":2,"text":"two words"}
      Each is one line; here they are broken. "content_type", "agent" and "headers" may be left out; "agent" is the crawler \
      that directives may name. Headers that count: Link, X-Robots-Tag, Refresh, Content-Language, and Content-Type where \
      "content_type" is missing. At most 1 MiB of text is shown.
      """)

  /// Bytes of text in an answer.
  static var maximumText: Int { 1 << 20 }

  struct Question: Decodable {
    var html_base64: String
    var url: String
    var content_type: String?
    var agent: String?
    var headers: [String: HeaderValues]?
  }

  /// One field's value, or those of several fields of one name.
  struct HeaderValues: Decodable {
    var values: [String]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(String.self) {
        values = [value]
      } else {
        values = try container.decode([String].self)
      }
    }
  }

  struct Answer: Encodable {
    private enum CodingKeys: String, CodingKey {
      case charset
      case charsetSource = "charset_source"
      case title, description, h1, language, canonical, robots, refresh
      case openGraph = "open_graph"
      case alternates
      case wordCount = "word_count"
      case text
    }

    var page: Page

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(page.charset, forKey: .charset)
      try container.encode(page.charsetSource.rawValue, forKey: .charsetSource)
      try container.encode(page.title, forKey: .title)
      try container.encode(page.description, forKey: .description)
      try container.encode(page.h1, forKey: .h1)
      try container.encode(page.language, forKey: .language)
      try container.encode(page.canonical?.href, forKey: .canonical)
      try container.encode(CheckedRobots(robots: page.robots), forKey: .robots)
      try container.encode(page.refresh.map { $0.url?.href ?? $0.value }, forKey: .refresh)
      try container.encode(CheckedOpenGraph(openGraph: page.openGraph), forKey: .openGraph)
      try container.encode(page.alternates.map(CheckedAlternate.init), forKey: .alternates)
      try container.encode(page.wordCount, forKey: .wordCount)
      try container.encode(page.text ?? "", forKey: .text)
    }
  }

  private struct CheckedRobots: Encodable {
    private enum CodingKeys: String, CodingKey {
      case noindex, nofollow, text
    }

    var robots: MetaRobots

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(robots.noindex, forKey: .noindex)
      try container.encode(robots.nofollow, forKey: .nofollow)
      try container.encode(robots.text, forKey: .text)
    }
  }

  /// The properties that the page has.
  private struct CheckedOpenGraph: Encodable {
    private enum CodingKeys: String, CodingKey {
      case title, description, url, image, type
      case siteName = "site_name"
      case locale
    }

    var openGraph: OpenGraph

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encodeIfPresent(openGraph.title, forKey: .title)
      try container.encodeIfPresent(openGraph.description, forKey: .description)
      try container.encodeIfPresent(openGraph.url, forKey: .url)
      try container.encodeIfPresent(openGraph.image, forKey: .image)
      try container.encodeIfPresent(openGraph.type, forKey: .type)
      try container.encodeIfPresent(openGraph.siteName, forKey: .siteName)
      try container.encodeIfPresent(openGraph.locale, forKey: .locale)
    }
  }

  private struct CheckedAlternate: Encodable {
    private enum CodingKeys: String, CodingKey {
      case hreflang, url
    }

    var link: Link

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(link.hreflang, forKey: .hreflang)
      try container.encode(link.url?.href, forKey: .url)
    }
  }

  package init() {}

  package func run() throws {
    var session = CheckSession(Self.self)
    try session.run()
  }

  static func answer(_ question: Question) throws(CheckProblem) -> Answer {
    guard let data = Data(base64Encoded: question.html_base64) else {
      throw CheckProblem(text: "\"html_base64\" is no Base64")
    }
    guard let url = WebURL(question.url) else { throw CheckProblem(text: "\"url\" is no URL") }
    let agent = question.agent ?? "crawld"
    var fields: [String: [String]] = [:]
    for (name, values) in question.headers ?? [:] { fields[name.lowercased(), default: []] += values.values }
    var limits = ParseLimits()
    limits.textBytes = maximumText
    var page = PageReader.read(
      [UInt8](data), url: url, contentType: question.content_type ?? fields["content-type"]?.joined(separator: ", "),
      productToken: agent, limits: limits)
    page.add(HeaderFacts(url: url, productToken: agent, limits: limits) { fields[$0.lowercased()] ?? [] })
    return Answer(page: page)
  }
}
