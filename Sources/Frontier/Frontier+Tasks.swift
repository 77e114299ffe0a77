extension Frontier {
  /// Gives a task a frontier. It starts nothing before `setRunning`, and takes no offers before `completeSeen`.
  ///
  /// - Parameter isRestored: it has rows, which other settings may have let in; nothing but seeds starts before
  ///   `completeScope`.
  package func addTask(id: Int64, settings: FrontierSettings, isRestored: Bool = false) {
    guard tasks[id] == nil else { fatalError("task \(id) has a frontier already") }
    let task = FrontierTask(id: id, settings: settings)
    task.pagesLeft = settings.maxPages
    task.mustJudgeAgain = isRestored
    task.scopeIsKnown = !isRestored
    tasks[id] = task
  }

  package func hasTask(_ id: Int64) -> Bool { tasks[id] != nil }

  /// Forgets a task: its queues, its seen set. Its rows stay.
  package func removeTask(_ id: Int64, now: Int64) {
    guard let task = tasks.removeValue(forKey: id) else { return }
    task.isRunning = false
    emptyRing(of: task)
    runningTasks.removeAll { $0 === task }
    queuesToRefill.removeAll { $0.task === task }
    blindQueues.removeAll { $0.task === task }
    for queue in queuesToFail where queue.task === task { queue.host.failing -= 1 }
    queuesToFail.removeAll { $0.task === task }
    let readers = robotsReaders
    for host in inOrder(Array(hosts.values)) {
      host.keepRobots(of: readers)
      rulesBytes += host.countRules()
      guard let index = host.queues.firstIndex(where: { $0.task === task }) else { continue }
      host.queues.remove(at: index)
      configureClock(host)
      noteIdle(host)
      schedule(host, now: now)
    }
  }

  private func emptyRing(of task: FrontierTask) {
    while let queue = task.ring.popFirst() { endCall(queue.host) }
  }

  /// Whether the task may start fetches. What it has in flight goes on.
  package func setRunning(_ isRunning: Bool, task id: Int64, now: Int64) {
    guard let task = tasks[id], task.isRunning != isRunning else { return }
    task.isRunning = isRunning
    if isRunning { runningTasks.append(task) } else { runningTasks.removeAll { $0 === task } }
    emptyRing(of: task)
    for host in inOrder(hosts.values.filter { $0.queue(of: id) != nil }) {
      configureClock(host)
      schedule(host, now: now)
    }
  }

  /// Hosts in the order in which they were met, which is that of the seeds: those who come first start first, and the rows
  /// of hosts that are fetched together stand together, so that a commit writes few pages of the database.
  private func inOrder(_ hosts: [Host]) -> [Host] { hosts.sorted { $0.id < $1.id } }

  /// Starts nothing of the task before a loop time, and then one fetch at a time, of hosts that the proxy did not serve only
  /// when there are no others; nil: its proxy is in order.
  package func noteProxyOutage(until: Int64?, unserved hosts: Set<Int64> = [], task id: Int64) {
    tasks[id]?.proxyOutageUntil = until
    tasks[id]?.unservedHosts = until == nil ? [] : hosts
  }

  /// A visit of the task, which holds so many bytes, begins (1) or ends (-1) to wait for its handlers.
  package func noteWaiting(_ change: Int, bytes: Int, task id: Int64) {
    tasks[id]?.waiting += change
    tasks[id]?.waitingBytes += change * bytes
  }

  /// Settings of now: what is queued already is judged by them when it comes up.
  package func update(_ settings: FrontierSettings, task id: Int64, now: Int64) {
    guard let task = tasks[id] else { return }
    guard settings.canonicalPolicy == task.settings.canonicalPolicy else {
      fatalError("task \(id) knows its URLs by their canonical forms: the policy of these is for good")
    }
    task.scope.kind = settings.scope
    if settings.rate != task.settings.rate { task.nextStart = 0 }
    task.settings = settings
    task.mustJudgeAgain = true
    task.pagesLeft = settings.maxPages
    let readers = robotsReaders
    for host in inOrder(Array(hosts.values)) {
      host.keepRobots(of: readers)
      rulesBytes += host.countRules()
      guard host.queue(of: id) != nil else { continue }
      configureClock(host)
      schedule(host, now: now)
    }
  }

  private var robotsReaders: Set<Int> { Set(tasks.values.map(\.settings.robotsReader)) }

  /// A URL that has a row. What is known of it already was decided after the row was read.
  package func noteKnown(_ fingerprint: UInt64, id: Int64, standing: SeenSet.Standing, task taskID: Int64) {
    guard let task = tasks[taskID], task.seen[fingerprint] == nil else { return }
    task.seen.insert(fingerprint, SeenSet.Element(id: id, standing: standing))
  }

  package func isScopeKnown(task taskID: Int64) -> Bool { tasks[taskID]?.scopeIsKnown ?? false }

  /// Every seed of a restored task, and where their redirect chains ended, was admitted.
  package func completeScope(task taskID: Int64, now: Int64) {
    guard let task = tasks[taskID] else { return }
    task.scopeIsKnown = true
    for host in inOrder(hosts.values.filter { $0.queue(of: taskID) != nil }) { schedule(host, now: now) }
  }

  /// Every URL that had a row is noted: offers may come.
  package func completeSeen(task taskID: Int64) { tasks[taskID]?.seenIsComplete = true }

  package func knownCount(task taskID: Int64) -> Int { tasks[taskID]?.seen.count ?? 0 }

  package func inFlight(task taskID: Int64) -> Int { tasks[taskID]?.inFlight ?? 0 }
}
