internal import Fetch
internal import Frontier
internal import Politeness
internal import Store
internal import Units

// "Why is it doing that?", asked of a host.
extension Crawler {
  func why(
    hosts: [Frontier.HostStatus], named name: String, taskID: Int64?
  ) async throws(CrawlError) -> WhyReport {
    var lines: [WhyLine] = []
    var told: Set<Int64> = []
    for host in hosts {
      let every = DurationText.format(.microseconds(host.effectiveDelay))
      let origin = delayOrigin(ofHost: host.id).map { " (\($0.sentence))" } ?? ""
      let pace = host.isRunning ? "one start every \(every)\(origin)" : "none of its tasks starts fetches now"
      lines.append(
        line(
          "host",
          "\(host.origin): \(host.inFlight) of \(host.concurrency) fetches in flight, \(pace), robots.txt \(host.robots)",
          count: host.queued))
      let delayed = await delayedLines(hostID: host.id, taskID: taskID)
      lines += delayed.lines
      lines += settingLines(hostID: host.id)
      let ids = host.taskIDs.filter { taskID == nil || taskID == $0 }
      lines += holds(ofTasks: ids + delayed.trying, &told)
      for id in ids {
        guard let task = tasks[id] else { continue }
        guard task.state == .running, let blocking = frontier.blocking(task: id, hostID: host.id, now: now) else {
          lines.append(line(task.state.rawValue, "task \(task.name) is \(task.state.rawValue)"))
          continue
        }
        var reason = line(blocking, task: id, hostID: host.id)
        reason.text = "task \(task.name): \(reason.text)"
        reason.startsAt = reason.startsAt.map { max($0, holdLines(task).holdEnd) }
        lines.append(reason)
      }
      lines += redirectLines(task: taskID, hostID: host.id)
      // Of a task that runs it is told above, if it is what is waited for.
      let isTold = host.isBlocked && host.taskIDs.contains { tasks[$0]?.state == .running }
      if !isTold, let until = host.blockedUntil, until > now {
        let reason = host.blockReason?.rawValue ?? ""
        lines.append(line("host_blocked", "blocked (\(reason))", until: wallTime(ofLoop: until)))
      }
      let tries = host.taskIDs.compactMap { frontier.robotsTriesInVain(hostID: host.id, task: $0) }.max()
      let isOutdated = host.robots == RobotsState.outdatedWord
      if tries != nil || isOutdated || host.robots == RobotsState.unreachableWord {
        lines += try await robotsLine(hostID: host.id, tries: tries, isOutdated: isOutdated)
      }
    }
    return WhyReport(
      subject: .host, name: hosts.count == 1 ? hosts[0].origin : name, lines: lines,
      nextDueAt: toCome(lines.nextStart), taskIDs: Array(Set(hosts.flatMap(\.taskIDs))).sorted())
  }

  /// What users want of a host.
  private func settingLines(hostID: Int64) -> [WhyLine] {
    let settings = frontier.settings(ofHost: hostID)
    let pace = settings.paceText.map { line("host_settings", "\($0) for every task there, as a user said") }
    let budget = settings.budget.map {
      line("host_budget", "each task takes at most \($0) of its URLs, as a user said")
    }
    return [pace, budget].compactMap { $0 }
  }

  /// What the robots.txt files wait for that redirect to another host, of a task's hosts, of any task's when it is nil, or of
  /// that one of them: the first few hosts whose turn is waited for, with what they wait for, and those that go on later.
  func redirectLines(task taskID: Int64?, hostID: Int64? = nil) -> [WhyLine] {
    let waiting = live.values.filter { visit in
      visit.phase == .turn && (taskID == nil || visit.entry.taskID == taskID)
        && (hostID == nil || visit.entry.hostID == hostID)
    }
    let byHost = Dictionary(grouping: waiting) { $0.aside?.hostID ?? 0 }
    return laterRedirectLines(frontier.robotsRedirects(task: taskID, hostID: hostID))
      + byHost.sorted { $0.key < $1.key }.prefix(5).compactMap { hostID, visits in
        guard let target = frontier.origin(ofHost: hostID), let aside = visits[0].aside,
          let wait = frontier.wait(of: aside, now: now)
        else { return nil }
        let source =
          visits.count == 1 ? Frontier.origin(of: visits[0].entry.url) : PluralText.count(visits.count, "host")
        return line(
          "robots_redirect", "the robots.txt of \(source) redirects to \(target): \(wait.reason.words)",
          count: visits.count, until: wait.until.map(wallTime(ofLoop:))
        ).starting
      }
  }

