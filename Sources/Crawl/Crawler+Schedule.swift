internal import EventLoop
internal import Logging
internal import Store
internal import Units

// Tasks that are crawled again and again: `every` after it was started, or at its end if that is later, a task that has
// finished or failed is followed by a recrawl with its settings, which has the schedule from then on.
//
// Invariants
// - Of the crawls of the same URLs one has `every`, and so the schedule: a recrawl that has it takes it from the others.
// - One transaction adds the recrawl and ends the schedule of the earlier task: a kill at any moment makes neither two nor none.
extension Crawler {
  /// When a task that has ended is crawled again.
  func nextRun(of task: CrawlTask, _ settings: TaskSettings) -> DueTime? {
    guard let every = settings.every else { return nil }
    return DueTime(max(dueNow, (task.startedAt ?? dueNow) &+ every.microseconds), clockJumps: clockJumps)
  }

  /// What the schedule of a paused task waits for; nothing for a task without one.
  func repetitionText(ofPaused task: CrawlTask) -> String {
    guard let every = task.settings.every else { return "" }
    return "; it is crawled again (every \(DurationText.format(every))) only when it has ended: let it go on, or "
      + "cancel it and crawlctl add --recrawl \(task.id)"
  }

  /// Makes sure that no second crawl of the same URLs gets a schedule, and that what a user says of the crawls of a series is
  /// said where it is heard.
  /// - Throws: `.refused` when another one has the schedule.
  func requireSchedule(of task: CrawlTask, for setting: String) throws(CrawlError) {
    if task.settings.every != nil { return }
    guard let other = crawlsWithSchedule(besides: task).last else { return }
    throw .refused(
      "task \(other.id) \(other.name) goes on with the schedule of these URLs; set that one "
        + "(crawlctl set \(other.id) \(setting)=…)",
      actions: task.state.actions.map(\.rawValue))
  }

  /// The other crawls of the same URLs that are crawled again when their time has come, or will be when they have ended, by id.
  private func crawlsWithSchedule(besides task: CrawlTask) -> [CrawlTask] {
    let others = tasks.values.filter { $0 !== task && $0.firstTaskID == task.firstTaskID }
    return others.filter(hasSchedule).sorted { $0.id < $1.id }
  }

  private func hasSchedule(_ task: CrawlTask) -> Bool {
    task.settings.every != nil && ![.cancelling, .cancelled, .removing].contains(task.state)
  }

  // MARK: From one crawl to the next

  /// Begins a change of each crawl that has the schedule which a new one takes over, so that nobody else gives it back its
  /// `every` meanwhile. In the order of their ids, so that two that do so never wait for each other.
  func beginHandover(to task: CrawlTask) async -> [CrawlTask] {
    var held: [CrawlTask] = []
    while let next = crawlsWithSchedule(besides: task).first(where: { other in
      other.isStored && !held.contains { $0 === other }
    }) {
      await beginChange(next)
      held.append(next)
    }
    return held
  }

  /// What `insertTask` writes of those that have the schedule: each has its `every` no longer.
  func handovers(from crawls: [CrawlTask], actor: String) -> [TaskEventRecord] {
    crawls.filter { tasks[$0.id] === $0 && hasSchedule($0) }.map { crawl in
      TaskEventRecord(
        taskID: crawl.id, at: wallNow, actor: actor, action: "set", fromState: crawl.state.rawValue,
        toState: crawl.state.rawValue, settingsRevision: crawl.settingsRevision + 1,
        changes: SettingChange.json(changesOfHandover(crawl)))
    }
  }

  /// Takes over what `insertTask` has written.
  func take(_ handovers: [TaskEventRecord]) {
    for event in handovers {
      guard let crawl = tasks[event.taskID] else { continue }
      let changes = changesOfHandover(crawl)
      crawl.settings.every = nil
      crawl.settingsRevision += 1
      crawl.requestOptions = requestOptions(crawl.settings, revision: crawl.settingsRevision)
      schedule(crawl, at: nil)
      announce(event, of: crawl, changes)
    }
  }

  /// A client's key outlives the removal of its task (`keep_last`): another crawl of the same URLs has it from now on, the one
  /// that has the schedule or else the latest. Of the last one it stays until that is gone.
  func handOnClientKey(of task: CrawlTask) async throws(CrawlError) {
    guard let key = task.clientKey else { return }
    let others = tasks.values.filter {
      $0 !== task && $0.firstTaskID == task.firstTaskID && $0.isStored && $0.clientKey == nil && $0.state != .removing
    }
    let heir = others.filter(hasSchedule).max { $0.id < $1.id } ?? others.max { $0.id < $1.id }
    guard let heir else { return }
    (task.clientKey, heir.clientKey) = (nil, key)
    do {
      try await store.moveClientKey(key, from: task.id, to: heir.id)
    } catch {
      (task.clientKey, heir.clientKey) = (key, nil)
      throw .store("the client key of task \(task.id) could not be stored: \(error)")
    }
  }

  private func changesOfHandover(_ crawl: CrawlTask) -> [SettingChange] {
    var settings = crawl.settings
    settings.every = nil
    return SettingChange.changes(from: crawl.settings.texts, to: settings.texts)
  }

