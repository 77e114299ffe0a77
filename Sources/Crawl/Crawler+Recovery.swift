internal import EventLoop
internal import Fetch
internal import FoundationEssentials
internal import Frontier
internal import Logging
internal import Politeness
internal import Store
internal import WebURL

// What a daemon takes up that an earlier one left, however that one ended.
extension Crawler {
  /// Reads what is there. Nothing is fetched and nothing can be asked before this has returned.
  package func recover() async throws {
    frontier.takenUpAt = now
    try await recoverAgent()
    try await store.scanHosts { hosts in
      for host in hosts { frontier.noteHost(id: host.id, scheme: host.scheme, name: host.name, port: host.port) }
    }
    try await recoverBlocks()
    try await recoverHostSettings()
    let limit = dueNow + max(configuration.maxRetryDelay.microseconds * 3 / 2, HostClock.maximumRetryAfter)
    // A disk that takes nothing keeps no daemon from beginning: what can't be written holds in memory, and the next start finds
    // it again.
    do { try await store.clampDelayed(latest: limit) } catch {
      logger.error("the times of delayed URLs could not be looked at: \(error)")
    }
    for record in try await store.loadTasks() {
      let isFinal = TaskState(rawValue: record.state)?.isFinal ?? false
      let (settings, unread) = Self.settings(of: record)
      let options = requestOptions(settings, revision: record.settingsRevision)
      let task = CrawlTask(record, settings: settings, options: options)
      task.handlers = handlers(of: settings)
      task.unreadSettings = unread
      await clampTimes(of: task)
      if !isFinal { try await loadCookies(of: task) }
      tasks[task.id] = task
      if task.nextRunAt != nil {
        scheduled.insert(task.id)
      } else if task.state == .finished || task.state == .failed {
        // An earlier version has left it what it had passed on.
        task.settings.every = nil
      }
    }
    noteSchedule()
    // Tasks at rest have committed all that they had fetched.
    frontier.mayHaveLostHosts = tasks.values.contains { [.running, .pausing, .cancelling].contains($0.state) }
    for task in tasks.values.sorted(by: { $0.id < $1.id }) { await settleSettings(of: task) }
    let unfinished = tasks.values.filter { !$0.state.isFinal }
    for task in unfinished { noteEarlier(task) }
    for task in unfinished {
      note(stateOf: task)
      if task.state == .running, task.startedAt == nil { task.startedAt = min(task.createdAt, dueNow) }
    }
    await queueSurplus()
    if !unfinished.isEmpty { logger.notice("\(unfinished.count) unfinished tasks are taken up again") }
  }

  /// Fewer may run at once than an earlier daemon's configuration said: the latest wait for their turn.
  private func queueSurplus() async {
    let room = max(0, configuration.maxRunningTasks - halting.values.count { $0.state == .pausing })
    for task in running.values.sorted(by: { $0.id < $1.id }).dropFirst(room) {
      await settle(task, in: .queued, reason: nil, action: "queue")
    }
  }

  /// Gives a task the state that it begins with.
  func settle(_ task: CrawlTask, in state: TaskState, reason: TaskReason?, action: String) async {
    do {
      try await change(task, to: state, desired: task.desiredState, reason: reason, action: action, actor: "daemon")
    } catch {
      logger.error("\(error)")
      take(task, state, task.desiredState, reason)
    }
  }

  /// For a clock that was set back while no daemon ran: a task whose time counts has started by now, and one that is crawled
  /// again waits for its interval at most.
  private func clampTimes(of task: CrawlTask) async {
    var (startedAt, retriedAt, nextRunAt) = (task.startedAt, task.retriedAt, task.nextRunAt)
    if let time = startedAt, !task.state.isFinal { startedAt = min(time, dueNow) }
    if let time = retriedAt, !task.state.isFinal { retriedAt = min(time, dueNow) }
    if let time = nextRunAt, let every = task.settings.every { nextRunAt = min(time, dueNow &+ every.microseconds) }
    guard startedAt != task.startedAt || retriedAt != task.retriedAt || nextRunAt != task.nextRunAt else { return }
    (task.startedAt, task.retriedAt, task.nextRunAt) = (startedAt, retriedAt, nextRunAt)
    do {
      try await store.setTimes(of: task.id, startedAt: startedAt, retriedAt: retriedAt, nextRunAt: nextRunAt)
    } catch {
      logger.error("the times of task \(task.id) could not be stored: \(error)")
    }
  }

  /// Blocks hold over restarts, at most as long as they may be if the clock was set back.
  private func recoverBlocks() async throws {
    for block in try await store.blocks(at: dueNow) {
      if let until = block.userBlockedUntil.map(loopTime(ofDue:)) {
        frontier.noteBlock(hostID: block.hostID, until: min(until, now + HostClock.maximumBlock), reason: .user)
      }
      if let until = block.blockedUntil.map(loopTime(ofDue:)) {
        let reason = block.reason.flatMap(BlockReason.init(rawValue:)) ?? .retryAfter
        frontier.noteBlock(hostID: block.hostID, until: min(until, now + HostClock.maximumRetryAfter), reason: reason)
      }
    }
  }

  /// A task's settings, and what of them can't be read: another version may have written it, or another program.
  private static func settings(of record: TaskRecord) -> (TaskSettings, unread: [String: CrawlError]) {
    var settings = TaskSettings()
    guard let texts = try? JSONDecoder().decode([String: [String]].self, from: Data(record.settings.utf8)) else {
      let error = CrawlError.setting(
        name: "settings", problem: "is not what crawld writes", accepted: "a JSON object of lists of texts")
      return (settings, ["settings": error])
    }
    var unread: [String: CrawlError] = [:]
    for (name, values) in texts {
      do { try settings.set(name, to: values, isStored: true) } catch { unread[name] = error }
    }
    return (settings, unread)
  }