  /// Those that are asked later where they redirect to, by the cause.
  private func laterRedirectLines(_ later: [(origin: String, redirect: RobotsRedirect)]) -> [WhyLine] {
    let causes: [(RobotsRedirect.Cause, String)] = [
      (.retryAfter, "redirects elsewhere, to be asked for later (Retry-After)"),
      (.line, "redirects to a host that \(Frontier.mostVisitors) others wait for, to be asked for later"),
    ]
    return causes.compactMap { cause, text in
      let hosts = later.filter { $0.redirect.cause == cause }
      guard let first = hosts.first else { return nil }
      let source = hosts.count == 1 ? first.origin : PluralText.count(hosts.count, "host")
      return line(
        "robots_redirect", "the robots.txt of \(source) \(text)", count: hosts.count,
        until: wallTime(ofLoop: first.redirect.due)
      ).starting
    }
  }

  /// What holds the daemon and these tasks up as far as they run, each told once. When a fetch of them starts is told with the
  /// hosts' lines.
  private func holds(ofTasks ids: [Int64], _ told: inout Set<Int64>) -> [WhyLine] {
    var lines: [WhyLine] = []
    for id in ids {
      guard let task = running[id], told.insert(id).inserted else { continue }
      if told.count == 1 { lines += pressureLines }
      for var line in ownHoldLines(task) where line.holdsUntil != nil {
        line.text = "task \(task.name): \(line.text)"
        lines.append(line)
      }
    }
    for index in lines.indices { lines[index].holdsUntil = nil }
    return lines
  }

  /// Hosts of a task, or that one, whose robots.txt redirects to another host, the turn of which is waited for.
  func redirectedHosts(task id: Int64, hostID: Int64?) -> Int {
    let waiting = live.values.filter {
      $0.phase == .turn && $0.entry.taskID == id && $0.aside?.hostID != nil
        && (hostID == nil || $0.entry.hostID == hostID)
    }
    return Set(waiting.map(\.entry.hostID)).count
  }

  /// Hosts that are not in memory, so that nothing of them can start; or nothing of the task.
  func why(idle ids: [Int64], named name: String, taskID: Int64?) async throws(CrawlError) -> WhyReport {
    var lines: [WhyLine] = []
    var told: Set<Int64> = []
    for id in ids {
      guard let host = try await committedHost(id: id) else { continue }
      let robots = host.robotsState ?? "not asked for"
      let origin = "\(host.scheme)://\(host.name):\(host.port)"
      let delayed = await delayedLines(hostID: id, taskID: taskID)
      let ready = try await readyLines(hostID: id, taskID: taskID)
      let text =
        !ready.isEmpty
        ? "it is not in memory" : delayed.lines.isEmpty ? "no URL of it waits to be fetched" : "no URL of it is ready"
      let count = ready.compactMap(\.count).reduce(0, +)
      lines.append(line("host", "\(origin): \(text); robots.txt \(robots)", count: count))
      lines += settingLines(hostID: id) + ready + delayed.lines + holds(ofTasks: delayed.trying, &told)
      if let block = frontier.blockOfAbsentHost(id, now: now) {
        lines.append(
          line("host_blocked", "blocked (\(block.reason.rawValue))", until: wallTime(ofLoop: block.until)))
      }
      if host.robotsState == RobotsState.unreachableWord {
        lines += try await robotsLine(hostID: id, tries: nil, isOutdated: false)
      }
    }
    if lines.isEmpty { throw .unknownPlace(name) }
    return WhyReport(
      subject: .host, name: name, lines: lines, nextDueAt: toCome(lines.nextStart),
      taskIDs: taskID.map { [$0] } ?? [])
  }

