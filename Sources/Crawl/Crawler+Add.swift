internal import EventLoop
internal import Frontier
internal import Logging
internal import Parse
internal import Store
internal import Units
internal import WebURL

extension Crawler {
  package static let maxSeeds = 100_000
  package static let maxNameLength = 64

  /// Stores a new task with its seeds and, unless it is to begin paused, starts it.
  /// - Returns: its id, and false when the client key names a task that exists.
  /// - Throws: `CrawlError` for a seed, a setting, a name that is not accepted; `.store` when it can't be stored.
  package func add(_ submission: TaskSubmission) async throws(CrawlError) -> (id: Int64, isNew: Bool) {
    if let id = try await knownTask(submission.clientKey) { return (id, false) }
    var seeds: [WebURL] = []
    var lacksSeeds = false
    if let id = submission.recrawlOf, submission.seeds.isEmpty {
      (seeds, lacksSeeds) = try await firstSeeds(of: id)
    } else {
      seeds = try await parse(seeds: submission.seeds, mayBeNone: submission.isOpen)
    }
    // Until neither suspends: else two of one key would be let in, or one of a task that is about to be removed.
    while true {
      if let id = try await knownTask(submission.clientKey) { return (id, false) }
      guard let id = submission.recrawlOf, tasks[id]?.isChanging ?? false else { break }
      endChange(try await beginChange(of: id))
    }
    let base: CrawlTask? = if let id = submission.recrawlOf { try recrawled(id) } else { nil }
    if isStopping { throw .store("the daemon is stopping and takes no task") }
    try requireRoom(for: "task")
    guard tasks.count < configuration.maxTasks else {
      throw .refused(
        "\(tasks.count) tasks are there, as many as may be ([tasks] max_tasks); crawlctl rm removes ended ones",
        actions: [])
    }
    let settings = try settings(of: submission, base)
    if let unknown = configuration.unknownName(in: settings) { throw unknown.error }
    let (stem, number) = base.map(Self.stem) ?? (seeds.first?.hostName ?? "task", 0)
    let name = try taskName(submission.name, stem: stem, after: number)
    let reason = submission.isPaused ? TaskReason.user : submission.seedsFollow ? TaskReason.seeds : nil
    let state = reason != nil ? TaskState.paused : canRunAnother ? TaskState.running : TaskState.queued
    var record = TaskRecord(
      id: nextTaskID, name: name, clientKey: submission.clientKey, state: state.rawValue,
      desiredState: (submission.isPaused ? DesiredState.paused : DesiredState.running).rawValue,
      reason: reason?.rawValue, settings: settings.json, settingsRevision: 1,
      createdAt: wallNow, startedAt: state == .running ? dueNow : nil, runID: nextRunID,
      recrawlOf: base?.id, isOpen: submission.isOpen)
    record.lacksSeeds = lacksSeeds
    if let base { record.firstTaskID = base.firstTaskID }
    if base != nil, submission.name == nil { record.series = name.lastIndex(of: "-").map { String(name[..<$0]) } }
    nextTaskID += 1
    nextRunID += 1
    let options = requestOptions(settings, revision: 1)
    let task = CrawlTask(record, settings: settings, options: options)
    task.handlers = handlers(of: settings)
    task.isStored = false
    task.isLoaded = true
    noteEarlier(task)
    tasks[task.id] = task
    note(stateOf: task)
    task.isChanging = true
    defer { endChange(task) }
    let visit: VisitRecord
    do throws(CrawlError) {
      visit = try await offer(seeds, to: task)
    } catch {
      forget(task)
      throw error
    }
    // One of them goes on with it.
    let earlier = base == nil || settings.every == nil ? [] : await beginHandover(to: task)
    defer { for crawl in earlier { endChange(crawl) } }
    // The clock may have been set meanwhile.
    record.startedAt = task.startedAt
    let event = TaskEventRecord(
      taskID: task.id, at: wallNow, actor: submission.actor, action: "add", toState: state.rawValue,
      settingsRevision: 1, changes: SettingChange.json(SettingChange.changes(from: [:], to: settings.texts)))
    do {
      let handovers = handovers(from: earlier, actor: submission.actor)
      try await store.insertTask(record, seeds: visit, event: event, takesScheduleBy: handovers)
      take(handovers)
    } catch {
      forget(task)
      throw .store("the task could not be stored: \(error)")
    }
    task.isStored = true
    announce(event, of: task)
    logger.info("task \(task.id) \(name): added with \(PluralText.count(task.seedCount, "seed")), \(state.rawValue)")
    takeSeeds(task)
    start(task)
    settlingSignal.set()
    needsPump()
    return (task.id, true)
  }

