import Control
import Store
import Testing
import crawlctl

/// A value of a shape with every field, and one with those alone that are always there.
struct ShapeExample {
  var shape: String
  var full: JSONTree
  var bare: JSONTree

  init(_ shape: String, full: some Encodable, bare: some Encodable) throws {
    self.shape = shape
    self.full = try JSONTree(encoding: full)
    self.bare = try JSONTree(encoding: bare)
  }

  init(_ shape: String, always value: some Encodable) throws {
    try self.init(shape, full: value, bare: value)
  }

  /// One of each that is encoded by a type; what is made of rows of the database, and the answers of `check`, the
  /// end-to-end tests look at.
  static func all() throws -> [ShapeExample] { try tasks() + changes() + hosts() + daemon() + files() }

  // MARK: Tasks

  private static var fullTask: TaskReport {
    var task = TaskReport(
      id: 1, name: "docs", state: "paused", desiredState: "paused", reason: "user", hold: "disk",
      holdSentence: "no room", recrawlOf: 2, open: true, seedCount: 3, createdAt: 4, startedAt: 5,
      finishedAt: 6,
      nextRunAt: 7, elapsed: 8, settings: ["delay": "1s"], otherSettings: ["delay"], settingsRevision: 9, rate: 1.5,
      okPercent: 97.5, actions: ["resume", "rm"], outcomes: ["ok": 10], changes: ["new": 11],
      reasons: [ReasonCount(state: "excluded", reason: "scope", count: 12)],
      errors: [TaskError(url: "http://a/", outcome: "reset", error: "e", at: 13)], seeds: ["http://a/"])
    task.handlerFailures = [HandlerFailureCount(handler: "h", kind: "on-page", reason: "timeout", count: 14)]
    task.settingsHistory = [revision]
    task.settingLists = ["exclude": ["**/a", "**/b"]]
    return task
  }

  private static var revision: SettingsRevision {
    let change = TaskSet.SettingChange(setting: "delay", from: "1s", to: "2s")
    return SettingsRevision(revision: 9, at: 4, actor: "uid 0", changes: [change])
  }

  private static var bareTask: TaskReport {
    TaskReport(id: 1, name: "docs", state: "running", desiredState: "running", createdAt: 4)
  }

  private static var fullFetch: FetchReport {
    FetchReport(
      at: 1, attempt: 2, outcome: "ok", change: "changed", status: 200, error: "e", bodyBytes: 3,
      redirectTo: "http://b/",
      remoteAddress: "192.0.2.1", duration: 4)
  }

  private static func tasks() throws -> [ShapeExample] {
    let bareFetch = FetchReport(at: 1, outcome: "reset")
    return [
      try ShapeExample("Task", full: fullTask, bare: bareTask),
      try ShapeExample("SettingsRevision", always: revision),
      try ShapeExample("TaskCounts", always: TaskCounts()), try ShapeExample("TaskBytes", always: TaskBytes()),
      try ShapeExample("ReasonCount", always: ReasonCount(state: "failed", reason: "robots_unreachable", count: 1)),
      try ShapeExample(
        "HandlerFailureCount", always: HandlerFailureCount(handler: "h", kind: "filter-url", reason: "ended", count: 1)),
      try ShapeExample(
        "TaskError", full: TaskError(url: "http://a/", outcome: "reset", error: "e", at: 1),
        bare: TaskError(url: "http://a/", outcome: "reset")),
      try ShapeExample(
        "URL",
        full: URLReport(
          id: 1, taskID: 2, taskName: "docs", url: "http://a/", state: "excluded", reason: "handler", depth: 3,
          discoveredAt: 4, dueAt: 5, via: ["http://b/"], linkKinds: ["a"], lastFetch: fullFetch, robotsFetch: bareFetch,
          title: "t", linksTruncated: true, handler: "h", handlerWords: "w"),
        bare: URLReport(id: 1, taskID: 2, taskName: "docs", url: "http://a/", state: "in_flight", discoveredAt: 4)),
      try ShapeExample("Fetch", full: fullFetch, bare: bareFetch),
      try ShapeExample(
        "Answer",
        full: TaskWhy.Result(
          kind: "task", subject: "docs", state: "running", reason: "user",
          lines: [TaskWhy.Line(kind: "host_delay", text: "t", count: 1, until: 2)], nextDueAt: 3, tasks: [4]),
        bare: TaskWhy.Result(kind: "url", subject: "http://a/", lines: [])),
      try ShapeExample(
        "AnswerLine", full: TaskWhy.Line(kind: "host_delay", text: "t", count: 1, until: 2),
        bare: TaskWhy.Line(kind: "running", text: "t")),
    ]
  }

  // MARK: What verbs did

  private static func changes() throws -> [ShapeExample] {
    let problem = TaskOffer.Problem(url: "x", problem: "no URL", index: 4)
    let facts = ControlError.Facts(
      methods: ["task.add"], actions: ["pause"], candidates: ["docs"], parameter: "delay", accepted: "a duration",
      problem: problem)
    let error = ControlError(.refused, "no", data: facts)
    let change = TaskSet.SettingChange(setting: "delay", from: "1s", to: "2s")
    return [
      try ShapeExample(
        "TaskChange", full: TaskChange(id: 1, name: "docs", from: "running", to: "pausing", urls: 2, error: error),
        bare: TaskChange(id: nil, name: "docs")),
      try ShapeExample("Error", full: error, bare: ControlError(.failed, "no")),
      try ShapeExample("ErrorFacts", full: facts, bare: ControlError.Facts()),
      try ShapeExample("Offer", always: TaskOffer.Result(id: 1, name: "docs", new: 2, problems: [problem])),
      try ShapeExample("OfferProblem", full: problem, bare: TaskOffer.Problem(url: "", problem: "no text")),
      try ShapeExample(
        "SettingChanges", always: TaskSet.Result(id: 1, name: "docs", settingsRevision: 2, changes: [change])),
      try ShapeExample(
        "SettingChange", full: change, bare: TaskSet.SettingChange(setting: "delay", from: nil, to: "2s")),
    ]
  }

