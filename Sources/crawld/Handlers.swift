internal import Control
internal import Crawl
internal import EventLoop
internal import Frontier
internal import Glibc
internal import Store

/// The control protocol's methods, answered by the crawler.
struct Handlers: Sendable {
  let crawler: Crawler
  let daemon: Daemon

  var table: HandlerTable {
    var table = HandlerTable { [daemon] method in daemon.refusal(of: method) }
    table.register(TaskAdd.self, add)
    table.register(TaskList.self, list)
    table.register(TaskShow.self, show)
    table.register(TaskSet.self, set)
    table.register(TaskOffer.self, offer)
    table.register(TaskSeal.self) { selection, peer in
      await each(selection) { try await crawler.seal($0, actor: actor(peer)) }
    }
    table.register(TaskWait.self, wait)
    table.register(TaskWhy.self, why)
    table.register(TaskPause.self) { selection, peer in
      await each(selection) { try await crawler.pause($0, abort: selection.now, actor: actor(peer)) }
    }
    table.register(TaskResume.self) { selection, peer in
      let reason = try pauseReason(selection)
      return await each(selection) { try await crawler.resume($0, from: reason, actor: actor(peer)) }
    }
    table.register(TaskCancel.self) { selection, peer in
      await each(selection, isWhole: true) { try await crawler.cancel($0, actor: actor(peer)) }
    }
    table.register(TaskRetry.self) { selection, peer in
      await each(selection) { try await crawler.retry($0, actor: actor(peer)) }
    }
    table.register(URLRetry.self, retry)
    table.register(TaskRemove.self) { selection, peer in
      await each(selection, among: await crawler.endedTaskIDs, isWhole: true) {
        try await crawler.remove($0, actor: actor(peer))
      }
    }
    table.register(CoroutineList.self, coroutines)
    table.register(CoroutineSnapshot.self, snapshot)
    table.register(HostList.self, hosts)
    table.register(HostBlock.self) { parameters, peer in
      HostBlocks(
        try await told { () async throws(CrawlError) in
          try await crawler.block(parameters.host, until: parameters.until, actor: actor(peer))
        })
    }
    table.register(HostUnblock.self) { parameters, peer in
      HostBlocks(
        try await told { () async throws(CrawlError) in
          try await crawler.unblock(parameters.host, actor: actor(peer))
        })
    }
    table.register(HostSet.self) { parameters, peer in
      let hosts = try await told { () async throws(CrawlError) in
        try await crawler.setHosts(
          of: parameters.host, parameters.settings.mapValues(\.texts), actor: actor(peer))
      }
      return HostSet.Result(
        hosts: hosts.map {
          HostSettingsReport(
            id: $0.id, host: $0.origin, delay: $0.settings.delay, concurrency: $0.settings.concurrency,
            budget: $0.settings.budget)
        })
    }
    table.register(URLShow.self, url)
    table.register(streaming: EventsSubscribe.self, subscribe)
    table.register(DaemonStatus.self, status)
    table.register(DaemonReload.self) { _, _ in DaemonReload.Result(message: try await daemon.reload()) }
    table.register(DaemonShutdown.self, shutdown)
    return table
  }

  /// Who did it, for `task_events.actor`.
  private func actor(_ peer: ControlPeer) -> String { "uid \(peer.user)" }

  /// The id of the task that a text means.
  func resolve(_ text: String) async throws -> Int64 {
    try TaskSelector.resolve(text, among: await crawler.taskNames)
  }

  // MARK: Tasks

  /// For which reason tasks must be paused that are to go on; nil: for any.
  private func pauseReason(_ selection: TaskSelection) throws -> TaskReason? {
    guard let text = selection.reason else { return nil }
    if let reason = TaskReason(rawValue: text) { return reason }
    let accepted = TaskReason.allCases.map(\.rawValue).joined(separator: " ")
    throw ControlError(
      .invalidParameters, "“\(text)” is no reason for which a task is paused",
      data: ControlError.Facts(parameter: "reason", accepted: accepted))
  }

