internal import EventLoop
internal import Logging
internal import Units

// Handlers: programs of the user's that have a say in the crawl.
//
// A handler is one program in up to `processes` processes, each of which lives long and is asked one thing at a time: a JSON
// object in one line to its standard input, its answer in one line from its standard output. Visits queue for a free
// process; what waits is bounded by the frontier, which starts nothing of a task while `maxWaiting` of its visits are in
// flight or wait, so a slow handler slows its own tasks alone.
//
// Invariants
// - A call goes to a process that runs, as long as one is free; only when all are busy the next one is started, in a place
//   without one. A call for which it may not be started yet is taken by a process that is free before.
// - Every call ends: with an answer, or with a failure, of which there are seven kinds (`HandlerFailure.Reason`). A process
//   that let a call fail is ended with its whole process group, so what it says later is never taken for another answer.
// - A failure is an incident: processes that failed and had been started before it are part of it, so that of many processes
//   of one broken program not each makes it worse. After an incident no process is started for 100 ms, after the next one in
//   a row for 200 ms and so on up to a minute. A process that ends by itself is a failure unless it has answered before.
// - In the place of a process the next one is started 100 ms after it was, at the earliest, so that a program that ends after
//   each answer is not started faster than that. A call waits for all that if it is not longer than its own time limit, or
//   another process runs, and fails otherwise.
// - It lives on the loop's thread. The database is none of its business: `Crawler+Handlers.swift` says what becomes of
//   answers and failures.

/// One handler, its processes, and who waits for it.
final class Handler: @unchecked Sendable {
  /// Bytes of an answer's line.
  static let longestAnswer = 1 << 20
  static let restartDelay = Duration.milliseconds(100)
  static let longestRestartDelay = Duration.seconds(60)

  let program: HandlerProgram
  let loop: EventLoop
  let log: HandlerLog
  private let freeDescriptors: () -> Bool
  private var waiting: [HandlerCall] = []
  /// Calls that a place has taken to start a process for, which it may not do yet.
  private var postponed: [PostponedCall] = []
  /// Processes that wait for a call, and places without a process that do.
  private var idle: [CheckedContinuation<HandlerCall?, Never>] = []
  private var vacant: [CheckedContinuation<HandlerCall?, Never>] = []
  private var residents: [Coroutine<Void>] = []
  private(set) var isStopped = false

  /// Calls since the daemon's start, those that failed, and starts of processes.
  private(set) var calls = 0
  private(set) var failures = 0
  private(set) var starts = 0
  private(set) var processIDs: Set<Int32> = []
  /// Calls that a process is at work on.
  private(set) var answering = 0
  /// Incidents since the last good answer.
  private(set) var failuresInRow = 0
  private(set) var lastFailure: HandlerFailure?
  private var restartAt: EventLoop.Instant
  /// When the latest of them was noted.
  private var incidentAt: EventLoop.Instant

  /// - Parameter freeDescriptors: called when none is left for a process; true when some are again.
  init(_ program: HandlerProgram, loop: EventLoop, logger: Logger, freeDescriptors: @escaping () -> Bool) {
    self.program = program
    self.loop = loop
    self.freeDescriptors = freeDescriptors
    log = HandlerLog(name: program.name, loop: loop, logger: logger)
    restartAt = loop.now
    incidentAt = loop.now - .seconds(1)
  }

  /// Calls that wait for a process, and somebody for their answers.
  var waitingCount: Int { waiting.count { !$0.isOver } + postponed.count { !$0.call.isOver } }

  /// When it is started again after failures; nil when nothing keeps it from being started.
  var downUntil: EventLoop.Instant? { failuresInRow > 0 && restartAt > loop.now ? restartAt : nil }

