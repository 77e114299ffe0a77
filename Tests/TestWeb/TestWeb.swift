// The test web: one HTTP/1.1 server with many names, a generated site, and every misbehaviour of the web by name.
//
// What it is: the counterpart of every end-to-end test, and by its log their judge. It runs on the event loop's own
// server protocol, in the process of the test or as the program `testweb`. What it answers is a pure function of the
// request (`Site`, `Routes`, `Fault`); this file adds the log and what a test can wait for, `TestWeb+Serving.swift` the
// connections.
//
// Invariants:
// - A request is in the log from the moment its head is complete, before a byte of the answer is written.
// - Nothing but a trickle depends on time: what is slow is held until `release()`, and a test waits for the n-th
//   request itself.
//
// What it does not do: it never sleeps but within a trickle, never leaves 127.0.0.0/8, and knows nothing of the crawler.

package import EventLoop
import Glibc

package actor TestWeb: LoopActor {
  package nonisolated let loop: EventLoop
  /// The generated site; its port is known after `start`.
  package internal(set) var site: Site
  package internal(set) var log = RequestLog()
  /// Sees every request with its answer's status, when it is answered.
  package var onAnswer: (@Sendable (RequestLog.Entry) -> Void)?

  /// Connections that were ever accepted.
  package internal(set) var connections = 0

  var listeners: [Listener] = []
  /// Of hosts that are not the site's.
  var furtherListeners: [Listener] = []

  /// Whether the log keeps the fields of requests.
  private var keepsFields = false

  /// Asked before the routes: the steps that answer the n-th request (from 1) for a target of a host, or nil.
  package var script: Script?
  package typealias Script = @Sendable (_ host: String, _ target: String, _ visit: Int) -> [WireStep]?
  /// When this loop stood still for more than 5 ms while it was watched (`watchStalls`): what arrived was stamped late.
  package internal(set) var stalls: [Range<Instant>] = []
  var stallWatch: DelayedCall?

  /// Steps for exactly one host and target, instead of what the routes say.
  private var planted: [Key: [WireStep]] = [:]
  private var plantedPages: [Key: (response: Response, validators: Validators)] = [:]
  private var visits: [Key: Int] = [:]
  private var requestsByHost: [String: Int] = [:]
  private var answers = 0
  private var holdsEver = 0
  private var holds: [Int: CheckedContinuation<Void, Never>] = [:]
  private var waiters: [Int: (goal: Goal, continuation: CheckedContinuation<Void, Never>)] = [:]
  private var waitersEver = 0

  private struct Key: Hashable {
    var host: String
    var target: String
  }

  /// What somebody waits for.
  private enum Goal {
    case requests(Int, host: String?)
    case answers(Int)
    case holds(Int)
  }

  package init(site: Site, loop: EventLoop) {
    self.site = site
    self.loop = loop
  }

  /// Answers requests for `target` on the host `name` with this from now on; nil gives the routes their say again.
  package func plant(_ response: Response?, at target: String, on name: String) {
    planted[Key(host: name, target: target)] = response.map { [.send($0.serialised())] }
  }

  package func plant(_ steps: [WireStep], at target: String, on name: String) {
    planted[Key(host: name, target: target)] = steps
  }

  /// From now on the log has the fields of each request.
  package func keepFields() { keepsFields = true }

  /// Answers requests for `target` on the host `name` with this, or with 304 when the client has this version of it.
  package func plant(_ response: Response, _ validators: Validators, at target: String, on name: String) {
    plantedPages[Key(host: name, target: target)] = (response, validators)
  }

  /// Changes what the site is from now on.
  package func change(_ body: @Sendable (inout Site) -> Void) { body(&site) }

  package func setScript(_ script: Script?) { self.script = script }

  package func setOnAnswer(_ body: (@Sendable (RequestLog.Entry) -> Void)?) { onAnswer = body }

  /// Forgets the log; connections and held requests stay.
  package func resetLog() {
    log = RequestLog()
    visits = [:]
    requestsByHost = [:]
  }

  // MARK: What a test waits for

  /// Returns when the log holds `count` requests (robots.txt included), of all hosts or of the one with this name.
  ///
  /// - Throws: `CancellationError`, as the other waits do.
  package func waitForRequests(_ count: Int, on name: String? = nil) async throws {
    try await wait(for: .requests(count, host: name))
  }

  /// Returns when `count` requests have ever been answered or given up.
  package func waitForAnswers(_ count: Int) async throws { try await wait(for: .answers(count)) }

  /// Returns when `count` requests have ever reached a `.hold`.
  package func waitForHolds(_ count: Int) async throws { try await wait(for: .holds(count)) }

  package func requests(on name: String? = nil) -> Int {
    if let name { requestsByHost[name] ?? 0 } else { log.count }
  }

  /// Lets every request that is held now go on.
  package func release() {
    let released = holds.values
    holds = [:]
    for continuation in released { continuation.resume() }
  }

  // MARK: What connections tell

  /// Enters a request into the log; returns its index there and the steps that answer it.
  func begin(_ head: RequestHead, connection: Int) -> (index: Int, steps: [WireStep]) {
    let key = Key(host: head.host, target: head.target)
    let visit = (visits[key] ?? 0) + 1
    visits[key] = visit
    requestsByHost[head.host, default: 0] += 1
    let index = log.append(
      RequestLog.Entry(
        arrived: .monotonicNow, unixMicroseconds: TestWeb.unixMicroseconds, host: head.host, method: head.method,
        target: head.target, connection: connection, fields: keepsFields ? head.fields : []))
    wakeWaiters()
    let steps =
      planted[key] ?? versioned(head, key).map { [.send($0)] } ?? script?(head.host, head.target, visit)
      ?? Routes(site: site).steps(host: head.host, target: head.target, visit: visit)
    return (index, steps)
  }

  /// The answer of a page that has validators, or had.
  private func versioned(_ head: RequestHead, _ key: Key) -> Response? {
    if let (response, validators) = plantedPages[key] { return validators.answer(response, to: head) }
    guard site.isVersioned, let host = site.host(named: head.host), let page = site.page(atTarget: head.target) else {
      return nil
    }
    if site.gone.contains(page) { return .notFound }
    return site.validators(host: host, page: page).answer(.html(site.html(host: host, page: page)), to: head)
  }

  func answered(_ index: Int, status: Int) {
    answers += 1
    wakeWaiters()
    guard index < log.count else { return }  // the log was reset meanwhile
    log.answered(index, status: status, at: .monotonicNow)
    onAnswer?(log.entries[index])
  }

  /// Parks the request until `release()` or until the task is cancelled.
  func hold() async {
    holdsEver += 1
    let number = holdsEver
    wakeWaiters()
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled { continuation.resume() } else { holds[number] = continuation }
      }
    } onCancel: {
      loop.callSoonThreadSafe { self.assumeIsolated { $0.holds.removeValue(forKey: number)?.resume() } }
    }
  }

  private func isReached(_ goal: Goal) -> Bool {
    switch goal {
    case .requests(let count, let host): requests(on: host) >= count
    case .answers(let count): answers >= count
    case .holds(let count): holdsEver >= count
    }
  }

  private func wait(for goal: Goal) async throws {
    waitersEver += 1
    let number = waitersEver
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if isReached(goal) || Task.isCancelled {
          continuation.resume()
        } else {
          waiters[number] = (goal, continuation)
        }
      }
    } onCancel: {
      loop.callSoonThreadSafe { self.assumeIsolated { $0.waiters.removeValue(forKey: number)?.continuation.resume() } }
    }
    if !isReached(goal) { try Task.checkCancellation() }
  }

  private func wakeWaiters() {
    for (number, waiter) in waiters where isReached(waiter.goal) {
      waiters[number] = nil
      waiter.continuation.resume()
    }
  }

  private static var unixMicroseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }
}
