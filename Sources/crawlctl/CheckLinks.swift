package import ArgumentParser
import FoundationEssentials
import Parse
import WebURL

/// `crawlctl check links`
package struct CheckLinks: ParsableCommand, CheckKind {
  package static let configuration = CommandConfiguration(
    commandName: "links", abstract: "Which links does this page have, and how was its text decoded?",
    discussion: """
      Lines on stdin are answered on stdout:
      in:  {"id":1,"html_base64":"…","url":"https://example.org/",
            "content_type":"text/html"}  ("content_type" may be left out)
      out: {"id":1,"charset":"utf-8","charset_source":"http","base":null,
            "title":"…","refresh":null,"links":[{"url":"…","kind":"a","rel":null,
            "tag":"a","attribute":"href","value":"…"}]}
      Each is one line; here they are broken. A link that names the language of its target has "hreflang" too; the tag of \
      SVG's links is "svg:a".
      """)

  struct Question: Decodable {
    var html_base64: String
    var url: String
    var content_type: String?
  }

  struct Answer: Encodable {
    private enum CodingKeys: String, CodingKey {
      case charset
      case charsetSource = "charset_source"
      case base, title, refresh, links
    }

    var page: Page

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(page.charset, forKey: .charset)
      try container.encode(page.charsetSource.rawValue, forKey: .charsetSource)
      try container.encode(page.base?.href, forKey: .base)
      try container.encode(page.title, forKey: .title)
      try container.encode(page.refresh.map { $0.url?.href ?? $0.value }, forKey: .refresh)
      try container.encode(page.links.map(CheckedLink.init), forKey: .links)
    }
  }

  private struct CheckedLink: Encodable {
    private enum CodingKeys: String, CodingKey {
      case url, kind, rel, tag, attribute, value, hreflang
    }

    var link: Link

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(link.url?.href, forKey: .url)
      try container.encode(link.kind.name, forKey: .kind)
      try container.encode(link.rel, forKey: .rel)
      try container.encode(link.tag, forKey: .tag)
      try container.encode(link.attribute, forKey: .attribute)
      try container.encode(link.value, forKey: .value)
      try container.encodeIfPresent(link.hreflang, forKey: .hreflang)
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
    return Answer(page: PageReader.read([UInt8](data), url: url, contentType: question.content_type))
  }
}
