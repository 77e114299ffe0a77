internal import Cookies
internal import Fetch
internal import Frontier
internal import Parse
internal import Store
internal import WebURL

/// Builds the one record of a visit: what it found, what its page links to, what becomes of its URL.
///
/// From its creation to `Crawler.append` there is no await: ids, seen set and rows agree. An object, because a copy of it
/// costs as much as to find a link, and with a record that one at a time changes.
final class VisitBuilder {
  let task: CrawlTask
  let entry: FrontierEntry
  let sequence: Int64
  @exclusivity(unchecked) var record: VisitRecord
  /// What the task's handlers said of what the visit found.
  var verdicts: HandlerVerdicts?
  private(set) var isFinalAnswer = false
  /// It ends a seed's redirect chain, and more is in the task's scope now.
  private(set) var widensScope = false
  /// It is a 304, and the page that it is about is not there any more: it has to be fetched whole.
  var lacksPage = false
  /// See `Crawler.isDoubtful`.
  var isDoubtful = false
  /// The redirect led to the same URL again, in another spelling or with other cookies.
  private(set) var isRespelled = false
  /// When the URL is tried again, or asked for to which it redirects, if that is later; microseconds since 1970 UTC by the
  /// calendar (`Crawler.dueNow`).
  private(set) var dueAt: Int64?
  /// It was fetched, and not only found excluded.
  var wasStarted: Bool { response != nil }
  private let crawler: Isolated
  let response: FetchResponse?
  private let options: RequestOptions
  private let fetchID: Int64
  private let now: Int64
  private let wallNow: Int64
  private let dueNow: Int64

  /// What it uses of the crawler, on whose actor it lives.
  private struct Isolated {
    let frontier: Frontier
    let maxAttempts: Int
    let retryDelay: Duration
    let maxRetryDelay: Duration
  }

  init(
    _ crawler: isolated Crawler, _ task: CrawlTask, _ entry: FrontierEntry, _ response: FetchResponse?,
    _ options: RequestOptions
  ) {
    self.task = task
    self.entry = entry
    self.response = response
    self.options = options
    self.crawler = Isolated(
      frontier: crawler.frontier, maxAttempts: crawler.configuration.maxAttempts,
      retryDelay: crawler.configuration.retryDelay, maxRetryDelay: crawler.configuration.maxRetryDelay)
    now = crawler.now
    wallNow = crawler.wallNow
    dueNow = crawler.dueNow
    sequence = crawler.lastSequence + 1
    record = VisitRecord(taskID: task.id)
    crawler.frontier.beginVisit(task: task.id, sequence: sequence)
    guard let response else {
      fetchID = 0
      return
    }
    fetchID = crawler.nextFetchID
    crawler.nextFetchID += 1
    var fetch = FetchRecord(response, id: fetchID, entry: entry, task: task, options: options)
    fetch.retryAfter = crawler.retryAfter(of: response)
    record.fetches = [fetch]
    record.counters.count(fetch)
  }

  // MARK: What it names

  /// Offers where a redirect leads, at the head of its queue. `cookies`: the field that was sent.
  func followRedirect(hasNewCookies: Bool, cookies: String?) {
    guard let response, response.outcome == .redirected, let location = response.location else { return }
    let source = Offer.Source.redirect(redirects: entry.redirects + 1)
    record.pageURLID = entry.id
    guard let url = WebURL(location, base: entry.url)?.withoutFragment().withoutCredentials() else {
      record.fetches[0].redirectTo = location
      return link(to: offerInvalid(location, depth: entry.depth), kind: .redirect, position: 0)
    }
    record.fetches[0].redirectTo = url.href
    // What handlers say of it holds for another spelling of the same URL too.
    let (judged, isDropped) = judge(url)
    dueAt = Crawler.redirectHold(record.fetches[0].retryAfter, from: entry.url, to: judged).map { dueNow + $0 }
    if !isDropped {
      let again = crawler.frontier.respell(
        entry, as: judged, hasNewCookies: hasNewCookies, now: now, sequence: sequence)
      if let again { return respell(again, judged) }
      if let target = goBack(to: judged) { return link(to: target, kind: .redirect, position: 0) }
    }
    let target = offer(
      judged: judged, isDropped: isDropped, source, depth: entry.depth, sitemapLevel: entry.sitemapLevel, dueAt: dueAt)
    link(to: target, kind: .redirect, position: 0)
  }

