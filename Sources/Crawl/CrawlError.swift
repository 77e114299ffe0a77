/// A request to the crawler that was not carried out, with a sentence for the user.
package enum CrawlError: Error, Sendable, CustomStringConvertible {
  /// A setting's name or value: what is wrong, and what is accepted.
  case setting(name: String, problem: String, accepted: String)
  /// `text` has no password; `index` is its place among the seeds, from 0, where it has one.
  case seed(text: String, problem: String, index: Int? = nil)
  /// The task has gone since it was looked for, or is none of this daemon's.
  case noSuchTask(Int64)
  /// A host or URL.
  case unknownPlace(String)
  case refused(String, actions: [String])
  /// The database said no.
  case store(String)

  package var description: String {
    switch self {
    case .setting(let name, let problem, let accepted):
      "\(name): \(problem)\(problem.hasSuffix("?") ? "" : ";") accepted: \(accepted)"
    case .seed(let text, let problem, _): "“\(text)” is no URL that can be crawled: \(problem)"
    case .noSuchTask(let id): "task \(id) is not there any more"
    case .unknownPlace(let place): "no task, host or URL known here is “\(place)”"
    case .refused(let sentence, _), .store(let sentence): sentence
    }
  }
}
