package import ArgumentParser
import WebURL

/// `crawlctl check url`
package struct CheckURL: ParsableCommand, CheckKind {
  package static let configuration = CommandConfiguration(
    commandName: "url", abstract: "How is this URL written, and which form tells it from others?",
    discussion: """
      URLs of the command line, or lines on stdin, are answered on stdout:
      in:  {"id":1,"input":"../b?x#y","base":"https://www.example.co.uk/a/"}
            ("base" may be left out)
      out: {"id":1,"href":"https://www.example.co.uk/b?x#y",
            "canonical":"https://www.example.co.uk/b?x",
            "registrable_domain":"example.co.uk"}
      Each is one line; here they are broken. "href" is null for what is no URL. "canonical" is by the rules of a task \
      where the line has them: "drop_parameters":["utm_*"], "keep_parameters":["id"], "sort_query":true, \
      "lower_case_path":true
      """)

  struct Question: Decodable {
    var input: String
    var base: String?
    var drop_parameters: [String]?
    var keep_parameters: [String]?
    var sort_query: Bool?
    var lower_case_path: Bool?
  }

  struct Answer: Encodable {
    private enum CodingKeys: String, CodingKey {
      case href, canonical
      case registrableDomain = "registrable_domain"
    }

    var url: WebURL?
    var policy: CanonicalPolicy

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(url?.href, forKey: .href)
      try container.encode(url?.canonical(policy).href, forKey: .canonical)
      try container.encode(url?.registrableDomain, forKey: .registrableDomain)
    }
  }

  @Argument(help: ArgumentHelp("Instead of lines on stdin.", valueName: "url")) var urls: [String] = []

  package init() {}

  package func run() throws {
    if !urls.isEmpty {
      for url in urls { try Output.json(Self.answer(Question(input: url))) }
      return
    }
    var session = CheckSession(Self.self)
    try session.run()
  }

  static func answer(_ question: Question) throws(CheckProblem) -> Answer {
    let policy = CanonicalPolicy(
      droppedParameters: try patterns(question.drop_parameters, of: "drop_parameters"),
      keptParameters: try patterns(question.keep_parameters, of: "keep_parameters"),
      sortsQuery: question.sort_query ?? false, lowercasesPath: question.lower_case_path ?? false)
    guard let base = question.base else { return Answer(url: WebURL(question.input), policy: policy) }
    guard let base = WebURL(base) else { return Answer(url: nil, policy: policy) }
    return Answer(url: WebURL(question.input, base: base), policy: policy)
  }

  private static func patterns(_ names: [String]?, of key: String) throws(CheckProblem) -> [ParameterPattern] {
    var patterns: [ParameterPattern] = []
    for name in names ?? [] {
      guard let pattern = ParameterPattern(name) else {
        throw CheckProblem(text: "“\(key)” has what is no name of a query parameter")
      }
      patterns.append(pattern)
    }
    return patterns
  }
}
