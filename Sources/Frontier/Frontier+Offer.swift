internal import Politeness
package import WebURL

extension Frontier {
  /// Judges a URL and, if the task is to visit it, queues it.
  ///
  /// The row that the result asks for belongs to the visit `sequence`; nil when it is written before the task runs. Hosts
  /// met for the first time wait in `takeNewHosts`. Constant time but for the URL's length and the task's patterns, of which
  /// a turn of the loop compares a bounded part (`Frontier+Judging`); no await, so the seen set decides exactly once.
  ///
  /// URLs with the same canonical form are one row. It is fetched as it was spelled when it was offered first, since only
  /// that is known to exist; where a rule excludes that spelling, as the first one that no rule excludes.
  package func offer(_ offer: Offer, task taskID: Int64, now: Int64, sequence: Int64?) -> OfferResult {
    guard let task = tasks[taskID] else { fatalError("offer to task \(taskID), which has no frontier") }
    guard task.seenIsComplete else { fatalError("offer to task \(taskID) before its known URLs are loaded") }
    let fingerprint = fingerprint(of: offer.url, task.settings.canonicalPolicy)
    let known = task.seen[fingerprint]
    // A seed stays one, whoever names another spelling of it: a later daemon reads the scope from its seeds.
    var offer = offer
    if known?.standing == .excludedSeed { (offer.depth, offer.viaURLID) = (0, nil) }
    var result = OfferResult(
      id: known?.id ?? nextURLID, hostID: nil, fingerprint: fingerprint, priority: FrontierEntry.ordinaryPriority,
      depth: offer.depth, redirects: 0, change: .known)
    if let reason = offer.excludedFor {
      // Since the row was read it may have been let in.
      guard let known,
        known.standing.isOfNaming || known.standing == reason.standing(ofSeed: known.standing == .excludedSeed)
      else { return result }
    } else if let known, !isWorthJudgingAgain(known.standing, offer, task) {
      return result
    }
    if case .redirect(let redirects) = offer.source {
      result.priority = FrontierEntry.redirectPriority
      result.redirects = redirects
    }
    let isSeed = offer.depth == 0 && offer.viaURLID == nil
    if let level = offer.sitemapLevel { result.priority = FrontierEntry.priority(ofSitemap: level) }
    if known == nil { nextURLID += 1 }

    let judgement = judge(offer, task, now: now)
    var exclusion = judgement.reason
    if offer.isOneOfSeveral, let known, let exclusion, exclusion.isOfNaming {
      let standing = exclusion.standing(ofSeed: false)
      task.seen.insert(fingerprint, SeenSet.Element(id: known.id, standing: standing))
      result.isLeftOpen = true
      return result
    }
    guard offer.url.isHTTP else {
      return settle(
        &result, .excluded(exclusion ?? .schemeRefused), known, task, isSeed: isSeed, excludedFor: offer.excludedFor)
    }
    let hostID = hostID(of: offer.url)
    let host = hosts[hostID]
    if case .seed = offer.source, offer.excludedFor == nil, let host {
      // Whoever names it wants to know now.
      forgetFailures(host, reader: task.settings.robotsReader)
    }
    result.hostID = hostID
    if exclusion == nil, robotsAllow(offer.url, host, task, now: now) == false { exclusion = .robots }
    if exclusion == nil, offer.isUnasked {
      result.isUnasked = true
      return result
    }
    if exclusion == nil { exclusion = budgetExclusion(offer.url, hostID: hostID, task) }
    if let exclusion {
      return settle(&result, .excluded(exclusion), known, task, isSeed: isSeed, excludedFor: offer.excludedFor)
    }
    if task.settings.obeysRobots, let fate = host?.fateWithoutRobots(of: task.settings.robotsReader, now: now) {
      switch fate {
      case .robotsUnreachable:
        return settle(&result, .robotsUnreachable, known, task, isSeed: isSeed, excludedFor: offer.excludedFor)
      case .addressRefused:
        return settle(
          &result, .excluded(.addressRefused), known, task, isSeed: isSeed, excludedFor: offer.excludedFor)
      }
    }
    if case .unfinished = judgement { task.mustJudgeAgain = true }
    if let due = offer.dueAt {
      return settle(&result, .delayed(until: due), known, task, isSeed: isSeed, excludedFor: offer.excludedFor)
    }
    let key = QueuePlace(priority: result.priority, depth: offer.depth, id: result.id)
    let entry = FrontierEntry(
      key: key, taskID: taskID, hostID: hostID, url: offer.url, fingerprint: fingerprint, redirects: result.redirects,
      viaURLID: offer.viaURLID)
    enqueue(entry, on: host, task: task, now: now, sequence: sequence)
    return settle(&result, .ready, known, task, isSeed: isSeed, excludedFor: offer.excludedFor)
  }

  /// A URL text that does not parse, or the beginning of a URL that is too long: it is a row too, so that the page that
  /// names it can be found.
  package func offerInvalid(
    _ text: String, _ reason: ExclusionReason = .urlInvalid, depth: Int, task taskID: Int64
  ) -> OfferResult {
    guard let task = tasks[taskID] else { fatalError("offer to task \(taskID), which has no frontier") }
    let fingerprint = fingerprint(ofInvalid: text)
    let known = task.seen[fingerprint]
    var result = OfferResult(
      id: known?.id ?? nextURLID, hostID: nil, fingerprint: fingerprint, priority: FrontierEntry.ordinaryPriority,
      depth: depth, redirects: 0, change: .known)
    if known != nil { return result }
    nextURLID += 1
    return settle(&result, .excluded(reason), nil, task, isSeed: false)
  }

