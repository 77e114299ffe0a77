internal import EventLoop
internal import Fetch
internal import Frontier
internal import Parse
internal import Politeness
internal import Store
internal import WebURL

extension Crawler {
  /// Redirects that a robots.txt may take (RFC 9309, section 2.3.1.2).
  static let robotsRedirects = 5

  /// Fetches a host's robots.txt and gives the frontier what it says. Its redirects are followed within this one visit:
  /// wherever the rules come from, they are this host's. Each hop takes its turn on the clock of the host that it asks; where
  /// that takes long, the visit ends, and another one goes on there.
  func fetchRobots(_ visit: LiveVisit) async {
    let (hostID, reader) = (visit.entry.hostID, visit.options.robotsReader)
    if let redirect = frontier.takeRobotsRedirect(hostID: hostID, reader: reader, now: now) {
      // Nothing is asked of the own host.
      frontier.leave(&visit.address)
      let unsent = FetchObservation(.aborted, proxy: task(of: visit).settings.proxy)
      frontier.release(visit.entry, unsent, now: now)
      needsPump()
      return await takeRobots(RobotsTrail(next: redirect, redirects: redirect.redirects), of: visit)
    }
    let response = await fetcher.fetch(robotsRequest(visit.entry.url, visit))
    await takeRobots(response, of: visit)
  }

  /// Out of line, as what `visit` does with its response.
  private func takeRobots(_ response: FetchResponse, of visit: LiveVisit) async {
    release(visit, after: response)
    var trail = RobotsTrail(hops: [RobotsHop(response: response, hostID: visit.hostID)])
    trail.next = redirect(of: response, from: visit.entry.url, redirects: 0)
    await takeRobots(trail, of: visit)
  }

  private func takeRobots(_ way: RobotsTrail, of visit: LiveVisit) async {
    var trail = way
    if let obstacle = await followRobots(&trail, of: visit) {
      if isStopped(visit) { return putBackRobots(visit) }
      return note(robotsFetch(endedBy: obstacle, visit), trail.hops, visit)
    }
    guard let (last, lastHostID) = trail.hops.last.map({ ($0.response, $0.hostID) }) else {
      fatalError("a robots.txt was followed to its end, and nothing has answered")
    }
    if last.outcome == .aborted { return putBackRobots(visit) }
    // Its Sitemap lines are offered with it.
    let task = task(of: visit)
    if task.settings.follow.contains(.sitemap), !task.isLoaded {
      unsettledVisits += 1
      defer { unsettledVisits -= 1 }
      guard await untilLoaded(task, visit) else { return putBackRobots(visit) }
    }
    let rules = await rulesThatCame(last, visit.options)
    let isDoubtful = isDoubtful(last, hostID: lastHostID)
    note(robotsFetch(last, rules, isRedirected: trail.redirects > 0, isDoubtful: isDoubtful), trail.hops, visit)
  }

  /// Why no turn came for a hop.
  private enum Obstacle: Error {
    /// The host is silent, there was no room for it in memory, or the visit was stopped.
    case absent
    /// The host is blocked by a user, or has asked to be left alone.
    case leftAlone
    /// It is to be asked later.
    case redirected(RobotsRedirect)
  }

  private func robotsFetch(endedBy obstacle: Obstacle, _ visit: LiveVisit) -> Frontier.RobotsFetch {
    switch obstacle {
    case .redirected(let redirect): return .redirected(redirect)
    // What it said when it was read last holds meanwhile.
    case .leftAlone where !frontier.hasReadRobots(hostID: visit.entry.hostID, reader: visit.options.robotsReader):
      return .postponed
    case .leftAlone, .absent: return .unreachable(isFinal: false)
    }
  }