  private func add(_ parameters: TaskAdd.Parameters, _ peer: ControlPeer) async throws -> TaskAdd.Result {
    let recrawlOf: Int64? = if let task = parameters.recrawl { try await resolve(task) } else { nil }
    let submission = TaskSubmission(
      seeds: parameters.seeds, name: parameters.name, clientKey: parameters.clientKey,
      settings: parameters.settings.mapValues(\.texts), isPaused: parameters.paused,
      seedsFollow: parameters.seedsFollow, isOpen: parameters.open || parameters.seedsFollow, recrawlOf: recrawlOf,
      actor: actor(peer))
    let (id, isNew) = try await told { () async throws(CrawlError) in try await crawler.add(submission) }
    return TaskAdd.Result(task: try await report(id), created: isNew)
  }

  private func list(_ page: PageParameters, _ peer: ControlPeer) async throws -> TaskList.Result {
    let reports = await crawler.taskReports(after: try cursor(page.cursor), limit: page.rows)
    return TaskList.Result(
      tasks: reports.map(Control.TaskReport.init), cursor: next(reports.last?.id, reports.count, page))
  }

  private func show(_ parameters: TaskShow.Parameters, _ peer: ControlPeer) async throws -> TaskShow.Result {
    let id = try await resolve(parameters.task)
    var task = try await report(id)
    task.outcomes = try await told { () async throws(CrawlError) in try await crawler.outcomeCounts(id) }
    task.reasons = try await told { () async throws(CrawlError) in try await crawler.reasonCounts(id) }
      .filter { $0.state == .excluded || $0.state == .failed || $0.isServersError }
      .map { Control.ReasonCount(state: $0.state.rawValue, reason: $0.reason ?? "", count: $0.count) }
    task.handlerFailures = try await told { () async throws(CrawlError) in try await crawler.handlerFailureCounts(id) }
      .map { Control.HandlerFailureCount(handler: $0.handler, kind: $0.kind, reason: $0.reason, count: $0.count) }
    task.otherSettings = try await told { () async throws(CrawlError) in try await crawler.otherSettings(of: id) }
    task.errors = try await told { () async throws(CrawlError) in try await crawler.recentErrors(id) }
      .map { TaskError(url: $0.url, outcome: $0.outcome, error: $0.sentence, at: $0.startedAt) }
    task.settingsHistory = try await told { () async throws(CrawlError) in try await crawler.settingsHistory(of: id) }
      .map {
        Control.SettingsRevision(
          revision: $0.revision, at: $0.at, actor: $0.actor, changes: $0.changes.map { .init(abridged: $0) })
      }
    task.seeds = try await told { () async throws(CrawlError) in try await crawler.seedTexts(id) }
    return TaskShow.Result(task: task)
  }

  private func set(_ parameters: TaskSet.Parameters, _ peer: ControlPeer) async throws -> TaskSet.Result {
    let id = try await resolve(parameters.task)
    let change = try await told { () async throws(CrawlError) in
      try await crawler.set(id, parameters.settings.mapValues(\.texts), actor: actor(peer))
    }
    return TaskSet.Result(
      id: id, name: try await report(id).name, settingsRevision: change.revision,
      changes: change.changes.map { TaskSet.SettingChange($0) })
  }

  private func wait(_ parameters: TaskWait.Parameters, _ peer: ControlPeer) async throws -> TaskWait.Result {
    let id = try await resolve(parameters.task)
    let reached = try await told { () async throws(CrawlError) in
      try await crawler.waitForRest(id, timeout: parameters.timeout)
    }
    return TaskWait.Result(task: try await report(id), reached: reached)
  }

