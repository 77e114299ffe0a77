internal import Cookies
internal import EventLoop
internal import Fetch
internal import Frontier
internal import Parse
internal import Politeness
internal import Store
internal import WebURL

extension Crawler {
  /// Bodies up to this size are read on the loop; larger ones in the pool, which costs two thread switches.
  static let parseOnLoop = 64 << 10

  /// Bodies up to this size that are not read are hashed on the loop, which takes 0.3 ms for so many bytes.
  static let hashOnLoop = 1 << 20

  /// The way of one URL, from its fetch to the store.
  func visit(_ visit: LiveVisit) async {
    if task(of: visit).earlier != nil { await lookUpEarlier(visit) }
    let response = await fetcher.fetch(request(for: visit.entry.url, visit))
    await take(response, of: visit)
  }

  // What follows is out of line: what it needs would otherwise be part of every coroutine that waits for its fetch.

  /// The way goes on with what the fetch has brought.
  private func take(_ response: FetchResponse, of visit: LiveVisit) async {
    var heldBytes = response.body.count
    bodyBytes += heldBytes
    unsettledVisits += 1
    defer {
      bodyBytes -= heldBytes
      unsettledVisits -= 1
    }
    release(visit, after: response)
    if isUntried(response, visit) { return putBack(visit) }
    if response.isUntaken, visit.entry.attempts == 0, !visit.entry.isRepeat {
      return repeatLater(visit, response) { $0.isRepeat = true }
    }
    if response.status == 412, !conditions(for: visit.entry.url, visit).isEmpty {
      return repeatLater(visit, response) { $0.isUnconditional = true }
    }

    let task = task(of: visit)
    if visit.options.keepsCookies { visit.hasNewCookies = takeCookies(of: response, to: visit.entry.url, task) }
    var contents: BodyReader.Contents?
    if response.outcome == .ok, !response.truncated, !isHurried {
      let reader = reader(of: response, visit, task)
      if response.body.count > (reader == nil ? Self.hashOnLoop : Self.parseOnLoop) {
        contents = await readInThread(response, by: reader, of: visit)
      } else {
        contents = read(response, by: reader, of: visit)
      }
      noteLack(of: contents?.sitemap, in: response, visit)
    }
    if isHurried { return putBack(visit) }
    if response.outcome == .notModified {
      guard await recall(visit) else { return putBack(visit) }
    }
    if !task.handlers.isEmpty {
      if !visit.options.keepsBodies {
        // They may take long, and need nothing more of it.
        response.body = []
        bodyBytes -= heldBytes
        heldBytes = 0
      }
      guard await askHandlers(visit, of: task, response, contents) else { return putBack(visit) }
    }
    if !task.isLoaded {
      guard await untilLoaded(task, visit) else { return putBack(visit) }
    }
    var targets: [Int64]?
    if let many = manyNamed(by: visit, response, contents) {
      targets = await offer(many, of: visit, task)
      if targets == nil { return putBack(visit) }
    }
    conclude(visit, of: task, response, contents, targets)
  }

  @inline(never)
  func task(of visit: LiveVisit) -> CrawlTask {
    guard let task = tasks[visit.entry.taskID] else {
      fatalError("a visit of task \(visit.entry.taskID), which is gone")
    }
    return task
  }

  /// The host is free for its next fetch.
  @inline(never)
  func release(_ visit: LiveVisit, after response: FetchResponse) {
    frontier.leave(&visit.address)
    noteProxy(of: response, to: visit.hostID, visit.entry.url)
    frontier.release(visit.entry, observation(of: response, hostID: visit.hostID), now: now)
    needsPump()
  }

  /// Of a sitemap or a feed of which not all was read the fetch says so. A file that ends early is tried again, and what it
  /// has named is taken.
  @inline(never)
  private func noteLack(of sitemap: Sitemap?, in response: FetchResponse, _ visit: LiveVisit) {
    guard let sitemap, let lack = sitemap.lack else { return }
    response.noteLack(lack, isCut: sitemap.cut == .broken)
    if sitemap.cut == .broken { visit.contentHash = nil }
  }

