/// What a user submits.
package struct TaskSubmission: Sendable {
  package var seeds: [String]
  package var name: String?
  package var clientKey: String?
  /// Settings as typed, by name; the daemon's defaults for the others.
  package var settings: [String: [String]]
  package var isPaused: Bool
  package var actor: String

  package init(
    seeds: [String], name: String? = nil, clientKey: String? = nil, settings: [String: [String]] = [:],
    isPaused: Bool = false, actor: String
  ) {
    self.seeds = seeds
    self.name = name
    self.clientKey = clientKey
    self.settings = settings
    self.isPaused = isPaused
    self.actor = actor
  }
}