  /// Takes back what could not be stored.
  private func forget(_ task: CrawlTask) {
    tasks[task.id] = nil
    (running[task.id], queued[task.id]) = (nil, nil)
    frontier.removeTask(task.id, now: now)
    task.resumeLoadWaiters()
    task.resumeStateWaiters()
  }

  /// The task that has this client key already.
  /// - Throws: `.refused` while it is being removed: what is added would be taken for done, and go with it.
  private func knownTask(_ key: String?) async throws(CrawlError) -> Int64? {
    guard let key, let task = tasks.values.first(where: { $0.clientKey == key }) else { return nil }
    // Its own insertion may be under way, and fail.
    await beginChange(task)
    endChange(task)
    // Meanwhile another may have got it.
    guard tasks[task.id] === task, task.clientKey == key else { return try await knownTask(key) }
    if task.state == .removing {
      throw .refused(
        "task \(task.id) \(task.name) has this client key and is being removed; ask again when it is gone", actions: [])
    }
    return task.id
  }

  /// The seeds that a recrawl begins with, and whether there are more: those it takes over when it is stored.
  private func firstSeeds(of id: Int64) async throws(CrawlError) -> ([WebURL], isMore: Bool) {
    let source = seedSource(try recrawled(id))
    guard !source.lacksSeeds, source.state != .removing else {
      throw .refused(
        "task \(id) was cancelled while it took over its seeds, and the task that has all of them is gone: give the seeds",
        actions: [])
    }
    do {
      let rows = try await store.seedURLs(taskID: source.id, limit: Self.offersPerTurn + 1)
      return (rows.prefix(Self.offersPerTurn).compactMap { WebURL($0.url) }, rows.count > Self.offersPerTurn)
    } catch {
      throw .store("the seeds of task \(id) could not be read: \(error)")
    }
  }

  /// What is given, over what the earlier task has or the daemon's defaults.
  private func settings(of submission: TaskSubmission, _ base: CrawlTask?) throws(CrawlError) -> TaskSettings {
    if let base { try requireReadSettings(of: base, but: submission.settings.keys) }
    var settings = base?.settings ?? configuration.defaults
    for (name, values) in submission.settings.sorted(by: { $0.key < $1.key }) { try settings.set(name, to: values) }
    guard let base else { return settings }
    let (old, new) = (base.settings.texts, settings.texts)
    if let name = new.keys.sorted().first(where: { TaskSettings.isFixed($0) && old[$0] != new[$0] }) {
      throw .refused(
        "\(name) has to be that of task \(base.id) \(base.name), which tells by it the URLs apart that are visited "
          + "again", actions: [])
    }
    return settings
  }

  /// Turn by turn. The task is known, but stored only with all of them.
  /// - Throws: `.store` when the daemon begins to stop meanwhile.
  private func offer(_ seeds: [WebURL], to task: CrawlTask) async throws(CrawlError) -> VisitRecord {
    frontier.addTask(id: task.id, settings: task.frontierSettings)
    frontier.completeSeen(task: task.id)
    var visit = VisitRecord(taskID: task.id)
    let yield = { (number: Int) in
      if number % Self.offersPerTurn == Self.offersPerTurn - 1 { await Task.yield() }
    }
    for (number, seed) in seeds.enumerated() {
      await yield(number)
      frontier.admit(seed: seed, task: task.id)
    }
    for (number, seed) in seeds.enumerated() {
      await yield(number)
      let offer = Offer(url: seed, source: .seed, depth: 0, viaURLID: nil)
      let result = frontier.offer(offer, task: task.id, now: now, sequence: nil)
      visit.add(result, url: seed.href, via: nil, task: task, at: wallNow)
    }
    if isStopping { throw .store("the daemon is stopping and takes no task") }
    // Hosts go ahead of the task, in order with all visits: another task's pages may name them from now on.
    let newHosts = frontier.takeNewHosts().map(HostRecord.init)
    if !newHosts.isEmpty { append(VisitRecord(taskID: task.id, newHosts: newHosts), of: task) }
    task.counters += visit.counters
    return visit
  }

