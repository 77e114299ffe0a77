/// What a user submits.
package struct TaskSubmission: Sendable {
  package var seeds: [String]
  package var name: String?
  package var clientKey: String?
  /// Settings as typed, by name; the daemon's defaults for the others.
  package var settings: [String: [String]]
  package var isPaused: Bool
  /// Whether the rest of its seeds is handed over next: it is paused for that (`TaskReason.seeds`). Only of one that is open.
  package var seedsFollow: Bool
  /// Whether more seeds may come; then there need not be any now.
  package var isOpen: Bool
  /// The task whose URLs are to be visited again; it gives the seeds and settings that are not given here.
  package var recrawlOf: Int64?
  package var actor: String

  package init(
    seeds: [String], name: String? = nil, clientKey: String? = nil, settings: [String: [String]] = [:],
    isPaused: Bool = false, seedsFollow: Bool = false, isOpen: Bool = false, recrawlOf: Int64? = nil, actor: String
  ) {
    self.seeds = seeds
    self.name = name
    self.clientKey = clientKey
    self.settings = settings
    self.isPaused = isPaused
    self.seedsFollow = seedsFollow
    self.isOpen = isOpen
    self.recrawlOf = recrawlOf
    self.actor = actor
  }
}
