internal import EventLoop
internal import Fetch
internal import Frontier
internal import Logging
internal import Store

// How tasks come to rest: pausing → paused, cancelling → cancelled, running → finished or failed, queued → running.
extension Crawler {
  /// Looks after tasks whose fetches in flight have ended or whose URLs have run out.
  func keepSettling() async {
    while true {
      await wait(for: settlingSignal)
      if isStopping { return }
      for task in running.values where task.isIdle { judgeLifted(by: task) }
      let ending = (running.values.filter(isAtRest) + halting.values.filter(isAtRest)).sorted { $0.id < $1.id }
      for task in ending {
        await beginChange(task)
        if !isStopping, tasks[task.id] === task { await settle(task) }
        endChange(task)
      }
      await startQueued()
    }
  }

  private func isAtRest(_ task: CrawlTask) -> Bool {
    guard task.isStored else { return false }
    return switch task.state {
    case .cancelling: task.live.isEmpty
    // It rests or ends with its last commit; while commits fail it can still be steered.
    case .pausing: task.live.isEmpty && store.failure == nil
    case .running:
      // What its rules let in now is known when it is loaded.
      task.isIdle && task.isLoaded && !task.isOpen && !task.lacksSeeds && !task.isJudging
        && task.liftedReasons.isEmpty && store.failure == nil
    case .queued, .paused, .cancelled, .finished, .failed, .removing: false
    }
  }

  private func settle(_ task: CrawlTask) async {
    guard isAtRest(task) else { return }
    do {
      switch task.state {
      case .pausing:
        // Who waited for the pause finds what was fetched before it.
        try await store.flush(isPatient: false)
        try await change(
          task, to: .paused, desired: task.desiredState, reason: task.reason, action: "paused", actor: "daemon")
      case .cancelling: try await end(task, .cancelled, reason: task.reason)
      case .running where goesOnForEarlierPages(task): break
      case .running where task.counters.finalAnswers > 0: try await end(task, .finished, reason: nil)
      case .running: try await end(task, .failed, reason: .noAnswer)
      case .queued, .paused, .cancelled, .finished, .failed, .removing: break
      }
    } catch {
      logger.error("task \(task.id) \(task.name): \(error)")
      loop.callLater(.seconds(1)) { self.settlingSignal.set() }
    }
  }

  private func end(_ task: CrawlTask, _ state: TaskState, reason: TaskReason?) async throws {
    try await store.flush(isPatient: false)
    let coversEarlier = state == .finished ? await coverage(of: task) : nil
    let time = wallNow
    let desired = state == .cancelled ? DesiredState.cancelled : .running
    let event = TaskEventRecord(
      taskID: task.id, at: time, actor: "daemon", action: state.rawValue, fromState: task.state.rawValue,
      toState: state.rawValue, reason: reason?.rawValue, settingsRevision: task.settingsRevision)
    let nextRunAt = state == .cancelled ? nil : nextRun(of: task, task.settings)
    // What the configuration lacks at the moment may be one that is to be told.
    let isUntold = tellsOfEnd(task) || task.handlers.count != task.settings.handlers.count
    try await store.finishRun(
      task.runID, taskID: task.id, state: state.rawValue, desiredState: desired.rawValue, reason: reason?.rawValue,
      at: time, nextRunAt: nextRunAt, isUntold: isUntold, coversEarlier: coversEarlier, event: event)
    task.finishedAt = time
    task.coversEarlier = coversEarlier
    task.isUntold = isUntold
    task.giveUpMemory()
    frontier.removeTask(task.id, now: now)
    take(task, state, desired, reason)
    schedule(task, at: nextRunAt)
    announce(event, of: task)
    if state == .finished { removeOldCrawls(of: task) }
    tellOfEnd(task)
    loop.startTask(name: "result indexes") { await self.buildResultIndexes() }
    giveBackMemory()
  }

  /// What a task has taken goes back to the system: now, or a minute after the last time.
  func giveBackMemory() {
    let time = max(now, nextTrimTime)
    // Later than in a minute: it is to be done before that, for this task too.
    guard time - now <= Self.trimInterval else { return }
    nextTrimTime = time + Self.trimInterval
    loop.callLater(.microseconds(time - now)) {
      if !self.isStopping { self.loop.startTask(name: "memory") { await self.loop.trimMemory() } }
    }
  }

  /// Microseconds.
  private static let trimInterval: Int64 = 60_000_000

