internal import Control
internal import Crawl
internal import EventLoop
internal import Frontier

extension Handlers {
  func subscribe(
    _ parameters: EventsSubscribe.Parameters, _ peer: ControlPeer
  ) async throws -> ControlStream<EventsSubscribe> {
    let filter = try await filter(parameters)
    let capacity = 1_000
    let feed = ControlFeed<EventReport>(
      loop: crawler.loop, capacity: capacity, dropped: EventsSubscribe.dropped)
    let id = await crawler.watch(filter) { feed.post(EventReport($0)) }
    return ControlStream(reply: EventsSubscribe.Result(capacity: capacity), feed: feed) { [crawler] in
      await crawler.unwatch(id)
      await feed.end()
    }
  }

  private func filter(_ parameters: EventsSubscribe.Parameters) async throws -> EventFilter {
    var filter = EventFilter()
    if !parameters.kinds.isEmpty {
      filter.kinds = Set(
        try parameters.kinds.map { text in
          guard let kind = CrawlEvent.Kind(rawValue: text) else {
            throw refusal("kinds", text, CrawlEvent.Kind.allCases.map(\.rawValue))
          }
          return kind
        })
    }
    if !parameters.tasks.isEmpty {
      var ids: Set<Int64> = []
      for task in parameters.tasks { ids.insert(try await resolve(task)) }
      filter.taskIDs = ids
    }
    if !parameters.hosts.isEmpty { filter.hosts = Set(parameters.hosts.map(Frontier.asStored)) }
    var outcomes = Set(parameters.errors ? EventFilter.errorOutcomes : [])
    for outcome in parameters.outcomes {
      guard EventFilter.allOutcomes.contains(outcome) else {
        throw refusal("outcomes", outcome, EventFilter.allOutcomes)
      }
      outcomes.insert(outcome)
    }
    if !outcomes.isEmpty { filter.outcomes = outcomes }
    filter.admitsTrouble = parameters.errors
    return filter
  }

  private func refusal(_ parameter: String, _ text: String, _ accepted: [String]) -> ControlError {
    let list = accepted.joined(separator: " ")
    return ControlError(
      .invalidParameters, "\(parameter): “\(text)” is no \(parameter.dropLast()); accepted: \(list)",
      data: ControlError.Facts(parameter: parameter, accepted: list))
  }
}

extension EventReport {
  init(_ event: CrawlEvent) {
    self.init(kind: event.kind.rawValue, at: event.at)
    taskID = event.taskID
    taskName = event.taskName
    host = event.host
    switch event.change {
    case .task(let action, let from, let to, let reason, let actor, let settingsRevision, let changes):
      self.action = action
      self.from = from
      self.to = to
      self.reason = reason
      self.actor = actor
      self.settingsRevision = settingsRevision
      if !changes.isEmpty { self.changes = changes.map { .init(abridged: $0) } }
    case .fetch(let fetch):
      fetchID = fetch.id
      url = fetch.url
      robots = fetch.isRobots
      attempt = fetch.attempt
      outcome = fetch.outcome
      status = fetch.status
      error = fetch.error
      redirectTo = fetch.redirectTo
      change = fetch.change
      bodyBytes = Int64(fetch.bodyBytes)
      duration = fetch.duration
    case .block(let until, let reason, let actor):
      blockedUntil = until
      self.reason = reason
      self.actor = actor
      taskID = nil
      taskName = nil
    case .daemon(let sentence):
      message = sentence
    }
  }
}
