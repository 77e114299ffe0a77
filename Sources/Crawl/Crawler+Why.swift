internal import EventLoop
internal import Fetch
internal import Frontier
internal import Politeness
package import Store
internal import Units
internal import WebURL

// "Why is it doing that?": what a task, a host or a URL waits for, and until when.
extension Crawler {
  package func why(task id: Int64) async throws(CrawlError) -> WhyReport {
    let task = try existing(id)
    var report = why(task)
    if let place = report.lines.firstIndex(where: { $0.kind == "delayed" }) {
      let first = try? await asked { try await $0.nextDelayed(taskID: id) }
      let until = first?.compactMap { dueTime($0.due, hostID: $0.hostID, taskID: id) }.min()
      report.lines[place] = line(delayed: task.counters.delayed, until: until).starting
    }
    if task.state == .running { report.nextDueAt = toCome(report.lines.nextStart) }
    if let line = try await excludedLine(task) { report.lines.append(line) }
    if let error = try await recentErrors(id).first { report.lines.append(lastError(error)) }
    return report
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
    if !hosts.isEmpty { return try await why(hosts: hosts, named: place, taskID: id) }
    let known = frontier.knownHosts(named: place)
    if !known.isEmpty { return try await why(idle: known.prefix(20).map(\.id), named: place, taskID: id) }
    let url = Frontier.typedURL(place)
    // What is none may be in a page as a link all the same; a host with a port is no such link.
    let end = place.split(separator: ":", omittingEmptySubsequences: false).dropFirst().last
    guard url?.isHTTP ?? false || end.map({ $0.count > 5 || !$0.allSatisfy(\.isNumber) }) ?? false else {
      throw .unknownPlace(place)
    }
    return try await why(url, as: place, taskID: id)
  }

  // MARK: A task

  private func why(_ task: CrawlTask) -> WhyReport {
    var lines: [WhyLine] = [stateLine(task)]
    let isRunning = task.state == .running
    if isRunning || task.state == .pausing {
      let fetching = task.live.values.count { $0.phase != .turn }
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
      lines += isRunning ? redirectLines { $0.entry.taskID == task.id } + holdLines(task) : pressureLines
      if isRunning { lines += frontier.blocking(task: task.id, now: now).map { line($0, task: task.id) } }
      if isRunning, task.counters.delayed > 0 { lines.append(line(delayed: task.counters.delayed)) }
    }
    lines += handlerLines(task)
    return WhyReport(
      subject: .task, name: task.name, state: task.state.rawValue, reason: task.reason?.rawValue, lines: lines,
      taskIDs: [task.id])
  }

  private func stateLine(_ task: CrawlTask) -> WhyLine {
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
      case .pausing: "it is being paused; fetches that were sent are ending"
      case .paused: pauseText(task)
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
    return line("delayed", urls + " for another try after a failure", count: count, until: until)
  }

  func line(_ kind: String, _ text: String, count: Int? = nil, until: Int64? = nil) -> WhyLine {
    WhyLine(kind: kind, text: text, count: count, until: until)
  }

  // MARK: A URL

  /// - Parameter text: what stands for a URL that is none.
  private func why(_ url: WebURL?, as text: String, taskID: Int64?) async throws(CrawlError) -> WhyReport {
    let name = url?.href ?? text
    let details = try await urlDetails(text, task: taskID)
    var lines: [WhyLine] = if let url { try await rewriteLines(of: url, taskID: taskID) } else { [] }
    if details.isEmpty, lines.isEmpty { throw .unknownPlace(name) }
    var next = Int64.max
    for detail in details {
      if let url, detail.record.hostID != nil, detail.record.url != url.withoutFragment().href {
        lines.append(
          line("canonical", "task \(detail.taskName): it counts as the same URL as \(detail.record.url), found before"))
      }
      let explained = try await explain(detail)
      lines += explained
      next = min(next, explained.nextStart)
      if let via = via(detail) { lines.append(via) }
      if detail.linksTruncated {
        lines.append(
          line("links_truncated", "its page has more links than are kept: some URLs that it names may not be known"))
      }
      if let fetch = detail.lastFetch, fetch.outcome != "ok" {
        let error = fetch.error.map { ": \($0)" } ?? ""
        lines.append(line("last_fetch", "last fetch (attempt \(fetch.attempt)): \(fetch.outcome)\(error)"))
      }
    }
    let only = details.count == 1 ? details[0].record : nil
    return WhyReport(
      subject: .url, name: name, state: only?.state.rawValue, reason: only?.reason, lines: lines,
      nextDueAt: toCome(next), taskIDs: details.map(\.record.taskID))
  }