  /// Removes the crawls of the same URLs that ended before the last ones that have finished, when those are as many as the
  /// task's setting says. A crawl that failed or was cancelled takes the place of none, and goes with those before it; one
  /// that has the schedule stays until another has it.
  func removeOldCrawls(of task: CrawlTask) {
    guard task.settings.keepLast != nil else { return }
    removeOldCrawls(in: tasks.values.filter { $0.firstTaskID == task.firstTaskID && $0.id <= task.id })
  }

  /// The same for all tasks: a daemon that ended may have left that undone.
  func removeOldCrawls() {
    let chains = Dictionary(grouping: tasks.values, by: \.firstTaskID)
    for chain in chains.values {
      guard let last = chain.filter({ $0.state == .finished }).map(\.id).max() else { continue }
      removeOldCrawls(in: chain.filter { $0.id <= last })
    }
  }

  /// - Parameter crawls: the last of them decides how many stay.
  private func removeOldCrawls(in crawls: [CrawlTask]) {
    for crawl in oldCrawls(in: crawls) {
      let id = crawl.id
      loop.startTask(name: "remove old crawl \(id)") { await self.removeOldCrawl(id) }
    }
  }

  /// Those of a series that go, when `finishing`, the last of them, has finished as well.
  func oldCrawls(in crawls: [CrawlTask], finishing: CrawlTask? = nil) -> [CrawlTask] {
    let crawls = crawls.sorted { $0.id > $1.id }
    guard let keepLast = crawls.first?.settings.keepLast else { return [] }
    let kept = crawls.filter { $0.state == .finished || $0 === finishing }.prefix(keepLast)
    guard kept.count == keepLast, let oldest = kept.last else { return [] }
    return crawls.filter {
      $0.id < oldest.id && $0.state.isFinal && $0.state != .removing && !scheduled.contains($0.id)
    }
  }

  private func removeOldCrawl(_ id: Int64) async {
    do {
      _ = try await remove(id, actor: "schedule", reason: .keepLast)
    } catch {
      if !isStopping { logger.warning("task \(id) stays until the next crawl of its URLs has finished: \(error)") }
    }
  }

  /// Notes a time that was stored: the clock may have been set meanwhile.
  func schedule(_ task: CrawlTask, at time: DueTime?) {
    task.nextRunAt = time.map { $0.microseconds &+ (clockJumps &- $0.clockJumps) }
    task.nextRunTry = .min
    task.nextRunError = nil
    if time == nil { scheduled.remove(task.id) } else { scheduled.insert(task.id) }
    noteSchedule()
    needsPump()
  }

  /// Finds out when the first of them is due. Those that are due while others are being added come after these.
  func noteSchedule() {
    nextRunTime = isStartingRuns ? nil : scheduled.compactMap { tasks[$0].flatMap(runTime) }.min()
  }

  /// When its recrawl may be added; loop time. nil for a task that runs again, or is being removed.
  private func runTime(of task: CrawlTask) -> Int64? {
    guard task.state.isFinal, task.state != .removing else { return nil }
    return task.nextRunAt.map { max(loopTime(ofDue: $0), task.nextRunTry) }
  }

  /// Adds the recrawls that are due.
  func startDueRuns() {
    guard let nextRunTime, nextRunTime <= now else { return }
    let due = scheduled.sorted().compactMap { tasks[$0] }.filter { runTime(of: $0).map { $0 <= now } ?? false }
    for task in due { task.nextRunTry = now + Self.runRetry }
    isStartingRuns = true
    noteSchedule()
    let ids = due.map(\.id)
    loop.startTask(name: "scheduled recrawls") { await self.startRuns(of: ids) }
  }

  /// Between tries to add a recrawl, in microseconds.
  private static let runRetry: Int64 = 10_000_000

  /// The crawl that visits a task's URLs again already: it is waited for.
  func unfinishedRecrawl(of id: Int64) -> CrawlTask? {
    tasks.values.first { task in
      var next = task.state.isFinal ? nil : task.recrawlOf
      while let earlier = next, earlier != id { next = tasks[earlier]?.recrawlOf }
      return next == id
    }
  }

  private func startRuns(of ids: [Int64]) async {
    defer {
      isStartingRuns = false
      noteSchedule()
      needsPump()
    }
    var failures: [String: [Int64]] = [:]
    // Some are crawled again already: by a user, without a schedule of its own.
    for id in ids where unfinishedRecrawl(of: id) == nil {
      if isStopping { return }
      // Meanwhile a user may have put it off.
      guard let task = tasks[id], task.state.isFinal, task.state != .removing, let due = task.nextRunAt,
        loopTime(ofDue: due) <= now
      else { continue }
      do {
        _ = try await add(TaskSubmission(seeds: [], recrawlOf: id, actor: "schedule"))
      } catch {
        task.nextRunError = "\(error)"
        failures["\(error)", default: []].append(id)
      }
    }
    // What stands in the way of one often does so for all.
    for (cause, ids) in failures where !isStopping {
      let others = ids.count == 1 ? "" : ", and \(PluralText.count(ids.count - 1, "task")) more,"
      logger.error("task \(ids[0])\(others) could not be crawled again, tried again in 10 s: \(cause)")
    }
  }
}