  @inline(never)
  private func putBack(_ visit: LiveVisit) {
    frontier.putBack(visit.entry, now: now)
  }

  /// The server did not take the request, or not with its conditions (RFC 9110 section 15.5.13), which says nothing of the URL:
  /// once, the former at the first attempt, that is none, and the URL goes back to where it was. The row says what happened.
  @inline(never)
  private func repeatLater(_ visit: LiveVisit, _ response: FetchResponse, _ mark: (inout FrontierEntry) -> Void) {
    let task = task(of: visit)
    var record = VisitRecord(taskID: task.id)
    record.fetches = [
      FetchRecord(response, id: nextFetchID, entry: visit.entry, task: task, options: visit.options)
    ]
    nextFetchID += 1
    record.counters.count(record.fetches[0])
    append(record, of: task)
    announce(record, of: visit.entry, task)
    var entry = visit.entry
    mark(&entry)
    frontier.putBack(entry, now: now)
  }

  /// Hands what the visit found to the frontier and the store, without a pause: see `VisitBuilder`. `targets`: the ids of
  /// what `manyNamed` gave, if it was offered before.
  @inline(never)
  private func conclude(
    _ visit: LiveVisit, of task: CrawlTask, _ response: FetchResponse, _ contents: BodyReader.Contents?,
    _ targets: [Int64]?
  ) {
    let entry = visit.entry
    let record = VisitBuilder(self, task, entry, response, visit.options)
    record.record.fetches[0].contentHash = visit.contentHash
    record.verdicts = visit.verdicts
    record.record.handlerFailures = visit.verdicts?.failures ?? []
    record.lacksPage = response.outcome == .notModified && visit.earlier != nil && visit.earlierContents == nil
    record.isDoubtful = isDoubtful(response, hostID: entry.hostID)
    record.settle()
    record.followRedirect(hasNewCookies: visit.hasNewCookies, cookies: visit.cookies)
    record.compare(with: record.lacksPage ? nil : visit.earlier, textHash: contents?.page?.textHash)
    record.noteRedirect(cookies: visit.cookies)
    record.offerSitemaps(newSitemapLines(of: entry, task))
    record.addPage(contents?.page)
    record.addSitemap(contents?.sitemap, targets)
    record.addEarlier(visit.earlierContents, targets)
    append(record)
  }

  /// Whether the fetch is to count as never begun: it was stopped by a pause, a cancel or a shutdown, or found too many
  /// fetches in flight to its address.
  private func isUntried(_ response: FetchResponse, _ visit: LiveVisit) -> Bool {
    response.outcome == .aborted || visit.isAborted && !response.outcome.isAnswer
  }

  @inline(never)
  func request(for url: WebURL, _ visit: LiveVisit) -> FetchRequest {
    let request = FetchRequest(
      url: url, userAgent: visit.options.userAgent, headers: visit.options.fields, limits: configuration.limits,
      progress: visit.progress, gate: visit.gate)
    if visit.entry.sitemapLevel != nil {
      request.limits.bodyBytes = max(request.limits.bodyBytes, SitemapLimits().bytes)
    }
    if frontier.limits.perAddress > 0 {
      let (visitID, hostID) = (visit.id, visit.hostID)
      request.mayConnect = { [unowned self] address in
        assumeIsolated { $0.mayConnect(visitID, hostID: hostID, to: address) }
      }
    }
    request.keepAlive = !frontier.isLastOfHost(visit.entry)
    request.maySend = maySend(to: visit.hostID)
    request.headers += conditions(for: url, visit)
    request.route = visit.options.route
    request.keepsMessages = visit.options.keepsBodies
    request.credentials = visit.options.credentials
    if visit.options.keepsCookies, visit.entry.kind == .url {
      visit.cookies = task(of: visit).jar.field(for: url, now: wallNow)
      if let cookies = visit.cookies { request.cookie = CookieOctets.octets(cookies) }
      request.answerCookies = answerCookies(for: url, visit)
    }
    return request
  }

