internal import EventLoop
internal import Frontier
internal import Logging
internal import Parse
internal import Store
internal import Units
internal import WebURL

// URLs that the rules of a task have excluded, when the rules have changed.
extension Crawler {
  /// What is excluded by which setting. A row keeps the first rule that excludes its URL, so no other change lets it in; but
  /// how a URL is named is judged link by link, and one link may be too deep where another is not followed.
  private static let reasons: [String: Set<ExclusionReason>] = [
    "scope": [.scope], "include": [.include], "exclude": [.exclude], "follow": ofNaming, "nofollow": ofNaming,
    "max_depth": ofNaming, "robots": [.robots], "traps": [.trapLength, .trapRepeat, .trapSegments],
    "host_budget": [.hostBudget], "pattern_budget": [.patternBudget], "handlers": [.handler],
  ]

  private static let ofNaming: Set<ExclusionReason> = [.depth, .nofollow, .follow]

  /// Judges by the rules of now what a change of these settings may let in, see `judge`.
  func judgeAgain(_ task: CrawlTask, _ settings: [String]) {
    judge(task, Set(settings.flatMap { Self.reasons[$0] ?? [] }))
  }

  /// Judges by the rules of now what a task has excluded for some reasons: what they let in is ready, the rest has the reason
  /// that holds now. A part at a time, beside its fetches; the task does not finish before. Of a task whose known URLs are
  /// not loaded that is done when they are, for these reasons too.
  ///
  /// What the page that named a URL first does not let in is judged by all stored links, for which they are read once, see
  /// `Store.scanWays`. Its row stays as it is until then: a daemon that takes the task up begins anew.
  func judge(_ task: CrawlTask, _ reasons: Set<ExclusionReason>) {
    task.reasonsToJudge.formUnion(reasons)
    // What a handler that the configuration lacks has dropped stays so. Its task is paused, and a daemon that knows it begins anew.
    guard task.isLoaded, !task.isJudging, !task.reasonsToJudge.isEmpty,
      task.handlers.count == task.settings.handlers.count
    else { return }
    task.isJudging = true
    let id = task.id
    loop.startTask(name: "excluded URLs") { await self.judgeExcluded(by: id) }
  }

  // MARK: Scopes that grow, budgets that have room again

  /// Shortest time from one judgement of what rules may let in by themselves to the next, in microseconds: each looks at all
  /// that they have excluded, and the chains of very many seeds may end one after the other.
  private static let liftedInterval: Int64 = 60_000_000

  /// Rules let in more than before, by what the crawl has found: where a seed's redirect chain has ended is in the task's scope
  /// from now on; URLs that had a place in a budget are not asked for, since the robots.txt of their host forbids them. What
  /// was excluded before is judged anew, in a while if that was done a moment ago; the task does not finish before.
  func noteLifted(_ reasons: Set<ExclusionReason>, of task: CrawlTask) {
    let isAwaited = !task.liftedReasons.isEmpty
    task.liftedReasons.formUnion(reasons)
    if !isAwaited { awaitLiftedJudgement(of: task) }
  }

  func awaitLiftedJudgement(of task: CrawlTask) {
    guard !task.liftedReasons.isEmpty else { return }
    loop.callLater(.microseconds(max(0, task.nextLiftedJudgement - now))) { self.judgeLifted(by: task) }
  }

  /// Judges what rules have excluded that let in more by now, when it is time or the task has nothing else to do.
  func judgeLifted(by task: CrawlTask) {
    guard !task.liftedReasons.isEmpty, !task.isJudging, task.isLoaded, takesURLs(task) else { return }
    // An open one is at its end, however often it has nothing to do, when it is sealed.
    guard task.isIdle && !task.isOpen || task.nextLiftedJudgement <= now else { return }
    let reasons = task.liftedReasons
    task.liftedReasons = []
    judge(task, reasons)
  }

  // MARK: Judgement

  private func judgeExcluded(by id: Int64) async {
    guard let task = tasks[id] else { return }
    while takesURLs(task), task.isLoaded, !task.reasonsToJudge.isEmpty {
      let reasons = task.reasonsToJudge
      do {
        guard try await haveBudgetsCounted(task) else { continue }
        // Changes from here on make another round.
        task.reasonsToJudge = []
        // What the rules of before have excluded last is a row by then.
        try await store.flush(isPatient: false)
        let began = now
        try await judgeExcluded(by: task, for: reasons)
        // However long it takes, most of the time is for the crawl.
        task.nextLiftedJudgement = now + max(Self.liftedInterval, 10 * (now - began))
        task.judgementError = nil
      } catch {
        if isStopping { break }
        task.reasonsToJudge.formUnion(reasons)
        task.judgementError = "\(error)"
        logger.error(
          "task \(task.id) \(task.name): what it excluded can't be judged anew, tried again in 10 s: \(error)")
        try? await loop.sleep(for: .seconds(10))
      }
    }
    task.isJudging = false
    awaitLiftedJudgement(of: task)
    settlingSignal.set()
  }