  /// Asks, and waits for the answer however many are before it.
  ///
  /// - Throws: `.stopped` for no other reason than that the caller is cancelled or the handler stopped.
  nonisolated(nonsending) func ask(_ question: HandlerQuestion) async throws(NoAnswer) -> HandlerAnswer {
    let call = HandlerCall(question)
    let result: Result<HandlerAnswer, NoAnswer> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        call.park(continuation)
        if isStopped || Task.isCancelled { return call.end(.failure(.stopped)) }
        calls += 1
        if residents.isEmpty { begin() }
        if !hand(over: call) { waiting.append(call) }
      }
    } onCancel: {
      loop.callSoonThreadSafe { call.end(.failure(.stopped)) }
    }
    return try result.get()
  }

  /// Ends its processes: they find the end of their input, and a second later, or at once when `hurried`, SIGTERM.
  /// Returns when they have ended, another second later at most.
  func stop(hurried: Bool) async {
    isStopped = true
    for place in idle + vacant { place.resume(returning: nil) }
    (idle, vacant) = ([], [])
    for call in waiting + postponed.map(\.call) { call.end(.failure(.stopped)) }
    waiting = []
    wakePostponed()
    let ended = loop.callLater(hurried ? .zero : .seconds(1)) { for resident in self.residents { resident.cancel() } }
    for resident in residents { _ = await resident.result }
    ended.cancel()
  }

  // MARK: Its processes

  private func begin() {
    for number in 1...program.processes {
      residents.append(loop.startTask(name: "handler \(program.name) \(number)") { await self.keepServing() })
    }
  }

  /// One process after the other, each from the first call that needs it to its end.
  private func keepServing() async {
    var earliest = loop.now
    while let call = await nextCall(hasProcess: false) {
      guard await mayStart(for: call, notBefore: earliest) else { continue }
      let begin = loop.now
      earliest = begin + min(Self.restartDelay, program.timeout)
      let process = HandlerProcess(of: self, first: call)
      do {
        try await run(process)
      } catch {
        if !process.hasStarted { fail(call, HandlerFailure(.notStarted, "\(error)")) }
        if !process.isOrderly { noteFailedProcess(startedAt: begin) }
      }
    }
  }

  private func run(_ process: HandlerProcess) async throws {
    do {
      _ = try await loop.spawn(program.command, process)
    } catch let error as EventLoopError
      where error.isDescriptorShortage && !process.hasStarted && freeDescriptors()
    {
      _ = try await loop.spawn(program.command, process)
    }
  }

  /// Waits until a process may be started, not before a time of its own, unless that takes longer than the call may and no
  /// other process runs. False when the call needs none any more: it has ended, or a process that was free has taken it.
  private func mayStart(for call: HandlerCall, notBefore earliest: EventLoop.Instant) async -> Bool {
    let start = PostponedCall(call)
    postponed.append(start)
    while !start.isTaken, !call.isOver {
      let until = max(earliest, downUntil ?? earliest)
      if until <= loop.now { break }
      if isStopped {
        call.end(.failure(.stopped))
      } else if processIDs.isEmpty, until - loop.now > program.timeout {
        let text = lastFailure.map { "\($0.reason.rawValue): \($0.detail)" } ?? ""
        fail(
          call, HandlerFailure(.unavailable, "not started again yet after \(failuresInRow) failures, the last: \(text)")
        )
      } else {
        await start.sleep(until: until, on: loop)
      }
    }
    postponed.removeAll { $0 === start }
    return !start.isTaken && !call.isOver
  }

  /// Has the places that wait to start a process look again whether they may.
  private func wakePostponed() {
    for start in postponed { start.wake() }
  }

  private func noteFailedProcess(startedAt begin: EventLoop.Instant) {
    // Part of the incident that others have made known.
    if failuresInRow > 0, begin <= incidentAt { return }
    failuresInRow += 1
    incidentAt = loop.now
    let delay = Self.restartDelay * (1 << min(failuresInRow - 1, 16))
    restartAt = loop.now + min(delay, Self.longestRestartDelay)
  }

  /// The next call that somebody still waits for, for a process or for a place without one; nil when there will be none.
  func nextCall(hasProcess: Bool = true) async -> HandlerCall? {
    while hasProcess, !postponed.isEmpty {
      let call = postponed.removeFirst().take()
      if !call.isOver { return call }
    }
    while !waiting.isEmpty {
      let call = waiting.removeFirst()
      if !call.isOver { return call }
    }
    if isStopped { return nil }
    return await loop.waiting(for: "a call of handler \(program.name)") {
      await withCheckedContinuation { continuation in
        if isStopped {
          continuation.resume(returning: nil)
        } else if hasProcess {
          idle.append(continuation)
        } else {
          vacant.append(continuation)
        }
      }
    }
  }

  /// Gives a call to a process that waits for one, or to a place without a process. False when all are busy.
  private func hand(over call: HandlerCall) -> Bool {
    guard let taker = idle.popLast() ?? vacant.popLast() else { return false }
    taker.resume(returning: call)
    return true
  }

  /// A call whose process ended before it got to it: the next process takes it.
  func putBack(_ call: HandlerCall) {
    if isStopped {
      call.end(.failure(.stopped))
    } else if !hand(over: call) {
      waiting.insert(call, at: 0)
    }
  }

  func noteStart(_ id: Int32) {
    starts += 1
    processIDs.insert(id)
  }

  func noteEnd(_ id: Int32) {
    processIDs.remove(id)
    if processIDs.isEmpty { wakePostponed() }
  }

  func noteBeginning() { answering += 1 }

  func noteEnding() { answering -= 1 }

  /// Why a process failed although no call did.
  func noteTrouble(_ failure: HandlerFailure) { lastFailure = failure }

  func noteAnswer() {
    guard failuresInRow > 0 else { return }
    log.notice("answers again")
    failuresInRow = 0
    wakePostponed()
  }

  func fail(_ call: HandlerCall, _ failure: HandlerFailure) {
    failures += 1
    if failure.reason != .unavailable {
      lastFailure = failure
      log.warning("a call failed (\(failure.reason.rawValue)): \(failure.detail)")
    }
    call.end(.failure(.failed(failure)))
  }
}

