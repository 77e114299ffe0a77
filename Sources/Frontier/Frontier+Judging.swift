internal import WebURL

// The rules of a task that need no knowledge of the host, and what they may cost.
//
// A page may name ten thousand URLs, each of two thousand bytes, and a task may have 512 patterns to compare them with. So
// there is a bound for what is compared in one turn of the loop. A URL that is offered beyond it is queued, if no other rule
// excludes it, and the task's URLs are judged again when they come up, where the host waits for the next turn if need be.
// Each task may compare one URL in a turn, whatever others have compared, and those without patterns wait for nobody.
// After a restart all are judged again anyway.
extension Frontier {
  /// Steps of comparing URLs with patterns before the loop has its turn, about twenty milliseconds.
  private static let patternWorkPerTurn = 20_000_000

  enum Judgement {
    case allowed
    case excluded(ExclusionReason)
    /// No rule that was looked at excludes the URL, but enough was compared in this turn of the loop: patterns may.
    case unfinished

    var reason: ExclusionReason? {
      if case .excluded(let reason) = self { reason } else { nil }
    }
  }

  /// The rules that need no knowledge of the host, strictest first; those that another offer may lift come last.
  func judge(_ offer: Offer, _ task: FrontierTask, now: Int64) -> Judgement {
    if isTooLongAChain(offer) { return .excluded(.redirectLimit) }
    guard offer.url.isHTTP else { return .excluded(.schemeRefused) }
    // Seeds, and where their redirects lead, are what the user asked for.
    if offer.depth == 0 { return .allowed }
    let settings = task.settings
    if settings.traps, let trap = Traps.verdict(offer.url) { return .excluded(trap) }
    if !task.scope.contains(offer.url) { return .excluded(.scope) }
    // What was excluded is not let in to be excluded again: whoever has it judged anew looks at `mayCompare`.
    let patterns =
      mayCompare(now: now) || offer.excludedFor != nil || task.comparedAt != now
      ? comparePatterns(offer.url, task, now: now) : .unfinished
    if case .excluded = patterns { return patterns }
    if offer.isDropped { return .excluded(.handler) }
    if let maxDepth = settings.maxDepth, offer.depth > maxDepth { return .excluded(.depth) }
    if case .link(let followed, let nofollow) = offer.source {
      if !followed { return .excluded(.follow) }
      if nofollow { return .excluded(.nofollow) }
    }
    return patterns
  }

  /// More redirects lead to it, one after the other, than are followed.
  func isTooLongAChain(_ offer: Offer) -> Bool {
    if case .redirect(let redirects) = offer.source { redirects > limits.maxRedirects } else { false }
  }

  /// Judges a URL that is about to be visited by the settings of now, which may be narrower than when it was offered. Of the
  /// links that named it nothing is known any more: kinds and nofollow hold for what is offered.
  func judgeNow(_ entry: FrontierEntry, _ task: FrontierTask, now: Int64) -> Judgement {
    if task.mustJudgeAgain {
      let source = Offer.Source.link(followed: true, nofollow: false)
      let offer = Offer(url: entry.url, source: source, depth: entry.depth, viaURLID: nil)
      let judgement = judge(offer, task, now: now)
      guard case .allowed = judgement else { return judgement }
    }
    return budgetExclusionNow(entry, task).map { .excluded($0) } ?? .allowed
  }

  /// The rule by which a URL that waits would be excluded if its turn came now; nil when none is known to. Compared like any
  /// that comes up.
  package func exclusionNow(of entry: FrontierEntry, now: Int64) -> ExclusionReason? {
    guard let task = tasks[entry.taskID], task.scopeIsKnown else { return nil }
    if robotsAllow(entry.url, hosts[entry.hostID], task, now: now) == false { return .robots }
    return judgeNow(entry, task, now: now).reason
  }

  /// Whether less was compared with patterns in this turn of the loop (`now` is still the same) than may be.
  package func mayCompare(now: Int64) -> Bool {
    patternWork.time != now || patternWork.done < Self.patternWorkPerTurn
  }

  private func comparePatterns(_ url: WebURL, _ task: FrontierTask, now: Int64) -> Judgement {
    let settings = task.settings
    if settings.exclude.isEmpty, settings.include.isEmpty { return .allowed }
    task.comparedAt = now
    if patternWork.time != now { patternWork = (now, 0) }
    return url.canonical().href.utf8.span.withUnsafeBufferPointer { href in
      if settings.exclude.anyMatches(href, work: &patternWork.done) { return .excluded(.exclude) }
      if settings.include.isEmpty || settings.include.anyMatches(href, work: &patternWork.done) { return .allowed }
      return .excluded(.include)
    }
  }
}
