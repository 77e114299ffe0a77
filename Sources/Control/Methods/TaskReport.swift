/// A task as every reply shows it. `otherSettings`, `settingsHistory`, `outcomes`, `reasons`, `handlerFailures`, `errors` and
/// `seeds` are in the reply of `task.show` alone. Its words are in lists of `ShapeBook.control`.
package struct TaskReport: Codable, Sendable, Equatable {
  package var id: Int64
  package var name: String
  package var state: String
  package var desiredState: String
  /// Why it is paused, failed, cancelled or being removed: one of TaskReason.
  package var reason: String?
  /// What keeps it from starting fetches beside its state: `disk database log` while it is running, when something is wrong
  /// with the whole daemon; `configuration` while it is paused, when something is wrong with its settings.
  package var hold: String?
  /// The same as a sentence.
  package var holdSentence: String?
  /// Always 1: a recrawl is a task of its own. Clients of protocol version 1 find it there.
  package private(set) var run = 1
  /// The id of the task whose URLs it visits again.
  package var recrawlOf: Int64?
  /// True when more seeds may come: it does not finish before it is sealed.
  package var open: Bool?
  package var seedCount: Int
  package var createdAt: Int64
  package var startedAt: Int64?
  package var finishedAt: Int64?
  /// When a recrawl of it starts by itself (setting `every`); none when none does, or a later crawl has taken that over.
  package var nextRunAt: Int64?
  /// Microseconds from its first start to its end, or until now, pauses included.
  package var elapsed: Int64?
  /// The settings in force, by name, as texts; those of a list joined by commas.
  package var settings: [String: String]
  /// The texts of those that are lists of several in which there may be commas; none when there are none.
  package var settingLists: [String: [String]]?
  /// Of those, the ones that are not the daemon's defaults, by name. In the reply of `task.show` alone.
  package var otherSettings: [String]?
  package var settingsRevision: Int
  /// The latest changes of them, the newest first. In the reply of `task.show` alone.
  package var settingsHistory: [SettingsRevision]?
  package var counts: TaskCounts
  package var bytes: TaskBytes
  /// Final answers per second over the last ten seconds.
  package var rate: Double
  /// Share of 2xx and 304 among final answers, 0…100; none before the first.
  package var okPercent: Double?
  /// What can be asked of the task in its state: some of TaskAction.
  package var actions: [String]
  /// Fetches by outcome.
  package var outcomes: [String: Int]?
  /// Of a recrawl, what it found beside what earlier crawls have: URLs by `new changed unchanged not_modified gone moved`.
  package var changes: [String: Int]?
  /// URLs by state and reason that brought nothing: `excluded` and `failed` ones, and those `done` whose final answer is a
  /// server's error (`server_error rate_limited`).
  package var reasons: [ReasonCount]?
  /// Calls of its handlers that brought no answer, by handler, kind and reason.
  package var handlerFailures: [HandlerFailureCount]?
  /// The last few fetches without a good answer, newest first.
  package var errors: [TaskError]?
  /// The first seeds.
  package var seeds: [String]?

  package init(
    id: Int64, name: String, state: String, desiredState: String, reason: String? = nil, hold: String? = nil,
    holdSentence: String? = nil, recrawlOf: Int64? = nil, open: Bool? = nil, seedCount: Int = 0,
    createdAt: Int64, startedAt: Int64? = nil, finishedAt: Int64? = nil,
    nextRunAt: Int64? = nil, elapsed: Int64? = nil,
    settings: [String: String] = [:], otherSettings: [String]? = nil, settingsRevision: Int = 1,
    counts: TaskCounts = TaskCounts(),
    bytes: TaskBytes = TaskBytes(), rate: Double = 0, okPercent: Double? = nil, actions: [String] = [],
    outcomes: [String: Int]? = nil, changes: [String: Int]? = nil, reasons: [ReasonCount]? = nil,
    errors: [TaskError]? = nil, seeds: [String]? = nil
  ) {
    self.id = id
    self.name = name
    self.state = state
    self.desiredState = desiredState
    self.reason = reason
    self.hold = hold
    self.holdSentence = holdSentence
    self.recrawlOf = recrawlOf
    self.open = open
    self.seedCount = seedCount
    self.createdAt = createdAt
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.nextRunAt = nextRunAt
    self.elapsed = elapsed
    self.settings = settings
    self.otherSettings = otherSettings
    self.settingsRevision = settingsRevision
    self.counts = counts
    self.bytes = bytes
    self.rate = rate
    self.okPercent = okPercent
    self.actions = actions
    self.outcomes = outcomes
    self.changes = changes
    self.reasons = reasons
    self.errors = errors
    self.seeds = seeds
  }

  enum CodingKeys: String, CodingKey {
    case id, name, state, reason, hold, run, elapsed, settings, counts, bytes, rate, actions, outcomes, changes,
      reasons, errors, seeds, open
    case desiredState = "desired_state"
    case holdSentence = "hold_sentence"
    case recrawlOf = "recrawl_of"
    case seedCount = "seed_count"
    case createdAt = "created_at"
    case startedAt = "started_at"
    case finishedAt = "finished_at"
    case nextRunAt = "next_run_at"
    case settingLists = "setting_lists"
    case otherSettings = "other_settings"
    case handlerFailures = "handler_failures"
    case settingsRevision = "settings_revision"
    case settingsHistory = "settings_history"
    case okPercent = "ok_percent"
  }
}

