internal import EventLoop
internal import Logging
internal import Store

// Tasks that are removed with all that they found.
extension Crawler {
  /// Removes an ended task and its results. When this returns, that is on disk; the rows go in the background, a few at a
  /// time, and a later daemon goes on with it. A repeat changes nothing.
  ///
  /// - Throws: `.refused` for a task that has not ended, and for one whose URLs an unfinished task visits again.
  package func remove(
    _ id: Int64, actor: String, reason: TaskReason = .user
  ) async throws(CrawlError) -> TaskTransition {
    let task = try await beginChange(of: id)
    defer { endChange(task) }
    let from = task.state
    if from == .removing { return transition(task, from) }
    guard from.isFinal else { throw refusal(task, "removed") }
    if let recrawl = recrawls(of: id).first(where: { !$0.state.isFinal }) {
      throw .refused(
        "task \(id) \(task.name) is being crawled again by task \(recrawl.id) \(recrawl.name), which is "
          + "\(recrawl.state.rawValue) and needs its pages; possible now: nothing", actions: [])
    }
    task.isLeaving = true
    defer { task.isLeaving = false }
    try await handOnClientKey(of: task)
    try await change(task, to: .removing, desired: .removed, reason: reason, action: "rm", actor: actor)
    removeRows(of: task, isResumed: false)
    return transition(task, from)
  }

  /// The tasks that visit the URLs of this one again, directly or not, by id.
  func recrawls(of id: Int64) -> [CrawlTask] {
    var found: Set<Int64> = [id]
    // A later one has a larger id.
    return tasks.values.sorted { $0.id < $1.id }.filter { task in
      guard let earlier = task.recrawlOf, found.contains(earlier) else { return false }
      found.insert(task.id)
      return true
    }
  }

  /// Deletes what the task has found, and then the task, when its handlers have been told of its end.
  ///
  /// - Parameter isResumed: that was begun before.
  func removeRows(of task: CrawlTask, isResumed: Bool) {
    let id = task.id
    tellOfEnd(task)
    loop.startTask(name: "remove task \(id)") { await self.keepRemoving(id, isResumed: isResumed) }
  }

  private func keepRemoving(_ id: Int64, isResumed: Bool) async {
    var isResumed = isResumed
    _ = await tasks[id]?.telling?.result
    while !isStopping, let task = tasks[id] {
      do {
        try await store.removeTask(id, isResumed: isResumed)
        scheduled.remove(id)
        tasks[id] = nil
        for recrawl in tasks.values where recrawl.recrawlOf == id { recrawl.recrawlOf = task.recrawlOf }
        logger.info("task \(id) \(task.name) is removed")
        giveBackMemory()
      } catch {
        if isStopping { return }
        isResumed = true
        logger.error("task \(id) \(task.name) could not be removed, tried again in 1 s: \(error)")
        try? await loop.sleep(for: .seconds(1))
      }
    }
  }
}
