package import ArgumentParser
import Control
import EventLoop
import Glibc

/// `crawlctl offer TASK URL…`
package struct OfferSeeds: ParsableCommand, Sendable {
  package static let configuration = CommandConfiguration(
    commandName: "offer", abstract: "Adds seeds to a task that has not ended.",
    usage: "crawlctl offer <task> [<url> ...] [<options>]",
    discussion: """
      Each batch is on disk when it is counted. A task that was added with --open does not finish before crawlctl seal, \
      so a feed may go on for as long as it likes: tail -f urls | crawlctl offer feed --file - (what comes over a pipe is \
      handed on at once, and said on stderr; with --json each batch is a line of the sums so far). URLs that the task visits \
      or has visited already stay what they are; one that was excluded when a page named it (scope, include, exclude, depth \
      …) is visited, since seeds are what you ask for. What is no URL is said and left out, the exit code is then 8. When it \
      can't go on, or at Ctrl-C, it says what was taken, and from which line of the file to go on.
      """)

  @Argument(help: ArgumentHelp("The task.", valueName: "task"), completion: .tasks) var task: String
  @Argument(help: ArgumentHelp("Absolute URLs.", valueName: "url")) var urls: [String] = []
  @Option(
    help: ArgumentHelp(
      "More of them, one per line (- = stdin); empty lines and # lines are skipped. Repeatable, in order.",
      valueName: "path"))
  var file: [String] = []
  @Flag(help: "These were the last: seal the task, as crawlctl seal does.")
  var seal = false
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func validate() throws {
    if urls.isEmpty, file.isEmpty { throw ValidationError("which URLs? Name at least one, or --file") }
  }

  package func run() throws {
    let command = self
    let total = try Session.run { loop in
      try await ControlClient.connect(to: command.daemon.path, on: loop) { client in
        let offerer = SeedOfferer(task: command.task, client: client)
        let interrupts = try loop.signals(SIGINT)
        _ = loop.startTask(name: "sums on interrupt") {
          for await _ in interrupts {
            try? command.show(offerer)
            ExitStatus.detached.exit()
          }
        }
        do {
          try await command.offer(offerer, client, loop)
        } catch {
          try command.show(offerer)
          throw error
        }
        offerer.sayWhatWasLeftOut()
        return offerer.total
      }
    }
    if !daemon.json { Self.table(total) }
    if total.invalid > 0 { throw Failure(total.new + total.known > 0 ? .someFailed : .usage) }
  }

  private func offer(_ offerer: SeedOfferer, _ client: ControlClient, _ loop: EventLoop) async throws {
    if !urls.isEmpty {
      try await offerer.offer(SeedBatch(urls: urls))
      if daemon.json { try Output.json(offerer.total) }
    }
    if let files = try SeedFiles(file) {
      offerer.files = files
      while let batch = try await files.next(on: loop) {
        offerer.noteUnreadable(in: batch)
        try await offerer.offer(batch)
        if daemon.json {
          try Output.json(offerer.total)
        } else if batch.file?.isStream == true {
          Output.diagnostic("\(offerer.total.name): \(Self.sums(offerer.total))")
        }
      }
      if daemon.json, offerer.total.id == 0 { try Output.json(offerer.total) }
    }
    if seal {
      let sealed = try await client.call(TaskSeal.self, TaskSelection(tasks: [offerer.task]))
      if let error = sealed.changes.first?.error { throw error }
    }
  }

  /// What was taken before it came to an end that was not meant.
  private func show(_ offerer: SeedOfferer) throws {
    if offerer.total.id > 0, !daemon.json { Self.table(offerer.total) }
    guard let files = offerer.files, let file = offerer.file else { return }
    let others = files.paths(after: file).map(SeedFile.name)
    let rest = others.isEmpty ? "" : ", then with \(others.joined(separator: ", "))"
    Output.diagnostic("crawlctl: go on from line \(offerer.nextLine) of \(file.name)\(rest)")
  }

  private static func sums(_ total: TaskOffer.Result) -> String {
    [("new", total.new), ("excluded", total.excluded), ("known", total.known), ("invalid", total.invalid)]
      .map { "\(Text.count($0.1)) \($0.0)" }.joined(separator: ", ")
  }

  private static func table(_ total: TaskOffer.Result) {
    var table = TextTable([
      .init("ID", .right), .init("NAME", givesWay: true), .init("NEW", .right), .init("EXCLUDED", .right),
      .init("KNOWN", .right), .init("INVALID", .right),
    ])
    let id = total.id > 0 ? String(total.id) : ""
    table.append([id, total.name] + [total.new, total.excluded, total.known, total.invalid].map(Text.count))
    Output.table(table)
  }
}