  // MARK: Hosts and coroutines

  private static var fullHost: HostReport {
    var host = HostReport(
      id: 1, host: "http://a", tasks: [2], ready: 3, hasMore: true, inFlight: 4, delay: 5, delayOrigin: "task",
      delayTask: 2,
      concurrency: 6, nextFetchAt: 7, blockedUntil: 8, blockReason: "retry_after", robotsState: "known")
    (host.delayed, host.nextTryAt) = (9, 10)
    return host
  }

  private static var fetching: CoroutineReport {
    CoroutineReport(
      id: 1, taskID: 2, taskName: "docs", host: "http://a", url: "http://a/", phase: "request_sent", phaseAge: 3, age: 4
    )
  }

  private static func hosts() throws -> [ShapeExample] {
    [
      try ShapeExample("Host", full: fullHost, bare: HostReport(id: 1, host: "http://a")),
      try ShapeExample(
        "HostBlock", full: HostBlockReport(id: 1, host: "http://a:80", blockedUntil: 2, isNew: true),
        bare: HostBlockReport(id: 1, host: "http://a:80")),
      try ShapeExample(
        "HostSettings", full: HostSettingsReport(id: 1, host: "http://a:80", delay: 2, concurrency: 3, budget: 4),
        bare: HostSettingsReport(id: 1, host: "http://a:80")),
      try ShapeExample("FetchCoroutine", always: fetching),
      try ShapeExample(
        "Coroutine", full: LoopCoroutineReport(id: 1, name: "n", waitingFor: "w", waitingAge: 2, age: 3),
        bare: LoopCoroutineReport(id: 1, name: "n", waitingFor: nil, waitingAge: 2, age: 3)),
    ]
  }

  // MARK: The daemon

  private static func handler(_ trouble: String?) -> HandlerReport {
    HandlerReport(
      name: "h", kinds: ["on-page"], processes: [1], starts: 2, calls: 3, failures: 4, waiting: 5, answering: 6,
      trouble: trouble)
  }

  private static func status(freeBytes: Int64?) -> DaemonStatus.Result {
    DaemonStatus.Result(
      version: "1", pid: 2, startedAt: 3, database: "/d", sqliteVersion: "3", tasks: ["running": 1],
      freeBytes: freeBytes, limits: ["bodies": 4], handlers: [handler("t"), handler(nil)], warnings: ["w"])
  }

  private static func daemon() throws -> [ShapeExample] {
    var event = EventReport(kind: "fetch", at: 1)
    (event.taskID, event.taskName, event.action, event.from, event.to) = (2, "docs", "pause", "running", "pausing")
    (event.reason, event.actor, event.settingsRevision, event.host) = ("user", "uid 0", 3, "http://a:80")
    (event.fetchID, event.url, event.robots, event.attempt, event.outcome) = (4, "http://a/", true, 5, "ok")
    (event.status, event.error, event.redirectTo, event.change) = (200, "e", "http://b/", "moved")
    (event.bodyBytes, event.duration, event.blockedUntil, event.message, event.dropped) = (6, 7, 8, "m", 9)
    event.changes = revision.changes
    return [
      try ShapeExample("Status", full: status(freeBytes: 1), bare: status(freeBytes: nil)),
      try ShapeExample("Handler", full: handler("t"), bare: handler(nil)),
      try ShapeExample("Event", full: event, bare: EventReport(kind: "dropped")),
      try ShapeExample("Reload", always: DaemonReload.Result(message: "m")),
      try ShapeExample("Shutdown", always: DaemonShutdown.Result(pid: 1, inFlight: 2)),
      try ShapeExample(
        "Sample",
        always: TopScreen.Sample(
          at: 1, status: status(freeBytes: 1), tasks: [fullTask, bareTask], hosts: [fullHost], coroutines: [fetching])),
    ]
  }

  // MARK: Of crawlctl alone

  private static func files() throws -> [ShapeExample] {
    [
      try ShapeExample("Finding", always: FindingLine(check: "log", problem: true, message: "m")),
      try ShapeExample("Examination", always: ExaminationLine(Examination(path: "/nonexistent/crawl.db"))),
      try ShapeExample("Copy", always: Backup.Report(file: "f", bytes: 1)),
      try ShapeExample("ExportFile", always: Export.Report(file: "f", rows: 1, bytes: 2)),
      try ShapeExample(
        "ArchiveFile",
        always: Export.ArchiveReport(
          file: "f", responses: 1, revisits: 2, missing: 3, unclear: 4, damaged: 5, bytes: 6)),
      try ShapeExample("Schema", always: JSONSchema.document(of: "ls")),
    ]
  }
}

extension JSONTree {
  init(encoding value: some Encodable) throws { self = try JSONTree(JSONLine.encode(value)) }
}
