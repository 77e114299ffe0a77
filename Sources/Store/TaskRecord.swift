/// A row of `tasks` with its counters. Times are microseconds since 1970 UTC.
package struct TaskRecord: Sendable, Equatable {
  package var id: Int64
  package var name: String
  /// What the client calls this task, so that a repeated `add` finds it.
  package var clientKey: String?
  package var state: String
  package var desiredState: String
  package var reason: String?
  /// JSON text.
  package var settings: String
  package var settingsRevision: Int
  package var createdAt: Int64
  package var startedAt: Int64?
  package var finishedAt: Int64?
  /// The run in progress, or the last one.
  package var runID: Int64
  /// The task whose URLs it visits again.
  package var recrawlOf: Int64?
  /// More seeds may come; it does not finish before it is sealed.
  package var isOpen: Bool
  /// When a recrawl of it starts by itself.
  package var nextRunAt: Int64?
  /// It has ended, and its handlers are to be told.
  package var isUntold = false
  /// It is still taking over the seeds of the task that it visits again.
  package var lacksSeeds = false
  /// Of a recrawl that was named by number the name before that.
  package var series: String?
  /// Of the crawls of the same URLs the first, which may be gone; itself at first.
  package var firstTaskID: Int64
  /// When a retry took it up again after its end.
  package var retriedAt: Int64?
  /// A recrawl that knows of all pages of the crawls before it what is there: tells which these were.
  package var coversEarlier: Int64?
  /// Its fetches when its texts were compared last.
  package var comparedFetches = 0
  package var counters: CounterDelta

  package init(
    id: Int64, name: String, clientKey: String? = nil, state: String, desiredState: String, reason: String? = nil,
    settings: String = "{}", settingsRevision: Int = 0, createdAt: Int64, startedAt: Int64? = nil,
    finishedAt: Int64? = nil, runID: Int64, recrawlOf: Int64? = nil, isOpen: Bool = false,
    nextRunAt: Int64? = nil, counters: CounterDelta = CounterDelta()
  ) {
    self.id = id
    self.name = name
    self.clientKey = clientKey
    self.state = state
    self.desiredState = desiredState
    self.reason = reason
    self.settings = settings
    self.settingsRevision = settingsRevision
    self.createdAt = createdAt
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.runID = runID
    self.recrawlOf = recrawlOf
    firstTaskID = id
    self.isOpen = isOpen
    self.nextRunAt = nextRunAt
    self.counters = counters
  }
}
