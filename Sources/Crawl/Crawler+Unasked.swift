internal import Frontier
internal import Parse
internal import Store
internal import WebURL

/// Which of a task's handlers were asked of a URL that it has excluded, by all settings that it has had.
struct HandlerHistory {
  /// The names of those that filter URLs, in the order in which the task names them.
  private let handlers: [String]
  /// The latest first.
  private var settings: [TaskSettings]

  /// - Parameter revisions: the latest first.
  init(_ current: TaskSettings, handlers: [String], _ revisions: [SettingsRevision]) {
    self.handlers = handlers
    settings = [current]
    var earlier = current
    for revision in revisions {
      for change in revision.changes where change.setting == "follow" || change.setting == "handlers" {
        // What can't be read stays as it is by now.
        try? earlier.set(change.setting, to: change.old ?? [], isStored: true)
      }
      settings.append(earlier)
    }
  }

  /// A handler that the task still has dropped it.
  func isDropped(_ url: ExcludedURL) -> Bool { url.droppedBy.map { handlers.contains($0) } ?? false }

  /// The names of those that are to be asked of it before it is let in.
  func unasked(of url: ExcludedURL) -> [String] {
    guard let name = url.droppedBy else {
      if url.reason == ExclusionReason.handler.rawValue || !wasFollowed(url) { return handlers }
      // Those that the task has not always had may not have been asked.
      return handlers.filter { name in !settings.allSatisfy { $0.handlers.contains(name) } }
    }
    if handlers.contains(name) { return [] }
    // Those that were asked before that one kept it.
    let list = settings.first { $0.handlers.contains(name) }?.handlers ?? []
    let keepers = list.prefix { $0 != name }
    return handlers.filter { !keepers.contains($0) }
  }

  /// Whether what named it first did so by what the task has always followed, of which handlers are asked.
  private func wasFollowed(_ url: ExcludedURL) -> Bool {
    url.links.isEmpty
      || url.links.contains { link in
        guard let kind = LinkKind(name: link.kind), kind != .redirect else { return true }
        return settings.allSatisfy { $0.follow.contains(kind) }
      }
  }
}

/// An excluded URL that handlers alone may keep out.
struct UnaskedURL {
  var row: ExcludedURL
  var offer: Offer
  /// The names of those that are to be asked.
  var handlers: [String]
}

// Handlers are asked of what no page has asked them of, when the rules let it in.
extension Crawler {
  func handlerHistory(of task: CrawlTask) async throws -> HandlerHistory {
    let handlers = task.handlers.map(\.program).filter { $0.kinds.contains(.filterURL) }.map(\.name)
    let isChanged = !handlers.isEmpty && task.settingsRevision > 1
    let events = isChanged ? try await store.taskEvents(task.id, action: "set", limit: .max) : []
    return HandlerHistory(task.settings, handlers: handlers, events.map(SettingsRevision.init))
  }

  /// Asks handlers of URLs, as if what named them first had just been read, and offers what they let in.
  /// - Returns: whether the task takes more.
  func offer(_ unasked: [UnaskedURL], to task: CrawlTask, _ count: inout Int) async -> Bool {
    var rest = unasked[...]
    while let first = rest.first {
      let part = rest.prefix { $0.row.viaURLID == first.row.viaURLID && $0.handlers == first.handlers }
      rest = rest.dropFirst(part.count)
      let handlers = task.handlers.filter { first.handlers.contains($0.program.name) }
      var verdicts = HandlerVerdicts()
      let isAnswered = await ask(
        handlers, of: part.map(\.offer.url), foundOn: first.row.via ?? first.row.url, first.row.viaURLID, task,
        &verdicts)
      guard isAnswered else { return false }
      await beginChange(task)
      let goesOn = takesURLs(task) && task.isLoaded
      if goesOn { count += offer(part, as: verdicts, to: task) }
      endChange(task)
      guard goesOn else { return false }
      await endTurn()
    }
    return true
  }

  /// - Returns: how many of them are excluded no more, or have another in their place that is not.
  private func offer(_ unasked: ArraySlice<UnaskedURL>, as verdicts: HandlerVerdicts, to task: CrawlTask) -> Int {
    var record = VisitRecord(taskID: task.id)
    record.handlerFailures = verdicts.failures
    let sequence = lastSequence + 1
    frontier.beginVisit(task: task.id, sequence: sequence)
    for url in unasked {
      var offer = url.offer
      (offer.isUnasked, offer.isOneOfSeveral) = (false, false)
      var records: [HandlerVerdictRecord] = []
      let judged = verdicts.judge(offer.url, foundBy: url.row.viaURLID ?? url.row.id, &records)
      offer.isDropped = judged.isDropped
      if judged.url != offer.url {
        var other = Offer(
          url: judged.url, source: offer.source, depth: offer.depth, viaURLID: offer.viaURLID,
          sitemapLevel: offer.sitemapLevel)
        other.isDropped = judged.isDropped
        let result = frontier.offer(other, task: task.id, now: now, sequence: sequence)
        record.add(result, url: judged.url.href, via: offer.viaURLID, task: task, at: wallNow)
        // Its own row, which nothing but that keeps out, says so.
        records[0].verdict = .drop
        records[0].words = "has \(records[0].words) offered instead"
        offer.isDropped = true
      }
      if url.row.droppedBy != nil { record.liftedDrops.append(url.row.url) }
      record.handlerVerdicts += records
      let result = frontier.offer(offer, task: task.id, now: now, sequence: sequence)
      record.add(result, url: url.row.url, via: offer.viaURLID, task: task, at: wallNow)
    }
    record.newHosts = frontier.takeNewHosts().map(HostRecord.init)
    append(record, of: task)
    needsPump()
    return record.updates.count { $0.state != .excluded } + record.discovered.count { $0.state != .excluded }
  }
}
