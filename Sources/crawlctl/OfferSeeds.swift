package import ArgumentParser
import Control

/// `crawlctl offer TASK URL…`
package struct OfferSeeds: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "offer", abstract: "Adds seeds to a task that has not ended.",
    discussion: """
      Each batch is on disk when it is counted. A task that was added with --open does not finish before crawlctl seal, \
      so a feed may go on for as long as it likes: tail -f urls | crawlctl offer feed --file - (what comes over a pipe is \
      handed on at once). URLs that the task visits or has visited already stay what they are; one that was excluded when a page \
      named it (scope, include, exclude, depth …) is visited, since seeds are what you ask for.
      """)

  @Argument(help: ArgumentHelp("The task.", valueName: "task")) var task: String
  @Argument(help: ArgumentHelp("Absolute URLs.", valueName: "url")) var urls: [String] = []
  @Option(
    help: ArgumentHelp(
      "More of them, one per line (- = stdin); empty lines and # lines are skipped.", valueName: "path"))
  var file: String?
  @Flag(help: "These were the last: seal the task, as crawlctl seal does.")
  var seal = false
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func validate() throws {
    if urls.isEmpty, file == nil { throw ValidationError("which URLs? Name at least one, or --file") }
  }

  package func run() throws {
    let (path, task, urls, file, seal) = (daemon.path, task, urls, file, seal)
    let total = try Session.run { loop in
      try await ControlClient.connect(to: path, on: loop) { client in
        var total = TaskOffer.Result(id: 0, name: task)
        var offerer = SeedOfferer(task: task, client: client)
        if !urls.isEmpty { total = try await offerer.offer(urls) }
        if let file {
          let seeds = try SeedFile(file)
          while let batch = try seeds.next() { total = try await offerer.offer(batch) }
        }
        if seal {
          let sealed = try await client.call(TaskSeal.self, TaskSelection(tasks: [offerer.task]))
          if let error = sealed.changes.first?.error { throw error }
        }
        return total
      }
    }
    if daemon.json {
      try Output.json(total)
    } else {
      var table = TextTable([
        .init("ID", .right), .init("NAME", givesWay: true), .init("NEW", .right), .init("EXCLUDED", .right),
        .init("KNOWN", .right), .init("INVALID", .right),
      ])
      let id = total.id > 0 ? String(total.id) : ""
      table.append([id, total.name] + [total.new, total.excluded, total.known, total.invalid].map(Text.count))
      Output.table(table)
    }
    if total.invalid > 0 { throw Failure(total.new + total.known > 0 ? .someFailed : .usage) }
  }
}

/// Hands batches of seeds to one task and adds the answers up; the first few bad ones are said on stderr.
struct SeedOfferer {
  /// Its id once that is known: a name could become that of another task.
  private(set) var task: String
  private let client: ControlClient
  private var total = TaskOffer.Result(id: 0, name: "")

  init(task: String, client: ControlClient) {
    self.task = task
    self.client = client
  }

  /// The sums so far, these included.
  mutating func offer(_ urls: [String]) async throws -> TaskOffer.Result {
    for batch in Self.batches(of: urls) {
      let answer = try await client.call(TaskOffer.self, TaskOffer.Parameters(task: task, urls: batch))
      task = String(answer.id)
      for problem in answer.problems where total.problems.count < 10 {
        Output.diagnostic("crawlctl: \(problem.url): \(problem.problem)")
        total.problems.append(problem)
      }
      (total.id, total.name) = (answer.id, answer.name)
      total.new += answer.new
      total.excluded += answer.excluded
      total.known += answer.known
      total.invalid += answer.invalid
    }
    return total
  }

  /// Pieces that a request holds.
  static func batches(of urls: [String]) -> [[String]] {
    var batches: [[String]] = []
    var (batch, bytes): ([String], Int) = ([], 0)
    for url in urls {
      // Texts of ASCII letters become as many bytes of JSON; what has to be escaped takes up to six.
      let size =
        url.utf8.count * (url.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C } ? 1 : 6) + 3
      if !batch.isEmpty, batch.count == SeedFile.longestBatch || bytes + size > SeedFile.batchBytes {
        batches.append(batch)
        (batch, bytes) = ([], 0)
      }
      batch.append(url)
      bytes += size
    }
    if !batch.isEmpty { batches.append(batch) }
    return batches
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
