package import WebURL

// Which URLs are one: those whose canonical form, by the task's policy, has the same fingerprint.
extension Frontier {
  /// The 64-bit identity of a URL in a task with this policy, keyed per database.
  package func fingerprint(of url: WebURL, _ policy: CanonicalPolicy) -> UInt64 {
    url.canonicalFingerprint(policy, fingerprintKey)
  }

  /// The identity of a text that does not parse as a URL, or is only the beginning of one.
  package func fingerprint(ofInvalid text: String) -> UInt64 {
    // No URL has a space, so no fingerprint of a URL meets this one by design.
    var identity = "invalid " + text
    return identity.withUTF8 { fingerprintKey.hash(UnsafeRawBufferPointer($0)) }
  }

  /// The id of a URL that the task knows, in whatever spelling. Answers only when its known URLs are loaded.
  package func knownID(of url: WebURL, task taskID: Int64) -> Int64? {
    guard let task = tasks[taskID] else { return nil }
    return task.seen[fingerprint(of: url, task.settings.canonicalPolicy)]?.id
  }

  /// As above, of a text that was offered because it is no whole URL.
  package func knownID(ofInvalid text: String, task taskID: Int64) -> Int64? {
    tasks[taskID]?.seen[fingerprint(ofInvalid: text)]?.id
  }

  /// Judges a redirect of a URL to another spelling of itself, as from `/a` to `/a?session=1` in a task that drops
  /// `session`, or to the very same with other cookies, as from a page that asks for consent: its page is there, so the row
  /// is visited again in the new spelling when the visit `sequence`, whose entry it is, has committed. Each time counts as a
  /// redirect, of which there may be so many.
  ///
  /// - Returns: what is to become of the row; nil when the redirect leads to another URL, or to the same as it is.
  package func respell(
    _ entry: FrontierEntry, as url: WebURL, hasNewCookies: Bool, now: Int64, sequence: Int64
  ) -> OfferResult? {
    guard url != entry.url || hasNewCookies, knownID(of: url, task: entry.taskID) == entry.id else { return nil }
    return revisit(entry, as: url, redirects: entry.redirects + 1, now: now, sequence: sequence)
  }

  /// Has a URL whose answer was a redirect visited again, in this spelling, when the visit `sequence` has made its row ready.
  /// `redirects`: how many have led to it by now. `dueAt`: as that of an `Offer`.
  ///
  /// - Returns: what is to become of the row; it is not queued when a rule excludes it.
  package func revisit(
    _ entry: FrontierEntry, as url: WebURL, redirects: Int, dueAt: Int64? = nil, now: Int64, sequence: Int64
  ) -> OfferResult {
    guard let task = tasks[entry.taskID] else { fatalError("a URL of task \(entry.taskID), which has no frontier") }
    var again = entry
    again.url = url
    again.redirects = redirects
    again.attempts = 0
    again.isRepeat = false
    again.isUnconditional = false
    if entry.sitemapLevel == nil { again.key.priority = FrontierEntry.redirectPriority }
    var result = OfferResult(
      id: entry.id, hostID: entry.hostID, fingerprint: entry.fingerprint, priority: again.key.priority,
      depth: entry.depth, redirects: again.redirects, change: .revived(.ready))
    let offer = Offer(
      url: url, source: .redirect(redirects: again.redirects), depth: entry.depth, viaURLID: entry.viaURLID)
    let isForbidden = robotsAllow(url, hosts[entry.hostID], task, now: now) == false
    let judgement = judge(offer, task, now: now)
    if let reason = judgement.reason ?? (isForbidden ? .robots : nil) {
      result.change = .revived(.excluded(reason))
    } else {
      if case .unfinished = judgement { task.mustJudgeAgain = true }
      if let dueAt {
        result.change = .revived(.delayed(until: dueAt))
        return result
      }
      enqueue(again, on: hosts[entry.hostID], task: task, now: now, sequence: sequence)
    }
    return result
  }

  /// A URL was found excluded when it came up; no answer of it is there.
  func noteExcluded(_ entry: FrontierEntry, _ reason: ExclusionReason, _ task: FrontierTask) {
    let roomy = giveBackBudget(entry, task)
    excluded.append(ExcludedEntry(entry: entry, reason: reason, roomyBudgets: roomy))
    task.seen.insert(
      entry.fingerprint, SeenSet.Element(id: entry.id, standing: reason.standing(ofSeed: entry.isSeed)))
  }
}
