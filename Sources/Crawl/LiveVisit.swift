internal import EventLoop
internal import Fetch
internal import Frontier
internal import Store

/// One coroutine that is fetching a URL or reading what came: what `crawlctl ps` shows. It lives in the crawler's actor.
final class LiveVisit {
  enum Phase {
    case fetch
    case parse
    /// Its task's known URLs are still being read; what it found waits for them.
    case load
    /// Its task's handlers are asked.
    case handler
    /// Its robots.txt redirects to another host, whose turn it waits for: `aside` has what is waited for.
    case turn
  }

  let id: Int64
  let entry: FrontierEntry
  let progress: FetchProgress
  let gate: FetchGate
  /// What its requests are made by; the task's may be others by now.
  let options: RequestOptions
  let startedAt: EventLoop.Instant
  /// The host that its request goes to: that of its URL, until a robots.txt redirects to another.
  var hostID: Int64
  /// The IP address at which its fetch holds a place; see `Frontier.mayConnect`.
  var address: String?
  /// Its last fetch was refused a place.
  var isAddressFull = false
  var phase = Phase.fetch
  var phaseSince: EventLoop.Instant
  var aside: Aside?
  /// The names of the handlers that are asked: those that its task had when that began.
  var handlerNames = ""
  /// Set when it is its turn, or it is to stop waiting for that.
  var call: Signal?
  /// In a recrawl, what earlier crawls have of the URL.
  var earlier: EarlierFetch?
  /// What the page still says that was not modified.
  var earlierContents: EarlierContents?
  /// What its task's handlers said; nil without any.
  var verdicts: HandlerVerdicts?
  /// With which its URL was asked for.
  var cookies: String?
  /// Its answer was a redirect, and its URL would now be asked for with other cookies.
  var hasNewCookies = false
  /// Of the whole body of a success.
  var contentHash: UInt64?
  /// Ends the coroutine's fetch; nil until it has started.
  var task: Coroutine<Void>?
  /// It was told to stop: unless its bytes are in and read, its URL goes back to the frontier without an attempt.
  var isAborted = false

  init(id: Int64, entry: FrontierEntry, gate: FetchGate, options: RequestOptions, now: EventLoop.Instant) {
    self.id = id
    self.entry = entry
    self.gate = gate
    self.options = options
    hostID = entry.hostID
    address = entry.address
    progress = FetchProgress(now: now)
    startedAt = now
    phaseSince = now
  }

  func enter(_ phase: Phase, now: EventLoop.Instant) {
    self.phase = phase
    phaseSince = now
  }

  /// Ends its fetch; nothing more is sent. What has been received is dropped.
  func abort() {
    isAborted = true
    switch phase {
    case .fetch, .handler: task?.cancel()
    case .turn:
      task?.cancel()
      call?.set()
    case .parse, .load: break
    }
  }

  /// Its next request is not sent yet.
  var isUnsent: Bool { phase == .turn || !progress.phase.isRequestSent }

  var phaseBegan: EventLoop.Instant { phase == .fetch ? progress.phaseSince : phaseSince }

  var phaseText: String {
    switch phase {
    case .fetch: progress.phase.rawValue
    case .parse: "parse"
    case .load: "load"
    case .handler: "handler"
    case .turn: "turn"
    }
  }
}

extension LiveVisit: TaskDetail {
  var waitingFor: String? { phaseText }
  var waitingSince: EventLoop.Instant { phaseBegan }
}
