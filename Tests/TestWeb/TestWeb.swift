// The test web: one HTTP/1.1 server with many names, a generated site, and every misbehaviour of the web by name.
//
// What it is: the counterpart of every end-to-end test, and by its log their judge. It runs on the event loop's own
// server protocol, in the process of the test or as the program `testweb`. What it answers is a pure function of the
// request (`Site`, `Routes`, `Fault`); this file adds the log and what a test can wait for, `TestWeb+Serving.swift` the
// connections.
//
// Invariants:
// - A request is in the log from the moment its head is complete, before a byte of the answer is written.
// - Nothing depends on time: what is slow is held until `release()`, and a test waits for the n-th request itself.
//
// What it does not do: it never sleeps, never leaves 127.0.0.0/8, and knows nothing of the crawler.

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

  /// Steps for exactly one host and target, instead of what the routes say.
  private var planted: [Key: [WireStep]] = [:]
  private var visits: [Key: Int] = [:]
  private var requestsByHost: [String: Int] = [:]
  private var requestWaiters: [RequestWaiter] = []
  private var answers = 0
  private var answerWaiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  private var holds: [Int: CheckedContinuation<Void, Never>] = [:]
  private var holdsEver = 0
  private var holdWaiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

  private struct Key: Hashable {
    var host: String
    var target: String
  }

  private struct RequestWaiter {
    var count: Int
    var host: String?
    var continuation: CheckedContinuation<Void, Never>
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

  package func setOnAnswer(_ body: (@Sendable (RequestLog.Entry) -> Void)?) { onAnswer = body }

  /// Forgets the log; connections and held requests stay.
  package func resetLog() {
    log = RequestLog()
    visits = [:]
    requestsByHost = [:]
  }

  // MARK: What a test waits for

  /// Returns when the log holds `count` requests (robots.txt included), of all hosts or of the one with this name.
  package func waitForRequests(_ count: Int, on name: String? = nil) async {
    guard requests(on: name) < count else { return }
    await withCheckedContinuation { continuation in
      if requests(on: name) >= count {
        continuation.resume()
      } else {
        requestWaiters.append(RequestWaiter(count: count, host: name, continuation: continuation))
      }
    }
  }

  package func requests(on name: String? = nil) -> Int {
    if let name { requestsByHost[name] ?? 0 } else { log.count }
  }

  /// Returns when `count` requests have ever been answered or given up.
  package func waitForAnswers(_ count: Int) async {
    guard answers < count else { return }
    await withCheckedContinuation { continuation in
      if answers >= count { continuation.resume() } else { answerWaiters.append((count, continuation)) }
    }
  }

  /// Returns when `count` requests have ever reached a `.hold`.
  package func waitForHolds(_ count: Int) async {
    guard holdsEver < count else { return }
    await withCheckedContinuation { continuation in
      if holdsEver >= count { continuation.resume() } else { holdWaiters.append((count, continuation)) }
    }
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
        target: head.target, connection: connection))
    wakeRequestWaiters()
    let steps = planted[key] ?? Routes(site: site).steps(host: head.host, target: head.target, visit: visit)
    return (index, steps)
  }

  func answered(_ index: Int, status: Int) {
    answers += 1
    let ready = answerWaiters.filter { $0.count <= answers }
    answerWaiters.removeAll { $0.count <= answers }
    for waiter in ready { waiter.continuation.resume() }
    guard index < log.count else { return }  // the log was reset meanwhile
    log.answered(index, status: status, at: .monotonicNow)
    onAnswer?(log.entries[index])
  }

  /// Parks the request until `release()` or until the task is cancelled.
  func hold() async {
    holdsEver += 1
    let number = holdsEver
    let ready = holdWaiters.filter { $0.count <= number }
    holdWaiters.removeAll { $0.count <= number }
    for waiter in ready { waiter.continuation.resume() }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled { continuation.resume() } else { holds[number] = continuation }
      }
    } onCancel: {
      loop.callSoonThreadSafe { self.assumeIsolated { $0.holds.removeValue(forKey: number)?.resume() } }
    }
  }

  private func wakeRequestWaiters() {
    guard !requestWaiters.isEmpty else { return }
    let ready = requestWaiters.filter { requests(on: $0.host) >= $0.count }
    guard !ready.isEmpty else { return }
    requestWaiters.removeAll { requests(on: $0.host) >= $0.count }
    for waiter in ready { waiter.continuation.resume() }
  }

  private static var unixMicroseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
  }
}
