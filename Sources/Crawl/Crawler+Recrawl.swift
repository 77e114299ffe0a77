internal import EventLoop
internal import Fetch
internal import Frontier
internal import Logging
internal import Parse
internal import Politeness
internal import Store
internal import WebURL

// Recrawls: a task that visits the URLs of an earlier one again.
//
// It is a task like any other, with rows of its own, from the seeds on; `tasks.recrawl_of` names the earlier one. What
// that one has of a URL gives the request its conditions and the answer something to be compared with. The page of a 304
// is the earlier one's: its row and its links are written again as this task's, and the links are offered again, so that
// views, later recrawls and the removal of the earlier task need no special case. When nothing is left, the pages of
// earlier crawls that no page led to are offered too: only asking tells whether they are gone.
//
// Invariants
// - Nothing of it is state of its own. The earlier tasks have ended and stay; the map from fingerprints to their rows is read
//   again after a restart, and an offer of what is known does nothing.
// - A crawl before them may be going all the while. What it leaves them is looked up when a visit is written.
// - No fetch of a recrawl starts before that map is complete.
extension Crawler {
  /// The task of this id, which a new task is to visit again.
  /// - Throws: `.noSuchTask`; `.refused` while it has not ended, and while its removal is being written.
  func recrawled(_ id: Int64) throws(CrawlError) -> CrawlTask {
    let task = try existing(id)
    guard task.state.isFinal, task.state != .removing else {
      throw .refused(
        "task \(id) \(task.name) is \(task.state.rawValue): only what has ended can be crawled again; wait for it "
          + "(crawlctl wait \(id)) or cancel it", actions: task.state.actions.map(\.rawValue))
    }
    return task
  }

  /// Lets the task start fetches, if all is known that decides about them.
  func start(_ task: CrawlTask) {
    guard task.state == .running, task.gate.isOpen, !task.isQuotaPauseUnderWay else { return }
    loadEarlier(task)
    takeSeeds(task)
    guard !task.lacksSeeds, task.earlier?.isLoaded ?? true else { return }
    holdForProxy(task)
    frontier.setRunning(true, task: task.id, now: now)
    lookForTexts()
    needsPump()
  }

  // MARK: Very many seeds

  /// A recrawl that does not have all seeds yet takes them over, a few at a time. What it has taken it knows, so that it may
  /// begin again after a restart.
  func takeSeeds(_ task: CrawlTask) {
    guard task.lacksSeeds, !task.isTakingSeeds else { return }
    task.isTakingSeeds = true
    let id = task.id
    loop.startTask(name: "take over seeds of task \(id)") { await self.keepTakingSeeds(id) }
  }

  /// The task that has all seeds of this one: itself, unless it was cancelled while it took them over. When that task was
  /// removed, the one that has the most of them.
  func seedSource(_ task: CrawlTask) -> CrawlTask {
    var source = task
    while source.lacksSeeds, let earlier = source.recrawlOf.flatMap({ tasks[$0] }) { source = earlier }
    return source
  }

  private func keepTakingSeeds(_ id: Int64) async {
    while !isStopping, let task = tasks[id], task.lacksSeeds {
      do {
        var last: Int64 = 0
        while let earlier = task.recrawlOf.flatMap({ tasks[$0] }) {
          let rows = try await store.seedURLs(taskID: seedSource(earlier).id, after: last, limit: 1_000)
          guard let end = rows.last else { break }
          try await offer(seeds: rows.compactMap { WebURL($0.url) }, to: task)
          try await store.flush(isPatient: false)
          last = end.id
        }
        try await store.noteSeedsWhole(id)
        task.lacksSeeds = false
        logger.info("task \(id) \(task.name): all of its \(task.seedCount) seeds are taken over")
      } catch {
        // One that was cancelled stays without the rest; a recrawl of it looks further back.
        if isStopping || task.state.isFinal || task.state == .cancelling { break }
        logger.error("task \(id) \(task.name): its seeds can't be taken over, tried again in 1 s: \(error)")
        try? await loop.sleep(for: .seconds(1))
      }
    }
    guard let task = tasks[id] else { return }
    task.isTakingSeeds = false
    if !task.lacksSeeds { start(task) }
    settlingSignal.set()
  }

  // MARK: Which rows know a URL

