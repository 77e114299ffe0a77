package import ArgumentParser
import WebURL

/// `crawlctl check url`
package struct CheckURL: ParsableCommand, CheckKind {
  package static let configuration = CommandConfiguration(
    commandName: "url", abstract: "How is this URL written, and which form tells it from others?",
    discussion: """
      in:  {"id":1,"input":"../b?x#y","base":"https://www.example.co.uk/a/"} ("base" may be left out)
      out: {"id":1,"href":"https://www.example.co.uk/b?x#y","canonical":"https://www.example.co.uk/b?x",\
      "registrable_domain":"example.co.uk"}; "href" is null for what is no URL
      """)

  struct Question: Decodable {
    var input: String
    var base: String?
  }

  struct Answer: Encodable {
    private enum CodingKeys: String, CodingKey {
      case href, canonical
      case registrableDomain = "registrable_domain"
    }

    var url: WebURL?

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(url?.href, forKey: .href)
      try container.encode(url?.canonical().href, forKey: .canonical)
      try container.encode(url?.registrableDomain, forKey: .registrableDomain)
    }
  }

  package init() {}

  package func run() throws {
    var session = CheckSession(Self.self)
    try session.run()
  }

  static func answer(_ question: Question) throws(CheckProblem) -> Answer {
    guard let base = question.base else { return Answer(url: WebURL(question.input)) }
    guard let base = WebURL(base) else { return Answer(url: nil) }
    return Answer(url: WebURL(question.input, base: base))
  }
}
