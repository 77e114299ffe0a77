internal import Control
internal import Crawl
internal import EventLoop
internal import Frontier
internal import Glibc
internal import Politeness
internal import Store
internal import Units

// The crawler's values as the control protocol's.

extension SettingValue {
  /// One text, or a list's items.
  var texts: [String] {
    if case .list(let items) = self { return items }
    return [text]
  }
}

extension ControlError {
  init(_ error: CrawlError) {
    switch error {
    case .setting(let name, _, let accepted):
      self.init(.invalidParameters, error.description, data: Facts(parameter: name, accepted: accepted))
    case .seed(let text, let problem, let index):
      self.init(
        .invalidParameters, error.description,
        data: Facts(parameter: "seeds", problem: TaskOffer.Problem(url: text, problem: problem, index: index)))
    case .noSuchTask, .unknownPlace: self.init(.notFound, error.description)
    case .refused(_, let actions): self.init(.refused, error.description, data: Facts(actions: actions))
    case .store: self.init(.failed, error.description)
    }
  }
}

extension Control.TaskReport {
  init(_ task: Crawl.TaskReport) {
    let counters = task.counters
    let end = task.finishedAt ?? task.now
    self.init(
      id: task.id, name: task.name, state: task.state.rawValue, desiredState: task.desiredState.rawValue,
      reason: task.reason?.rawValue, hold: task.hold?.kind, holdSentence: task.hold?.text, recrawlOf: task.recrawlOf,
      open: task.isOpen ? true : nil,
      seedCount: task.seedCount, createdAt: task.createdAt,
      startedAt: task.startedAt,
      finishedAt: task.finishedAt, nextRunAt: task.nextRunAt, elapsed: task.startedAt.map { max(0, end - $0) },
      settings: task.settings.mapValues { $0.joined(separator: ",") }, settingsRevision: task.settingsRevision,
      counts: TaskCounts(
        known: counters.known, ready: max(0, counters.ready - task.inFlight), delayed: counters.delayed,
        inFlight: task.inFlight, done: counters.done, failed: counters.failed, excluded: counters.excluded,
        fetches: counters.fetches, finalAnswers: counters.finalAnswers, okAnswers: counters.okAnswers),
      bytes: TaskBytes(wire: Int64(counters.wireBytes), body: Int64(counters.bodyBytes)), rate: task.rate,
      okPercent: counters.finalAnswers > 0
        ? 100 * Double(counters.okAnswers) / Double(counters.finalAnswers) : nil,
      actions: (task.state.actions + (task.isOpen && !task.state.isFinal ? [.seal] : [])).map(\.rawValue),
      changes: task.recrawlOf.map { _ in
        Dictionary(uniqueKeysWithValues: PageChange.allCases.map { ($0.rawValue, counters.changes[$0]) })
      })
    let lists = task.settings.filter { $0.value.count > 1 && TaskSettings.mayHaveCommas($0.key) }
    if !lists.isEmpty { settingLists = lists }
  }
}

extension Control.CoroutineReport {
  init(_ coroutine: Crawl.CoroutineReport) {
    self.init(
      id: coroutine.id, taskID: coroutine.taskID, taskName: coroutine.taskName, host: coroutine.host,
      url: coroutine.url, robots: coroutine.isRobots,
      phase: coroutine.phase.split(separator: " ").joined(separator: "_"), phaseAge: coroutine.phaseAge,
      age: coroutine.age, bytes: Int64(coroutine.bytes))
  }
}

extension LoopCoroutineReport {
  init(_ coroutine: TaskSnapshot, now: EventLoop.Instant) {
    self.init(
      id: Int64(coroutine.id), name: coroutine.name, waitingFor: coroutine.waitingFor,
      waitingAge: (now - coroutine.since).microseconds, age: (now - coroutine.started).microseconds,
      cancelled: coroutine.isCancelled)
  }
}

extension Control.HostReport {
  init(_ report: Crawl.HostReport, _ delay: DelayReason?) {
    self.init(id: report.id, host: report.origin, tasks: report.taskIDs)
    if report.delayed > 0 { (delayed, nextTryAt) = (report.delayed, report.nextTryAt) }
    if let block = report.absentBlock { (blockedUntil, blockReason) = (block.until, block.reason.rawValue) }
    guard let host = report.status else { return }
    ready = host.queued
    hasMore = host.hasMore ? true : nil
    inFlight = host.inFlight
    self.delay = host.isRunning ? host.effectiveDelay : nil
    delayOrigin = delay?.word
    delayTask = delay?.taskID
    concurrency = host.concurrency
    nextFetchAt = host.isRunning ? host.readyTime : nil
    blockedUntil = host.blockedUntil
    blockReason = host.blockReason?.rawValue
    robotsState = host.robots
  }
}

