internal import EventLoop
internal import Fetch
internal import Frontier
internal import Logging
internal import Store
internal import WebURL

/// A task's state before and after a verb.
package struct TaskTransition: Sendable {
  package var id: Int64
  package var name: String
  package var from: TaskState
  package var to: TaskState
}

extension Crawler {
  // MARK: pause, resume, cancel

  /// Stops a task. When this returns, nothing of it that was not sent will be, and that it is to be paused is on disk.
  /// - Parameter abort: fetches that were sent are aborted too; they are fetched again after a resume.
  package func pause(_ id: Int64, abort: Bool, actor: String) async throws(CrawlError) -> TaskTransition {
    let task = try await beginChange(of: id)
    defer { endChange(task) }
    return try await pause(task, abort: abort, actor: actor, reason: .user)
  }

  /// Within a change of the task.
  func pause(
    _ task: CrawlTask, abort: Bool, actor: String, reason: TaskReason
  ) async throws(CrawlError) -> TaskTransition {
    let from = task.state
    switch from {
    case .queued, .running, .pausing, .paused: break
    case .cancelling, .cancelled, .finished, .failed, .removing: throw refusal(task, "paused")
    }
    if from == .queued || from == .running || abort { halt(task, abort: abort) }
    let rests = from != .queued && from != .running
    // The daemon may have paused it for a while, which a user now wants for good.
    if rests, task.desiredState == .paused { return transition(task, from) }
    // Paused is what has committed all that it fetched.
    let isCommitted = task.live.isEmpty && task.lastSequence <= committedSequence
    let state = rests ? from : isCommitted ? TaskState.paused : .pausing
    do {
      try await change(task, to: state, desired: .paused, reason: reason, action: "pause", actor: actor)
    } catch {
      if from == .running { run(task) }
      throw error
    }
    settlingSignal.set()
    return transition(task, from)
  }

  /// Lets a paused task go on where it stopped.
  /// - Parameter reason: what is paused for another one, or not paused, stays as it is.
  package func resume(
    _ id: Int64, from reason: TaskReason? = nil, actor: String
  ) async throws(CrawlError) -> TaskTransition {
    let task = try await beginChange(of: id)
    defer { endChange(task) }
    let from = task.state
    if let reason, from != .paused || task.reason != reason { return transition(task, from) }
    switch from {
    case .pausing, .paused: break
    case .queued, .running: return transition(task, from)
    case .cancelling, .cancelled, .finished, .failed, .removing: throw refusal(task, "resumed")
    }
    if let quota = task.quotaReached(now: dueNow) {
      throw .refused(
        "task \(task.id) \(task.name) has used up its quota (\(quota.rawValue)); raise it first, e.g. crawlctl set "
          + "\(task.id) \(quota.settingName)=…", actions: task.state.actions.map(\.rawValue))
    }
    try requireSettings(of: task)
    let state = canRunAnother ? TaskState.running : .queued
    try await change(task, to: state, desired: .running, reason: nil, action: "resume", actor: actor)
    forgetProxyOutage(of: task)
    if state == .running { run(task) }
    return transition(task, from)
  }

  /// Ends a task for good; its results stay.
  package func cancel(_ id: Int64, actor: String) async throws(CrawlError) -> TaskTransition {
    let task = try await beginChange(of: id)
    defer { endChange(task) }
    let from = task.state
    switch from {
    case .queued, .running, .pausing, .paused: break
    case .cancelling, .cancelled: return transition(task, from)
    case .finished, .failed, .removing: throw refusal(task, "cancelled")
    }
    halt(task, abort: true)
    do {
      try await change(task, to: .cancelling, desired: .cancelled, reason: .user, action: "cancel", actor: actor)
    } catch {
      if from == .running { run(task) }
      throw error
    }
    settlingSignal.set()
    return transition(task, from)
  }

  /// Nothing more of the task is sent, from this instant on.
  func halt(_ task: CrawlTask, abort: Bool) {
    frontier.setRunning(false, task: task.id, now: now)
    task.gate.isOpen = false
    for visit in task.live.values where abort || visit.isUnsent { visit.abort() }
    if abort { task.resumeLoadWaiters() }
  }

