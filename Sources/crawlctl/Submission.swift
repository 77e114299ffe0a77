import Control
import EventLoop
import Glibc

/// What `add` and `run` hand to the daemon: one request where the seeds of the command line and of one file fit in it, else as
/// many as they need. Belongs to the loop's thread.
///
/// Seeds that one request does not hold follow batch by batch. The task is paused (`seeds`) and open meanwhile, so that its
/// scope is whole before its first page is read. It is sealed first and goes on then: as long as something is missing it is
/// paused for that reason, and the same client key again goes on with it, and with no other task. Whoever pauses it meanwhile
/// has paused it for good.
final class Submission: @unchecked Sendable {
  private let options: TaskOptions
  private let client: ControlClient
  private let loop: EventLoop
  /// What `crawlctl` needs to reach the daemon.
  private let hint: String
  private let offerer: SeedOfferer
  private let files: SeedFiles?
  /// What was read ahead, in order.
  private var pending: [SeedBatch] = []
  /// Once it is there.
  private(set) var task: TaskReport?
  /// Whether the task has all that was asked for.
  private(set) var isWhole = false

  /// Lines of the files that are no URLs.
  var invalid: Int { offerer.total.invalid }

  init(_ options: TaskOptions, client: ControlClient, loop: EventLoop, hint: String) throws {
    self.options = options
    self.client = client
    self.loop = loop
    self.hint = hint
    offerer = SeedOfferer(task: "", client: client)
    files = try SeedFiles(options.file)
    offerer.files = files
  }

  /// Adds the task; when that can't be finished, says how to.
  func submit() async throws -> TaskAdd.Result {
    do {
      let result = try await add()
      (task, isWhole) = (result.task, true)
      return result
    } catch {
      // Somebody has ended it: there is nothing to go on with.
      let isEnded = (error as? ControlError).map { [.refused, .notFound].contains($0.code) } ?? false
      if !isEnded || task == nil { sayHowToGoOn() }
      throw (error as? ControlError)?.naming(options.settings.flags) ?? error
    }
  }

  private func add() async throws -> TaskAdd.Result {
    var parameters = options.parameters()
    let arguments = SeedOfferer.pieces(of: options.urls)
    let first = try await nextBatch()
    if files != nil, first == nil, options.urls.isEmpty, !options.open { throw holdsNoURL }
    let all = options.urls + (first?.urls ?? [])
    let following = try await first == nil ? nil : nextBatch()
    pending = [first, following].compactMap { $0 }
    if following == nil, SeedOfferer.pieces(of: all).count < 2 {
      parameters.seeds = all
      do {
        let result = try await client.call(TaskAdd.self, parameters)
        // A repeat of a request that was cut short goes on with it.
        if result.created || !Self.isIncomplete(result.task) {
          if !result.created { sayItIsOpen(result.task) }
          return result
        }
      } catch let error as ControlError where error.data?.parameter == "seeds" && first != nil {
        // Some line is no URL: the others are taken.
      }
    }
    (parameters.paused, parameters.seedsFollow) = (false, true)
    var result = try await begin(parameters, with: arguments.first.map { Array(options.urls[$0]) } ?? [])
    task = result.task
    offerer.task = String(result.task.id)
    // What has ended, runs, or was paused by a user stays as it is.
    guard result.created || Self.isIncomplete(result.task) else {
      sayItIsOpen(result.task)
      return result
    }
    for piece in arguments.dropFirst() { try await offerer.offer(SeedBatch(urls: Array(options.urls[piece]))) }
    while let batch = try await nextBatch() { try await offerer.offer(batch) }
    var selection = TaskSelection(tasks: [offerer.task])
    if !options.open { try Self.check(try await client.call(TaskSeal.self, selection)) }
    if options.paused {
      try Self.check(try await client.call(TaskPause.self, selection))
    } else {
      selection.reason = Self.incomplete
      try Self.check(try await client.call(TaskResume.self, selection))
    }
    result.task = try await client.call(TaskShow.self, TaskShow.Parameters(task: offerer.task)).task
    return result
  }

