internal import EventLoop
internal import Fetch
internal import Frontier
package import Store
internal import WebURL

extension Crawler {
  package func taskReport(_ id: Int64) throws(CrawlError) -> TaskReport { report(try existing(id)) }

  /// Tasks with larger ids, smallest first.
  package func taskReports(after id: Int64, limit: Int) -> [TaskReport] {
    tasks.values.filter { $0.id > id }.sorted { $0.id < $1.id }.prefix(limit).map(report)
  }

  /// Every task's id and name.
  package var taskNames: [(id: Int64, name: String)] { tasks.values.map { ($0.id, $0.name) } }

  package var endedTaskIDs: [Int64] {
    tasks.values.filter { $0.state.isFinal && $0.state != .removing }.map(\.id).sorted()
  }

  package var unfinishedTaskIDs: [Int64] { tasks.values.filter { !$0.state.isFinal }.map(\.id).sorted() }

  private func report(_ task: CrawlTask) -> TaskReport {
    let trouble = task.state == .running ? backPressure.flatMap { $0.isTrouble ? $0 : nil } : nil
    let hold =
      trouble.map { WhyLine(kind: $0.name, text: $0.sentence) }
      ?? (task.state == .paused ? settingsProblem(of: task) : nil).map {
        WhyLine(kind: TaskReason.configuration.rawValue, text: "\($0.sentence); \($0.remedy)")
      }
    return TaskReport(
      id: task.id, name: task.name, state: task.state, desiredState: task.desiredState, reason: task.reason,
      hold: hold, recrawlOf: task.recrawlOf,
      isOpen: task.isOpen, seedCount: task.seedCount, createdAt: task.createdAt, startedAt: task.startedAt,
      finishedAt: task.finishedAt, nextRunAt: task.nextRunAt,
      settings: task.settings.texts,
      settingsRevision: task.settingsRevision, counters: task.counters,
      inFlight: task.live.values.count { $0.entry.kind == .url },
      rate: task.state.isFinal ? 0 : task.rate.rate(now: now), now: wallNow)
  }

  /// Live coroutines with larger ids, smallest first; of one task or of all.
  package func coroutineReports(task id: Int64?, after: Int64, limit: Int) -> [CoroutineReport] {
    live.values.filter { $0.id > after && (id == nil || $0.entry.taskID == id) }.sorted { $0.id < $1.id }.prefix(limit)
      .map { visit in
        CoroutineReport(
          id: visit.id, taskID: visit.entry.taskID, taskName: tasks[visit.entry.taskID]?.name ?? "",
          host: visit.entry.url.hostName ?? "", url: visit.entry.url.href, isRobots: visit.entry.kind == .robots,
          phase: visit.phaseText, phaseAge: (loop.now - visit.phaseBegan).microseconds,
          age: (loop.now - visit.startedAt).microseconds, bytes: visit.progress.bytes)
      }
  }

  package func status() -> CrawlerStatus {
    let fetch = fetchStatistics
    return CrawlerStatus(
      tasks: Dictionary(grouping: tasks.values, by: \.state).mapValues(\.count), inFlight: frontier.inFlight,
      maxInFlight: frontier.limits.maxInFlight, openSockets: fetch.openSockets, maxSockets: fetch.maximumSockets,
      coroutines: live.count, knownURLs: tasks.keys.reduce(0) { $0 + frontier.knownCount(task: $1) },
      bodyBytes: bodyBytes + fetch.bufferedBytes, maxBodyBytes: configuration.maxBodyBytes, store: store.status,
      maxUncommittedVisits: configuration.maxUncommittedVisits, maxUncommittedBytes: configuration.maxUncommittedBytes,
      backPressure: backPressure, indexing: isBuildingIndexes ? Self.indexSentence : nil, handlers: handlerReports,
      waitingForHandlers: live.values.count { $0.phase == .handler },
      longReader: store.longReader.map {
        $0.sentence(now: loop.now, walBytes: store.walBytes, limit: configuration.maxLogBytes)
      })
  }

  // MARK: What only the database knows

  package func recentErrors(_ id: Int64) async throws(CrawlError) -> [FetchSummary] {
    try await asked { try await $0.recentErrors(taskID: id, limit: 10) }
  }

  /// The latest fetch of the robots.txt of a URL's host where that is what became of the URL: it could not be read, or no
  /// address of the host may be connected to.
  package func decidingRobotsFailure(of details: URLDetails) async throws(CrawlError) -> FetchSummary? {
    let record = details.record
    guard let hostID = record.hostID else { return nil }
    let isDecidedByRobots =
      record.reason == robotsUnreachableReason
      || record.reason == ExclusionReason.addressRefused.rawValue && details.lastFetch == nil
      || record.state == .ready && frontier.robotsTriesInVain(hostID: hostID, task: record.taskID) != nil
    return isDecidedByRobots ? try await latestRobotsFailure(hostID: hostID, taskID: record.taskID) : nil
  }

