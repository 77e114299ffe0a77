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
  /// It is a 304, and the page that it is about is not there any more: it has to be fetched whole.
  var lacksPage = false
  /// The redirect led to the same URL again, in another spelling or with other cookies.
  private(set) var isRespelled = false
  /// When the URL is tried again, if it is; microseconds since 1970 UTC by the calendar (`Crawler.dueNow`).
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
    let configuration: CrawlConfiguration
  }

  init(
    _ crawler: isolated Crawler, _ task: CrawlTask, _ entry: FrontierEntry, _ response: FetchResponse?,
    _ options: RequestOptions
  ) {
    self.task = task
    self.entry = entry
    self.response = response
    self.options = options
    self.crawler = Isolated(frontier: crawler.frontier, configuration: crawler.configuration)
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

  /// Offers where a redirect leads, at the head of its queue.
  func followRedirect(hasNewCookies: Bool) {
    guard let response, response.outcome == .redirected, let location = response.location else { return }
    let source = Offer.Source.redirect(redirects: entry.redirects + 1)
    record.pageURLID = entry.id
    guard let url = WebURL(location, base: entry.url)?.withoutFragment().withoutCredentials() else {
      record.fetches[0].redirectTo = location
      return link(to: offerInvalid(location), kind: .redirect, position: 0)
    }
    record.fetches[0].redirectTo = url.href
    let again = crawler.frontier.respell(entry, as: url, hasNewCookies: hasNewCookies, sequence: sequence)
    if let again { return respell(again, url) }
    let target = offer(url, source, depth: entry.depth, sitemapLevel: entry.sitemapLevel)
    link(to: target, kind: .redirect, position: 0)
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
    offer(links, isFollowed: task.settings.nofollow == .ignore || !(page?.robots ?? header.robots).nofollow)
    mergeLinks()
  }

  /// Offers what links name, and adds their rows; those of handlers follow.
  private func offer(_ links: [Link], isFollowed: Bool) {
    let settings = task.settings
    /// Which row of the record a link has.
    var rows: [Int] = []
    rows.reserveCapacity(links.count)
    // By its place: a copy of a link costs as much as an offer of it.
    for place in links.indices {
      // What is offered twice in one visit is known the second time. Handlers are heard for each.
      if verdicts == nil, let first = links[place].repeats {
        rows.append(rows[first])
        record.links[rows[first]].count += 1
        continue
      }
      let kind = links[place].kind
      let source = Offer.Source.link(
        followed: settings.follow.contains(kind),
        nofollow: !isFollowed || settings.nofollow == .obey && links[place].hasRelation("nofollow"))
      let isSitemap = kind == .sitemap && settings.follow.contains(.sitemap)
      let target =
        links[place].url.map {
          isSitemap ? offer($0, source, depth: 1, sitemapLevel: 1) : offer($0, source, depth: entry.depth + 1)
        } ?? offerInvalid(links[place].value)
      rows.append(record.links.count)
      record.links.append(
        LinkRecord(
          targetURLID: target, kind: kind.name, rel: links[place].rel, anchor: links[place].anchor,
          position: links[place].position))
    }
    addHandlersResults(isFollowed: isFollowed)
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

  /// One row per target and kind, with the first one's text and their number; sorted as the table is.
  func mergeLinks() {
    record.links.sort { ($0.targetURLID, $0.kind, $0.position) < ($1.targetURLID, $1.kind, $1.position) }
    var merged = 0
    for index in record.links.indices.dropFirst() {
      let link = record.links[index]
      if record.links[merged].targetURLID == link.targetURLID && record.links[merged].kind == link.kind {
        record.links[merged].count += link.count
      } else {
        merged += 1
        if merged != index { record.links[merged] = link }
      }
    }
    if !record.links.isEmpty { record.links.removeSubrange((merged + 1)...) }
    record.page?.linkCount = record.links.count
  }

  /// Offers a URL that was found, without the user and the password that it may name: they are nobody's that the user of
  /// the crawler has chosen.
  func offer(_ url: WebURL, _ source: Offer.Source, depth: Int, sitemapLevel: Int? = nil) -> Int64 {
    let (url, isDropped) = judge(url.withoutCredentials())
    var offer = Offer(url: url, source: source, depth: depth, viaURLID: entry.id, sitemapLevel: sitemapLevel)
    offer.isDropped = isDropped
    let result = crawler.frontier.offer(offer, task: task.id, now: now, sequence: sequence)
    note(result, text: url.href)
    return result.id
  }

  func offerInvalid(_ text: String) -> Int64 {
    let result = crawler.frontier.offerInvalid(text, depth: entry.depth + 1, task: task.id)
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
    let mayRetry = !response.outcome.costsAttempt || attempts < crawler.configuration.maxAttempts
    if (response.outcome.isRetryable || lacksPage) && mayRetry {
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
    // Where a seed's redirect chain ends joins the scope.
    if entry.depth == 0, !entry.isSeed || entry.redirects > 0 {
      crawler.frontier.admit(seed: entry.url, task: task.id)
    }
  }

  /// The URL is not visited, by a rule that was not known or not in force when it was offered.
  func exclude(_ reason: ExclusionReason) {
    change(to: .excluded, reason: reason.rawValue, attempts: entry.attempts)
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
    let base = crawler.configuration.retryDelay.microseconds
    let longest = crawler.configuration.maxRetryDelay.microseconds
    let delay = min(longest, base << Int64(min(max(attempts - 1, 0), 16)))
    return delay + Int64.random(in: 0...max(1, delay / 2))
  }
}