  private func why(_ parameters: TaskWhy.Parameters, _ peer: ControlPeer) async throws -> TaskWhy.Result {
    let taskID: Int64? = if let task = parameters.task { try await resolve(task) } else { nil }
    do {
      let id = try await resolve(parameters.subject)
      var result = TaskWhy.Result(try await told { () async throws(CrawlError) in try await crawler.why(task: id) })
      // A task is named after its host unless told otherwise: then the answer is about both.
      do throws(CrawlError) {
        let host = try await crawler.why(place: parameters.subject, task: taskID)
        if host.subject == .host { result.lines += TaskWhy.Result(host).lines }
      } catch {
        if case .unknownPlace = error { return result }
        result.lines.append(
          TaskWhy.Line(kind: "host", text: "what the host of this name waits for is not known now: \(error)"))
      }
      return result
    } catch let error as ControlError where error.code == .notFound {
      do {
        return TaskWhy.Result(
          try await told { () async throws(CrawlError) in
            try await crawler.why(place: parameters.subject, task: taskID)
          })
      } catch let unknown as ControlError where unknown.code == .notFound && error.data?.candidates != nil {
        // It is no place: then it was to be one of the tasks whose names begin with it.
        throw error
      }
    }
  }

  private func report(_ id: Int64) async throws -> Control.TaskReport {
    Control.TaskReport(try await told { () async throws(CrawlError) in try await crawler.taskReport(id) })
  }

  /// Carries a verb out on each selected task; what fails is in the reply, task by task.
  /// - Parameter isWhole: whether the beginning of a name is not enough.
  private func each(
    _ selection: TaskSelection, among candidates: [Int64]? = nil, isWhole: Bool = false,
    _ verb: (Int64) async throws -> TaskTransition
  ) async -> TaskChanges {
    await each(selection, among: candidates, isWhole: isWhole) { (try await verb($0), nil) }
  }

  private func each(
    _ selection: TaskSelection, among candidates: [Int64]? = nil, isWhole: Bool = false,
    _ verb: (Int64) async throws -> (TaskTransition, urls: Int?)
  ) async -> TaskChanges {
    var changes: [TaskChange] = []
    let all = if let candidates { candidates } else { await crawler.unfinishedTaskIDs }
    let selectors = selection.all ? all.map(String.init) : selection.tasks
    let directory = TaskDirectory(await crawler.taskNames)
    for selector in selectors {
      do {
        let (transition, urls) = try await verb(directory.resolve(selector, isWhole: isWhole))
        changes.append(TaskChange(transition, urls: urls))
      } catch {
        let problem = (error as? CrawlError).map(ControlError.init) ?? error as? ControlError
        changes.append(
          TaskChange(id: nil, name: selector, error: problem ?? ControlError(.internalError, "\(error)")))
      }
    }
    return TaskChanges(changes: changes)
  }

  // MARK: Coroutines, hosts, URLs

  private func coroutines(
    _ parameters: CoroutineList.Parameters, _ peer: ControlPeer
  ) async throws -> CoroutineList.Result {
    let task: Int64? = if let task = parameters.task { try await resolve(task) } else { nil }
    let page = parameters.page
    let reports = await crawler.coroutineReports(task: task, after: try cursor(page.cursor), limit: page.rows)
    return CoroutineList.Result(
      coroutines: reports.map(Control.CoroutineReport.init), cursor: next(reports.last?.id, reports.count, page))
  }

  private func snapshot(_ page: PageParameters, _ peer: ControlPeer) async throws -> CoroutineSnapshot.Result {
    let after = UInt64(max(0, try cursor(page.cursor)))
    let reports = await daemon.coroutines(after: after, limit: page.rows)
    return CoroutineSnapshot.Result(coroutines: reports, cursor: next(reports.last?.id, reports.count, page))
  }