  func latestRobotsFailure(hostID: Int64, taskID: Int64? = nil) async throws(CrawlError) -> FetchSummary? {
    try await asked { try await $0.latestRobotsFailure(hostID: hostID, taskID: taskID) }
  }

  /// A host's row as it is committed; for questions, which are answered while nothing can be committed, too.
  func committedHost(id: Int64) async throws(CrawlError) -> HostRecord? {
    try await asked { try await $0.committedHost(id: id) }
  }

  /// The settings of a task that are not the daemon's defaults, by name.
  package func otherSettings(of id: Int64) throws(CrawlError) -> [String] {
    let (own, defaults) = (try existing(id).settings.texts, configuration.defaults.texts)
    return own.keys.filter { own[$0] != defaults[$0] }.sorted()
  }

  /// Waits for the commit of what the task's counters count already: a moment, after which the answer may be behind them.
  private func untilCounted(_ id: Int64) async {
    guard let task = tasks[id], task.lastSequence > committedSequence else { return }
    try? await loop.withTimeout(.milliseconds(30)) { [store] in try await store.flush(isPatient: false) }
  }

  /// Fetches of a task by outcome.
  package func outcomeCounts(_ id: Int64) async throws(CrawlError) -> [String: Int] {
    await untilCounted(id)
    return try await asked { try await $0.outcomeCounts(taskID: id) }
  }

  package func handlerFailureCounts(_ id: Int64) async throws(CrawlError) -> [HandlerFailureCount] {
    await untilCounted(id)
    return try await asked { try await $0.handlerFailureCounts(taskID: id) }
  }

  func handlerVerdicts(
    of url: String, tasks: [Int64]
  ) async throws(CrawlError) -> [(taskID: Int64, HandlerVerdictRecord)] {
    try await asked { try await $0.handlerVerdicts(of: url, tasks: tasks) }
  }

  package func reasonCounts(_ id: Int64) async throws(CrawlError) -> [ReasonCount] {
    try await asked { try await $0.reasonCounts(taskID: id) }
  }

  package func seedTexts(_ id: Int64) async throws(CrawlError) -> [String] {
    try await asked { try await $0.firstSeedURLs(taskID: id, limit: 10).map(\.url) }
  }

  /// Every task's row of a URL, in whatever spelling that task has it; of a task that is loaded it is found at once, of
  /// others by a scan. A text that is no URL, or only the beginning of one, is found as the text that it is.
  package func urlDetails(_ text: String, task id: Int64?) async throws(CrawlError) -> [URLDetails] {
    let url = Frontier.typedURL(text)?.withoutFragment().withoutCredentials()
    let found = try await details(of: url, as: text, task: id)
    return found.isEmpty && url != nil ? try await details(of: nil, as: text, task: id) : found
  }

  private func details(of url: WebURL?, as text: String, task id: Int64?) async throws(CrawlError) -> [URLDetails] {
    if let id, let task = tasks[id], task.isLoaded, frontier.hasTask(id) {
      let known = url.map { frontier.knownID(of: $0, task: id) } ?? frontier.knownID(ofInvalid: text, task: id)
      guard let urlID = known else { return [] }
      return try await asked { try await $0.url(id: urlID).map { [$0] } ?? [] }
    }
    var byPolicy: [CanonicalPolicy: UInt64] = [:]
    var fingerprints: [Int64: UInt64] = [:]
    for task in tasks.values where id == nil || task.id == id {
      let policy = task.settings.canonicalPolicy
      let fingerprint =
        byPolicy[policy] ?? url.map { frontier.fingerprint(of: $0, policy) } ?? frontier.fingerprint(ofInvalid: text)
      byPolicy[policy] = fingerprint
      fingerprints[task.id] = fingerprint
    }
    return try await asked { try await $0.urls(fingerprints: fingerprints) }
  }

  /// Whether a URL is being visited now, or its visit has ended and waits for its commit.
  package func isInFlight(_ record: URLRecord) -> Bool { visit(of: record) != nil || waitsForCommit(record) }

  func visit(of record: URLRecord) -> LiveVisit? {
    tasks[record.taskID]?.live.values.first { $0.entry.kind == .url && $0.entry.id == record.id }
  }

  func waitsForCommit(_ record: URLRecord) -> Bool {
    guard let hostID = record.hostID, visit(of: record) == nil else { return false }
    return frontier.isGivenOut(urlID: record.id, hostID: hostID, task: record.taskID)
  }

  func asked<Answer>(_ question: (Store) async throws -> Answer) async throws(CrawlError) -> Answer {
    do { return try await question(store) } catch { throw .store("the database could not be read: \(error)") }
  }
}