  /// The host's clock learns when a request goes out, and has a say in it.
  private func maySend(to hostID: Int64) -> @Sendable (EventLoop.Instant, Bool) -> Bool {
    { [unowned self] instant, isAgain in
      assumeIsolated { crawler in
        let verdict = crawler.frontier.maySend(hostID: hostID, isAgain: isAgain, now: crawler.time(at: instant))
        if verdict.isAwaited { crawler.needsPump() }
        return verdict.isAllowed
      }
    }
  }

  private func kind(ofFailure response: FetchResponse, hostID: Int64) -> FetchObservation.Kind {
    if isDoubtful(response, hostID: hostID) { return .silent }
    return switch response.outcome {
    case .connectRefused, .connectTimeout, .connectFailed, .tlsTimeout, .firstByteTimeout, .dnsTimeout, .dnsFailed:
      .silent
    case .tlsFailed: response.isUnverified ? .networkError : .silent
    case .reset: response.isUnheard ? .silent : .networkError
    case .addressRefused, .schemeRefused, .dnsNotFound: .aborted
    default: .networkError
    }
  }

  /// Whether the response is one after which no other attempt is of use, but for a host that has answered before: while a zone
  /// is loaded, a network wants its user to log in or a certificate is renewed, a host looks as if it were gone. For an hour:
  /// what is gone for good holds a task no longer.
  func isDoubtful(_ response: FetchResponse, hostID: Int64) -> Bool {
    switch response.outcome {
    case .dnsNotFound, .addressRefused: frontier.mayAnswerAgain(hostID: hostID, now: now)
    case .tlsFailed: response.isUnverified && frontier.mayAnswerAgain(hostID: hostID, now: now)
    default: false
    }
  }

  private func mayConnect(_ visitID: Int64, hostID: Int64, to address: String) -> Bool {
    guard let visit = live[visitID] else { return false }
    visit.isAddressFull = !frontier.mayConnect(hostID, to: address, held: &visit.address)
    // It may have given back its place at another address.
    needsPump()
    return !visit.isAddressFull
  }

  /// What the host's clock learns from a fetch.
  func observation(of response: FetchResponse, hostID: Int64) -> FetchObservation {
    let isSent = response.requestSent
    // That a kept connection was closed says nothing; a server that refuses streams may be in trouble.
    let isUnspoken = !response.outcome.costsAttempt || response.isUntaken && !response.isRefused
    if isUnspoken { return FetchObservation(.aborted, isSent: isSent, proxy: response.proxy) }
    guard let status = response.status else {
      return FetchObservation(kind(ofFailure: response, hostID: hostID), isSent: isSent, proxy: response.proxy)
    }
    return FetchObservation(
      FetchObservation.kind(status: status, retryAfter: retryAfter(of: response)),
      latency: response.timings.firstByte > 0 ? response.timings.firstByte : nil, isSent: isSent, proxy: response.proxy)
  }

  /// When the server says that it answered, by its own clock, which it reckons with; by ours when it does not say, or has
  /// handed on an older answer. Seconds since 1970 UTC.
  private func date(of response: FetchResponse) -> Int64 {
    let now = wallNow / 1_000_000
    guard response.headers.first("age") == nil, let date = response.headers.first("date") else { return now }
    return HTTPDate.parse(date, now: now) ?? now
  }

  /// What Retry-After asks for, in microseconds from now, at most an hour.
  func retryAfter(of response: FetchResponse) -> Int64? {
    response.retryAfter.flatMap { RetryAfter.parse($0, now: date(of: response)) }.map { $0 * 1_000_000 }
  }

