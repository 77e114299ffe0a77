package import ArgumentParser
import FoundationEssentials
import Politeness
import WebURL

/// `crawlctl check robots`
package struct CheckRobots: ParsableCommand, CheckKind {
  package static let configuration = CommandConfiguration(
    commandName: "robots", abstract: "May AGENT fetch URL, by this robots.txt?",
    discussion: """
      Lines on stdin are answered on stdout:
      in:  {"id":1,"robots":"User-agent: *\\nDisallow: /a","agent":"crawld",
            "url":"https://example.org/a"}  (or "robots_base64")
      out: {"id":1,"allow":false,"rule":"Disallow: /a","line":2,"crawl_delay":null,
            "sitemaps":[]}
      With "status", the status code of the answer to /robots.txt after redirects (0: there was none), the answer also \
      says whether that makes the file "available", "unavailable" (all is allowed) or "unreachable" (nothing is):
      in:  {"id":2,"status":503,"agent":"crawld","url":"https://example.org/a"}
      out: {"id":2,"allow":false,"rule":null,"line":null,"crawl_delay":null,
            "sitemaps":[],"availability":"unreachable"}
      Each is one line; here they are broken.
      """)

  struct Question: Decodable {
    var robots: String?
    var robots_base64: String?
    var agent: String
    var url: String
    var status: Int?
  }

  struct Answer: Encodable {
    private enum CodingKeys: String, CodingKey {
      case allow, rule, line
      case crawlDelay = "crawl_delay"
      case sitemaps, availability
    }

    var verdict: RobotsVerdict
    /// Seconds.
    var crawlDelay: Double?
    var sitemaps: [String]
    /// Nil when the question has no status.
    var availability: RobotsAvailability?

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(verdict.allowed, forKey: .allow)
      try container.encode(verdict.rule, forKey: .rule)
      try container.encode(verdict.line, forKey: .line)
      try container.encode(crawlDelay, forKey: .crawlDelay)
      try container.encode(sitemaps, forKey: .sitemaps)
      try container.encodeIfPresent(availability?.rawValue, forKey: .availability)
    }
  }

  package init() {}

  package func run() throws {
    var session = CheckSession(Self.self)
    try session.run()
  }

  static func answer(_ question: Question) throws(CheckProblem) -> Answer {
    let availability = question.status.map { RobotsAvailability(status: $0) }
    let rules =
      switch availability {
      case nil, .available: RobotsRules.parse(try bytes(question), productToken: question.agent)
      case .unavailable: RobotsRules.allowAll
      case .unreachable: RobotsRules.disallowAll
      }
    // A path alone is a path of the host that the robots.txt is from.
    let host = WebURL("http://host.invalid/")
    guard let url = WebURL(question.url) ?? WebURL(question.url, base: host) else {
      throw CheckProblem(text: "\"url\" is no URL")
    }
    var verdict = rules.verdict(url.pathAndQuery)
    // No line of the file decided that.
    if availability == .unreachable { verdict = RobotsVerdict(allowed: verdict.allowed, rule: nil, line: nil) }
    return Answer(
      verdict: verdict, crawlDelay: rules.crawlDelay.map { Double($0) / 1_000_000 }, sitemaps: rules.sitemaps,
      availability: availability)
  }

  private static func bytes(_ question: Question) throws(CheckProblem) -> [UInt8] {
    if let encoded = question.robots_base64 {
      guard let data = Data(base64Encoded: encoded) else { throw CheckProblem(text: "\"robots_base64\" is no Base64") }
      return [UInt8](data)
    }
    guard let text = question.robots else { throw CheckProblem(text: "\"robots\" or \"robots_base64\" is missing") }
    return Array(text.utf8)
  }
}
