internal import Cookies
internal import EventLoop
internal import Fetch
internal import Frontier
internal import Store
internal import WebURL

/// A task in memory. It lives in the crawler's actor.
final class CrawlTask {
  let id: Int64
  let name: String
  /// What its client calls it, or called an earlier crawl of the same URLs that was removed.
  var clientKey: String?
  let createdAt: Int64
  let runID: Int64
  /// When that one was removed, the task that it visited again.
  var recrawlOf: Int64?
  /// Of the crawls of the same URLs the first, which may be gone.
  let firstTaskID: Int64
  /// A recrawl that was named by number: the name before that.
  let series: String?
  /// More seeds may come; it does not finish before it is sealed.
  var isOpen: Bool
  /// False while it is being added: seeds are offered, its row is to come.
  var isStored = true
  var state: TaskState
  var desiredState: DesiredState
  var reason: TaskReason?
  var settings: TaskSettings
  /// What the database has of these settings can't be read, and why; their defaults stand in `settings`, which nothing may
  /// be fetched by.
  var unreadSettings: [String: CrawlError] = [:]
  var settingsRevision: Int
  /// What the settings make of its requests.
  var requestOptions: RequestOptions
  /// Those that its settings name, in order.
  var handlers: [Handler] = []
  /// It has ended, and handlers are to be told.
  var isUntold: Bool
  /// Tells them.
  var telling: Coroutine<Void>?
  /// It is still taking over the seeds of the task that it visits again, and fetches when it has all.
  var lacksSeeds: Bool
  var isTakingSeeds = false
  /// Of a recrawl that knows of all pages of the crawls before it what is there: which these were (`CrawlsDigest`).
  var coversEarlier: Int64?
  /// Its fetches when its texts were compared last.
  var comparedFetches: Int
  /// Not all of them were, as the log says.
  var isComparedInPart = false
  /// Why they could not be compared when that was tried last, and how often in a row.
  var comparisonError: String?
  var failedComparisons = 0
  /// They are not compared again before this loop time.
  var nextComparison = Int64.min
  var startedAt: Int64?
  var finishedAt: Int64?
  /// When a retry took it up again after its end, by the calendar.
  var retriedAt: Int64?
  /// When a recrawl of it starts by itself; `Crawler.schedule` sets it.
  var nextRunAt: Int64?
  /// That recrawl is being added, or could not be: not before this loop time.
  var nextRunTry = Int64.min
  /// Why it could not when that was tried last.
  var nextRunError: String?
  /// As the database will have them when what was handed to the store has committed.
  var counters: CounterDelta
  var rate = RateMeter()
  /// Of what was handed to the store for it last.
  var lastSequence: Int64 = 0
  /// It is about to be `removing`: no recrawl that begins now may count on it.
  var isLeaving = false
  var jar = CookieJar()
  /// With cookies: which redirects have led where it is.
  var trail = RedirectTrail()
  /// Open while the task may send requests; a pause closes it for good and a resume makes a new one.
  var gate = FetchGate()
  var live: [Int64: LiveVisit] = [:]
  /// Hosts whose robots.txt has had its Sitemap lines offered since the daemon's start.
  var sitemapHosts: Set<Int64> = []
  /// Its known URLs are in the seen set.
  var isLoaded = false
  /// What its budgets were used for is being counted; and is to be when it can be, or again.
  var isCountingBudgets = false
  var mustCountBudgets = false
  /// What it has excluded for these reasons is to be judged by the rules of now; and what it has is being judged.
  var reasonsToJudge: Set<ExclusionReason> = []
  var isJudging = false
  /// Visits that are offering what they name, turn by turn, and whose links are not stored yet.
  var visitsInParts: Set<Int64> = []
  /// One of them has come to its end.
  let partsSignal = Signal("visits that offer very many URLs")
  /// Why that could not go on when it was tried last.
  var judgementError: String?
  /// What it has excluded for these reasons may be let in though no setting has changed since that was judged last: a seed's
  /// redirect chain has widened its scope, or may have before the daemon's start, or a budget that was used up has room.
  var liftedReasons: Set<ExclusionReason> = []
  /// They are not judged again before this loop time, unless the task has nothing else to do.
  var nextLiftedJudgement: Int64 = 0
  /// Of a recrawl, until its end.
  var earlier: EarlierPages?
  /// A quota is used up; the pause is being written.
  var isQuotaPauseUnderWay = false
  /// Coroutines that wait for that.
  var loadWaiters: [CheckedContinuation<Void, Never>] = []
  /// Whoever waits for the task to come to rest.
  var stateWaiters: [Int64: CheckedContinuation<Void, Never>] = [:]
  /// Its state is being written; other changes wait.
  var isChanging = false
  var changeWaiters: [CheckedContinuation<Void, Never>] = []