  /// Hashes a whole body, and reads it if it is a page, or a sitemap or feed that the task follows.
  private func read(_ response: FetchResponse, by reader: BodyReader?, of visit: LiveVisit) -> BodyReader.Contents? {
    visit.enter(.parse, now: loop.now)
    visit.contentHash = response.body.withUnsafeBytes(contentKey.hash)
    return reader?.read(response.body)
  }

  /// The same on a thread of the pool.
  private func readInThread(
    _ response: FetchResponse, by reader: BodyReader?, of visit: LiveVisit
  ) async -> BodyReader.Contents? {
    visit.enter(.parse, now: loop.now)
    let (body, key) = (response.body, contentKey)
    bodiesInThread += 1
    defer { bodiesInThread -= 1 }
    let read = try? await loop.runInThread { (hash: body.withUnsafeBytes(key.hash), contents: reader?.read(body)) }
    if let read {
      visit.contentHash = read.hash
      return read.contents
    }
    // Only cancellation can end the call early, and the bytes are in: read them here, unless nobody wants them.
    return isHurried ? nil : self.read(response, by: reader, of: visit)
  }

  @inline(never)
  private func reader(of response: FetchResponse, _ visit: LiveVisit, _ task: CrawlTask) -> BodyReader? {
    if response.body.isEmpty { return nil }
    if response.contentType ?? "" != lastContentType.text {
      lastContentType = (response.contentType ?? "", MediaType(response.contentType ?? ""))
    }
    return BodyReader(
      response, type: lastContentType.type, url: visit.entry.url, productToken: visit.options.productToken,
      isNamedSitemap: visit.entry.sitemapLevel != nil || visit.entry.isSeed && task.settings.follow.contains(.sitemap),
      follow: task.settings.follow, keepsText: task.settings.storage.keepsText, handlers: task.handlers)
  }

  /// Waits until the task's known URLs are in the seen set, so that what the page names can be offered.
  /// - Returns: false when the visit is aborted, or the daemon stops, before.
  func untilLoaded(_ task: CrawlTask, _ visit: LiveVisit) async -> Bool {
    if !task.isLoaded { visit.enter(.load, now: loop.now) }
    while !task.isLoaded {
      if isStopping || visit.isAborted { return false }
      await withCheckedContinuation { continuation in
        if task.isLoaded || isStopping || visit.isAborted {
          continuation.resume()
        } else {
          task.loadWaiters.append(continuation)
        }
      }
    }
    return true
  }

  /// Hands a visit to the store and tells the frontier.
  func append(_ builder: VisitBuilder) {
    let task = builder.task
    if frontier.hasNewHosts { builder.record.newHosts += frontier.takeNewHosts().map(HostRecord.init) }
    if task.jar.hasChanges { builder.record.cookies = task.jar.takeChanges().map(CookieRecord.Change.init) }
    task.counters += builder.record.counters
    if builder.isFinalAnswer { task.rate.add(now: now) }
    let sequence = store.append(builder.record)
    guard sequence == builder.sequence else { fatalError("visits are appended in the order in which they are built") }
    lastSequence = sequence
    task.lastSequence = sequence
    announce(builder.record, of: builder.entry, task)
    frontier.finish(
      builder.entry, sequence: sequence, isFinalAnswer: builder.isFinalAnswer, wasStarted: builder.wasStarted)
    if let dueAt = builder.dueAt { promote(at: dueAt) }
    if builder.widensScope { noteLifted([.scope], of: task) }
  }

  /// Visits that need no fetch: their URL was found excluded when it came up.
  func appendExcluded() {
    for excluded in frontier.takeExcluded() {
      guard let task = tasks[excluded.entry.taskID] else { continue }
      let builder = VisitBuilder(self, task, excluded.entry, nil, task.requestOptions)
      builder.exclude(excluded.reason)
      builder.offerSitemaps(newSitemapLines(of: excluded.entry, task))
      append(builder)
      noteLifted(excluded.roomyBudgets, of: task)
      if task.hasNothingLeft { settlingSignal.set() }
    }
  }
}
