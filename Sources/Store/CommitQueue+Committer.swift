internal import EventLoop

/// The coroutine that commits groups, makes checkpoints and merges the full-text index.
extension CommitQueue {
  /// The coroutine that commits, until the queue is closed or the coroutine is cancelled.
  func run() async {
    guard case .coming(let number) = committer else { fatalError("two coroutines commit for one store") }
    committer = .working(number: number)
    defer { leave(number) }
    while !Task.isCancelled, let job = await park(number) {
      switch job {
      case .group: await commitGroup()
      case .checkpoint: await checkpoint()
      case .merge: await merge()
      case .look: await look()
      }
      occupation = .nobody
      advance()
    }
  }

  private func park(_ number: Int) async -> Job? {
    if case .closed = phase { return nil }
    return await loop.waiting(for: "visits to commit") {
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          committer = .parked(number: number, continuation)
          advance()
        }
      } onCancel: {
        loop.callSoonThreadSafe { self.assumeIsolated { $0.release(number) } }
      }
    }
  }

  func release(_ number: Int) {
    guard case .parked(number, let continuation) = committer else { return }
    committer = .working(number: number)
    continuation.resume(returning: nil)
  }

  /// Nobody commits any more: whoever waits for a commit is told, since it would wait for ever.
  private func leave(_ number: Int) {
    committer = .gone(number: number)
    let stranded = turns.takeAll { _, turn in turn.after > committed }
    for turn in stranded { turn.continuation.resume(throwing: StoreError.closed) }
  }

  var isCommitterGone: Bool {
    if case .gone = committer { true } else { false }
  }

  private func commitGroup() async {
    lastGroupBegan = loop.now
    let group = current ?? backlog.cut(policy, after: committed)
    current = group
    let writer = writer
    let began = WallClock.monotonic
    do {
      let (work, space) = try await pool.run { (try writer.work { try writer.commit(group.visits) }.1, writer.space) }
      current = nil
      retryAt = nil
      committed = group.through
      figures.commits += 1
      figures.rows += group.rows
      figures.visits += group.visits.count
      note(work)
      figures.lastCommitMicroseconds = WallClock.monotonic - began
      figures.longestCommitMicroseconds = max(figures.longestCommitMicroseconds, figures.lastCommitMicroseconds)
      while let flush = turns.takeFirst(.flush, committed: committed) { flush.continuation.resume() }
      report(nil)
      note(space)
      hooks.onCommit?(committed)
    } catch is CancellationError {
      // The group was not begun; it stays.
    } catch {
      let cause = StoreError(error)
      let others = cause.isBusy ? try? await pool.run { writer.otherWriters } : nil
      retryAt = loop.now + policy.retryInterval
      report(StoreFailure(cause, since: failure?.since ?? WallClock.now, writers: others ?? []))
      refuseWaiting()
    }
  }

  /// In a shortage the file gives back what a removal has left free in it. While a reader keeps the write-ahead log from
  /// starting anew it does not: that would let the log grow.
  private func look() async {
    let writer = writer
    let pages = checkpoints.problem == nil ? policy.vacuumPages : 0
    do {
      let (freed, work) = try await pool.run { writer.work { writer.shorten(byPages: pages) } }
      note(work)
      // The file system has the room when the log was copied, and that of the log, too.
      if freed > 0 { await checkpoint(isTruncating: true) }
      note(try await pool.run { writer.space }, isGivingBack: freed > 0)
    } catch {
      // The pool was closed: nobody asks any more.
    }
  }

  private func report(_ new: StoreFailure?) {
    guard failure != new else { return }
    failure = new
    hooks.onFailureChange?()
  }

  /// Commits fail: tells those who don't wait for the end of it; at the close nobody does.
  private func refuseWaiting() {
    guard let failure else { return }
    let refused = turns.takeAll { line, turn in line != .control && (!isOpen || !turn.isPatient) }
    for turn in refused { turn.continuation.resume(throwing: StoreError.failing(failure)) }
  }

  private func merge() async {
    let (writer, pages) = (writer, policy.mergePages)
    do {
      let (step, work) = try await pool.run { try writer.work { try writer.mergeTexts(pages: pages) } }
      merges.succeeded(step)
      note(work)
    } catch is CancellationError {
      return
    } catch {
      merges.failed(error, at: loop.now, policy)
    }
    figures.merges += 1
    figures.mergeFailure = merges.failure
  }

  // MARK: Checkpoints

  private func checkpoint(isTruncating: Bool = false) async {
    let (writer, limit) = (writer, isTruncating ? 0 : policy.journalSizeLimit)
    do {
      let (done, walBytes) = try await pool.run {
        (try writer.checkpoint(truncating: writer.walBytes > limit, isPatient: false), writer.walBytes)
      }
      figures.walBytes = walBytes
      note(done)
    } catch is CancellationError {
      // As if it had not been due.
    } catch {
      noteFailedCheckpoint(error)
    }
  }

  /// A checkpoint at once that waits for readers and cuts the log to nothing.
  ///
  /// - Returns: whether it did.
  func truncateLog() async throws -> Bool {
    defer { advance() }
    do {
      let done = try await control { try $0.checkpoint(truncating: true, isPatient: true) }
      note(done)
      return !done.isBlocked
    } catch let error as StoreError where error.cause != nil {
      noteFailedCheckpoint(error)
      throw error
    }
  }

  private func note(_ done: Writer.Checkpoint) {
    figures.lastCheckpointMicroseconds = done.microseconds
    if done.isBlocked {
      checkpoints.wasBlocked(by: done.readers, at: loop.now, policy)
    } else {
      checkpoints.succeeded()
    }
    noteCheckpoint()
    if !done.isBlocked { hooks.onCheckpoint?() }
  }

  private func noteFailedCheckpoint(_ error: any Error) {
    checkpoints.failed(error, at: loop.now, policy)
    noteCheckpoint()
  }

  private func noteCheckpoint() {
    figures.checkpoints += 1
    figures.checkpointProblem = checkpoints.problem
    figures.checkpointFailure = checkpoints.failure
    let isChange = (figures.longReader == nil) != (checkpoints.longReader == nil)
    figures.longReader = checkpoints.longReader
    if isChange { hooks.onLongReaderChange?() }
  }
}