  private func hosts(_ parameters: HostList.Parameters, _ peer: ControlPeer) async throws -> HostList.Result {
    let task: Int64? = if let task = parameters.task { try await resolve(task) } else { nil }
    let page = parameters.page
    let reports = try await crawler.hostReports(task: task, after: try cursor(page.cursor), limit: page.rows)
    var hosts: [Control.HostReport] = []
    for report in reports { hosts.append(Control.HostReport(report, await crawler.delayOrigin(ofHost: report.id))) }
    let unloaded = await crawler.unloadedTasks(task)
    return HostList.Result(
      hosts: hosts, cursor: next(reports.last?.id, reports.count, page), unloadedTasks: unloaded > 0 ? unloaded : nil)
  }

  private func url(_ parameters: URLShow.Parameters, _ peer: ControlPeer) async throws -> URLShow.Result {
    let task: Int64? = if let task = parameters.task { try await resolve(task) } else { nil }
    let details = try await told { () async throws(CrawlError) in
      try await crawler.urlDetails(parameters.url, task: task)
    }
    if details.isEmpty { throw ControlError(CrawlError.unknownPlace(parameters.url)) }
    var reports: [URLReport] = []
    for detail in details {
      var report = URLReport(detail)
      report.dueAt = await crawler.dueTime(of: detail.record)
      report.robotsFetch = try await told { () async throws(CrawlError) in
        try await crawler.decidingRobotsFailure(of: detail)
      }.map(FetchReport.init)
      if await crawler.isInFlight(detail.record) { report.state = "in_flight" }
      reports.append(report)
    }
    return URLShow.Result(urls: reports)
  }

  private func retry(_ parameters: URLRetry.Parameters, _ peer: ControlPeer) async throws -> TaskChanges {
    let task: Int64? = if let task = parameters.task { try await resolve(task) } else { nil }
    let details = try await told { () async throws(CrawlError) in
      try await crawler.urlDetails(parameters.url, task: task)
    }
    if details.isEmpty { throw ControlError(CrawlError.unknownPlace(parameters.url)) }
    var changes: [TaskChange] = []
    // A URL that a recrawl has got is to be tried again where it was not.
    let records = details.map(\.record)
    let inVain = records.filter(\.isInVain)
    for record in inVain.isEmpty ? records : inVain {
      do {
        let (transition, urls) = try await crawler.retry(
          record.taskID, only: [(record.id, record.hostID)], actor: actor(peer))
        changes.append(TaskChange(transition, urls: urls))
      } catch {
        changes.append(TaskChange(id: record.taskID, name: parameters.url, error: ControlError(error)))
      }
    }
    return TaskChanges(changes: changes)
  }

  // MARK: The daemon

  private func status(_ parameters: NoParameters, _ peer: ControlPeer) async throws -> DaemonStatus.Result {
    DaemonStatus.Result(await crawler.status(), crawler)
  }

  private func shutdown(_ parameters: DaemonShutdown.Parameters, _ peer: ControlPeer) async throws
    -> DaemonShutdown.Result
  {
    let inFlight = await crawler.status().inFlight
    // The reply leaves before the socket closes.
    crawler.loop.callLater(.milliseconds(20)) { [daemon, loop = crawler.loop] in
      loop.startTask(name: "shutdown") { await daemon.stop(now: parameters.now) }
    }
    return DaemonShutdown.Result(pid: getpid(), inFlight: inFlight)
  }

  // MARK: Pages and errors

  private func cursor(_ text: String?) throws -> Int64 {
    guard let text else { return 0 }
    guard let id = Int64(text) else {
      throw ControlError(.invalidParameters, "cursor: “\(text)” is none of ours; accepted: the cursor of a reply")
    }
    return id
  }

  private func next(_ last: Int64?, _ count: Int, _ page: PageParameters) -> String? {
    count < page.rows ? nil : last.map(String.init)
  }

  func told<Answer>(_ body: () async throws(CrawlError) -> Answer) async throws -> Answer {
    do { return try await body() } catch { throw ControlError(error) }
  }
}