  /// Indexes for questions; visits wait for them, so they are made when a task has ended. Of a large database that is told.
  func buildResultIndexes() async {
    let notice = loop.callLater(.seconds(1)) {
      guard self.store.failure == nil else { return }
      self.isBuildingIndexes = true
      self.logger.notice("\(Self.indexSentence)")
    }
    defer {
      notice.cancel()
      isBuildingIndexes = false
    }
    do {
      try await store.buildResultIndexes()
    } catch {
      if !isStopping { logger.error("the indexes for questions could not be made: \(error)") }
    }
  }

  /// What waits while they are made.
  static let indexSentence =
    "the indexes for questions about links, texts and hosts are being made, once for a database: until then what was fetched "
    + "waits to be committed, and verbs that change something wait for their answer"

  /// Once for a database, after an upgrade: texts go into a full-text index that knows more words. Commits go on meanwhile.
  func replaceTextIndex() async {
    logger.notice("texts are being indexed anew, once for a database: until then search does not find all of them")
    while !isStopping {
      do {
        try await store.indexTexts()
        return logger.notice("texts are indexed anew")
      } catch {
        if isStopping { return }
        logger.error("texts could not be indexed, tried again in a minute: \(error)")
        try? await loop.sleep(for: .seconds(60))
      }
    }
  }

  private func startQueued() async {
    for task in queued.values.sorted(by: { $0.id < $1.id }) where task.isStored {
      guard canRunAnother else { return }
      await beginChange(task)
      if task.state == .queued, tasks[task.id] === task {
        do {
          try await change(task, to: .running, desired: .running, reason: nil, action: "start", actor: "daemon")
          run(task)
        } catch {
          logger.error("task \(task.id) \(task.name): \(error)")
          loop.callLater(.seconds(1)) { self.settlingSignal.set() }
        }
      }
      endChange(task)
    }
  }

  // MARK: Quotas

  /// Pauses tasks whose quota is used up.
  func checkQuotas() {
    for task in running.values where !task.isQuotaPauseUnderWay {
      guard !task.isIdle, task.quotaReached(now: dueNow) != nil else { continue }
      task.isQuotaPauseUnderWay = true
      frontier.setRunning(false, task: task.id, now: now)
      let id = task.id
      loop.startTask(name: "quota") { await self.pauseForQuota(id) }
    }
  }

  /// When the first of the running tasks that `checkQuotas` looks at has used up its time; loop time.
  var nextTimeQuota: Int64? {
    running.values.compactMap { task in
      task.isQuotaPauseUnderWay || task.isIdle ? nil : task.timeQuotaEnd.map(loopTime(ofDue:))
    }.min()
  }

  /// Pauses the task, unless its quota was raised while that waited for another change.
  private func pauseForQuota(_ id: Int64) async {
    do {
      let task = try await beginChange(of: id)
      defer { endChange(task) }
      if task.state == .running, let quota = task.quotaReached(now: dueNow) {
        _ = try await pause(task, abort: false, actor: "daemon", reason: quota)
      }
    } catch {
      logger.error("\(error)")
      // Not written: nothing more of it starts, and it is tried again.
      frontier.setRunning(false, task: id, now: now)
      if !isStopping { try? await loop.sleep(for: .seconds(1)) }
    }
    guard let task = tasks[id] else { return }
    task.isQuotaPauseUnderWay = false
    start(task)
    needsPump()
  }

  // MARK: Waiting

  /// Waits until the task has come to rest (paused, finished, failed or cancelled), or until the time is up.
  /// - Returns: whether it has.
  /// - Throws: `.noSuchTask`, also when it could not be stored meanwhile.
  package func waitForRest(_ id: Int64, timeout: Duration) async throws(CrawlError) -> Bool {
    let task = try existing(id)
    let deadline = loop.now + timeout
    let waiterID = nextWaiterID
    nextWaiterID += 1
    while !(task.state.isFinal || task.state == .paused) {
      _ = try existing(id)
      if loop.now >= deadline || Task.isCancelled { return false }
      if isStopping {
        // Whoever waits asks again at once.
        try? await loop.sleep(for: .milliseconds(100))
        return false
      }
      let timer = loop.callAt(deadline) { task.stateWaiters.removeValue(forKey: waiterID)?.resume() }
      await loop.waiting(for: "task \(id) to come to rest") {
        await withTaskCancellationHandler {
          await withCheckedContinuation { continuation in
            if Task.isCancelled { return continuation.resume() }
            task.stateWaiters[waiterID] = continuation
          }
        } onCancel: {
          loop.callSoonThreadSafe {
            self.assumeIsolated { $0.tasks[id]?.stateWaiters.removeValue(forKey: waiterID)?.resume() }
          }
        }
      }
      timer.cancel()
    }
    return true
  }
}