extension URLReport {
  init(_ details: URLDetails) {
    let record = details.record
    self.init(
      id: record.id, taskID: record.taskID, taskName: details.taskName, url: record.url, state: record.state.rawValue,
      reason: record.reason, depth: record.depth, redirects: record.redirects, priority: record.priority,
      attempts: record.attempts, discoveredAt: record.discoveredAt, dueAt: record.dueAt, via: details.via,
      linkKinds: details.isNamedByRobots
        ? ["sitemap"] : details.isOfEarlierCrawl ? ["recrawl"] : details.linkKinds,
      lastFetch: details.lastFetch.map(FetchReport.init), title: details.title,
      linksTruncated: details.linksTruncated ? true : nil, handler: details.handlerVerdict?.handler,
      handlerWords: details.handlerVerdict?.words)
  }
}

extension FetchReport {
  init(_ fetch: FetchSummary) {
    self.init(
      at: fetch.startedAt, attempt: fetch.attempt, outcome: fetch.outcome, change: fetch.change, status: fetch.status,
      error: fetch.error,
      bodyBytes: Int64(fetch.bodyBytes), redirectTo: fetch.redirectTo, remoteAddress: fetch.remoteAddress,
      duration: fetch.timeTotal)
  }
}

extension TaskWhy.Result {
  init(_ why: WhyReport) {
    self.init(
      kind: why.subject.rawValue, subject: why.name, state: why.state, reason: why.reason,
      lines: why.lines.map { TaskWhy.Line(kind: $0.kind, text: $0.text, count: $0.count, until: $0.until) },
      nextDueAt: why.nextDueAt, tasks: why.taskIDs)
  }
}

extension DaemonStatus.Result {
  init(_ status: CrawlerStatus, _ crawler: Crawler) {
    let loop = crawler.loop.statistics
    var warnings: [String] = []
    if let pressure = status.backPressure { warnings.append("no fetch starts: \(pressure.sentence)") }
    if let indexing = status.indexing { warnings.append(indexing) }
    if let reader = status.longReader { warnings.append(reader) }
    warnings += status.handlers.compactMap(\.trouble)
    if let failure = status.store.checkpointFailure {
      warnings.append("the write-ahead log can't be copied to the database: \(failure)")
    }
    if let failure = status.store.mergeFailure {
      warnings.append("the full-text index of texts can't be merged, so that searches take longer: \(failure)")
    }
    self.init(
      version: Version.text, pid: getpid(), startedAt: crawler.startedAt.microseconds,
      database: crawler.databasePath, sqliteVersion: status.store.sqliteVersion,
      tasks: Dictionary(uniqueKeysWithValues: status.tasks.map { ($0.key.rawValue, $0.value) }),
      inFlight: status.inFlight + status.waitingForHandlers + status.store.outstandingVisits,
      openSockets: status.openSockets,
      coroutines: crawler.loop.taskCount,
      loopLag: loop.recentLongestTick.microseconds, loopJobs: loop.jobs, slowCalls: loop.slowCalls,
      knownURLs: status.knownURLs,
      writerVisits: status.store.outstandingVisits, writerBytes: status.store.outstandingBytes,
      walBytes: Int64(status.store.walBytes), databaseBytes: Int64(status.store.databaseBytes),
      freeBytes: status.store.freeBytes.map(Int64.init),
      bodyBytes: Int64(status.bodyBytes), residentBytes: ProcessMemory.residentBytes,
      limits: [
        "in_flight": Int64(status.maxInFlight), "open_sockets": Int64(status.maxSockets),
        "bodies": Int64(status.maxBodyBytes), "writer_visits": Int64(status.maxUncommittedVisits),
        "writer_bytes": Int64(status.maxUncommittedBytes),
      ],
      handlers: status.handlers.map {
        Control.HandlerReport(
          name: $0.name, kinds: $0.kinds, processes: $0.processIDs, starts: $0.starts, calls: $0.calls,
          failures: $0.failures, waiting: $0.waiting, answering: $0.answering, trouble: $0.trouble)
      }, warnings: warnings)
  }
}

extension HostBlocks {
  init(_ states: [HostBlockState]) {
    self.init(
      hosts: states.map {
        HostBlockReport(id: $0.id, host: $0.origin, blockedUntil: $0.until, isNew: $0.isNew ? true : nil)
      })
  }
}

extension TaskSet.SettingChange {
  init(_ change: SettingChange) {
    self.init(setting: change.setting, from: change.from, to: change.to)
  }

  /// With at most 1,024 characters of each text: there may be 256 patterns of 2 KiB. The database has them whole.
  init(abridged change: SettingChange) {
    self.init(setting: change.setting, from: change.from.map(Self.abridged), to: Self.abridged(change.to))
  }

  private static func abridged(_ text: String) -> String {
    text.utf8.count <= 1_024 ? text : text.prefix(1_023) + "…"
  }
}

extension TaskChange {
  init(_ transition: TaskTransition, urls: Int?) {
    self.init(
      id: transition.id, name: transition.name, from: transition.from.rawValue, to: transition.to.rawValue, urls: urls)
  }
}
