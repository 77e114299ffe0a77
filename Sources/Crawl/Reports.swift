package import Store

/// A task as it stands, for whoever asks.
package struct TaskReport: Sendable {
  package var id: Int64
  package var name: String
  package var state: TaskState
  package var desiredState: DesiredState
  package var reason: TaskReason?
  /// What keeps it from starting fetches beside its state: something is wrong with the whole daemon while it is running, or
  /// with its settings while it is paused.
  package var hold: WhyLine?
  package var recrawlOf: Int64?
  package var isOpen: Bool
  package var seedCount: Int
  package var createdAt: Int64
  package var startedAt: Int64?
  package var finishedAt: Int64?
  /// When a recrawl of it starts by itself.
  package var nextRunAt: Int64?
  package var settings: [String: [String]]
  package var settingsRevision: Int
  package var counters: CounterDelta
  package var inFlight: Int
  /// Final answers per second over the last ten seconds.
  package var rate: Double
  /// When this was told; microseconds since 1970 UTC.
  package var now: Int64
}

/// A coroutine that is visiting a URL. Ages in microseconds.
package struct CoroutineReport: Sendable {
  package var id: Int64
  package var taskID: Int64
  package var taskName: String
  package var host: String
  package var url: String
  package var isRobots: Bool
  package var phase: String
  package var phaseAge: Int64
  package var age: Int64
  package var bytes: Int
}

/// A handler as it stands; counts since the daemon's start.
package struct HandlerReport: Sendable {
  package var name: String
  package var kinds: [String]
  package var processIDs: [Int32]
  package var starts: Int
  package var calls: Int
  package var failures: Int
  /// Calls that wait for a process, and those that one is at work on.
  package var waiting: Int
  package var answering: Int
  /// What is wrong with it, as a sentence.
  package var trouble: String?
}

/// The daemon as it stands.
package struct CrawlerStatus: Sendable {
  package var tasks: [TaskState: Int]
  package var inFlight: Int
  package var maxInFlight: Int
  package var openSockets: Int
  package var maxSockets: Int
  package var coroutines: Int
  package var knownURLs: Int
  package var bodyBytes: Int
  package var maxBodyBytes: Int
  package var store: StoreStatus
  package var maxUncommittedVisits: Int
  package var maxUncommittedBytes: Int
  package var backPressure: BackPressure?
  /// Why changes wait: the indexes for questions are being made.
  package var indexing: String?
  package var handlers: [HandlerReport]
  /// Visits that wait for handlers.
  package var waitingForHandlers: Int
  /// A reader that keeps the write-ahead log from shrinking, as a sentence.
  package var longReader: String?
}

/// What holds a subject up, or a fact about it: a word for programs and a sentence for people. Times are microseconds since
/// 1970 UTC.
package struct WhyLine: Sendable {
  package var kind: String
  package var text: String
  package var count: Int?
  package var until: Int64?
  /// No fetch starts before, whatever else is told; `.max`: before something has happened. Nil when it holds nothing up.
  var holdsUntil: Int64?
  /// A fetch may start then, unless something holds all of them up; `.min`: at any moment. Nil when it tells of none to come.
  var startsAt: Int64?
}

/// The answer to "why is it doing that?".
package struct WhyReport: Sendable {
  package enum Subject: String, Sendable {
    case task, host, url
  }

  package var subject: Subject
  package var name: String
  package var state: String?
  package var reason: String?
  package var lines: [WhyLine]
  /// When the next fetch may start, whatever holds it up; nil when no time is known, or it may at any moment.
  package var nextDueAt: Int64?
  package var taskIDs: [Int64]
}