  /// Notes the redirect with what was said of its URL. `cookies`: the field that was sent.
  func noteRedirect(cookies: String?) {
    guard options.keepsCookies, !isRespelled, let fetch = record.fetches.first, response?.outcome == .redirected else {
      return
    }
    task.trail.note(RedirectTrail.Step(entry: entry, fetchID: fetch.id, change: fetch.change, cookies: cookies))
  }

  /// Has a URL visited again that the redirects before this one have come from, if it would be asked for with other cookies
  /// than it was: they were set on the way, and it waits for them. Its redirect is no answer then, and no change of the page.
  /// - Returns: its id; nil when the redirect leads elsewhere, or there were too many.
  private func goBack(to url: WebURL) -> Int64? {
    guard options.keepsCookies, let id = crawler.frontier.knownID(of: url, task: task.id),
      let step = task.trail.step(at: id, before: entry), step.differs(from: task.jar.field(for: url, now: wallNow))
    else { return nil }
    var back = step.entry
    // Only in memory: the row keeps how it was found.
    back.viaURLID = entry.id
    let again = crawler.frontier.revisit(
      back, as: url, redirects: entry.redirects + 1, dueAt: dueAt, now: now, sequence: sequence)
    guard case .revived(let fate) = again.change, fate.state != .excluded else { return nil }
    task.trail.forget(id)
    record.updates.append(
      URLUpdate(
        id: id, state: fate.state, reason: fate.reason, dueAt: fate.dueAt, attempts: 0, priority: again.priority,
        url: url.href, redirects: again.redirects))
    record.counters.move(from: .done, to: fate.state)
    if let change = step.change {
      record.unchangedFetchID = step.fetchID
      record.counters.changes[change] -= 1
    }
    return id
  }

  /// The redirect leads to the same URL again: the row that this visit has settled goes on as that.
  private func respell(_ result: OfferResult, _ url: WebURL) {
    isRespelled = true
    guard case .revived(let fate) = result.change else {
      fatalError("a URL that is spelled anew is visited or excluded")
    }
    let attempts = if case .ready = fate { 0 } else { entry.attempts + 1 }
    record.updates.append(
      URLUpdate(
        id: entry.id, state: fate.state, reason: fate.reason, attempts: attempts, priority: result.priority,
        url: url.href, redirects: result.redirects))
    record.counters.move(from: .done, to: fate.state)
  }

  /// Adds the page's row, its links and those of the header section, and offers what they name.
  ///
  /// The header section of a success counts whatever the body is.
  func addPage(_ page: Page?) {
    guard let response, response.outcome == .ok else { return }
    let header = headerFacts(of: response)
    var page = page
    page?.add(header)
    let links = page?.links ?? header.links
    guard page != nil || !links.isEmpty else { return }
    if let page {
      record.page = PageRecord(
        page, entry: entry, runID: task.runID, fetchID: fetchID, response: response,
        keepsText: task.settings.storage.keepsText)
    }
    record.pageURLID = entry.id
    let isFollowed = task.settings.nofollow == .ignore || !(page?.robots ?? header.robots).nofollow
    offer(links, isFollowed: isFollowed, base: page?.base ?? entry.url)
    if page == nil { noteNofollow(of: header) }
    mergeLinks()
  }

  /// Offers what links name, and adds their rows; those of handlers follow.
  private func offer(_ links: [Link], isFollowed: Bool, base: WebURL) {
    let obeysLinks = task.settings.nofollow.obeysLinks(ofPage: record.page != nil)
    /// Which row of the record a link has.
    var rows: [Int] = []
    rows.reserveCapacity(links.count)
    record.links.reserveCapacity(record.links.count + links.count)
    // Most links name what is known, and an offer of that costs ten times what it costs to look it up.
    let settled = verdicts == nil && !links.isEmpty ? crawler.frontier.settledURLs(task: task.id) : nil
    // By its place: a copy of a link costs as much as an offer of it.
    for place in links.indices {
      // What is offered twice in one visit is known the second time. Handlers are heard for each.
      if verdicts == nil, let first = links[place].repeats {
        rows.append(rows[first])
        record.links[rows[first]].count += links[place].count
        continue
      }
      let kind = links[place].kind
      let target: Int64
      if let url = links[place].url {
        target =
          settled?.id(of: url)
          ?? offer(url, of: kind, isFollowed: isFollowed && !(obeysLinks && links[place].hasRelation("nofollow")))
      } else {
        target = offerText(links[place].value, base: base)
      }
      rows.append(record.links.count)
      record.links.append(
        LinkRecord(
          targetURLID: target, kind: kind.name, rel: links[place].rel, anchor: links[place].anchor,
          position: links[place].position, count: links[place].count))
    }
    addHandlersResults(isFollowed: isFollowed, base: base)
  }

