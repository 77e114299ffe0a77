internal import EventLoop
internal import Frontier
internal import Logging
internal import Store

// URLs that a user wants tried again because all attempts were in vain.
extension Crawler {
  /// A row of `urls` and its host's.
  package typealias URLOnHost = (id: Int64, hostID: Int64?)

  /// Has the URLs of a task tried again that failed, or whose last answer was a server's error, as if they had never been
  /// tried; a task that has ended runs on in the same run. What earlier fetches came to stays in `fetches`.
  ///
  /// - Parameter only: these URLs alone.
  /// - Returns: the task's state before and after, and how many URLs there are.
  /// - Throws: `.refused` for a task that was cancelled or is being removed, for one that an unfinished task visits again,
  ///   and when none of its URLs has failed.
  package func retry(_ id: Int64, only: [URLOnHost]? = nil, actor: String) async throws(CrawlError) -> (
    TaskTransition, urls: Int
  ) {
    let task = try await beginChange(of: id)
    defer { endChange(task) }
    try requireRetry(of: task)
    let from = task.state
    var count = 0
    var hosts: Set<Int64> = []
    // A task that had ended is taken up with the first of them.
    var isTakenUp = false
    defer {
      if isTakenUp, task.state == .running { run(task) }
      for host in hosts { frontier.forgetFailures(hostID: host, task: id) }
    }
    var position: Store.InVainPosition? = Store.InVainPosition(before: nextFetchID)
    while !isStopping, let urls = try await urlsInVain(of: id, only, after: &position) {
      let wasFinal = task.state.isFinal
      count += try await retry(urls, of: task, resumes: wasFinal, actor: actor)
      if wasFinal, !task.state.isFinal { isTakenUp = true }
      hosts.formUnion(urls.compactMap(\.hostID))
      if task.changeWaiters.isEmpty { continue }
      // There may be very many: whoever wants to pause or cancel it does not wait for all.
      if isTakenUp, task.state == .running { run(task) }
      isTakenUp = false
      endChange(task)
      await Task.yield()
      await beginChange(task)
      do {
        try requireRetry(of: task)
      } catch {
        if count == 0 { throw error }
        break
      }
    }
    if count == 0 {
      throw .refused(
        only == nil ? "no URL of task \(id) \(task.name) has failed" : "it has not failed in task \(id) \(task.name)",
        actions: task.state.actions.map(\.rawValue))
    }
    logger.info("task \(id) \(task.name): \(count) failed URLs are tried again")
    return (transition(task, from), count)
  }

  /// - Throws: `.refused` when the task's failed URLs can't be tried again now.
  private func requireRetry(of task: CrawlTask) throws(CrawlError) {
    switch task.state {
    case .queued, .running, .pausing, .paused: break
    case .finished, .failed: try requireSettings(of: task)
    case .cancelling, .cancelled, .removing: throw refusal(task, "retried")
    }
    // What it compares its pages with stays as it is.
    guard let recrawl = recrawls(of: task.id).first(where: { !$0.state.isFinal }) else { return }
    throw .refused(
      "task \(task.id) \(task.name) is being crawled again by task \(recrawl.id) \(recrawl.name), which is "
        + "\(recrawl.state.rawValue); wait for it (crawlctl wait \(recrawl.id)) or cancel it", actions: [])
  }

  /// The next failed URLs; nil when there are no more.
  private func urlsInVain(
    of id: Int64, _ only: [URLOnHost]?, after position: inout Store.InVainPosition?
  ) async throws(CrawlError) -> [URLOnHost]? {
    guard var place = position else { return nil }
    position = nil
    if let only { return only }
    do {
      guard let urls = try await store.urlsInVain(taskID: id, after: &place) else { return nil }
      position = place
      return urls
    } catch {
      throw .store("the failed URLs of task \(id) could not be read: \(error)")
    }
  }

  private func retry(
    _ urls: [URLOnHost], of task: CrawlTask, resumes: Bool, actor: String
  ) async throws(CrawlError) -> Int {
    if urls.isEmpty { return 0 }
    let ids = urls.map(\.id)
    let state = canRunAnother ? TaskState.running : .queued
    var resumption: Store.Resumption?
    if resumes {
      resumption = Store.Resumption(
        runID: task.runID, state: state.rawValue, desiredState: DesiredState.running.rawValue,
        event: TaskEventRecord(
          taskID: task.id, at: wallNow, actor: actor, action: "retry", fromState: task.state.rawValue,
          toState: state.rawValue, settingsRevision: task.settingsRevision))
    }
    let delta: CounterDelta
    do {
      // What is taken up would wait for the end of it.
      if let failure = store.failure { throw StoreError.failing(failure) }
      if resumes { try await takeUpAgain(task) }
      delta = try await store.retry(ids, taskID: task.id, at: dueNow, resumption: resumption)
    } catch {
      throw .store("the failed URLs of task \(task.id) could not be retried: \(error)")
    }
    task.counters += delta
    if delta.finalAnswers != 0, task.settings.maxPages != nil {
      frontier.update(task.frontierSettings, task: task.id, now: now)
    }
    if resumes, delta.delayed > 0 {
      task.finishedAt = nil
      task.retriedAt = dueNow
      take(task, state, .running, nil)
      if let resumption { announce(resumption.event, of: task) }
    }
    // Whoever asks wants to know now.
    forgetProxyOutage(of: task)
    for host in Set(urls.compactMap(\.hostID)) { frontier.forgetFailures(hostID: host, task: task.id) }
    promote(at: dueNow)
    return delta.delayed
  }

  /// An ended task has given up what only a live one needs.
  private func takeUpAgain(_ task: CrawlTask) async throws {
    try await loadCookies(of: task)
    task.isLoaded = false
    noteEarlier(task)
  }
}
