/// Something that happened in the crawl, for those who watch it.
package struct CrawlEvent: Sendable {
  package enum Kind: String, Sendable, CaseIterable {
    case task, fetch, host, daemon
  }

  package enum Change: Sendable {
    /// A row of `task_events`.
    case task(action: String, from: String?, to: String?, reason: String?, actor: String, settingsRevision: Int?)
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
  }

  /// Microseconds since 1970 UTC.
  package var at: Int64
  package var taskID: Int64?
  package var taskName: String?
  /// `scheme://name:port`.
  package var host: String?
  package var change: Change

  package var kind: Kind {
    switch change {
    case .task: .task
    case .fetch: .fetch
    case .block: .host
    case .daemon: .daemon
    }
  }
}