  /// Offers what a link without a URL names: a text that is none, or the beginning of one that was cut.
  func offerText(_ text: String, base: WebURL) -> Int64 {
    let limit = ParseLimits().valueBytes
    guard text.utf8.count >= limit, let url = WebURL(text, base: base)?.withoutFragment() else {
      return offerInvalid(text)
    }
    // Of an image that stands in the page itself the scheme says enough.
    guard url.isHTTP else {
      return offer(url, .link(followed: false, nofollow: false), depth: entry.depth + 1)
    }
    let start = String(decoding: url.withoutCredentials().href.utf8.prefix(limit), as: UTF8.self)
    // What is not long was cut within white space.
    return start.utf8.count > limit / 2 ? offerInvalid(start, .urlTooLong) : offerInvalid(text)
  }

  /// Offers what a link of the page, or of the header section, names.
  private func offer(_ url: WebURL, of kind: LinkKind, isFollowed: Bool) -> Int64 {
    let follow = task.settings.follow
    let source = Offer.Source.link(followed: follow.contains(kind), nofollow: !isFollowed)
    return kind == .sitemap && follow.contains(.sitemap)
      ? offer(url, source, depth: 1, sitemapLevel: 1) : offer(url, source, depth: entry.depth + 1)
  }

  func headerFacts(of response: FetchResponse) -> HeaderFacts {
    HeaderFacts(url: entry.url, productToken: options.productToken) { response.headers.all($0) }
  }

  /// Offers what Sitemap lines of the host's robots.txt name.
  func offerSitemaps(_ lines: [String]) {
    record.addSitemaps(
      lines, of: entry, to: crawler.frontier, task: task, now: now, wallNow: wallNow, sequence: sequence)
  }

  private func link(to target: Int64, kind: LinkKind, position: Int) {
    record.links.append(LinkRecord(targetURLID: target, kind: kind.name, position: position))
  }

  /// One row per target and kind, with the first one's text and their number; sorted as the table is. A link that may be
  /// followed gives the row its `rel`: by that a recrawl decides whether the page leads to the target.
  func mergeLinks() {
    let links = record.links
    // By their places: to move links costs more than to compare them.
    let order = links.indices.sorted { one, other in
      if links[one].targetURLID != links[other].targetURLID { return links[one].targetURLID < links[other].targetURLID }
      if links[one].kind != links[other].kind { return links[one].kind < links[other].kind }
      return links[one].position < links[other].position
    }
    record.links.removeAll(keepingCapacity: true)
    for place in order {
      if let last = record.links.indices.last, record.links[last].targetURLID == links[place].targetURLID,
        record.links[last].kind == links[place].kind
      {
        record.links[last].count += links[place].count
        if Self.hasNofollow(record.links[last]), !Self.hasNofollow(links[place]) {
          record.links[last].rel = links[place].rel
        }
      } else {
        record.links.append(links[place])
      }
    }
    record.page?.linkCount = record.links.count
  }

  /// Has the links say nofollow where the header section of what is no page says so of all of them, whatever the task makes
  /// of it: no row of `pages` does, and a 304 may leave it out (RFC 9111 section 4.3.4).
  func noteNofollow(of header: HeaderFacts) {
    guard header.robots.nofollow else { return }
    for place in record.links.indices where !Self.hasNofollow(record.links[place]) {
      record.links[place].rel = record.links[place].rel.map { $0 + " nofollow" } ?? "nofollow"
    }
  }

  static func hasNofollow(_ link: LinkRecord) -> Bool {
    link.rel.map { Link.hasRelation("nofollow", in: $0) } ?? false
  }

