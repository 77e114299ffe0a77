package import ArgumentParser

/// `crawlctl check KIND`: the readers of the web, offline, for tests and for users who wonder. No daemon is needed.
package struct Check: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: """
      Asks crawld's readers of the web, offline: what is allowed, what a page says, where a link goes, how \
      long to wait.
      """,
    discussion: """
      Each kind reads JSON lines on stdin and answers one line each on stdout; `id` is echoed. A line that cannot be \
      read is answered with {"id":…,"error":…}, and the next is read.
      """,
    subcommands: [
      CheckRobots.self, CheckURL.self, CheckLinks.self, CheckPage.self, CheckSitemap.self, CheckAddress.self,
      CheckRetryAfter.self,
    ])

  package init() {}
}

/// A question that could not be answered: a sentence about the line.
struct CheckProblem: Error {
  let text: String
}

/// One kind of check: what a line asks, and what is answered.
protocol CheckKind {
  associatedtype Question: Decodable
  associatedtype Answer: Encodable

  static func answer(_ question: Question) throws(CheckProblem) -> Answer
}