  /// The task starts fetches from now on; what it knows is loaded first if need be.
  func run(_ task: CrawlTask) {
    task.gate = FetchGate()
    load(task)
    start(task)
    needsPump()
    settlingSignal.set()
  }

  // MARK: set

  package struct SettingsChange: Sendable {
    package var revision: Int
    package var changes: [SettingChange]
  }

  /// Gives a live task other settings, effective at once. What is queued is judged by them when it comes up, but for `follow`
  /// and `nofollow`, and what narrower ones have excluded soon after (`judgeAgain`).
  /// - Throws: `.refused` also for another value of a setting that is fixed, and of `every`, or of `keep_last` of
  ///   what has ended, when another crawl of the same URLs has the schedule.
  package func set(_ id: Int64, _ values: [String: [String]], actor: String) async throws(CrawlError) -> SettingsChange
  {
    let task = try await beginChange(of: id)
    defer { endChange(task) }
    // Of a task that has ended there is but when it is crawled again, and how many of its crawls stay.
    let isScheduling =
      values.keys.allSatisfy { $0 == "every" || $0 == "keep_last" }
      && (task.state == .finished || task.state == .failed)
    if task.state.isFinal && !isScheduling || task.state == .cancelling { throw refusal(task, "changed") }
    try requireReadSettings(of: task, but: values.keys)
    var settings = task.settings
    for (name, texts) in values.sorted(by: { $0.key < $1.key }) { try settings.set(name, to: texts) }
    // What a task that waits for such a name says of other things may be changed.
    if let unknown = configuration.unknownName(in: settings), values[unknown.setting] != nil { throw unknown.error }
    if values["every"] != nil { try requireSchedule(of: task, for: "every") }
    // One that has not ended is heard when it has finished.
    if values["keep_last"] != nil, task.state.isFinal { try requireSchedule(of: task, for: "keep_last") }
    // What could not be read differs from whatever is given.
    let old = task.settings.texts.filter { task.unreadSettings[$0.key] == nil }
    let changes = SettingChange.changes(from: old, to: settings.texts)
    if changes.isEmpty { return SettingsChange(revision: task.settingsRevision, changes: []) }
    if let name = changes.map(\.setting).first(where: TaskSettings.isFixed) {
      throw .refused(
        "\(name) is chosen when a task is added: task \(task.id) \(task.name) tells the URLs that it knows apart by it; "
          + "add another task with the new value", actions: task.state.actions.map(\.rawValue))
    }
    let event = TaskEventRecord(
      taskID: id, at: wallNow, actor: actor, action: "set", fromState: task.state.rawValue,
      toState: task.state.rawValue, settingsRevision: task.settingsRevision + 1,
      changes: SettingChange.json(changes))
    // Whatever else is set, when it is crawled again is decided by `every` alone.
    let nextRunAt =
      settings.every == task.settings.every
      ? task.nextRunAt.map { DueTime($0, clockJumps: clockJumps) }
      : task.state.isFinal ? nextRun(of: task, settings) : nil
    do {
      try await store.updateSettings(
        id, json: settings.json, revision: task.settingsRevision + 1, nextRunAt: nextRunAt, event: event)
    } catch {
      throw .store("the settings could not be stored: \(error)")
    }
    task.settings = settings
    task.unreadSettings = [:]
    task.settingsRevision += 1
    task.requestOptions = requestOptions(settings, revision: task.settingsRevision)
    task.handlers = handlers(of: settings)
    schedule(task, at: nextRunAt)
    frontier.update(task.frontierSettings, task: id, now: now)
    holdForProxy(task)
    logger.info("task \(id) \(task.name): \(changes.map { "\($0.setting)=\($0.to)" }.joined(separator: " "))")
    if changes.contains(where: { $0.setting == "host_budget" || $0.setting == "pattern_budget" }) {
      task.mustCountBudgets = true
    }
    judgeAgain(task, changes.map(\.setting))
    announce(event, of: task, changes)
    if task.state == .finished { removeOldCrawls(of: task) }
    needsPump()
    return SettingsChange(revision: task.settingsRevision, changes: changes)
  }

