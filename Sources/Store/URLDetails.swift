/// All that `url` and `why` say about one URL.
package struct URLDetails: Sendable, Equatable {
  package var record: URLRecord
  package var taskName: String
  /// The latest fetch; `nil` before the first.
  package var lastFetch: FetchSummary?
  package var title: String?
  /// Its page has links that a limit has kept from the database.
  package var linksTruncated = false
  /// Its answer is a redirect after which no page comes, be it for a loop, for their number or for what they name.
  package var redirectsNowhere = false
  /// How it was found: the URL that led to it, the one that led to that, and so on to the seed (at most 32).
  package var via: [String]
  /// The kinds of the links with which the first of `via` names it now.
  package var linkKinds: [String]
  /// Of a URL that a handler has dropped, what it said.
  package var handlerVerdict: HandlerVerdictRecord?

  package init(
    record: URLRecord, taskName: String, lastFetch: FetchSummary?, title: String?, via: [String],
    linkKinds: [String] = []
  ) {
    self.record = record
    self.taskName = taskName
    self.lastFetch = lastFetch
    self.title = title
    self.via = via
    self.linkKinds = linkKinds
  }
}
