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
  /// wherever the rules come from, they are this host's. Each hop takes its turn on the clock of the host that it asks.
  func fetchRobots(_ visit: LiveVisit) async {
    let response = await fetcher.fetch(robotsRequest(visit.entry.url, visit))
    await takeRobots(response, of: visit)
  }

  /// Out of line, as what `visit` does with its response.
  private func takeRobots(_ response: FetchResponse, of visit: LiveVisit) async {
    release(visit, after: response)
    var hops = [RobotsHop(response: response, hostID: visit.hostID)]
    if response.outcome == .redirected, let obstacle = await followRobots(&hops, of: visit) {
      if isStopped(visit) { return putBackRobots(visit) }
      // What it said when it was read last holds meanwhile.
      let isKnown = frontier.hasReadRobots(hostID: visit.entry.hostID, reader: visit.options.robotsReader)
      return note(obstacle == .leftAlone && !isKnown ? .postponed : .unreachable(isFinal: false), hops, visit)
    }
    let (last, lastHostID) = (hops[hops.count - 1].response, hops[hops.count - 1].hostID)
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
    note(robotsFetch(last, rules, isRedirected: hops.count > 1, isDoubtful: isDoubtful), hops, visit)
  }

  /// Why no turn came for a hop.
  private enum Obstacle: Error {
    /// The host is silent, there was no room for it in memory, or the visit was stopped.
    case absent
    /// The host is blocked by a user, or has asked to be left alone.
    case leftAlone
  }

  /// Follows a robots.txt that redirects, and appends what the hops answer.
  /// - Returns: why no turn came for the next hop, if none did.
  private func followRobots(_ hops: inout [RobotsHop], of visit: LiveVisit) async -> Obstacle? {
    var url = visit.entry.url
    var response = hops[0].response
    var deadline = now + frontier.limits.robotsWindow
    while response.outcome == .redirected, hops.count <= Self.robotsRedirects, let location = response.location,
      let target = WebURL(location, base: url)?.withoutFragment().withoutCredentials(), target.isHTTP
    {
      if !visit.isAddressFull, let length = Self.redirectHold(retryAfter(of: response), from: url, to: target) {
        guard await hold(visit, until: now + length) else { return .absent }
        deadline = max(deadline, now + frontier.limits.robotsWindow)
      }
      let aside: Aside
      do throws(Obstacle) { aside = try await turn(for: target, visit, until: deadline) } catch { return error }
      guard let hostID = aside.hostID else { return .absent }
      visit.hostID = hostID
      let answer = await fetcher.fetch(robotsRequest(target, visit))
      frontier.leave(&visit.address)
      noteProxy(of: answer, to: hostID)
      frontier.end(aside, observation(of: answer, hostID: hostID), now: now)
      needsPump()
      // The same hop again, when there is room at the address.
      if visit.isAddressFull { continue }
      (url, response) = (target, answer)
      hops.append(RobotsHop(response: answer, hostID: hostID))
    }
    return nil
  }

  /// How long the URL that a redirect leads to is not to be asked for, in microseconds: its Retry-After is about that very
  /// request (RFC 9110 section 10.2.3). nil without one, and on the own host, which is left alone for so long anyway.
  static func redirectHold(_ retryAfter: Int64?, from url: WebURL, to target: WebURL) -> Int64? {
    guard let retryAfter, retryAfter > 0, Frontier.origin(of: url) != Frontier.origin(of: target) else { return nil }
    return retryAfter
  }

  /// Waits for a time; false when the visit is stopped before.
  private func hold(_ visit: LiveVisit, until time: Int64) async -> Bool {
    visit.heldUntil = time
    visit.enter(.turn, now: loop.now)
    needsPump()
    defer {
      visit.heldUntil = nil
      visit.enter(.fetch, now: loop.now)
    }
    while !isStopped(visit), now < time {
      try? await loop.sleep(for: .microseconds(min(500_000, max(1_000, time - now))))
    }
    return !isStopped(visit)
  }

  private func note(_ fetch: Frontier.RobotsFetch, _ hops: [RobotsHop], _ visit: LiveVisit) {
    let reader = visit.options.robotsReader
    frontier.robotsFetched(hostID: visit.entry.hostID, fetch, reader: reader, now: now)
    appendRobots(hops, fetch, visit)
    failUnreachable()
    needsPump()
  }

  private func putBackRobots(_ visit: LiveVisit) {
    frontier.putBack(visit.entry, reader: visit.options.robotsReader, now: now)
  }

  private func isStopped(_ visit: LiveVisit) -> Bool { visit.isAborted || !visit.gate.isOpen || isStopping }

  /// Waits for a slot of the URL's host, after the window for robots.txt too, as long as others have theirs before.
  ///
  /// - Throws: when the visit is stopped meanwhile, or the window is over and that host is silent or is to be left alone.
  private func turn(for url: WebURL, _ visit: LiveVisit, until deadline: Int64) async throws(Obstacle) -> Aside {
    let aside = Aside(task: visit.entry.taskID)
    visit.aside = aside
    visit.enter(.turn, now: loop.now)
    defer {
      visit.aside = nil
      visit.enter(.fetch, now: loop.now)
    }
    if visit.isAddressFull {
      visit.isAddressFull = false
      try? await loop.sleep(for: .milliseconds(100))
    }
    while !isStopped(visit) {
      if now >= deadline, !frontier.waitsForItsTurn(aside, now: now) { break }
      switch frontier.start(aside, url, now: now) {
      case .started: return aside
      case .wait(let until):
        // It may have given up a place that it waited for.
        needsPump()
        try? await loop.sleep(for: .microseconds(min(500_000, max(1_000, until - now))))
      case .unread(let hostID):
        if !(await bringHost(hostID, of: url, visit)) { try? await loop.sleep(for: .seconds(1)) }
      }
    }
    let obstacle: Obstacle = frontier.isLeftAlone(aside, now: now) ? .leftAlone : .absent
    frontier.leave(aside, now: now)
    needsPump()
    throw obstacle
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
    // The status may be the proxy's.
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
    case .postponed: return clock
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

/// One answer on the way to a robots.txt, and the host that gave it.
private struct RobotsHop {
  var response: FetchResponse
  var hostID: Int64
}