  /// Offers a URL that was found, without the user and the password that it may name: they are nobody's that the user of
  /// the crawler has chosen.
  func offer(_ url: WebURL, _ source: Offer.Source, depth: Int, sitemapLevel: Int? = nil) -> Int64 {
    let (judged, isDropped) = judge(url.withoutCredentials())
    return self.offer(judged: judged, isDropped: isDropped, source, depth: depth, sitemapLevel: sitemapLevel)
  }

  private func offer(
    judged url: WebURL, isDropped: Bool, _ source: Offer.Source, depth: Int, sitemapLevel: Int?, dueAt: Int64? = nil
  ) -> Int64 {
    var offer = Offer(url: url, source: source, depth: depth, viaURLID: entry.id, sitemapLevel: sitemapLevel)
    offer.isDropped = isDropped
    offer.dueAt = dueAt
    let result = crawler.frontier.offer(offer, task: task.id, now: now, sequence: sequence)
    note(result, text: url.href)
    return result.id
  }

  /// - Parameter depth: nil: that of a link of the page.
  func offerInvalid(_ text: String, _ reason: ExclusionReason = .urlInvalid, depth: Int? = nil) -> Int64 {
    let result = crawler.frontier.offerInvalid(text, reason, depth: depth ?? entry.depth + 1, task: task.id)
    note(result, text: text)
    return result.id
  }

  private func note(_ result: OfferResult, text: String) {
    record.add(result, url: text, via: entry.id, task: task, at: wallNow)
  }

  // MARK: What becomes of its URL

  /// Decides the URL's state after this attempt.
  func settle() {
    guard let response else { fatalError("a visit without a fetch has no outcome") }
    let attempts = entry.attempts + (response.outcome.costsAttempt ? 1 : 0)
    let mayRetry = !response.outcome.costsAttempt || attempts < crawler.maxAttempts
    if (response.isRetryable || isDoubtful || lacksPage) && mayRetry {
      let dueAt = dueNow + retryDelay(attempts)
      self.dueAt = dueAt
      return change(to: .delayed, reason: response.outcome.rawValue, attempts: attempts, dueAt: dueAt)
    }
    if response.outcome.isAnswer {
      if response.outcome != .redirected { settleFinalAnswer(response.outcome) }
      return change(
        to: .done, reason: response.outcome == .ok ? nil : response.outcome.rawValue, attempts: attempts)
    }
    if response.outcome == .addressRefused {
      return change(to: .excluded, reason: ExclusionReason.addressRefused.rawValue, attempts: attempts)
    }
    change(to: .failed, reason: response.outcome.rawValue, attempts: attempts)
  }

  private func settleFinalAnswer(_ outcome: FetchOutcome) {
    isFinalAnswer = true
    record.counters.finalAnswers += 1
    if outcome == .ok || outcome == .notModified { record.counters.okAnswers += 1 }
    if entry.endsRedirectsOfSeed { widensScope = crawler.frontier.admit(seed: entry.url, task: task.id) }
  }

  /// The URL is not visited, by a rule that was not known or not in force when it was offered. Where other rules let it in, it
  /// begins anew, whatever was tried before.
  func exclude(_ reason: ExclusionReason) {
    change(to: .excluded, reason: reason.rawValue, attempts: 0)
  }

  private func change(to state: URLState, reason: String?, attempts: Int, dueAt: Int64? = nil) {
    record.updates.append(URLUpdate(id: entry.id, state: state, reason: reason, dueAt: dueAt, attempts: attempts))
    record.counters.move(from: .ready, to: state)
    if response != nil, let clock = crawler.frontier.lastingClock(of: entry.hostID, now: now) {
      record.hostUpdates.append(HostRecord(clock, hostID: entry.hostID, offset: dueNow &- now))
    }
  }

  /// Twice as long after each attempt, plus up to half of it at random; not before Retry-After, which is the host's.
  private func retryDelay(_ attempts: Int) -> Int64 {
    let base = crawler.retryDelay.microseconds
    let longest = crawler.maxRetryDelay.microseconds
    let delay = min(longest, base << Int64(min(max(attempts - 1, 0), 16)))
    return delay + Int64.random(in: 0...max(1, delay / 2))
  }
}

extension FrontierEntry {
  /// A final answer to it is where a seed's redirect chain ends, which joins the scope.
  var endsRedirectsOfSeed: Bool { depth == 0 && (!isSeed || redirects > 0) }
}