  init(_ record: TaskRecord, settings: TaskSettings, options: RequestOptions) {
    requestOptions = options
    id = record.id
    name = record.name
    clientKey = record.clientKey
    createdAt = record.createdAt
    runID = record.runID
    recrawlOf = record.recrawlOf
    firstTaskID = record.firstTaskID
    series = record.series
    isOpen = record.isOpen
    isUntold = record.isUntold
    lacksSeeds = record.lacksSeeds
    coversEarlier = record.coversEarlier
    comparedFetches = record.comparedFetches
    state = TaskState(rawValue: record.state) ?? .paused
    desiredState = DesiredState(rawValue: record.desiredState) ?? .paused
    reason = record.reason.flatMap(TaskReason.init(rawValue:))
    settingsRevision = record.settingsRevision
    startedAt = record.startedAt
    retriedAt = record.retriedAt
    finishedAt = record.finishedAt
    nextRunAt = record.nextRunAt
    counters = record.counters
    self.settings = settings
  }

  func resumeLoadWaiters() {
    let waiters = loadWaiters
    loadWaiters.removeAll()
    for waiter in waiters { waiter.resume() }
  }

  /// Each looks again whether the task is at rest, or there at all.
  func resumeStateWaiters() {
    let waiters = stateWaiters
    stateWaiters.removeAll()
    for waiter in waiters.values { waiter.resume() }
  }

  var seedCount: Int { counters.seeds }

  /// No URL is ready or delayed; what is in flight counts as ready until its outcome is handed to the store.
  var hasNothingLeft: Bool { counters.ready <= 0 && counters.delayed <= 0 }

  /// It has nothing to do: it is open, at its end, or judges what it had excluded. Quotas are for what it does.
  var isIdle: Bool { hasNothingLeft && live.isEmpty }

  var frontierSettings: FrontierSettings {
    var frontier = settings.frontierSettings(
      finalAnswers: counters.finalAnswers, robotsReader: requestOptions.robotsReader)
    frontier.maxWaiting = handlers.map(\.program.maxWaiting).min()
    frontier.maxWaitingBytes = handlers.map(\.program.maxWaitingBytes).min()
    return frontier
  }

  /// The quota that is used up, if any. `now` is microseconds since 1970 by the calendar (`Crawler.dueNow`).
  func quotaReached(now: Int64) -> TaskReason? {
    if let maxPages = settings.maxPages, counters.finalAnswers >= maxPages { return .pageQuota }
    if let maxBytes = settings.maxBytes, counters.wireBytes >= maxBytes { return .byteQuota }
    if let timeQuotaEnd, now >= timeQuotaEnd { return .timeQuota }
    return nil
  }

  /// Gives up what only a task needs that has not ended.
  func giveUpMemory() {
    earlier = nil
    trail = RedirectTrail()
    jar = CookieJar()
    sitemapHosts = []
  }

  /// When it has used up its time, by the calendar. A retry has as much again: a task that had ended was at rest before.
  var timeQuotaEnd: Int64? {
    guard let maxTime = settings.maxTime, let begin = retriedAt ?? startedAt else { return nil }
    return begin &+ maxTime.microseconds
  }
}
