internal import EventLoop
internal import Fetch
internal import Frontier
internal import Politeness
internal import Store
internal import Units
internal import WebURL

// "Why is it doing that?": what a task, a host or a URL waits for, and until when.
extension Crawler {
  package func why(task id: Int64) async throws(CrawlError) -> WhyReport {
    let task = try existing(id)
    var report = why(task)
    if let place = report.lines.firstIndex(where: { $0.kind == "delayed" }) {
      let first = try? await asked { try await $0.nextDelayed(taskID: id) }
      report.lines.replaceSubrange(place...place, with: delayedLines(task, first ?? []))
    }
    if task.state == .running {
      let start = report.lines.nextStart
      let late = line(task, endsBefore: start)
      if let late { report.lines.append(late) } else { report.nextDueAt = toCome(start) }
    }
    if let line = try await excludedLine(task) { report.lines.append(line) }
    if let error = try await recentErrors(id).first { report.lines.append(lastError(error)) }
    return withoutEndlessTimes(report)
  }

  private func lastError(_ fetch: FetchSummary) -> WhyLine {
    let remedy = fetch.outcome == FetchOutcome.addressRefused.rawValue ? "; \(ExclusionReason.networkRemedy)" : ""
    return line("last_error", "last error: \(fetch.outcome) \(fetch.url) (\(fetch.cause)\(remedy))")
  }

  /// - Parameters:
  ///   - place: a host (`name`, `name:port`, or origin) or a URL.
  ///   - id: of this task alone.
  /// - Throws: `.unknownPlace` when no task knows it.
  package func why(place: String, task id: Int64?) async throws(CrawlError) -> WhyReport {
    let stored = Frontier.asStored(place)
    let hosts = frontier.hostStatuses(task: id, now: now).filter { Frontier.means(stored, origin: $0.origin) }
    if !hosts.isEmpty { return withoutEndlessTimes(try await why(hosts: hosts, named: place, taskID: id)) }
    let known = frontier.knownHosts(named: place)
    if !known.isEmpty {
      return withoutEndlessTimes(try await why(idle: known.prefix(20).map(\.id), named: place, taskID: id))
    }
    let url = Frontier.typedURL(place)
    // What is none may be in a page as a link all the same; a host with a port is no such link.
    let end = place.split(separator: ":", omittingEmptySubsequences: false).dropFirst().last
    guard url?.isHTTP ?? false || end.map({ $0.count > 5 || !$0.allSatisfy(\.isNumber) }) ?? false else {
      throw .unknownPlace(place)
    }
    if let url, url.pathAndQuery == "/robots.txt", try await urlDetails(place, task: id).isEmpty {
      // It is fetched for its host, which says what it said.
      let origin = Frontier.origin(of: url)
      if !frontier.knownHosts(named: origin).isEmpty { return try await why(place: origin, task: id) }
    }
    return withoutEndlessTimes(try await why(url, as: place, taskID: id))
  }

  // MARK: A task

  private func why(_ task: CrawlTask) -> WhyReport {
    var lines: [WhyLine] = [stateLine(task)]
    let isRunning = task.state == .running
    if isRunning || task.state == .pausing {
      // Those that wait for handlers have ended, and are told below.
      let fetching = task.live.values.count { $0.phase != .turn && $0.phase != .handler }
      if fetching > 0 {
        let text = PluralText.count(fetching, "fetch", "is", "are") + " in flight (crawlctl ps)"
        lines.append(line("in_flight", text, count: fetching))
      }
      let uncommitted = frontier.uncommittedCount(task: task.id)
      if uncommitted > 0 {
        let visits = PluralText.count(uncommitted, "visit", "waits for its commit", "wait for their commit")
        lines.append(line("commit", visits, count: uncommitted))
      }
      // While it is being paused nothing starts, whatever its hosts wait for.
      lines += isRunning ? redirectLines(task: task.id) + holdLines(task) : pressureLines
      if isRunning { lines += frontier.blocking(task: task.id, now: now).map { line($0, task: task.id) } }
      if isRunning, task.counters.delayed > 0 { lines.append(line(delayed: task.counters.delayed)) }
    }
    lines += handlerLines(task) + comparisonLines(task)
    return WhyReport(
      subject: .task, name: task.name, state: task.state.rawValue, reason: task.reason?.rawValue, lines: lines,
      taskIDs: [task.id])
  }

