package import EventLoop
internal import Fetch
internal import Frontier
package import Logging
internal import Names
internal import Parse
internal import Store
package import Units
internal import WebURL

// Crawl is the story: tasks, the visit of one URL, limits, and what is started when.
//
// One actor on the loop, `Crawler`, owns everything that changes: the tasks, the frontier, the store, the visits under
// way. The way of a URL is `visit` in Crawler+Visit.swift, and it reads top to bottom. Around it `pump` starts whatever
// may start, and four resident coroutines do what needs the database: `keepRefilling` (heads and hosts),
// `keepReadingRobots` (robots.txt files of hosts' rows), `keepPromoting` (delayed URLs that are due) and `keepSettling`
// (tasks that came to rest).
//
// Invariants:
// - Between taking a URL from the frontier and handing its visit to the store, the URL is `ready` on disk; a crash then
//   only means that it is fetched again.
// - What a page changes (its row, its links, the URLs that they add, its own state, the counters) is one `VisitRecord`,
//   built and appended without an await, so that the seen set, the ids and the rows agree.
// - A change of a task's state is on disk before its reply. When a pause, cancel or shutdown is answered, nothing that
//   has not been sent will be.
//
// It contains no C and no SQL, and it does not know the control protocol.

package actor Crawler: LoopActor {
  package nonisolated let loop: EventLoop
  nonisolated let configuration: CrawlConfiguration
  let logger: Logger
  let store: Store
  let fetcher: Fetcher
  private let resolver: Resolver
  /// The key of `fetches.content_hash`.
  let contentKey: FingerprintKey
  let frontier: Frontier
  package nonisolated let startedAt = Timestamp.now()
  package nonisolated var databasePath: String { configuration.database }

  var tasks: [Int64: CrawlTask] = [:]
  /// Those of them in state running; in state pausing or cancelling; and in state queued. `note(stateOf:)` keeps them.
  var running: [Int64: CrawlTask] = [:]
  var halting: [Int64: CrawlTask] = [:]
  var queued: [Int64: CrawlTask] = [:]
  var live: [Int64: LiveVisit] = [:]
  private var nextVisitID: Int64 = 1
  /// The sequence number of the visit that was handed to the store last.
  var lastSequence: Int64 = 0
  /// Up to which all is committed.
  var committedSequence: Int64 = 0
  var nextFetchID: Int64
  var nextTaskID: Int64
  var nextRunID: Int64
  /// Numbers of those who read robots.txt by other requests than the ordinary ones, from 1.
  var robotsReaders: [RequestOptions.Identity: Int] = [:]
  var nextRobotsReader = 1
  /// The row of `agents` as whom ordinary requests are made, and that row while it is still to be written.
  var agentID = AgentRecord.first
  var newAgent: AgentRecord?
  /// Proxies that were asked, by name.
  var proxies: [String: ProxyStanding] = [:]
  /// Ended tasks that are crawled again at their time.
  var scheduled: Set<Int64> = []
  /// Recrawls of those that were due are being added.
  var isStartingRuns = false
  /// When the first of them is due; loop time.
  var nextRunTime: Int64?
  /// By how much the clock was set so far, in all.
  var clockJumps: Int64 = 0
  /// By the names of the configuration.
  let handlers: [String: Handler]
  /// Bytes of bodies that have been received and not yet read to their end.
  var bodyBytes = 0 {
    didSet { fetcher.assumeIsolated { [bodyBytes] in $0.bodyBytesElsewhere = bodyBytes } }
  }
  /// Visits that have released their host and were not yet handed to the store.
  var unsettledVisits = 0
  /// What keeps errands to the database from being done.
  var troubles: [Errand: String] = [:]
  /// Hosts whose URLs are to get the fate of those without robots.txt; they are being written.
  var hostsToFail: [(taskID: Int64, hostID: Int64, fate: RobotsFate)] = []
  var isFailingHosts = false
  var isPumpScheduled = false
  var wakeUp: DelayedCall?
  var wakeUpTime: Int64?
  var isStopping = false
  /// The end waits for nothing that could be done again.
  private(set) var isHurried = false
  /// The Content-Type that was read last, as which most others are.
  var lastContentType = (text: "", type: MediaType(""))
  /// Visits whose body is read on a thread of the pool.
  var bodiesInThread = 0
  /// What the database's times to come are kept by.
  var calendar = SteadyCalendar()
  var promotionTimer: DelayedCall?
  /// When it fires, by the calendar; microseconds since 1970 UTC.
  var promotionDue: Int64?
  /// Loop time of the daemon's start.
  let startTime: Int64
  let refillSignal = Signal("rows that the frontier wants")
  let robotsSignal = Signal("robots.txt files that the frontier wants back")
  /// Texts of a task are being compared; when it is looked whether some are to be.
  var isComparing = false
  var comparisonTimer: DelayedCall?
  let promotionSignal = Signal("delayed URLs that are due")
  let settlingSignal = Signal("a task to come to rest")
  var nextWaiterID: Int64 = 1
  /// Indexes for questions are being made, for more than a second so far.
  var isBuildingIndexes = false
  /// When the allocator gives back what it has free, at the earliest; loop time.
  var nextTrimTime: Int64 = 0
  /// Who is told of what happens, by id.
  var watches: [Int64: (filter: EventFilter, deliver: @Sendable (CrawlEvent) -> Void)] = [:]
  /// Events whose rows are not committed yet, with the sequence numbers of their visits, in order.
  var unannounced: [(sequence: Int64, event: CrawlEvent)] = []
  private var residents: [Coroutine<Void>] = []

  /// Opens the database and what reaches the web. Nothing runs before `recover` and `begin`.
  /// - Throws: `StoreError` when the database can't be opened, `ResolverError` for the hosts file or the name servers,
  ///   `FetchError` when libcurl lacks what is needed.
  package static func open(
    _ configuration: CrawlConfiguration, logger: Logger, loop: EventLoop
  ) async throws -> Crawler {
    let resolver = try Resolver(
      loop: loop, hostsFile: configuration.hostsFile, configuration: configuration.resolver)
    var fetch = configuration.fetch
    fetch.maximumBodyBytes = configuration.maxBodyBytes
    let fetcher = try Fetcher(loop: loop, resolver: resolver, guard: configuration.guardian, configuration: fetch)
    return try await Crawler(configuration, logger: logger, loop: loop, fetcher: fetcher, resolver: resolver)
  }

  /// - Throws: `ResolverError` for a hosts file or name servers with which no crawler can begin.
  package static func checkNames(_ configuration: CrawlConfiguration, loop: EventLoop) async throws {
    let resolver = try Resolver(
      loop: loop, hostsFile: configuration.hostsFile, configuration: configuration.resolver)
    await resolver.close()
  }

  private init(
    _ configuration: CrawlConfiguration, logger: Logger, loop: EventLoop, fetcher: Fetcher, resolver: Resolver
  ) async throws {
    self.loop = loop
    self.configuration = configuration
    self.logger = logger
    self.fetcher = fetcher
    self.resolver = resolver
    handlers = configuration.handlers.mapValues {
      Handler($0, loop: loop, logger: logger) { fetcher.assumeIsolated { $0.closeIdleConnections() } }
    }
    startTime = loop.now.nanoseconds / 1_000
    store = try await Self.openStore(configuration, logger, loop)
    var limits = configuration.frontier
    limits.maxInFlight = min(configuration.maxInFlight ?? .max, max(1, fetcher.maximumSockets))
    guard let fingerprintKey = FingerprintKey(bytes: store.fingerprintKey) else {
      throw CrawlError.store("the database's fingerprint key has \(store.fingerprintKey.count) bytes instead of 16")
    }
    contentKey = fingerprintKey
    frontier = Frontier(
      limits: limits, fingerprintKey: fingerprintKey, nextURLID: store.nextURLID, nextHostID: store.nextHostID)
    nextFetchID = store.nextFetchID
    nextTaskID = store.nextTaskID
    nextRunID = store.nextRunID
  }

  /// Opens the database. On a disk without any room that is tried again each second, as commits are later.
  private static func openStore(
    _ configuration: CrawlConfiguration, _ logger: Logger, _ loop: EventLoop
  ) async throws -> sending Store {
    var isFirst = true
    while true {
      do throws(StoreError) {
        return try await Store(
          path: configuration.database, loop: loop, policy: configuration.store, productVersion: Version.text
        ) { [isFirst] from, to in
          guard isFirst else { return }
          loop.callSoonThreadSafe {
            logger.notice(
              "the database is brought from layout \(from) to \(to), which reads whole tables; a large one takes minutes"
            )
          }
        }
      } catch {
        guard case .full = error else { throw error }
        if isFirst { logger.error("\(error); tried again each second until there is room") }
        isFirst = false
      }
      try await loop.sleep(for: .seconds(1))
    }
  }

  /// Begins to crawl, after `recover`.
  package func begin() {
    store.onCommit = { sequence in self.committed(through: sequence) }
    store.onFailureChange = { self.storeFailureChanged() }
    store.onShortageChange = { self.shortageChanged() }
    store.onLongReaderChange = { self.longReaderChanged() }
    store.onCheckpoint = { self.needsPump() }
    frontier.onEarlierStart = { self.needsPump() }
    if store.shortage != nil { shortageChanged() }
    noteAgent()
    for task in running.values.sorted(by: { $0.id < $1.id }) { run(task) }
    for task in tasks.values where task.state == .removing { removeRows(of: task, isResumed: true) }
    removeOldCrawls()
    if tasks.values.contains(where: \.state.isFinal) {
      loop.startTask(name: "result indexes") { await self.buildResultIndexes() }
    }
    if store.hasOldIndex { loop.startTask(name: "full-text index") { await self.replaceTextIndex() } }
    for task in tasks.values where !task.state.isFinal { takeSeeds(task) }
    for task in tasks.values.sorted(by: { $0.id < $1.id }) where task.state.isFinal { tellOfEnd(task) }
    residents = [
      loop.startTask(name: "crawl: refills the frontier") { await self.keepRefilling() },
      loop.startTask(name: "crawl: reads robots.txt files of rows") { await self.keepReadingRobots() },
      loop.startTask(name: "crawl: promotes delayed URLs") { await self.keepPromoting() },
      loop.startTask(name: "crawl: settles tasks") { await self.keepSettling() },
    ]
    promotionSignal.set()
    settlingSignal.set()
    lookForTexts()
    pump()
  }

  /// Ends the crawl: starts nothing more, lets fetches in flight end within `grace` (none with nil), commits, closes.
  /// URLs whose fetch is cut short, or whose body is not read by then, stay ready. Desired states stay as they are, so a
  /// later daemon goes on.
  ///
  /// - Parameter drained: called when nothing is in flight any more.
  package func stop(grace: Duration?, drained: @Sendable () async -> Void = {}) async throws {
    noteClock()
    isStopping = true
    announce(.daemon("the daemon is stopping"))
    wakeUp?.cancel()
    comparisonTimer?.cancel()
    for task in tasks.values {
      task.gate.isOpen = false
      task.resumeLoadWaiters()
    }
    if let grace {
      for visit in live.values where visit.isUnsent { visit.abort() }
      try? await loop.withTimeout(grace) { try await self.untilNothingIsLive() }
    }
    hurry()
    try? await untilNothingIsLive()
    await drained()
    await stopHandlers()
    for resident in residents { resident.cancel() }
    for signal in [refillSignal, robotsSignal, promotionSignal, settlingSignal] { signal.set() }
    for resident in residents { _ = try? await resident.value }
    await fetcher.close()
    await resolver.close()
    store.onCommit = nil
    store.onFailureChange = nil
    store.onShortageChange = nil
    store.onLongReaderChange = nil
    store.onCheckpoint = nil
    frontier.onEarlierStart = {}
    try await store.close()
  }

  /// At once: aborts what `stop` is still waiting for. Bodies that are not read yet are dropped, and one that a thread is
  /// reading is not waited for.
  package func hurry() {
    isHurried = true
    for visit in live.values {
      visit.abort()
      visit.task?.cancel()
    }
    if isIdle { resumeIdleWaiters() }
  }

  // MARK: Starting visits

  /// At most this many in one tick of the loop, so that others get their turn.
  private static let startsPerTick = 128

  /// Starts what may start on the next tick of the loop; many calls in one tick are one.
  func needsPump() {
    guard !isPumpScheduled else { return }
    isPumpScheduled = true
    loop.callSoon { self.pump() }
  }

  private func pump() {
    isPumpScheduled = false
    guard !isStopping, !isHurried else { return }
    noteClock()
    checkQuotas()
    startDueRuns()
    var starts = 0
    if backPressure == nil {
      // Until the end of the tick, of all that it judges only the number of fetches in flight changes.
      while starts < Self.startsPerTick, frontier.hasRoom, let entry = frontier.next(now: now) {
        begin(entry)
        starts += 1
      }
    }
    if starts == Self.startsPerTick { needsPump() }
    callAsides()
    appendExcluded()
    failUnreachable()
    if frontier.wantsRows(now: now) { refillSignal.set() }
    if frontier.wantsRobotsRead, backPressure == nil { robotsSignal.set() }
    armWakeUp()
  }

  private func begin(_ entry: FrontierEntry) {
    guard let task = tasks[entry.taskID] else { fatalError("the frontier gave out a URL of no task") }
    let visit = LiveVisit(
      id: nextVisitID, entry: entry, gate: task.gate, options: task.requestOptions, now: loop.now)
    nextVisitID += 1
    live[visit.id] = visit
    task.live[visit.id] = visit
    let id = visit.id
    visit.task = loop.startTask(name: entry.url.href) { await self.run(id) }
  }

  /// One coroutine of a visit, from its start to its end.
  private func run(_ id: Int64) async {
    guard let visit = live[id] else { return }
    EventLoop.currentTask?.detail = visit
    switch visit.entry.kind {
    case .url: await self.visit(visit)
    case .robots: await fetchRobots(visit)
    }
    live[id] = nil
    if let task = tasks[visit.entry.taskID] {
      task.live[id] = nil
      if task.live.isEmpty { settlingSignal.set() }
    }
    if isIdle { resumeIdleWaiters() }
    needsPump()
  }

  private func armWakeUp() {
    // Under back pressure whoever ends it wakes the pump.
    let ready = backPressure == nil ? frontier.nextReadyTime(now: now) : nil
    let time = [ready, nextTimeQuota, nextRunTime].compactMap { $0 }.min()
    guard time != wakeUpTime || wakeUp == nil else { return }
    wakeUp?.cancel()
    wakeUp = nil
    wakeUpTime = time
    guard let time else { return }
    wakeUp = loop.callLater(.microseconds(max(0, min(time - now, Self.longestTimer)))) {
      self.wakeUp = nil
      self.needsPump()
    }
  }

  // MARK: Waiting until nothing is in flight

  private var idleWaiters: [CheckedContinuation<Void, Never>] = []

  private var isIdle: Bool { live.count <= (isHurried ? bodiesInThread : 0) }

  private func untilNothingIsLive() async throws {
    while !isIdle {
      await withTaskCancellationHandler {
        await withCheckedContinuation { idleWaiters.append($0) }
      } onCancel: {
        loop.callSoonThreadSafe { self.assumeIsolated { $0.resumeIdleWaiters() } }
      }
      try Task.checkCancellation()
    }
  }

  private func resumeIdleWaiters() {
    let waiters = idleWaiters
    idleWaiters.removeAll()
    for waiter in waiters { waiter.resume() }
  }
}