  private func loadEarlier(_ task: CrawlTask) {
    guard let earlier = task.earlier, !earlier.isLoaded, !earlier.isLoading else { return }
    earlier.isLoading = true
    let id = task.id
    loop.startTask(name: "load earlier pages") { await self.readEarlier(id) }
  }

  private func readEarlier(_ id: Int64) async {
    guard let task = tasks[id], let earlier = task.earlier else { return }
    while !isStopping, !earlier.isLoaded, !task.state.isFinal {
      do {
        for id in earlier.taskIDs {
          let events = try await store.taskEvents(id, action: "set", limit: .max)
          earlier.revisions[id] = events.map(SettingsRevision.init)
        }
        for id in earlier.taskIDs {
          try await store.scanVisitedURLs(taskID: id) { chunk in
            for url in chunk { earlier.rows.add(url) }
          }
        }
        // A crawl that asked no handlers has not restored what pages named, whatever else it covers.
        earlier.rewrites = try await earlierRewrites(of: earlier.crawlIDs, task.settings.canonicalPolicy)
        earlier.isLoaded = true
      } catch {
        if isStopping { break }
        logger.error("task \(id) \(task.name): the pages of earlier crawls can't be read, tried again in 1 s: \(error)")
        try? await loop.sleep(for: .seconds(1))
      }
    }
    earlier.isLoading = false
    if earlier.isLoaded { start(task) }
    settlingSignal.set()
  }

  // MARK: One visit

  /// Reads what earlier crawls have of the URL, before it is fetched.
  func lookUpEarlier(_ visit: LiveVisit) async {
    guard let rowID = task(of: visit).earlier?.rows.id(of: visit.entry.fingerprint) else { return }
    let wantsBody = task(of: visit).settings.storage.keepsBodies
    visit.earlier = await untilRead(visit) { try await $0.earlierFetch(urlID: rowID, wantsBody: wantsBody) } ?? nil
  }

  /// Reads what the page still says that a 304 is about; nothing when the earlier crawl was removed meanwhile.
  /// - Returns: false when the visit was told to stop before.
  func recall(_ visit: LiveVisit) async -> Bool {
    guard let earlier = visit.earlier else { return true }
    let contents = await untilRead(visit) {
      try await $0.earlierContents(urlID: earlier.urlID, runID: earlier.runID)
    }
    guard let contents else { return false }
    visit.earlierContents = contents
    return await restoreNames(of: visit)
  }

  /// The conditions of the request for a URL; none for another spelling than that which was fetched, for what is to be read
  /// now and was not then (a 304 would bring nothing of it), and when they have been refused.
  func conditions(for url: WebURL, _ visit: LiveVisit) -> [(name: String, value: String)] {
    guard let earlier = visit.earlier, visit.entry.kind == .url, earlier.url == url.href, !visit.entry.isUnconditional,
      !readsMore(visit, of: earlier)
    else { return [] }
    return Validators(
      etag: earlier.etag, lastModified: earlier.lastModified, contentEncoding: earlier.contentEncoding,
      now: wallNow / 1_000_000
    ).fields
  }

  /// Whether this crawl has to see what was fetched by an earlier one: for what was said to somebody else (RFC 9111 section 4.1:
  /// to other fields), for the text of a page, for handlers, or for a sitemap or a feed that the earlier one did not want.
  private func readsMore(_ visit: LiveVisit, of fetch: EarlierFetch) -> Bool {
    let task = task(of: visit)
    guard let earlier = task.earlier else { return false }
    let crawl = earlier.taskIDs.lazy.compactMap { self.tasks[$0] }.first { $0.runID == fetch.runID }
    guard let before = crawl.map({ earlier.settings(of: fetch, by: $0) }) else { return false }
    let token = before.userAgent.map(UserAgent.productToken) ?? fetch.productToken ?? configuration.productToken
    if token != visit.options.productToken || isOther(before, than: task.settings, for: visit.entry.url) { return true }
    guard fetch.isPage else {
      return [.sitemap, .feed].contains { task.settings.follow.contains($0) && !before.follow.contains($0) }
    }
    // All crawls read pages. Of one without words there is no text to keep.
    if task.settings.storage.keepsText, !fetch.hasText, fetch.textHash != nil { return true }
    return task.handlers.contains { handler in
      let name = handler.program.name
      return handler.program.kinds.contains(.onPage)
        && (!before.handlers.contains(name) || fetch.failedHandlers.contains(name))
    }
  }