  func stateLine(_ task: CrawlTask) -> WhyLine {
    let waiting = max(0, task.counters.ready - task.live.count)
    let text =
      switch task.state {
      case .queued: queueText(task)
      case .running where task.isOpen && task.hasNothingLeft && task.live.isEmpty:
        "it is open: it waits for more seeds (crawlctl offer \(task.id) URL…), or to be told that none come (crawlctl seal "
          + "\(task.id))"
      case .running:
        "it is running; "
          + PluralText.count(waiting, "URL", "is ready and waits for its turn", "are ready and wait for their turn")
      case .pausing where task.live.isEmpty: "it is being paused; what it fetched last is being committed"
      case .pausing where task.live.values.allSatisfy { $0.phase == .handler }:
        "it is being paused; what it fetched last waits for its handlers"
      case .pausing: "it is being paused; fetches that were sent are ending"
      case .paused: pauseText(task) + repetitionText(ofPaused: task)
      case .cancelling: "it is being cancelled"
      case .cancelled: "it was cancelled by a user"
      case .finished: "it is finished: no URL is ready, delayed or in flight" + scheduleText(task)
      case .removing: "it is being removed with what it has found"
      case .failed: "it failed: not one URL gave a final HTTP answer (crawlctl show \(task.id))" + scheduleText(task)
      }
    return line(task.state.rawValue, text, count: waiting)
  }

  private func scheduleText(_ task: CrawlTask) -> String {
    guard let time = task.nextRunAt else { return "" }
    let start = "at \(Timestamp(microseconds: time)) (every)"
    if let recrawl = unfinishedRecrawl(of: task.id), time <= dueNow {
      return
        "; a recrawl was due \(start), and waits for the end of task \(recrawl.id) \(recrawl.name), which visits its "
        + "URLs again already"
    }
    if let error = task.nextRunError {
      return "; a recrawl was due \(start), and is tried again every 10 s: \(error)"
    }
    return "; a recrawl starts \(start)"
  }

  private func queueText(_ task: CrawlTask) -> String {
    let place = queued.keys.count { $0 <= task.id }
    let busy = (running.values + halting.values.filter { $0.state == .pausing }).sorted { $0.id < $1.id }.map(\.name)
    let names = busy.prefix(5).joined(separator: ", ") + (busy.count > 5 ? " and \(busy.count - 5) more" : "")
    return "it is number \(place) of those that wait for a place: at most \(configuration.maxRunningTasks) run at once "
      + "([tasks] max_running), now \(names)"
  }

  private func pauseText(_ task: CrawlTask) -> String {
    if let problem = settingsProblem(of: task) {
      let cause = task.reason.flatMap {
        $0 == .configuration ? nil : "it was paused (\($0.rawValue)), and can't go on: "
      }
      return "\(cause ?? "")\(problem.sentence); \(problem.remedy)"
    }
    if task.reason == .configuration {
      return "its settings were not what it can run by, and are now: resume it (crawlctl resume \(task.id))"
    }
    if task.reason == .seeds {
      return "its seeds are being handed over, and it begins when it has all of them (crawlctl resume \(task.id) lets "
        + "it begin with those that it has)"
    }
    guard let reason = task.reason, reason.isQuota else {
      return "it was paused by a user (crawlctl resume \(task.id))"
    }
    let quota = task.settings.texts[reason.settingName]?.joined() ?? "none"
    guard task.quotaReached(now: dueNow) == reason else {
      return "its quota \(reason.settingName) was used up, and is \(quota) now: resume it (crawlctl resume \(task.id))"
    }
    return
      "its quota \(reason.settingName)=\(quota) is used up: raise it (crawlctl set \(task.id) \(reason.settingName)=…) "
      + "and resume"
  }

  /// What holds the whole daemon up; none when nothing does.
  var pressureLines: [WhyLine] {
    guard let pressure = backPressure else { return [] }
    let cause = if isBuildingIndexes, case .writer = pressure { "; \(Self.indexSentence)" } else { "" }
    return [line(pressure.name, "no fetch starts: \(pressure.sentence)\(cause)").holding]
  }

  /// What holds a task up, with all others or by itself.
  func holdLines(_ task: CrawlTask) -> [WhyLine] { pressureLines + ownHoldLines(task) }

