internal import EventLoop

/// Who has the writer thread, and for how long the others wait.
/// Three kinds of work share it: groups of visits, control transactions (next, alone), and barriers (after all that was
/// appended before them). One of them runs at a time. A group that is due is committed between two turns, but a control
/// transaction never waits for both a group and a barrier.
///
/// The queue decides whose turn it is. The coroutine `run` commits the groups, makes the checkpoints and merges the
/// full-text index. Each control transaction or barrier runs in the coroutine of its caller, while that has the turn.
actor CommitQueue: LoopActor {
  nonisolated let loop: EventLoop
  let pool: ThreadPool
  let writer: Writer
  let policy: StorePolicy
  let hooks: StoreHooks

  var backlog = VisitBacklog()
  /// Being committed, or failed and to be tried again.
  var current: VisitBacklog.Group?
  /// Sequence numbers of the last visit that was handed over, and of the last that is committed.
  private var appended: Int64 = 0
  var committed: Int64 = 0
  /// Up to this sequence number groups begin at once, without waiting for more visits.
  private var urgentThrough: Int64 = 0

  var occupation = Occupation.nobody
  /// Whose turn it was last; nil when the committer was the last to have the writer. After a turn the committer goes before
  /// others of its kind if it has something to do.
  private var lastTurn: WaitingTurns.Line?
  var phase = Phase.open
  var lastGroupBegan: EventLoop.Instant?
  var retryAt: EventLoop.Instant?
  private var timer: DelayedCall?

  var committer = Committer.coming(number: 0)
  var turns = WaitingTurns()
  private var nextTurn: Int64 = 0

  var checkpoints = CheckpointSchedule()
  var merges = MergeSchedule()
  /// Tasks that are being removed.
  var removals = 0

  var failure: StoreFailure?
  var shortage: DiskShortage?
  /// When free space is checked next.
  private var lookAt: EventLoop.Instant?
  var figures = Figures()

  /// Whose work is on the writer thread.
  enum Occupation {
    case nobody
    case committer
    case turn
  }

  /// The coroutine that commits; a number for each that was started.
  enum Committer {
    case coming(number: Int)
    /// Waits for something to do.
    case parked(number: Int, CheckedContinuation<Job?, Never>)
    case working(number: Int)
    /// Was cancelled: nothing is committed until the close.
    case gone(number: Int)
  }

  /// What the committer does.
  enum Job {
    case group
    case checkpoint
    /// Merges some of the full-text index.
    case merge
    /// Gives back room that the file does not need, and looks how much there is.
    case look
  }

  enum Phase {
    case open
    /// No visit and no turn is taken any more; what is queued is committed.
    case closing
    case closed
  }

  struct Figures: Sendable {
    var commits = 0
    var rows = 0
    var visits = 0
    var lastCommitMicroseconds: Int64 = 0
    var longestCommitMicroseconds: Int64 = 0
    var walBytes = 0
    var space: DiskSpace?
    var checkpoints = 0
    var lastCheckpointMicroseconds: Int64 = 0
    var checkpointProblem: String?
    var checkpointFailure: String?
    var longReader: LongReader?
    var merges = 0
    var mergeFailure: String?
  }

  init(loop: EventLoop, pool: ThreadPool, writer: Writer, policy: StorePolicy, hooks: StoreHooks) {
    self.loop = loop
    self.pool = pool
    self.writer = writer
    self.policy = policy
    self.hooks = hooks
  }

  var outstanding: (visits: Int, bytes: Int) {
    (backlog.count + (current?.visits.count ?? 0), backlog.bytes + (current?.bytes ?? 0))
  }

  /// Takes a visit; never waits.
  func append(_ visit: VisitRecord) -> Int64 {
    guard case .open = phase else { fatalError("a visit was appended to a store that is closed") }
    let hasCompany = !backlog.isEmpty
    backlog.append(PendingVisit(visit))
    appended += 1
    // The timer is set for those that wait; one more changes nothing before the group is full.
    if timer == nil || !hasCompany || backlog.isFull(policy) { advance() }
    return appended
  }

  // MARK: Turns

  /// Runs a body on the writer thread before all waiting visits.
  func control<T: Sendable>(_ body: @escaping @Sendable (Writer) throws -> T) async throws -> T {
    try await waitForTurn(.control, after: 0, isPatient: true)
    return try await useTurn(body)
  }

  /// Runs a body on the writer thread after everything that was appended so far.
  ///
  /// - Throws: unless patient, `.failing` while commits fail; a patient caller waits until they succeed again.
  func ordered<T: Sendable>(isPatient: Bool, _ body: @escaping @Sendable (Writer) throws -> T) async throws -> T {
    if !isPatient, let failure { throw StoreError.failing(failure) }
    urgentThrough = max(urgentThrough, appended)
    try await waitForTurn(.barrier, after: appended, isPatient: isPatient)
    return try await useTurn(body)
  }

  /// Waits until everything that was appended so far is committed.
  ///
  /// - Throws: unless patient, `.failing` while commits fail; a patient caller waits until they succeed again.
  func flush(isPatient: Bool) async throws {
    guard committed < appended else { return }
    if !isPatient, let failure { throw StoreError.failing(failure) }
    urgentThrough = appended
    try await waitForTurn(.flush, after: appended, isPatient: isPatient)
  }

  private func useTurn<T: Sendable>(_ body: @escaping @Sendable (Writer) throws -> T) async throws -> T {
    defer {
      occupation = .nobody
      advance()
    }
    let writer = writer
    let (result, work) = try await pool.run { try writer.work { try body(writer) } }
    note(work)
    return result
  }

  private func waitForTurn(_ line: WaitingTurns.Line, after: Int64, isPatient: Bool) async throws {
    guard isOpen, !isCommitterGone || after <= committed else { throw StoreError.closed }
    try Task.checkCancellation()
    nextTurn += 1
    let id = nextTurn
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        turns[line].append(
          WaitingTurns.Turn(id: id, after: after, isPatient: isPatient, continuation: continuation))
        advance()
      }
    } onCancel: {
      loop.callSoonThreadSafe { self.assumeIsolated { $0.cancelTurn(id) } }
    }
  }

  private func cancelTurn(_ id: Int64) {
    turns.take(id: id)?.continuation.resume(throwing: CancellationError())
  }

  // MARK: What is next

  /// Gives the writer to whoever is next; called after every change. Sets the timer when only time can change it.
  func advance() {
    guard case .nobody = occupation else { return }
    timer?.cancel()
    timer = nil
    let next = nextJob
    let due = next.flatMap { $0.begin <= loop.now ? $0.job : nil }
    let isMergePressing = isMergePressing
    if lastTurn != .control, startTurn(.control) { return }
    if lastTurn != nil, let due, due != .merge || isMergePressing, startCommitter(due) { return }
    if startTurn(.control) { return }
    if !isMergePressing || isCommitterGone, startTurn(.barrier) { return }
    if let due {
      _ = startCommitter(due)
    } else if let next {
      timer = loop.callAt(next.begin) { self.assumeIsolated { $0.advance() } }
    }
  }

  /// Gives the writer to the first of a line; false when it has to wait, or there is none.
  private func startTurn(_ line: WaitingTurns.Line) -> Bool {
    guard let turn = turns.takeFirst(line, committed: committed) else { return false }
    occupation = .turn
    lastTurn = line
    turn.continuation.resume()
    return true
  }

  /// Wakes the committer; false when there is none that waits.
  private func startCommitter(_ job: Job) -> Bool {
    guard case .parked(let number, let continuation) = committer else { return false }
    committer = .working(number: number)
    occupation = .committer
    lastTurn = nil
    continuation.resume(returning: job)
    return true
  }

  /// What the committer does next, and when it begins. A checkpoint that is due goes first: it bounds the log.
  private var nextJob: (job: Job, begin: EventLoop.Instant)? {
    let checkpoint = isOpen ? checkpoints.begin(walBytes: figures.walBytes, limit: checkpointBytes, now: loop.now) : nil
    let merge = isOpen ? merges.begin(now: loop.now) : nil
    let (before, after) = isMergePressing ? (merge, nil) : (nil, merge)
    var next: (job: Job, begin: EventLoop.Instant)?
    let look = isOpen ? lookAt : nil
    for (job, begin) in [
      (Job.checkpoint, checkpoint), (.look, look), (.merge, before), (.group, groupBegin), (.merge, after),
    ] {
      guard let begin = begin.map({ max($0, loop.now) }) else { continue }
      if next.map({ begin < $0.begin }) ?? true { next = (job, begin) }
    }
    return next
  }

  private var isMergePressing: Bool { isOpen && merges.isPressing(now: loop.now, policy) }

  /// The size of the log that makes a checkpoint due. A removal changes pages all over the database, so copying them
  /// takes long: while a task is being removed, half the size is enough. (At a quarter more pages would be copied twice,
  /// and a removal would take a third longer.)
  private var checkpointBytes: Int { removals > 0 ? policy.checkpointBytes / 2 : policy.checkpointBytes }

  /// When the next group begins; `nil` when none waits.
  private var groupBegin: EventLoop.Instant? {
    guard current != nil || !backlog.isEmpty else { return nil }
    if let retryAt { return retryAt }
    if !isOpen || committed < urgentThrough || backlog.isFull(policy) { return loop.now }
    return lastGroupBegan.map { $0 + policy.groupInterval } ?? loop.now
  }

  /// Takes note of what a piece of work has left.
  func note(_ work: Writer.Work) {
    figures.walBytes = work.walBytes
    if let pages = work.pagesWithTexts { merges.textsChanged(pages: pages, policy) }
  }

  /// Takes note of how much room there is, and has it looked at again while that is too little.
  ///
  /// - Parameter isGivingBack: the file may have more room to give back; others have the writer before.
  func note(_ space: DiskSpace?, isGivingBack: Bool = false) {
    figures.space = space
    let new = DiskShortage(space, after: shortage, policy)
    let isChange = (new == nil) != (shortage == nil)
    shortage = new
    lookAt = new.map { _ in loop.now + (isGivingBack ? policy.shortageInterval / 64 : policy.shortageInterval) }
    if isChange { hooks.onShortageChange?() }
  }

  var isOpen: Bool {
    if case .open = phase { true } else { false }
  }

  // MARK: The end

  /// Commits what is queued and ends the coroutine. Turns that wait are served before.
  ///
  /// - Throws: `.failing` when the last attempt failed; what was not committed then is fetched again after a restart.
  func close() async throws {
    guard case .open = phase else { throw StoreError.closed }
    urgentThrough = appended
    retryAt = nil
    defer { finish() }
    phase = .closing
    if case .gone(let number) = committer {
      committer = .coming(number: number + 1)
      loop.startTask(name: "store: commits what is left") { await self.run() }
    }
    if committed < appended { try await park(.flush, after: appended) }
    // Whoever has the turn, or waits for it, comes first; then nobody does.
    while !isQuiet {
      try await park(.barrier, after: committed)
      occupation = .nobody
    }
  }

  private var isQuiet: Bool {
    guard case .nobody = occupation else { return false }
    return turns[.control].isEmpty && turns[.barrier].isEmpty
  }

  private func park(_ line: WaitingTurns.Line, after: Int64) async throws {
    try await withCheckedThrowingContinuation { continuation in
      nextTurn += 1
      turns[line].append(
        WaitingTurns.Turn(id: nextTurn, after: after, isPatient: true, continuation: continuation))
      advance()
    }
  }

  private func finish() {
    phase = .closed
    timer?.cancel()
    timer = nil
    if case .parked(let number, _) = committer { release(number) }
    for turn in turns.takeAll(where: { _, _ in true }) { turn.continuation.resume(throwing: StoreError.closed) }
  }
}