  /// Adds the task with its first seeds: those of the command line, or the first of the files that is a URL.
  private func begin(_ parameters: TaskAdd.Parameters, with seeds: [String]) async throws -> TaskAdd.Result {
    var parameters = parameters
    parameters.seeds = seeds
    if !seeds.isEmpty { return try await client.call(TaskAdd.self, parameters) }
    while let batch = try await nextBatch() {
      for (index, url) in batch.urls.enumerated() {
        parameters.seeds = [url]
        do {
          let result = try await client.call(TaskAdd.self, parameters)
          // It is offered once more if the task was there already.
          let rest = batch.suffix(from: result.created ? index + 1 : index)
          if !rest.urls.isEmpty { pending.insert(rest, at: 0) }
          if result.created { offerer.pass(line: batch.lines[index], of: batch) }
          return result
        } catch let error as ControlError where error.data?.parameter == "seeds" {
          // The daemon's words, which have no password.
          offerer.note(
            error.data?.problem ?? TaskOffer.Problem(url: "", problem: error.message), line: batch.lines[index],
            of: batch)
        }
      }
    }
    guard options.open else { throw holdsNoURL }
    parameters.seeds = []
    return try await client.call(TaskAdd.self, parameters)
  }

  private func nextBatch() async throws -> SeedBatch? {
    if !pending.isEmpty { return pending.removeFirst() }
    while let batch = try await files?.next(on: loop) {
      offerer.noteUnreadable(in: batch)
      if !batch.urls.isEmpty { return batch }
    }
    return nil
  }

  /// The reason of a task that is paused until it has its seeds.
  private static let incomplete = "seeds"

  private static func isIncomplete(_ task: TaskReport) -> Bool { task.state == "paused" && task.reason == incomplete }

  /// Of a task that was there: it may lack seeds, since somebody paused it before it had all.
  private func sayItIsOpen(_ task: TaskReport) {
    guard task.open == true, !options.open else { return }
    Output.diagnostic(
      "crawlctl: task \(task.id) is open and may lack seeds (crawlctl offer \(task.id), crawlctl seal \(task.id))")
  }

  private static func check(_ changes: TaskChanges) throws {
    if let error = changes.changes.first?.error { throw error }
  }

  private var holdsNoURL: Failure {
    let hold = options.file.count > 1 ? "hold" : "holds"
    return Failure(.usage, "crawlctl: \(files?.names ?? "") \(hold) no URL; one per line is expected")
  }

  /// Ends the program at Ctrl-C, before the task has all of its seeds.
  func leave() -> Never {
    if task == nil { Output.diagnostic("crawlctl: interrupted; crawlctl ls\(hint) shows whether the task is there") }
    sayHowToGoOn()
    ExitStatus.detached.exit()
  }

  /// After an end that was not meant: what is there, and what to type next.
  func sayHowToGoOn() {
    guard let task, !isWhole else { return }
    let id = task.id
    Output.diagnostic(
      "crawlctl: task \(id) \(task.name) is there without all of its seeds: it is open, and paused until it has them")
    var commands: [String] = []
    if let files, let file = offerer.file {
      let rest = "tail -n +\(offerer.nextLine) \(file.isStream ? "FILE" : ShellText.quote(file.name))"
      let others = files.paths(after: file).map { " --file \($0 == "-" ? "FILE" : ShellText.quote($0))" }.joined()
      commands.append("\(rest) | crawlctl offer \(id) --file -\(others)\(hint)")
    }
    if !options.open { commands.append("crawlctl seal \(id)\(hint)") }
    if !options.paused { commands.append("crawlctl resume \(id)\(hint)") }
    if !commands.isEmpty { Output.diagnostic("go on:      " + commands.joined(separator: " && ")) }
    Output.diagnostic("remove it:  crawlctl cancel \(id)\(hint) && crawlctl rm \(id)\(hint)")
  }

  /// Of lines that were left out; what says so at the end.
  func sayWhatWasLeftOut() { offerer.sayWhatWasLeftOut() }
}
