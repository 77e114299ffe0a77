internal import EventLoop
internal import Logging
internal import Store

/// What an `on-task-done` call tells of a task.
struct HandlerTaskEnd: Sendable, Encodable {
  private let id: Int64
  private let state: String
  private let startedAt: Int64?
  private let finishedAt: Int64?
  private let known: Int
  private let done: Int
  private let failed: Int
  private let excluded: Int
  private let finalAnswers: Int
  private let okAnswers: Int

  /// - Parameter state: in which it has ended.
  init(_ task: CrawlTask, _ state: String) {
    id = task.id
    self.state = state
    startedAt = task.startedAt
    finishedAt = task.finishedAt
    let counters = task.counters
    (known, done, failed, excluded) = (counters.known, counters.done, counters.failed, counters.excluded)
    (finalAnswers, okAnswers) = (counters.finalAnswers, counters.okAnswers)
  }

  private enum CodingKeys: String, CodingKey {
    case id, state, known, done, failed, excluded
    case startedAt = "started_at"
    case finishedAt = "finished_at"
    case finalAnswers = "final_answers"
    case okAnswers = "ok_answers"
  }
}

// Handlers that are told when a task has ended. That they are to be told is written with the end, and that they were with
// what came of it, so each end is told at least once: a daemon that is killed between the two has the next one tell it
// again. A call that fails is told of and not made again. A task that is removed before keeps its rows until then.
extension Crawler {
  func tellsOfEnd(_ task: CrawlTask) -> Bool { task.handlers.contains { $0.program.kinds.contains(.onTaskDone) } }

  /// Begins to tell the handlers of a task that has ended, if they are to be told.
  func tellOfEnd(_ task: CrawlTask) {
    guard task.isUntold, task.telling == nil else { return }
    guard task.handlers.count == task.settings.handlers.count else {
      logger.warning(
        "task \(task.id) \(task.name): the configuration lacks handlers that may have to be told of its end")
      return
    }
    let id = task.id
    task.telling = loop.startTask(name: "tell of the end of task \(id)") { await self.keepTelling(id) }
  }

  private func keepTelling(_ id: Int64) async {
    guard let task = tasks[id] else { return }
    defer { task.telling = nil }
    while task.isUntold, !isStopping, task.state.isFinal {
      let end = task.finishedAt
      do {
        let state = try await finalState(of: task)
        guard let failures = await tell(task, state), !isStopping, tasks[id] != nil else { return }
        // It may have run on and ended again meanwhile.
        guard task.finishedAt == end, task.state.isFinal else { continue }
        try await store.noteTold(id, failures: failures)
        task.isUntold = task.finishedAt != end
      } catch {
        if isStopping { return }
        logger.error("task \(id) \(task.name): that its end was told can't be stored, told again in 1 s: \(error)")
        try? await loop.sleep(for: .seconds(1))
      }
    }
  }

  /// In which state it has ended, be it that it is being removed by now.
  private func finalState(of task: CrawlTask) async throws -> String {
    guard task.state == .removing else { return task.state.rawValue }
    return try await store.taskEvents(task.id, action: "rm", limit: 1).first?.fromState ?? task.state.rawValue
  }

  /// nil when the daemon stops before.
  private func tell(_ task: CrawlTask, _ state: String) async -> [HandlerFailureRecord]? {
    let question = HandlerQuestion(task: task.name, content: .end(HandlerTaskEnd(task, state)))
    var failures: [HandlerFailureRecord] = []
    for handler in task.handlers where handler.program.kinds.contains(.onTaskDone) {
      do throws(NoAnswer) {
        _ = try await handler.ask(question)
      } catch {
        guard case .failed(let failure) = error else { return nil }
        failures.append(record(failure, of: question, handler, urlID: nil))
      }
    }
    return failures
  }
}