  /// Follows a robots.txt that redirects, and appends what the hops answer.
  /// - Returns: why no turn came for the next hop, if none did.
  private func followRobots(_ trail: inout RobotsTrail, of visit: LiveVisit) async -> Obstacle? {
    let deadline = now + frontier.limits.robotsWindow
    while let redirect = trail.next {
      if redirect.due > now { return .redirected(redirect) }
      let aside: Aside
      do throws(Obstacle) { aside = try await turn(for: redirect, visit, until: deadline) } catch { return error }
      guard let hostID = aside.hostID else { return .absent }
      visit.hostID = hostID
      let answer = await fetcher.fetch(robotsRequest(redirect.url, visit))
      frontier.leave(&visit.address)
      noteProxy(of: answer, to: hostID, redirect.url)
      frontier.end(aside, observation(of: answer, hostID: hostID), now: now)
      needsPump()
      // The same hop again, when there is room at the address.
      if visit.isAddressFull { continue }
      trail.hops.append(RobotsHop(response: answer, hostID: hostID))
      trail.redirects = redirect.redirects
      trail.next = self.redirect(of: answer, from: redirect.url, redirects: redirect.redirects)
    }
    return nil
  }

  /// Where a robots.txt goes on after so many redirects; nil when this answer is none that is followed.
  private func redirect(of response: FetchResponse, from url: WebURL, redirects: Int) -> RobotsRedirect? {
    guard response.outcome == .redirected, redirects < Self.robotsRedirects, let location = response.location,
      let target = WebURL(location, base: url)?.withoutFragment().withoutCredentials(), target.isHTTP
    else { return nil }
    let hold = Self.redirectHold(retryAfter(of: response), from: url, to: target) ?? 0
    return RobotsRedirect(url: target, redirects: redirects + 1, due: now + hold, cause: .retryAfter)
  }

  /// How long the URL that a redirect leads to is not to be asked for, in microseconds: its Retry-After is about that very
  /// request (RFC 9110 section 10.2.3). nil without one, and on the own host, which is left alone for so long anyway.
  static func redirectHold(_ retryAfter: Int64?, from url: WebURL, to target: WebURL) -> Int64? {
    guard let retryAfter, retryAfter > 0, Frontier.origin(of: url) != Frontier.origin(of: target) else { return nil }
    return retryAfter
  }

  private func note(_ fetch: Frontier.RobotsFetch, _ hops: [RobotsHop], _ visit: LiveVisit) {
    let reader = visit.options.robotsReader
    frontier.robotsFetched(hostID: visit.entry.hostID, fetch, reader: reader, now: now)
    // One that went on, and is to do so later again, has nothing to tell.
    if !hops.isEmpty || !fetch.isRedirected { appendRobots(hops, fetch, visit) }
    failUnreachable()
    needsPump()
  }

  private func putBackRobots(_ visit: LiveVisit) {
    frontier.putBack(visit.entry, reader: visit.options.robotsReader, now: now)
  }

  private func isStopped(_ visit: LiveVisit) -> Bool { visit.isAborted || !visit.gate.isOpen || isStopping }

  /// Waits for a slot of the host that the redirect leads to, after the window for robots.txt too, as long as others have
  /// theirs before.
  ///
  /// - Throws: when the visit is stopped meanwhile, when the window is over and that host is silent or is to be left alone, or
  ///   when too many wait for it already.
  private func turn(
    for redirect: RobotsRedirect, _ visit: LiveVisit, until deadline: Int64
  ) async throws(Obstacle) -> Aside {
    let aside = Aside(task: visit.entry.taskID, id: visit.id)
    let call = Signal("turn")
    (visit.aside, visit.call) = (aside, call)
    visit.enter(.turn, now: loop.now)
    defer {
      (visit.aside, visit.call) = (nil, nil)
      visit.enter(.fetch, now: loop.now)
    }
    if visit.isAddressFull {
      visit.isAddressFull = false
      try? await loop.sleep(for: .milliseconds(100))
    }
    while !isStopped(visit) {
      if now >= deadline, !frontier.waitsForItsTurn(aside, now: now) { break }
      switch frontier.start(aside, redirect.url, now: now) {
      case .started: return aside
      case .inLine:
        // It may have given up a place that it waited for, and its host is to be woken.
        needsPump()
        await wait(for: call, until: now < deadline ? deadline : .max)
      case .wait(let until):
        needsPump()
        await wait(for: call, until: min(until, now + 500_000))
      case .full(let until):
        throw .redirected(
          RobotsRedirect(url: redirect.url, redirects: redirect.redirects, due: until, cause: .line))
      case .unread(let hostID):
        if !(await bringHost(hostID, of: redirect.url, visit)) { await wait(for: call, until: now + 1_000_000) }
      }
    }
    let obstacle: Obstacle = frontier.isLeftAlone(aside, now: now) ? .leftAlone : .absent
    frontier.leave(aside, now: now)
    needsPump()
    throw obstacle
  }