  /// The tasks that have ready URLs on a host that is not in memory, and what they wait for; or that one alone.
  private func readyLines(hostID: Int64, taskID: Int64?) async throws(CrawlError) -> [WhyLine] {
    let unfinished = tasks.values.filter { !$0.state.isFinal && (taskID == nil || $0.id == taskID) }.map(\.id).sorted()
    return try await asked { try await $0.readyURLs(hostID: hostID, tasks: unfinished) }.compactMap { id, count in
      guard let task = tasks[id] else { return nil }
      let waits = "\(PluralText.count(count, "URL")) of it \(count == 1 ? "waits" : "wait")"
      let cause =
        task.state == .running
        ? "until the host comes into memory, where \(frontier.limits.maxActiveHosts) have room"
        : "which is \(task.state.rawValue)"
      let told = line(task.state.rawValue, "task \(task.name), \(cause): \(waits)", count: count)
      return task.state == .running ? told.starting : told
    }
  }

  /// URLs of a host that are tried again later, of one task or of all that have not ended, none when there are none; and the
  /// tasks that try them.
  private func delayedLines(hostID: Int64, taskID: Int64?) async -> (lines: [WhyLine], trying: [Int64]) {
    let found: [(taskID: Int64, count: Int, due: Int64)]
    do { found = try await asked { try await $0.delayed(hostID: hostID) } } catch {
      return ([line("delayed", "what of it waits for another try is not known now: \(error)")], [])
    }
    var tried: (count: Int, due: Int64, start: Int64)?
    var hold: (reason: Blocking.Reason, until: Int64)?
    var trying: [Int64] = []
    var lines: [WhyLine] = []
    for (id, count, due) in found where taskID == nil || id == taskID {
      guard let task = tasks[id], !task.state.isFinal else { continue }
      if task.state == .running {
        let next = nextTry(due: due, hostID: hostID, taskID: id)
        let start = max(next.start ?? due, holdLines(task).holdEnd)
        tried = ((tried?.count ?? 0) + count, min(tried?.due ?? .max, due), min(tried?.start ?? .max, start))
        // Blocks are told by themselves, and so is what the task's queue there waits for.
        if let reason = next.reason, !reason.isBlock, let until = next.start, until < hold?.until ?? .max,
          frontier.blocking(task: id, hostID: hostID, now: now)?.reason != reason
        {
          hold = (reason, until)
        }
        trying.append(id)
      } else {
        var line = line(delayed: count)
        line.text = "task \(task.name), which is \(task.state.rawValue): \(line.text)"
        lines.append(line)
      }
    }
    if let tried {
      var line = line(delayed: tried.count, until: tried.due)
      line.startsAt = tried.start
      let host = hold.map { self.line($0.reason, "\($0.reason.words): what waits for another try", until: $0.until) }
      lines.insert(contentsOf: [line, host].compactMap { $0 }, at: 0)
    }
    return (lines, trying)
  }

  /// Why a host's robots.txt could not be read, and by which of its tries; none when no fetch of it has committed.
  private func robotsLine(hostID: Int64, tries: Int?, isOutdated: Bool) async throws(CrawlError) -> [WhyLine] {
    guard let fetch = try await latestRobotsFailure(hostID: hostID) else { return [] }
    let end = isOutdated ? "; what it said when it was read last holds until it can be" : ""
    return [line("robots_unreachable", robotsText(fetch, tries: tries) + end)]
  }

  func robotsText(_ fetch: FetchSummary, tries: Int?) -> String {
    let end = tries.map { tries in
      let count = tries == 0 ? "it is tried again" : "\(tries) of \(frontier.limits.robotsTries) tries were in vain"
      return "; \(count), its URLs wait"
    }
    // Others are followed.
    let chain = fetch.outcome == "redirected" ? ", in a loop, too often, or to no URL of http" : ""
    return "robots.txt could not be read: \(fetch.cause) (\(fetch.outcome)\(chain))\(end ?? "")"
  }

  /// What makes a host's delay as long as it is; nil when no task runs on it.
  package func delayOrigin(ofHost id: Int64) -> DelayReason? {
    frontier.delayOrigin(hostID: id).map { DelayReason(origin: $0, taskName: taskName(of: $0)) }
  }

  private func taskName(of origin: DelayOrigin) -> String {
    guard case .task(let id) = origin else { return "" }
    return tasks[id]?.name ?? ""
  }
}