  private func parse(seeds texts: [String], mayBeNone: Bool) async throws(CrawlError) -> [WebURL] {
    if texts.isEmpty, !mayBeNone { throw .seed(text: "", problem: "a task needs at least one seed") }
    if texts.count > Self.maxSeeds {
      throw .seed(text: Self.shown(texts[Self.maxSeeds]), problem: "a task takes at most \(Self.maxSeeds) seeds")
    }
    let parse = { @Sendable in texts.map { text in Result { () throws(CrawlError) in try Self.seed(text) } } }
    let parsed =
      if texts.count > Self.offersPerTurn, let parsed = try? await loop.runInThread(parse) { parsed } else { parse() }
    var seeds: [WebURL] = []
    for (index, result) in parsed.enumerated() {
      do { seeds.append(try result.get()) } catch .seed(let text, let problem, _) {
        throw .seed(text: text, problem: problem, index: index)
      } catch { throw error }
    }
    return seeds
  }

  /// A seed as it is fetched.
  static func seed(_ text: String) throws(CrawlError) -> WebURL {
    let url = WebURL(text)
    guard let url, url.isHTTP || text.contains("://") else {
      let meant = text.contains("://") ? nil : WebURL("http://" + text)?.withoutCredentials().href
      throw .seed(
        text: shown(text), problem: "give an absolute http or https URL, such as \(meant ?? "https://example.org/")")
    }
    guard url.isHTTP else {
      throw .seed(text: shown(text), problem: "its scheme is \(url.scheme), not http or https")
    }
    guard url.username.isEmpty, url.password.isEmpty else {
      throw .seed(
        text: url.withoutCredentials().href,
        problem:
          "user and password of a URL would be stored and shown; put them into [credentials.NAME] of the daemon's "
          + "configuration and use --credentials NAME")
    }
    let seed = url.withoutFragment()
    let limit = ParseLimits().valueBytes
    guard seed.href.utf8.count <= limit else {
      throw .seed(text: "\(seed.href.prefix(100))…", problem: "it has more than \(limit) bytes")
    }
    return seed
  }

  /// A text that is no URL without what may be a password in it: `http://…@h.test:bad/`.
  private static func shown(_ text: String) -> String {
    guard let at = text.lastIndex(of: "@") else { return text }
    let head = text[..<at]
    let start = head.firstRange(of: "://")?.upperBound ?? head.firstIndex(of: ":").map { head.index(after: $0) }
    guard let start else { return text }
    return "\(text[..<start])…\(text[at...])"
  }

  /// The recrawls of `docs` are `docs-2`, `docs-3` and so on, also when those before them were removed (keep_last); those of
  /// `docs-2026`, as a user has named it, `docs-2026-2` and so on.
  private static func stem(_ base: CrawlTask) -> (String, number: Int) {
    guard let series = base.series, base.name.hasPrefix(series + "-"),
      let number = Int(base.name.dropFirst(series.count + 1)), (2..<1_000_000).contains(number)
    else { return (base.name, 1) }
    return (series, number)
  }

  /// The name that is wanted, or the first free one of `stem`, `stem-2`, `stem-3` … whose number is above `number`.
  private func taskName(_ wanted: String?, stem: String, after number: Int) throws(CrawlError) -> String {
    let taken = Set(tasks.values.map(\.name))
    if let wanted {
      let problem: String? =
        if wanted.isEmpty || wanted.utf8.count > Self.maxNameLength {
          "is not 1 to \(Self.maxNameLength) bytes long"
        } else if Int64(wanted) != nil || wanted.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
          "is a number, which would be taken for an id"
        } else if !wanted.utf8.allSatisfy(Self.isNameByte) { "has other characters" } else if taken.contains(wanted) {
          "is the name of another task"
        } else { nil }
      if let problem {
        throw .setting(
          name: "name", problem: "“\(wanted)” \(problem)",
          accepted: "letters, digits and . _ - : that no other task has, not only digits")
      }
      return wanted
    }
    let base = String(decoding: stem.utf8.filter(Self.isNameByte).prefix(Self.maxNameLength - 8), as: UTF8.self)
    let name = Int64(base) == nil && !base.isEmpty ? base : "task-" + base
    if number == 0, !taken.contains(name) { return name }
    return (max(2, number + 1)..<Int.max).lazy.map { "\(name)-\($0)" }.first { !taken.contains($0) } ?? name
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
      UInt8(ascii: ":"):
      true
    default: false
    }
  }

  var canRunAnother: Bool {
    running.count + halting.values.count { $0.state == .pausing } < configuration.maxRunningTasks
  }
}