  /// Whether a server that tells its visitors apart may take these two for different ones.
  private func isOther(_ before: TaskSettings, than settings: TaskSettings, for url: WebURL) -> Bool {
    func credentials(_ settings: TaskSettings) -> String? {
      settings.credentials.first { configuration.credentials[$0]?.covers(url) ?? false }
    }
    return before.fields != settings.fields || before.keepsCookies != settings.keepsCookies
      || before.certificate != settings.certificate || credentials(before) != credentials(settings)
  }

  /// Asks the database until it answers; nil when the visit is stopped before.
  func untilRead<Answer>(_ visit: LiveVisit, _ question: (Store) async throws -> Answer) async -> Answer? {
    while !visit.isAborted, !isStopping {
      do { return try await question(store) } catch {
        if visit.isAborted || isStopping { return nil }
        logger.error("what earlier crawls have of \(visit.entry.url.href) can't be read, tried again in 1 s: \(error)")
        try? await loop.sleep(for: .seconds(1))
      }
    }
    return nil
  }

  // MARK: Pages that nothing led to

  /// Whether a running task that has nothing left is to go on for what earlier crawls have. If so, that is offered, or
  /// being offered.
  func goesOnForEarlierPages(_ task: CrawlTask) -> Bool {
    guard let earlier = task.earlier, !earlier.isOffered else { return false }
    if earlier.isLoaded, task.isLoaded, !earlier.isOffering {
      earlier.isOffering = true
      let id = task.id
      loop.startTask(name: "offer earlier pages") { await self.offerEarlierPages(id) }
    }
    return true
  }

  private func offerEarlierPages(_ id: Int64) async {
    guard let task = tasks[id], let earlier = task.earlier else { return }
    do {
      // The oldest first, as they were found.
      for earlierID in earlier.taskIDs.reversed() {
        guard try await offerPages(of: earlierID, to: task, earlier) else { break }
        earlier.isOffered = earlierID == earlier.taskIDs.first
      }
    } catch {
      if !isStopping {
        logger.error(
          "task \(id) \(task.name): the pages of earlier crawls can't be offered, tried again in 1 s: \(error)")
        try? await loop.sleep(for: .seconds(1))
      }
    }
    earlier.isOffering = false
    settlingSignal.set()
    needsPump()
  }

  /// Offers the pages of one of the earlier tasks.
  /// - Returns: false when the task does not run any more. It goes on from the beginning when the task does.
  private func offerPages(of earlierID: Int64, to task: CrawlTask, _ earlier: EarlierPages) async throws -> Bool {
    var walk = try await store.walk(over: [earlierID])
    while !walk.isAtEnd {
      let pages = try await store.earlierPages(taskID: earlierID, &walk)
      guard task.state == .running, frontier.hasTask(task.id), !isStopping else { return false }
      offer(pages, to: task, earlier)
      try await store.flush()
    }
    return true
  }

  /// Offers those of the pages that the task does not know, as if a page had named them at their old depth. A sitemap
  /// that nothing names any more is none.
  private func offer(_ pages: [EarlierPage], to task: CrawlTask, _ earlier: EarlierPages) {
    let unknown = pages.compactMap { page -> (url: WebURL, depth: Int)? in
      guard earlier.rows.id(of: page.fingerprint) == page.id,
        FrontierEntry.sitemapLevel(priority: page.priority) == nil, let url = WebURL(page.url),
        frontier.knownID(of: url, task: task.id) == nil
      else { return nil }
      return (url, max(1, page.depth))
    }
    if unknown.isEmpty { return }
    let sequence = lastSequence + 1
    frontier.beginVisit(task: task.id, sequence: sequence)
    var record = VisitRecord(taskID: task.id)
    for (url, depth) in unknown {
      let offer = Offer(url: url, source: .link(followed: true, nofollow: false), depth: depth, viaURLID: nil)
      let result = frontier.offer(offer, task: task.id, now: now, sequence: sequence)
      record.add(result, url: url.href, via: nil, task: task, at: wallNow)
    }
    record.newHosts = frontier.takeNewHosts().map(HostRecord.init)
    append(record, of: task)
    needsPump()
  }
}