  /// Whether any URL of the task is stored as excluded for the reason.
  func hasExcluded(_ task: CrawlTask, for reason: ExclusionReason) async throws -> Bool {
    try await !store.excludedURLs(taskID: task.id, reason: reason.rawValue, after: 0, limit: 1).isEmpty
  }

  func takesURLs(_ task: CrawlTask) -> Bool {
    !isStopping && tasks[task.id] === task && !task.state.isFinal && task.state != .cancelling
  }

  /// What budgets were used for must be known before they let more in; false when it is not yet.
  private func haveBudgetsCounted(_ task: CrawlTask) async throws -> Bool {
    if task.mustCountBudgets, !task.isCountingBudgets {
      guard await recountBudgets(task.id) || isStopping else {
        throw CrawlError.store("what its budgets were used for can't be counted")
      }
    }
    if !task.isCountingBudgets { return !task.mustCountBudgets }
    try await loop.sleep(for: .milliseconds(20))
    return false
  }

  private func judgeExcluded(by task: CrawlTask, for reasons: Set<ExclusionReason>) async throws {
    let settings = task.settings
    var ways = Ways(maxRedirects: frontier.limits.maxRedirects, obeysPages: settings.nofollow != .ignore)
    let history = try await handlerHistory(of: task)
    var count = 0
    defer { tell(count, task) }
    for reason in ExclusionReason.ofSettings where reasons.contains(reason) && mayLetIn(reason, task.settings) {
      var position: Int64 = 0
      while !task.reasonsToJudge.contains(reason) {
        let urls = try await store.excludedURLs(
          taskID: task.id, reason: reason.rawValue, after: position, limit: Self.offersPerTurn)
        guard let last = urls.last else { break }
        position = last.id
        guard try await offer(urls, by: &ways, history, isLast: false, to: task, &count) else { return }
      }
    }
    if ways.isEmpty { return }
    guard try await read(&ways, of: task, settings) else {
      // Other rules hold by now, or the task takes none.
      task.reasonsToJudge.formUnion(reasons)
      return
    }
    var position: Int64 = 0
    while task.reasonsToJudge.isEmpty {
      let ids = ways.asked(after: position, limit: Self.offersPerTurn)
      guard let last = ids.last else { return }
      position = last
      let urls = try await store.excludedURLs(taskID: task.id, ids: ids)
      guard try await offer(urls, by: &ways, history, isLast: true, to: task, &count) else { return }
    }
    task.reasonsToJudge.formUnion(reasons)
  }

  private func tell(_ count: Int, _ task: CrawlTask) {
    guard count > 0 else { return }
    logger.info("task \(task.id) \(task.name): its rules let in \(PluralText.count(count, "URL")) that it had excluded")
  }

  /// Reads by which stored links the URLs that were asked of are named best. What is offered from now on is judged when it is.
  /// - Returns: false when that is of no use any more.
  private func read(_ ways: inout Ways, of task: CrawlTask, _ settings: TaskSettings) async throws -> Bool {
    // A part of what these name was offered before, and their links are stored at the end.
    let visits = task.visitsInParts
    while !task.visitsInParts.isDisjoint(with: visits) { await wait(for: task.partsSignal) }
    try await store.flush(isPatient: false)
    var isOfUse = true
    try await store.scanWays(
      taskID: task.id, lastSitemaps: FrontierEntry.priority(ofSitemap: FrontierEntry.sitemapLevels.upperBound),
      step: Self.step(by: settings)
    ) { sources in
      isOfUse = takesURLs(task) && task.isLoaded && task.reasonsToJudge.isEmpty
      if isOfUse { for source in sources { ways.read(source) } }
      return isOfUse
    }
    return isOfUse
  }

  /// What a stored link is to a task with these settings.
  private static func step(by settings: TaskSettings) -> @Sendable (String, String?, Bool) -> StoredWays.Step? {
    let (follow, nofollow) = (settings.follow, settings.nofollow)
    return { name, rel, isPage in
      // Others are of handlers.
      let kind = LinkKind(name: name)
      if kind == .redirect { return .redirect }
      if let kind, !follow.contains(kind) { return nil }
      if nofollow.obeysLinks(ofPage: isPage), let rel, Link.hasRelation("nofollow", in: rel) { return nil }
      return kind == .sitemap ? .sitemap : kind == .feed ? .feed : .link
    }
  }

  /// Judges rows turn by turn: by how they were named first, or by all that is known of that.
  /// - Returns: whether the task takes more.
  private func offer(
    _ urls: [ExcludedURL], by ways: inout Ways, _ history: HandlerHistory, isLast: Bool, to task: CrawlTask,
    _ count: inout Int
  ) async throws -> Bool {
    if let trouble = backPressure {
      if trouble.isTrouble { throw CrawlError.store(trouble.sentence) }
      try await store.flush(isPatient: false)
    }
    var rest = urls[...]
    var unasked: [UnaskedURL] = []
    while !rest.isEmpty {
      await beginChange(task)
      let goesOn = takesURLs(task) && task.isLoaded
      if goesOn { count += offer(&rest, by: &ways, history, isLast: isLast, to: task, &unasked) }
      endChange(task)
      guard goesOn else { return false }
      await endTurn()
    }
    return await offer(unasked, to: task, &count)
  }