  // MARK: Changes of state, one at a time

  func existing(_ id: Int64) throws(CrawlError) -> CrawlTask {
    guard let task = tasks[id] else { throw .noSuchTask(id) }
    return task
  }

  /// Begins a change of a task that is there when all changes before have ended.
  /// - Throws: `.noSuchTask`, also when it could not be stored, or was removed, meanwhile.
  func beginChange(of id: Int64) async throws(CrawlError) -> CrawlTask {
    let task = try existing(id)
    await beginChange(task)
    if tasks[id] === task { return task }
    endChange(task)
    throw .noSuchTask(id)
  }

  /// Waits until no other change of the task is under way, and begins one.
  func beginChange(_ task: CrawlTask) async {
    while task.isChanging {
      await withCheckedContinuation { continuation in
        if task.isChanging { task.changeWaiters.append(continuation) } else { continuation.resume() }
      }
    }
    task.isChanging = true
  }

  func endChange(_ task: CrawlTask) {
    task.isChanging = false
    let waiters = task.changeWaiters
    task.changeWaiters.removeAll()
    for waiter in waiters { waiter.resume() }
  }

  /// Writes a task's new state, then takes it over.
  func change(
    _ task: CrawlTask, to state: TaskState, desired: DesiredState, reason: TaskReason?, action: String, actor: String
  ) async throws(CrawlError) {
    let event = TaskEventRecord(
      taskID: task.id, at: wallNow, actor: actor, action: action, fromState: task.state.rawValue,
      toState: state.rawValue, reason: reason?.rawValue, settingsRevision: task.settingsRevision)
    let startedAt = state == .running && task.startedAt == nil ? dueNow : nil
    do {
      try await store.updateTask(
        task.id, state: state.rawValue, desiredState: desired.rawValue, reason: reason?.rawValue, startedAt: startedAt,
        event: event)
    } catch {
      throw .store("the state of task \(task.id) could not be stored: \(error)")
    }
    if let startedAt { task.startedAt = startedAt }
    take(task, state, desired, reason)
    announce(event, of: task)
  }

  /// Takes over a state that is on disk, and wakes whoever waits for it.
  func take(_ task: CrawlTask, _ state: TaskState, _ desired: DesiredState, _ reason: TaskReason?) {
    logger.info(
      "task \(task.id) \(task.name): \(task.state.rawValue) → \(state.rawValue)\(reason.map { " (\($0.rawValue))" } ?? "")"
    )
    task.state = state
    note(stateOf: task)
    if state != .running { frontier.setRunning(false, task: task.id, now: now) }
    task.desiredState = desired
    task.reason = reason
    task.resumeStateWaiters()
    lookForTexts()
  }

  /// Lists a task by its state, so that those at rest, of which there may be very many, cost the others nothing.
  func note(stateOf task: CrawlTask) {
    running[task.id] = task.state == .running ? task : nil
    halting[task.id] = task.state == .pausing || task.state == .cancelling ? task : nil
    queued[task.id] = task.state == .queued ? task : nil
  }

  func transition(_ task: CrawlTask, _ from: TaskState) -> TaskTransition {
    TaskTransition(id: task.id, name: task.name, from: from, to: task.state)
  }

  func refusal(_ task: CrawlTask, _ participle: String) -> CrawlError {
    let actions = task.state.actions.map(\.rawValue)
    return .refused(
      "task \(task.id) \(task.name) is \(task.state.rawValue) and can't be \(participle); possible now: "
        + (actions.isEmpty ? "nothing" : actions.joined(separator: ", ")), actions: actions)
  }
}

extension TaskReason {
  /// The setting that raises this quota.
  var settingName: String {
    switch self {
    case .pageQuota: "max_pages"
    case .byteQuota: "max_bytes"
    case .timeQuota: "max_time"
    case .user, .configuration, .noAnswer, .keepLast, .seeds: ""
    }
  }
}