/// Hands batches of seeds to one task and adds the answers up; the first few bad ones are said on stderr. Belongs to the
/// loop's thread.
final class SeedOfferer: @unchecked Sendable {
  /// Its id once that is known: a name could become that of another task.
  var task: String
  private let client: ControlClient
  /// The sums so far.
  private(set) var total: TaskOffer.Result
  /// Those that the seeds come from, for messages.
  var files: SeedFiles? {
    didSet { file = files?.file }
  }
  /// The file of which not all is known to be on disk, and its first line that is not.
  private(set) var file: SeedFile?
  private(set) var nextLine = 1
  /// Lines of the files that are no URLs.
  private var invalidLines = 0
  /// URLs that were sent.
  private var sent = 0

  init(task: String, client: ControlClient) {
    self.task = task
    self.client = client
    total = TaskOffer.Result(id: 0, name: task)
  }

  func offer(_ batch: SeedBatch) async throws {
    for piece in Self.pieces(of: batch.urls) {
      let urls = Array(batch.urls[piece])
      let answer = try await client.call(TaskOffer.self, TaskOffer.Parameters(task: task, urls: urls))
      task = String(answer.id)
      for problem in answer.problems {
        let place = problem.index.map { piece.lowerBound + $0 }
        var problem = problem
        problem.index = problem.index.map { sent + $0 }
        note(problem, line: place.flatMap { batch.lines.indices.contains($0) ? batch.lines[$0] : nil }, of: batch)
      }
      sent += urls.count
      let others = answer.invalid - answer.problems.count
      total.invalid += others
      if !batch.lines.isEmpty { invalidLines += others }
      (total.id, total.name) = (answer.id, answer.name)
      total.new += answer.new
      total.excluded += answer.excluded
      total.known += answer.known
      if !batch.lines.isEmpty { pass(line: batch.lines[piece.upperBound - 1], of: batch) }
    }
    if batch.file != nil { pass(line: batch.nextLine - 1, of: batch) }
  }

  /// Counts a text that is no URL, and says it if it is among the first ten.
  func note(_ problem: TaskOffer.Problem, line: Int?, of batch: SeedBatch) {
    total.invalid += 1
    if line != nil { invalidLines += 1 }
    guard total.problems.count < 10 else { return }
    let place = line.flatMap { line in batch.file.map { "\($0.name):\(line): " } } ?? ""
    Output.diagnostic("crawlctl: \(place)\(problem.url)\(problem.url.isEmpty ? "" : ": ")\(problem.problem)")
    total.problems.append(problem)
  }

  /// Counts the lines of a batch that are no text, once, and says them as those that are no URLs.
  func noteUnreadable(in batch: SeedBatch) {
    for line in batch.unreadable {
      note(TaskOffer.Problem(url: "", problem: "this line is no UTF-8 text"), line: line, of: batch)
    }
  }

  /// How many lines of the file there were that are no URLs; at the end.
  func sayWhatWasLeftOut() {
    guard invalidLines > 0, let files else { return }
    let are = invalidLines == 1 ? "is no URL and was" : "are no URLs and were"
    Output.diagnostic("crawlctl: \(Text.count(invalidLines, "line")) of \(files.names) \(are) left out")
  }

  /// Everything up to this line of a batch's file is done with.
  func pass(line: Int, of batch: SeedBatch) {
    (file, nextLine) = (batch.file, line + 1)
  }

  /// Pieces that a request holds.
  static func pieces(of urls: [String]) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var (start, bytes) = (0, 0)
    for (index, url) in urls.enumerated() {
      // Texts of ASCII letters become as many bytes of JSON; what has to be escaped takes up to six.
      let size =
        url.utf8.count * (url.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C } ? 1 : 6) + 3
      if index > start, index - start == SeedFile.longestBatch || bytes + size > SeedFile.batchBytes {
        pieces.append(start..<index)
        (start, bytes) = (index, 0)
      }
      bytes += size
    }
    if start < urls.count { pieces.append(start..<urls.count) }
    return pieces
  }
}

/// `crawlctl seal TASK…`
package struct Seal: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Says that an open task (add --open) gets no more seeds: it finishes when it has nothing left.")

  @OptionGroup var selection: SelectionOptions
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws { try selection.change(TaskSeal.self, daemon) }
}