  /// Gives the task a frontier, and fills its seen set in the background. Seeds are fetched at once, the rest as soon as its
  /// scope is known.
  func load(_ task: CrawlTask) {
    guard !frontier.hasTask(task.id) else { return }
    frontier.addTask(id: task.id, settings: task.frontierSettings, isRestored: true)
    frontier.noteStoredHosts(task: task.id)
    let id = task.id
    loop.startTask(name: "load known URLs") { await self.loadKnownURLs(id) }
  }

  private func loadKnownURLs(_ id: Int64) async {
    guard let task = tasks[id] else { return }
    while !isStopping, !task.isLoaded, frontier.hasTask(id) {
      do {
        if !frontier.isScopeKnown(task: id) { try await loadScope(of: task) }
        try await fillSeenSet(task)
        // An earlier daemon may not have come to the end of it.
        let changed = task.settingsRevision > 1 ? try await store.changedSettings(taskID: id) : []
        // Nothing tells whether the budgets that users gave to hosts have changed since, or places were given back.
        var reasons: Set<ExclusionReason> = []
        for reason in [ExclusionReason.hostBudget, .patternBudget] where try await hasExcluded(task, for: reason) {
          reasons.insert(reason)
        }
        task.isLoaded = true
        // And what was set since that was read.
        judgeAgain(task, changed)
        awaitLiftedJudgement(of: task)
        judge(task, reasons)
      } catch {
        if isStopping { break }
        logger.error("task \(id) \(task.name): its known URLs can't be read, tried again in 1 s: \(error)")
        try? await loop.sleep(for: .seconds(1))
      }
    }
    if task.isLoaded { frontier.completeSeen(task: id) }
    if task.isLoaded, task.mustCountBudgets { await recountBudgets(id) }
    task.resumeLoadWaiters()
    needsPump()
    settlingSignal.set()
  }

  private func loadScope(of task: CrawlTask) async throws {
    // Nothing tells which of them were offered while pages were read already.
    var isFirst = true
    try await store.scanSeeds(taskID: task.id) { chunk in
      for seed in chunk.compactMap({ WebURL($0) }) {
        if isFirst { frontier.admit(seed: seed, task: task.id) } else { frontier.widen(seed: seed, task: task.id) }
        isFirst = false
      }
    }
    try await store.scanSeedChainEnds(taskID: task.id) { chunk in
      for end in chunk.compactMap({ WebURL($0) }) {
        // An earlier daemon may not have judged what was named there before.
        if frontier.admit(seed: end, task: task.id) { task.liftedReasons.insert(.scope) }
      }
    }
    frontier.completeScope(task: task.id, now: now)
    needsPump()
  }

  private func fillSeenSet(_ task: CrawlTask) async throws {
    try await store.scanKnownURLs(taskID: task.id) { chunk in
      for url in chunk {
        frontier.noteKnown(
          url.fingerprint, id: url.id,
          standing: SeenSet.Standing(excludedFor: url.liftableReason, isSeed: url.isSeed), task: task.id)
      }
    }
    try await countBudgets(task)
  }

  private func countBudgets(_ task: CrawlTask) async throws {
    guard task.settings.hostBudget != nil || task.settings.patternBudget != nil || frontier.hasHostBudgets else {
      return
    }
    let end = frontier.beginBudgetCount(task: task.id)
    let visited = Set(task.live.values.filter { $0.entry.kind == .url }.map(\.entry.id))
    // Rows of a task that takes offers already may wait to be committed.
    if task.isLoaded { try await store.flush(isPatient: false) }
    try await store.scanAcceptedURLs(taskID: task.id, before: end) { chunk in
      for accepted in chunk {
        guard let url = WebURL(accepted.url) else { continue }
        let isVisited = accepted.isTried || visited.contains(accepted.id)
        frontier.noteBudgetUse(id: accepted.id, url, hostID: accepted.hostID, isVisited: isVisited, task: task.id)
      }
    }
    frontier.endBudgetCount(task: task.id)
  }

  /// Counts what a budget that was just set has already been used for; what is offered meanwhile is counted as ever. Of what
  /// was excluded before and is let in meanwhile each may count twice.
  ///
  /// - Returns: false when that is still to be done.
  @discardableResult
  func recountBudgets(_ id: Int64) async -> Bool {
    guard let task = tasks[id] else { return false }
    // One at a time: two that overlap would count twice.
    guard task.isLoaded, !task.isCountingBudgets else {
      task.mustCountBudgets = true
      return false
    }
    task.isCountingBudgets = true
    defer { task.isCountingBudgets = false }
    repeat {
      task.mustCountBudgets = false
      do {
        try await countBudgets(task)
      } catch {
        logger.error("task \(id) \(task.name): its budgets can't be counted: \(error)")
        task.mustCountBudgets = true
        return false
      }
    } while task.mustCountBudgets && !isStopping
    return !task.mustCountBudgets
  }
}

extension TaskSettings {
  /// The settings as the database keeps them: a JSON object of lists of texts, keys sorted.
  var json: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(texts) else { fatalError("lists of texts are JSON") }
    return String(decoding: data, as: UTF8.self)
  }
}
