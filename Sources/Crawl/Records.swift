internal import Fetch
internal import Frontier
internal import Parse
internal import Politeness
internal import Store
internal import WebURL

extension FetchRecord {
  /// One attempt, as its row. Redirect target and Retry-After, which need the URL and the time, are set by the caller.
  init(_ response: FetchResponse, id: Int64, entry: FrontierEntry, task: CrawlTask, options: RequestOptions) {
    let timings = response.timings
    self.init(
      id: id, urlID: entry.kind == .robots ? nil : entry.id, hostID: entry.hostID, taskID: task.id, runID: task.runID,
      attempt: entry.attempts + 1, settingsRevision: options.settingsRevision, startedAt: response.startedAt,
      status: response.status, outcome: response.outcome.rawValue, error: response.error,
      httpVersion: response.httpVersion,
      remoteAddress: response.remoteAddress, reused: response.reused,
      wireBytes: response.wireBytes, bodyBytes: response.bodyBytes, contentType: response.contentType,
      contentEncoding: response.contentEncoding, truncated: response.truncated, etag: response.etag,
      lastModified: response.lastModified, timeQueue: timings.queue, timeDNS: timings.dns, timeConnect: timings.connect,
      timeTLS: timings.tls, timeFirstByte: timings.firstByte, timeTotal: timings.total, tlsVersion: response.tlsVersion,
      certificateExpiresAt: response.certificateExpiresAt.map { $0 &* 1_000_000 }, tlsVerified: response.tlsVerified,
      proxy: response.proxy)
    guard options.keepsBodies, response.status != nil else { return }
    let messages = FetchContents(
      requestHeaders: response.requestHeaders, responseHeaders: response.headers.bytes,
      // A 304 has none: that of the fetch before holds.
      body: response.outcome == .notModified ? nil : response.body)
    if messages.isCut { truncated = true }
    contents = messages
  }
}

extension PageRecord {
  init(
    _ page: Page, entry: FrontierEntry, runID: Int64, fetchID: Int64, response: FetchResponse, keepsText: Bool
  ) {
    self.init(
      urlID: entry.id, runID: runID, fetchID: fetchID, title: page.title, description: page.description,
      canonicalURL: page.canonical?.withoutCredentials().href, language: page.language, charset: page.charset,
      charsetSource: page.charsetSource.rawValue, robots: page.robots.text, h1: page.h1, wordCount: page.wordCount,
      textHash: page.textHash, linkCount: page.links.count, fetchedAt: response.startedAt)
    linksTruncated = page.linksTruncated
    // What handlers alone ask for is not stored.
    guard keepsText else { return }
    simhash = page.simhash
    if let text = page.text, !text.isEmpty || page.title != nil { self.text = .text(text) }
  }
}

extension HostRecord {
  init(_ host: NewHost) {
    self.init(id: host.id, scheme: host.scheme, name: host.name, port: host.port)
  }

  /// An update of the clock's columns. `offset` is the calendar's time (`Crawler.dueNow`) minus loop time.
  init(_ clock: Frontier.LastingClock, hostID: Int64, offset: Int64) {
    self.init(
      id: hostID, scheme: "", name: "", port: 0, crawlDelay: clock.crawlDelay, nextFetchAt: clock.nextFetch &+ offset,
      blockedUntil: clock.blockedUntil.map { $0 &+ offset }, blockReason: clock.blockReason?.rawValue,
      throttleDelay: clock.throttleDelay)
  }
}

extension VisitRecord {
  /// Adds the row, or the change of a row, that an offer asks for.
  mutating func add(_ result: OfferResult, url: String, via: Int64?, task: CrawlTask, at time: Int64) {
    switch result.change {
    case .known: break
    case .discovered(let fate):
      discovered.append(
        URLRecord(
          id: result.id, taskID: task.id, hostID: result.hostID, url: url, fingerprint: result.fingerprint,
          depth: result.depth, redirects: result.redirects, priority: result.priority, state: fate.state,
          reason: fate.reason, dueAt: fate.dueAt,
          viaURLID: via, discoveredAt: time, runID: task.runID))
      counters.discover(in: fate.state, isSeed: result.isNewSeed)
    case .revived(let fate):
      updates.append(
        URLUpdate(
          id: result.id, state: fate.state, reason: fate.reason, dueAt: fate.dueAt, depth: result.depth,
          priority: result.priority, url: url, redirects: result.redirects, isSeed: via == nil && result.depth == 0))
      counters.move(from: .excluded, to: fate.state)
      if result.isDroppedNoMore { liftedDrops.append(url) }
      if result.isNewSeed { counters.seeds += 1 }
    }
  }
}

extension OfferResult.Fate {
  var state: URLState {
    switch self {
    case .ready: .ready
    case .delayed: .delayed
    case .excluded: .excluded
    case .robotsUnreachable: .failed
    }
  }

  var reason: String? {
    switch self {
    case .ready: nil
    case .delayed: redirectedLaterReason
    case .excluded(let reason): reason.rawValue
    case .robotsUnreachable: robotsUnreachableReason
    }
  }

  var dueAt: Int64? { if case .delayed(let due) = self { due } else { nil } }
}

/// `urls.reason` of delayed URLs that the redirect leads to whose Retry-After they wait for.
private let redirectedLaterReason = BlockReason.retryAfter.rawValue

extension URLRecord {
  /// What becomes of a delayed URL, for people.
  var nextTry: String {
    reason == redirectedLaterReason
      ? "fetched when the redirect that leads to it allows (Retry-After)"
      : "tried again after \(reason ?? "a failure")"
  }
}

/// `urls.reason` of URLs that failed because their host's robots.txt could not be reached.
let robotsUnreachableReason = "robots_unreachable"
