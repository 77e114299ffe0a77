internal import Control
internal import Crawl

extension Handlers {
  func offer(_ parameters: TaskOffer.Parameters, _ peer: ControlPeer) async throws -> TaskOffer.Result {
    let id = try await resolve(parameters.task)
    let offered = try await told { () async throws(CrawlError) in
      try await crawler.offer(parameters.urls, to: id)
    }
    let name = try await told { () async throws(CrawlError) in try await crawler.taskReport(id) }.name
    return TaskOffer.Result(
      id: id, name: name, new: offered.new, excluded: offered.excluded, known: offered.known,
      invalid: offered.invalidCount,
      problems: offered.invalid.map { TaskOffer.Problem(url: $0.text, problem: $0.problem, index: $0.index) })
  }
}
