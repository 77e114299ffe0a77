package import ArgumentParser
import Politeness
import Units

/// `crawlctl check retry-after`
package struct CheckRetryAfter: ParsableCommand, CheckKind {
  package static let configuration = CommandConfiguration(
    commandName: "retry-after", abstract: "How long does this Retry-After field ask to wait?",
    discussion: """
      Lines on stdin are answered on stdout:
      in:  {"id":1,"value":"Sun, 06 Nov 1994 08:50:37 GMT",
            "now":"Sun, 06 Nov 1994 08:49:37 GMT"}  ("now" may be left out)
      out: {"id":1,"seconds":60}; null when the field is to be ignored; at most 3600
      Each is one line; here they are broken.
      """)

  struct Question: Decodable {
    var value: String
    var now: String?
  }

  struct Answer: Encodable {
    private enum CodingKeys: String, CodingKey {
      case seconds
    }

    var seconds: Int64?

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(seconds, forKey: .seconds)
    }
  }

  package init() {}

  package func run() throws {
    var session = CheckSession(Self.self)
    try session.run()
  }

  static func answer(_ question: Question) throws(CheckProblem) -> Answer {
    let clock = Timestamp.now().microseconds / 1_000_000
    guard let text = question.now else { return Answer(seconds: RetryAfter.parse(question.value, now: clock)) }
    guard let now = HTTPDate.parse(text, now: clock) else { throw CheckProblem(text: "\"now\" is no HTTP date") }
    return Answer(seconds: RetryAfter.parse(question.value, now: now))
  }
}