  private func via(_ detail: URLDetails) -> WhyLine? {
    if detail.isOfEarlierCrawl {
      return line("via", "an earlier crawl has its page, and no page of this one leads to it")
    }
    if detail.isNamedByRobots { return line("via", "found through a Sitemap line of a robots.txt") }
    if detail.via.isEmpty { return nil }
    var chain = detail.via.prefix(5).joined(separator: " ← ")
    if !detail.linkKinds.isEmpty { chain += " (link of kind \(detail.linkKinds.joined(separator: ", ")))" }
    return line("via", "found through \(chain)", count: detail.via.count)
  }

  private func explain(_ detail: URLDetails) async throws(CrawlError) -> [WhyLine] {
    let robots = try await decidingRobotsFailure(of: detail)
    let record = detail.record
    let prefix = "task \(detail.taskName): "
    if isInFlight(urlID: record.id, task: record.taskID) {
      return [line("in_flight", prefix + "it is being fetched now (crawlctl ps \(record.taskID))")]
    }
    switch record.state {
    case .done: return [line("done", prefix + "it was fetched: \(doneText(record))")]
    case .failed:
      if let robots { return [line("failed", prefix + "it failed: \(robotsText(robots, tries: nil))")] }
      return [
        line(
          "failed", prefix + "it failed after \(PluralText.count(record.attempts, "attempt")): \(record.reason ?? "")")
      ]
    case .excluded:
      let sentence = exclusionText(record)
      let rule = try await robotsRule(of: record).map { ": \($0)" }
      let cause =
        rule ?? robots.map { "; \($0.cause)" } ?? detail.handlerVerdict.map { ", \($0.handler): \($0.words)" } ?? ""
      return [line("excluded", prefix + "it is excluded (\(record.reason ?? "")): \(sentence)\(cause)")]
    case .delayed:
      guard let task = tasks[record.taskID] else { return [] }
      if task.state != .running {
        return [line(of: task, prefix + "it would be tried again after \(record.reason ?? "a failure"), but ")]
      }
      let again = line(
        "delayed", prefix + "it is tried again after \(record.reason ?? "a failure")",
        until: dueTime(record.dueAt, hostID: record.hostID, taskID: task.id))
      return [again.starting] + holdLines(task).filter { $0.holdsUntil != nil }
    case .ready:
      guard let task = tasks[record.taskID] else { return [] }
      if task.state != .running { return [line(of: task, prefix)] }
      var lines = [line("ready", prefix + "it waits in the queue of its host, depth \(record.depth)")] + holdLines(task)
      if let hostID = record.hostID, let blocking = frontier.blocking(task: task.id, hostID: hostID, now: now) {
        lines.append(line(blocking, task: task.id, hostID: hostID))
        lines += redirectLines { $0.entry.taskID == task.id && $0.entry.hostID == hostID }
        if let robots {
          let tries = frontier.robotsTriesInVain(hostID: hostID, task: task.id)
          lines.append(line("robots_unreachable", robotsText(robots, tries: tries)))
        }
      }
      return lines
    }
  }

  /// What a URL waits for whose task does not run.
  private func line(of task: CrawlTask, _ prefix: String) -> WhyLine {
    var state = stateLine(task)
    state.text = prefix + state.text
    return state
  }

  /// The line of robots.txt that excludes a URL, as the file is now; nil when no row has it, as of tasks that ask for files
  /// of their own.
  private func robotsRule(of record: URLRecord) async throws(CrawlError) -> String? {
    guard record.reason == ExclusionReason.robots.rawValue, let options = tasks[record.taskID]?.requestOptions,
      options.robotsReader == 0, let url = WebURL(record.url), let hostID = record.hostID,
      let text = try await committedHost(id: hostID)?.robotsText
    else { return nil }
    let verdict = RobotsRules.parse(text, productToken: options.productToken).verdict(url.pathAndQuery)
    guard !verdict.allowed, let rule = verdict.rule else { return "what that file says by now allows it" }
    return verdict.line.map { "line \($0), \(rule)" } ?? rule
  }

  private func doneText(_ record: URLRecord) -> String {
    guard let reason = record.reason else { return "ok" }
    return record.isInVain
      ? "\(reason) was its final answer, after \(PluralText.count(record.attempts, "attempt")) (crawlctl retry)"
      : reason
  }
}

extension Blocking.Reason {
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

extension URLDetails {
  /// It was named by a Sitemap line of a robots.txt: nothing led to it, and it is no seed.
  package var isNamedByRobots: Bool { isUnlinked && !isOfEarlierCrawl }

  /// A recrawl was offered it because an earlier crawl has its page.
  package var isOfEarlierCrawl: Bool {
    isUnlinked && record.hostID != nil && FrontierEntry.sitemapLevel(priority: record.priority) == nil
  }

  private var isUnlinked: Bool { record.viaURLID == nil && record.depth > 0 }
}