  /// Whether any rule of now could. What a robots.txt says is not always in memory, so what it excludes stays so while it is
  /// obeyed.
  private func mayLetIn(_ reason: ExclusionReason, _ settings: TaskSettings) -> Bool {
    reason != .robots || !settings.obeysRobots
  }

  /// Takes URLs off the beginning as long as this turn of the loop may compare patterns, one at least.
  /// - Returns: how many of them are excluded no more.
  private func offer(
    _ urls: inout ArraySlice<ExcludedURL>, by ways: inout Ways, _ history: HandlerHistory, isLast: Bool,
    to task: CrawlTask, _ unasked: inout [UnaskedURL]
  ) -> Int {
    var record = VisitRecord(taskID: task.id)
    let sequence = lastSequence + 1
    frontier.beginVisit(task: task.id, sequence: sequence)
    repeat {
      let row = urls.removeFirst()
      guard let reason = ExclusionReason(rawValue: row.reason) else { continue }
      let naming = isLast ? ways.naming(of: row.id) : nil
      // Its sitemap has not been read to the end: the visit names it again.
      if naming == nil, row.links.isEmpty, row.viaIsPending, reason == .follow || reason == .nofollow { continue }
      guard let url = WebURL(row.url) else { continue }
      var offer = Offer(
        url: url, source: source(of: row, excludedFor: reason, task.settings), depth: row.depth, viaURLID: row.viaURLID,
        sitemapLevel: FrontierEntry.sitemapLevel(priority: row.priority))
      if let naming { offer.take(naming) }
      offer.isOneOfSeveral = !isLast
      offer.excludedFor = reason
      offer.isDropped = history.isDropped(row)
      let handlers = history.unasked(of: row)
      offer.isUnasked = !handlers.isEmpty
      let result = frontier.offer(offer, task: task.id, now: now, sequence: sequence)
      if result.isLeftOpen { ways.ask(of: row.id) }
      if result.isUnasked { unasked.append(UnaskedURL(row: row, offer: offer, handlers: handlers)) }
      record.add(result, url: row.url, via: row.viaURLID, task: task, at: wallNow)
    } while !urls.isEmpty && frontier.mayCompare(now: now)
    if record.updates.isEmpty { return 0 }
    let count = record.updates.count { $0.state != .excluded }
    record.newHosts = frontier.takeNewHosts().map(HostRecord.init)
    append(record, of: task)
    needsPump()
    return count
  }

  /// How it was named, as the rules of now see it.
  private func source(
    of row: ExcludedURL, excludedFor reason: ExclusionReason, _ settings: TaskSettings
  ) -> Offer.Source {
    if row.redirects > 0 { return .redirect(redirects: row.redirects) }
    if row.viaURLID == nil, row.depth == 0 { return .seed }
    // Neither a Sitemap line of a robots.txt nor a handler has a row in links.
    guard !row.links.isEmpty else { return .link(followed: true, nofollow: false) }
    // Sitemaps below the last level are excluded as if their kind were not followed.
    let isTooDeep =
      reason == .follow
      && row.viaPriority.flatMap(FrontierEntry.sitemapLevel) == FrontierEntry.sitemapLevels.upperBound
    let followed = row.links.filter { link in LinkKind(name: link.kind).map { settings.follow.contains($0) } ?? true }
    guard !isTooDeep, !followed.isEmpty else { return .link(followed: false, nofollow: false) }
    let isNofollow = followed.allSatisfy { link in
      link.rel.map { Link.hasRelation("nofollow", in: $0) } ?? false
    }
    var robots = MetaRobots()
    if let text = row.viaRobots { robots.add(text) }
    let isObeyed = isNofollow && settings.nofollow.obeysLinks(ofPage: row.viaIsPage)
    let nofollow =
      switch settings.nofollow {
      case .ignore: false
      case .obey: isObeyed || robots.nofollow || reason == .nofollow
      // What neither the link nor the page's elements say was in a header, which earlier programs have not noted.
      case .meta: isObeyed || robots.nofollow || reason == .nofollow && !isNofollow
      }
    return .link(followed: true, nofollow: nofollow)
  }
}

extension Offer {
  /// Takes what lets it in rather than how it was named first.
  fileprivate mutating func take(_ naming: Ways.Naming) {
    if case .link(true, false) = source, depth <= naming.depth { return }
    source = naming.redirects > 0 ? .redirect(redirects: naming.redirects) : .link(followed: true, nofollow: false)
    // What no URL named is not to become a seed.
    depth = viaURLID == nil ? max(naming.depth, 1) : naming.depth
  }
}