  /// Parks until the signal is set, a time has come, or a minute has passed.
  private func wait(for signal: Signal, until time: Int64) async {
    let timer = loop.callLater(.microseconds(min(Self.longestTimer, max(1_000, time &- now)))) { signal.set() }
    await wait(for: signal)
    timer.cancel()
  }

  /// Has those try again whose host's time has come.
  func callAsides() {
    for id in frontier.takeCalledAsides() { live[id]?.call?.set() }
  }

  /// Has the frontier know what the host's row says of its pace; false when that is not possible now.
  private func bringHost(_ hostID: Int64, of url: WebURL, _ visit: LiveVisit) async -> Bool {
    guard let row = await untroubled(.reading, { try await $0.host(id: hostID) }) else { return false }
    // What has no row yet was never asked.
    let host =
      row ?? HostRecord(id: hostID, scheme: url.scheme, name: Frontier.hostName(of: url), port: url.effectivePort ?? 0)
    let lastRead = ReadRobots(host, productToken: configuration.productToken)
    return frontier.bringHost(storedHost(host, lastRead: lastRead), now: now)
  }

  private func robotsRequest(_ url: WebURL, _ visit: LiveVisit) -> FetchRequest {
    let request = request(for: url, visit)
    request.isRobots = true
    return request
  }

  /// What a file says that came, as far as it can be relied on.
  private func rulesThatCame(_ response: FetchResponse, _ options: RequestOptions) async -> RobotsRules {
    guard RobotsAvailability(status: response.status) == .available else { return .allowAll }
    let isCut = response.outcome == .truncated || response.outcome == .tooLarge
    if isCut { response.body = RobotsRules.reliablePart(ofCut: response.body) }
    let (text, token) = (response.body, options.productToken)
    // Where no thread can be had the loop reads it, or it would be fetched again.
    return (try? await rules(of: text, productToken: token)) ?? RobotsRules.parse(text, productToken: token)
  }

  /// `rules`: what a file says, if one came.
  private func robotsFetch(
    _ response: FetchResponse, _ rules: RobotsRules, isRedirected: Bool, isDoubtful: Bool
  ) -> Frontier.RobotsFetch {
    if response.outcome == .proxyFailed || response.outcome == .localResource { return .postponed }
    switch RobotsAvailability(status: response.status) {
    case .unavailable: return response.isUntaken ? .unreachable(isFinal: false) : .allowAll
    case .available:
      switch response.outcome {
      case .ok: return .rules(rules)
      // What came of a file that was cut short holds as far as it goes (section 2.5); nothing of it says nothing.
      case .tooLarge, .truncated: return response.body.isEmpty ? .unreachable(isFinal: false) : .rules(rules)
      default: return .unreachable(isFinal: false)
      }
    case .unreachable:
      switch response.outcome {
      case _ where isDoubtful: return .unreachable(isFinal: false, isSilent: !isRedirected)
      case .addressRefused: return isRedirected ? .unreachable(isFinal: true) : .addressRefused
      // A chain of redirects that is too long, or leads nowhere, does so again.
      // Where it redirects to, others are silent.
      case .dnsNotFound: return .unreachable(isFinal: true, isSilent: !isRedirected)
      case .schemeRefused, .redirected: return .unreachable(isFinal: true)
      default: return .unreachable(isFinal: false, isSilent: response.status == nil && !isRedirected)
      }
    }
  }