  func ownHoldLines(_ task: CrawlTask) -> [WhyLine] {
    var lines: [WhyLine] = []
    if let earlier = task.earlier, !earlier.isLoaded {
      lines.append(
        line("loading", "it is being read which pages the crawls before it have; fetches wait for that").holding)
    }
    if frontier.hasTask(task.id), !frontier.isScopeKnown(task: task.id) {
      lines.append(
        line("loading", "its seeds are being read, which tell what is in its scope; only seeds are fetched until then")
          .holding)
    }
    if task.lacksSeeds {
      lines.append(
        line(
          "seeds",
          PluralText.count(task.seedCount, "seed", "is", "are")
            + " taken over so far from the task that it visits again; fetches wait for the rest",
          count: task.seedCount
        ).holding)
    }
    if task.isJudging {
      let trouble = task.judgementError.map { "; tried again soon: \($0)" } ?? ""
      lines.append(line("rules", "what its rules have excluded is being judged anew" + trouble))
    } else if !task.liftedReasons.isEmpty {
      let text =
        task.liftedReasons.contains(.scope)
        ? "a seed has led elsewhere, which is in its scope now: what was named there before is judged anew soon"
        : "URLs that robots.txt or patterns exclude have given back their places in a budget: what had found none is judged "
          + "anew soon"
      lines.append(line("rules", text, until: wallTime(ofLoop: max(now, task.nextLiftedJudgement))))
    }
    switch frontier.hold(task: task.id, now: now) {
    case .stopped where task.isQuotaPauseUnderWay:
      lines.append(line("pausing", "a quota is used up: it is being paused").holding)
    case nil, .stopped: break
    case .loading: lines.append(line("loading", "its known URLs are being read; what pages name waits for that"))
    case .dormantHosts:
      lines.append(line("dormant_hosts", "its next hosts are read when others have run out of URLs"))
    case .maxPages: lines.append(line("max_pages", "the fetches in flight may use up max_pages").holding)
    case .maxInFlight(let count):
      lines.append(
        line("max_in_flight", "its maximum of " + PluralText.count(count, "fetch") + " is in flight").holding)
    case .handlers(let count):
      lines.append(
        line(
          "handlers",
          PluralText.count(count, "visit", "waits", "wait")
            + " for its handlers, and with those in flight no more may ([handlers.NAME] max_waiting, "
            + "max_waiting_bytes)"
        ).holding)
    case .proxy(let until):
      let name = task.settings.proxy ?? ""
      // A time that has passed: the fetch that tries it is in flight.
      lines.append(
        line(
          "proxy",
          "its proxy \(name) does not serve it (tries in a row: \(proxies[name]?.failures ?? 0)): it is "
            + "tried again by one fetch", until: until > now ? wallTime(ofLoop: until) : nil
        ).holding)
    case .rate(let until):
      lines.append(line("rate", "its rate allows the next fetch later", until: wallTime(ofLoop: until)).holding)
    }
    return lines
  }

  /// What the hosts of a task wait for, or one of them.
  func line(_ blocking: Blocking, task id: Int64, hostID: Int64? = nil) -> WhyLine {
    let shared = blocking.sharedHosts
    let hosts =
      PluralText.count(blocking.hosts, "host")
      + (shared == 0
        ? ""
        : shared == blocking.hosts
          ? ", shared with other tasks in turn" : ", \(shared) of them shared with other tasks in turn")
    let end =
      blocking.until != nil && blocking.untimedHosts == blocking.hosts ? " (a fetch in flight must end, too)" : ""
    var told = line(
      "host_" + blocking.reason.rawValue, "\(blocking.reason.words): \(hosts)\(end)", count: blocking.urls,
      until: blocking.until.map(wallTime(ofLoop:)))
    switch blocking.reason {
    case .inFlight: break
    case .robots:
      // Where it is known what a robots.txt waits for, that has a line of its own.
      let isKnown = blocking.untimedHosts <= redirectedHosts(task: id, hostID: hostID)
      told.startsAt = isKnown ? told.until : .min
    default: told.startsAt = blocking.untimedHosts > 0 ? .min : told.until
    }
    return told
  }

  func line(delayed count: Int, until: Int64? = nil) -> WhyLine {
    let urls = PluralText.count(count, "URL", "waits", "wait")
    let text = urls + " for another try after a failure, or for a redirect's Retry-After"
    return line("delayed", text, count: count, until: until)
  }

  /// What lets a host come later than a URL that is due.
  func line(_ reason: Blocking.Reason, _ text: String, until: Int64?) -> WhyLine {
    line("host_" + reason.rawValue, text, until: until)
  }

  func line(_ kind: String, _ text: String, count: Int? = nil, until: Int64? = nil) -> WhyLine {
    WhyLine(kind: kind, text: text, count: count, until: until)
  }
}

extension Blocking.Reason {
  /// It is left alone, whatever its pace is.
  var isBlock: Bool { self == .retryAfter || self == .outage || self == .blockedByUser }

  /// For people.
  var words: String {
    switch self {
    case .turn: "waiting for their turn, ready to start"
    case .delay: "waiting for the delay between fetches"
    case .crawlDelay: "waiting for the Crawl-delay of robots.txt"
    case .throttle: "slowed down after errors, 429, 503 or rising latency"
    case .retryAfter: "left alone because of Retry-After"
    case .restart: "waiting after the daemon's start for the delay from before it"
    case .outage: "left alone because it was silent or could not be reached"
    case .blockedByUser: "blocked by a user"
    case .request: "waiting for the fetch before to send its request, from which the delay counts"
    case .concurrency: "as many fetches in flight as allowed"
    case .address: "as many fetches in flight as allowed to their IP address"
    case .robots: "waiting for robots.txt"
    case .refill: "waiting for the next URLs from the database"
    case .inFlight: "nothing queued beyond what is in flight or waits for its commit"
    }
  }
}