  package var hasNewHosts: Bool { !newHosts.isEmpty }

  /// The hosts that offers met for the first time since the last call.
  package func takeNewHosts() -> [NewHost] {
    defer { newHosts.removeAll() }
    return newHosts
  }

  /// Puts a URL whose row is ready (read back, promoted from delayed) into its queue.
  package func enqueueStored(_ entry: FrontierEntry, now: Int64) {
    guard let task = tasks[entry.taskID] else { return }
    enqueue(entry, on: hosts[entry.hostID], task: task, now: now, sequence: nil)
  }

  /// Where a seed's redirect chain ends joins the scope. Returns whether more is in scope now: what was excluded for the scope
  /// before is to be judged anew.
  @discardableResult
  package func admit(seed url: WebURL, task taskID: Int64) -> Bool {
    tasks[taskID]?.scope.admit(seed: url) ?? false
  }

  /// A seed that may have come while the task ran joins the scope. What was excluded for the scope before is judged anew
  /// when it is named again.
  package func widen(seed url: WebURL, task taskID: Int64) {
    guard let task = tasks[taskID] else { return }
    if task.scope.admit(seed: url) { task.scopeHasGrown = true }
  }

  private func isWorthJudgingAgain(_ standing: SeenSet.Standing, _ offer: Offer, _ task: FrontierTask) -> Bool {
    if isTooLongAChain(offer) { return false }
    let isLink: Bool
    var isSeed = false
    var followed = true
    var nofollow = false
    if case .link(let isFollowed, let isNofollow) = offer.source {
      isLink = true
      (followed, nofollow) = (isFollowed, isNofollow)
    } else {
      isLink = false
      // Where a seed redirects to is what the user asked for, too.
      isSeed = offer.depth == 0
    }
    return switch standing {
    case .settled, .excludedForBudget: false
    case .excludedForDepth: offer.depth <= task.settings.maxDepth ?? .max
    case .excludedForNofollow: !isLink || !nofollow
    case .excludedForKind: !isLink || followed
    // Of links that are not followed no handler was asked.
    case .excludedForHandler: !offer.isDropped && followed
    case .excludedForRedirects: true
    case .excludedForSpelling, .excludedSeed:
      isSeed || task.scopeHasGrown || !task.settings.canonicalPolicy.isConservative
    }
  }

  private func settle(
    _ result: inout OfferResult, _ fate: OfferResult.Fate, _ known: SeenSet.Element?, _ task: FrontierTask,
    isSeed: Bool, excludedFor earlier: ExclusionReason? = nil
  ) -> OfferResult {
    var standing = SeenSet.Standing.settled
    if case .excluded(let reason) = fate, earlier != nil {
      standing = reason.standing(ofSeed: isSeed)
    } else if case .excluded(let reason) = fate {
      // The row keeps its first spelling, and the reason for which that is excluded.
      if known?.standing == .excludedForSpelling || known?.standing == .excludedSeed { return result }
      standing = reason.standing(ofSeed: isSeed)
    }
    task.seen.insert(result.fingerprint, SeenSet.Element(id: result.id, standing: standing))
    if case .excluded(let reason) = fate, reason == earlier { return result }
    if let known {
      if case .excluded = fate, earlier == nil, known.standing == standing { return result }
      result.change = .revived(fate)
      result.isDroppedNoMore = known.standing == .excludedForHandler
      result.isNewSeed = isSeed && earlier == nil && known.standing != .excludedSeed
    } else {
      result.change = .discovered(fate)
      result.isNewSeed = isSeed
    }
    return result
  }

  /// `host` is nil when it is not in memory.
  func enqueue(_ entry: FrontierEntry, on host: Host?, task: FrontierTask, now: Int64, sequence: Int64?) {
    guard let host = host ?? makeFreshHost(of: entry, now: now) else {
      task.hasDormantHosts = true
      task.dormantAgain = true
      return
    }
    let queue = queue(of: task, on: host)
    let hadWork = queue.hasWork
    if let sequence, queue.uncommitted.contains(entry.id) {
      return queue.insertAfterCommit(entry, sequence: sequence)
    }
    queue.insert(entry, limit: headLimit, sequence: sequence)
    if !hadWork { schedule(host, now: now) }
    noteRefill(queue)
  }

  /// Nobody has stored anything about a host that has just been met.
  private func makeFreshHost(of entry: FrontierEntry, now: Int64) -> Host? {
    freshHosts.remove(entry.hostID) == nil ? nil : makeHost(id: entry.hostID, of: entry.url, now: now)
  }

  func queue(of task: FrontierTask, on host: Host) -> HostQueue {
    if let queue = host.queue(of: task.id) { return queue }
    let queue = HostQueue(task: task, host: host)
    host.queues.append(queue)
    configureClock(host)
    return queue
  }
}