  private func appendRobots(_ hops: [RobotsHop], _ fetch: Frontier.RobotsFetch, _ visit: LiveVisit) {
    let (entry, task) = (visit.entry, task(of: visit))
    var record = VisitRecord(taskID: task.id)
    for response in hops.map(\.response) {
      var row = FetchRecord(response, id: nextFetchID, entry: entry, task: task, options: visit.options)
      row.retryAfter = retryAfter(of: response)
      row.redirectTo = response.location.map { WebURL($0)?.withoutCredentials().href ?? $0 }
      nextFetchID += 1
      record.fetches.append(row)
      record.counters.count(row)
    }
    let clock = lastingClock(of: entry.hostID)
    // The row says what ordinary requests get; who reads by others reads again after a restart.
    let isOrdinary = visit.options.robotsReader == 0
    let row = isOrdinary ? robotsRow(fetch, hops.last?.response, hostID: entry.hostID, clock) : clock
    let others = Set(hops.map(\.hostID)).subtracting([entry.hostID])
    record.hostUpdates = [row].compactMap { $0 } + others.sorted().compactMap(lastingClock)
    let sequence = lastSequence + 1
    frontier.beginVisit(task: task.id, sequence: sequence)
    let lines = newSitemapLines(of: entry, task, isFresh: true)
    record.addSitemaps(lines, of: entry, to: frontier, task: task, now: now, wallNow: wallNow, sequence: sequence)
    record.newHosts = frontier.takeNewHosts().map(HostRecord.init)
    append(record, of: task)
    announce(record, of: entry, task)
  }

  /// What of a host's clock must outlive a crash, as its row has it.
  private func lastingClock(of hostID: Int64) -> HostRecord? {
    frontier.lastingClock(of: hostID, now: now).map { HostRecord($0, hostID: hostID, offset: dueNow &- now) }
  }

  /// What the host's row says of its robots.txt from now on; nil: what it says already.
  private func robotsRow(
    _ fetch: Frontier.RobotsFetch, _ response: FetchResponse?, hostID: Int64, _ clock: HostRecord?
  ) -> HostRecord? {
    var host = HostRecord(id: hostID, scheme: "", name: "", port: 0)
    host.robotsFetchedAt = wallNow
    host.robotsAgentID = agentID
    host.robotsExpiresAt = dueNow &+ frontier.limits.robotsLifetime
    switch fetch {
    case .rules(let rules):
      host.robotsState = "known"
      host.robotsText = response?.body
      host.crawlDelay = rules.crawlDelay.map { min($0, HostClock.maximumCrawlDelay) }
    case .allowAll: host.robotsState = "none"
    // What it said before is kept for as long as it can't be read again.
    case .unreachable where frontier.hasReadRobots(hostID: hostID, reader: 0),
      .addressRefused where frontier.hasReadRobots(hostID: hostID, reader: 0):
      return clock
    case .unreachable, .addressRefused:
      host.robotsState = "unreachable"
      host.robotsExpiresAt = nil
    case .postponed, .redirected: return clock
    }
    if let clock {
      (host.nextFetchAt, host.blockedUntil) = (clock.nextFetchAt, clock.blockedUntil)
      (host.blockReason, host.throttleDelay) = (clock.blockReason, clock.throttleDelay)
      // Others read the file with other user agents, and may have been asked for more.
      host.crawlDelay = [host.crawlDelay, clock.crawlDelay].compactMap { $0 }.max()
    }
    return host
  }

  /// Hands over a record that is no visit of a URL.
  func append(_ record: VisitRecord, of task: CrawlTask) {
    task.counters += record.counters
    lastSequence = store.append(record)
    task.lastSequence = lastSequence
  }
}

/// The way to a robots.txt.
private struct RobotsTrail {
  /// What has answered in this visit.
  var hops: [RobotsHop] = []
  /// Where it goes on; nil when it has come to its end.
  var next: RobotsRedirect?
  /// Those that were followed, by visits before this one too.
  var redirects = 0
}

extension Frontier.RobotsFetch {
  fileprivate var isRedirected: Bool { if case .redirected = self { true } else { false } }
}

/// One answer on the way to a robots.txt, and the host that gave it.
private struct RobotsHop {
  var response: FetchResponse
  var hostID: Int64
}
