internal import EventLoop
internal import Frontier
internal import Logging
internal import Store
internal import Units
internal import WebURL

/// What became of URLs that a user offered to a task.
package struct OfferedURLs: Sendable {
  /// Seeds that it did not have: rows that are new, and those that were excluded when a page named them.
  package var new = 0
  /// Those of them that a rule excludes all the same.
  package var excluded = 0
  /// The task has or had them to visit; they stay what they are.
  package var known = 0
  /// They are no http or https URL: the first few, with what is wrong, and their places among those that were offered.
  package var invalid: [(text: String, problem: String, index: Int)] = []
  package var invalidCount = 0

  static let invalidShown = 10
}

// Seeds that come while their task runs, and the end of them.
extension Crawler {
  /// Adds seeds to a task that has not ended. When this returns, they are on disk.
  ///
  /// - Throws: `.refused` when the task has ended, `.store` when it is not known whether all of them are on disk; to offer
  ///   them again does no harm.
  package func offer(_ texts: [String], to id: Int64) async throws(CrawlError) -> OfferedURLs {
    let task = try existing(id)
    // They are judged by them.
    try requireReadSettings(of: task)
    try requireRoom(for: "URLs")
    let parse = { @Sendable in texts.map { text in Result { () throws(CrawlError) in try Self.seed(text) } } }
    let parsed = if let parsed = try? await loop.runInThread(parse) { parsed } else { parse() }
    var outcome = OfferedURLs()
    var urls: [WebURL] = []
    for (index, result) in parsed.enumerated() {
      switch result {
      case .success(let url): urls.append(url)
      case .failure(.seed(let text, let problem, _)):
        outcome.invalidCount += 1
        if outcome.invalid.count < OfferedURLs.invalidShown { outcome.invalid.append((text, problem, index)) }
      case .failure(let error): throw error
      }
    }
    try await offer(urls, to: task, &outcome)
    do { try await store.flush(isPatient: false) } catch { throw .store("the URLs could not be stored yet: \(error)") }
    return outcome
  }

  /// - Throws: `.store` while nothing more is to be written.
  func requireRoom(for what: String) throws(CrawlError) {
    guard let trouble = backPressure, trouble.isTrouble else { return }
    throw .store("no \(what) can be taken now: \(trouble.sentence)")
  }

  /// What one turn of the loop takes: some milliseconds.
  static let offersPerTurn = 250

  /// Goes on in the loop's next turn, whatever else is ready: what may be done in each can be done again.
  func endTurn() async {
    // Who is cancelled does not wait for time.
    do { try await loop.sleep(for: .zero) } catch { await Task.yield() }
  }

  /// Adds seeds of an earlier task; they are handed to the store when this returns.
  func offer(seeds: [WebURL], to task: CrawlTask) async throws(CrawlError) {
    var outcome = OfferedURLs()
    try await offer(seeds, to: task, &outcome)
  }

  /// Turn by turn.
  private func offer(_ urls: [WebURL], to task: CrawlTask, _ outcome: inout OfferedURLs) async throws(CrawlError) {
    var start = 0
    while start < urls.count {
      let end = min(urls.count, start + Self.offersPerTurn)
      try requireRoom(for: start == 0 ? "URLs" : "more URLs")
      try await offer(urls[start..<end], to: task, &outcome)
      start = end
      await endTurn()
    }
  }

  private func offer(
    _ urls: ArraySlice<WebURL>, to task: CrawlTask, _ outcome: inout OfferedURLs
  ) async throws(CrawlError) {
    await beginLoadedChange(task)
    defer { endChange(task) }
    guard !isStopping else { throw .store("the daemon is stopping and takes no URLs") }
    if task.state.isFinal || task.state == .cancelling { throw refusal(task, "given more URLs") }
    var record = VisitRecord(taskID: task.id)
    let sequence = lastSequence + 1
    frontier.beginVisit(task: task.id, sequence: sequence)
    for url in urls {
      let offer = Offer(url: url, source: .seed, depth: 0, viaURLID: nil)
      let result = frontier.offer(offer, task: task.id, now: now, sequence: sequence)
      record.add(result, url: url.href, via: nil, task: task, at: wallNow)
      switch result.change {
      case .known: outcome.known += 1
      case .discovered(let fate), .revived(let fate):
        outcome.new += 1
        frontier.widen(seed: url, task: task.id)
        if case .excluded = fate { outcome.excluded += 1 }
      }
    }
    record.newHosts = frontier.takeNewHosts().map(HostRecord.init)
    append(record, of: task)
    needsPump()
  }

  /// Begins a change of a task once its known URLs are in the seen set; of a task that has ended, at once.
  func beginLoadedChange(_ task: CrawlTask) async {
    while true {
      await beginChange(task)
      if isStopping || task.state.isFinal || task.isLoaded && frontier.hasTask(task.id) { return }
      load(task)
      endChange(task)
      await withCheckedContinuation { continuation in
        if task.isLoaded || isStopping { continuation.resume() } else { task.loadWaiters.append(continuation) }
      }
    }
  }

  /// Says that a task gets no more seeds: it finishes when it has nothing left. A repeat changes nothing.
  package func seal(_ id: Int64, actor: String) async throws(CrawlError) -> TaskTransition {
    let task = try await beginChange(of: id)
    defer { endChange(task) }
    if task.isOpen {
      let event = TaskEventRecord(
        taskID: id, at: wallNow, actor: actor, action: "seal", fromState: task.state.rawValue,
        toState: task.state.rawValue, settingsRevision: task.settingsRevision)
      do { try await store.seal(id, event: event) } catch { throw .store("task \(id) could not be sealed: \(error)") }
      task.isOpen = false
      announce(event, of: task)
      logger.info("task \(id) \(task.name): sealed with \(PluralText.count(task.seedCount, "seed"))")
      settlingSignal.set()
    }
    return transition(task, task.state)
  }
}