/// URLs of a task by state, and its fetches.
package struct TaskCounts: Codable, Sendable, Equatable {
  /// Every URL ever offered: the sum of `ready delayed in_flight done failed excluded`.
  package var known: Int
  package var ready: Int
  package var delayed: Int
  package var inFlight: Int
  package var done: Int
  package var failed: Int
  package var excluded: Int
  /// Fetches, retries and redirects among them.
  package var fetches: Int
  /// Visits that ended with a final HTTP answer.
  package var finalAnswers: Int
  /// Final answers with 2xx or 304.
  package var okAnswers: Int

  package init(
    known: Int = 0, ready: Int = 0, delayed: Int = 0, inFlight: Int = 0, done: Int = 0, failed: Int = 0,
    excluded: Int = 0, fetches: Int = 0, finalAnswers: Int = 0, okAnswers: Int = 0
  ) {
    self.known = known
    self.ready = ready
    self.delayed = delayed
    self.inFlight = inFlight
    self.done = done
    self.failed = failed
    self.excluded = excluded
    self.fetches = fetches
    self.finalAnswers = finalAnswers
    self.okAnswers = okAnswers
  }

  enum CodingKeys: String, CodingKey {
    case known, ready, delayed, done, failed, excluded, fetches
    case inFlight = "in_flight"
    case finalAnswers = "final_answers"
    case okAnswers = "ok_answers"
  }
}

/// Bytes a task has received: as they came over the wire, and of bodies after decoding.
package struct TaskBytes: Codable, Sendable, Equatable {
  package var wire: Int64
  package var body: Int64

  package init(wire: Int64 = 0, body: Int64 = 0) {
    self.wire = wire
    self.body = body
  }
}

/// What `set` gave a task once.
package struct SettingsRevision: Codable, Sendable, Equatable {
  /// As in `fetches.settings_revision` and `task_events.settings_revision`.
  package var revision: Int
  package var at: Int64
  package var actor: String
  /// None of a change by an older version of the daemon, which did not store them.
  package var changes: [TaskSet.SettingChange]

  package init(revision: Int, at: Int64, actor: String, changes: [TaskSet.SettingChange]) {
    self.revision = revision
    self.at = at
    self.actor = actor
    self.changes = changes
  }
}

/// A number of URLs that share a state and a reason.
package struct ReasonCount: Codable, Sendable, Equatable {
  package var state: String
  package var reason: String
  package var count: Int

  package init(state: String, reason: String, count: Int) {
    self.state = state
    self.reason = reason
    self.count = count
  }
}

/// A number of failed calls that share a handler, a kind and a reason.
package struct HandlerFailureCount: Codable, Sendable, Equatable {
  package var handler: String
  package var kind: String
  package var reason: String
  package var count: Int

  package init(handler: String, kind: String, reason: String, count: Int) {
    self.handler = handler
    self.kind = kind
    self.reason = reason
    self.count = count
  }
}

/// A fetch that brought no good answer.
package struct TaskError: Codable, Sendable, Equatable {
  package var url: String
  package var outcome: String
  package var error: String?
  package var at: Int64?

  package init(url: String, outcome: String, error: String? = nil, at: Int64? = nil) {
    self.url = url
    self.outcome = outcome
    self.error = error
    self.at = at
  }
}