/// A call for which a process is to be started, and the place that waits until it may be. It lives on the loop's thread.
private final class PostponedCall: @unchecked Sendable {
  let call: HandlerCall
  /// A process that was free has it.
  private(set) var isTaken = false
  private var isWoken = false
  private var sleeper: CheckedContinuation<Void, Never>?

  init(_ call: HandlerCall) {
    self.call = call
  }

  /// Returns at the deadline, or when it is woken before.
  func sleep(until deadline: EventLoop.Instant, on loop: EventLoop) async {
    let alarm = loop.callAt(deadline) { self.wake() }
    await loop.waiting(for: "the time to start a process") {
      await withCheckedContinuation { continuation in
        if isWoken { continuation.resume() } else { sleeper = continuation }
      }
    }
    alarm.cancel()
    isWoken = false
  }

  func wake() {
    isWoken = true
    sleeper?.resume()
    sleeper = nil
  }

  func take() -> HandlerCall {
    isTaken = true
    wake()
    return call
  }
}

/// One question on its way to an answer. It lives on the loop's thread.
final class HandlerCall: @unchecked Sendable {
  let question: HandlerQuestion
  /// Its process had ended before; no other does it again.
  var isRepeated = false
  private var result: Result<HandlerAnswer, NoAnswer>?
  private var continuation: CheckedContinuation<Result<HandlerAnswer, NoAnswer>, Never>?

  init(_ question: HandlerQuestion) {
    self.question = question
  }

  /// Nobody waits for its answer any more.
  var isOver: Bool { result != nil }

  func park(_ continuation: CheckedContinuation<Result<HandlerAnswer, NoAnswer>, Never>) {
    if let result { return continuation.resume(returning: result) }
    self.continuation = continuation
  }

  /// The first end counts.
  func end(_ result: Result<HandlerAnswer, NoAnswer>) {
    guard self.result == nil else { return }
    self.result = result
    continuation?.resume(returning: result)
    continuation = nil
  }
}
