/// Something that happened in the crawl, for those who watch it.
package struct CrawlEvent: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case task, fetch, host, daemon
  }

  package enum Change: Sendable {
    /// A row of `task_events`; the changes are those of `set`.
    case task(
      action: String, from: String?, to: String?, reason: String?, actor: String, settingsRevision: Int?,
      changes: [SettingChange] = [])
    /// A row of `fetches`.
    case fetch(Fetch)
    /// No request starts to the host until a time (microseconds since 1970 UTC); nil: it is not blocked any more.
    case block(until: Int64?, reason: String?, actor: String)
    /// A sentence about the daemon as a whole.
    case daemon(String)
  }

  package struct Fetch: Sendable {
    package var id: Int64
    package var url: String
    package var isRobots: Bool
    package var attempt: Int
    package var outcome: String
    package var status: Int?
    package var error: String?
    package var redirectTo: String?
    package var change: String?
    /// Of the decoded body.
    package var bodyBytes: Int
    /// Microseconds.
    package var duration: Int64?

    package init(
      id: Int64, url: String, isRobots: Bool, attempt: Int, outcome: String, status: Int? = nil, error: String? = nil,
      redirectTo: String? = nil, change: String? = nil, bodyBytes: Int, duration: Int64? = nil
    ) {
      self.id = id
      self.url = url
      self.isRobots = isRobots
      self.attempt = attempt
      self.outcome = outcome
      self.status = status
      self.error = error
      self.redirectTo = redirectTo
      self.change = change
      self.bodyBytes = bodyBytes
      self.duration = duration
    }
  }

  /// Microseconds since 1970 UTC.
  package var at: Int64
  package var taskID: Int64?
  package var taskName: String?
  /// `scheme://name:port`.
  package var host: String?
  package var change: Change

  package init(
    at: Int64, taskID: Int64? = nil, taskName: String? = nil, host: String? = nil, change: Change
  ) {
    self.at = at
    self.taskID = taskID
    self.taskName = taskName
    self.host = host
    self.change = change
  }

  package var kind: Kind {
    switch change {
    case .task: .task
    case .fetch: .fetch
    case .block: .host
    case .daemon: .daemon
    }
  }

  /// Whether something went wrong, apart from fetches, whose outcomes say so: a task failed or does not go on, though no
  /// user said so, a host is left alone, or the daemon tells of itself.
  var isTrouble: Bool {
    switch change {
    case .task(_, let from, let to, let reason, _, _, _):
      to != from && (to == TaskState.failed.rawValue || to == TaskState.paused.rawValue && (reason ?? "user") != "user")
    case .block(let until, _, _): until != nil
    case .daemon: true
    case .fetch: false
    }
  }
}
