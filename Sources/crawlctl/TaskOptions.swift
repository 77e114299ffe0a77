import ArgumentParser
package import Control
import Glibc

/// The arguments of `add` and `run`: seeds, the task's name, and its settings.
package struct TaskOptions: ParsableArguments, Sendable {
  @Argument(help: ArgumentHelp("Where the task begins.", valueName: "url"))
  var urls: [String] = []

  @Option(
    help: ArgumentHelp("More seeds, one per line (- = stdin); empty lines and # lines are skipped.", valueName: "path"))
  var file: String?

  @Option(help: ArgumentHelp("The task's name; the daemon makes one from the first seed.", valueName: "name"))
  var name: String?

  @Flag(help: "Begin paused.")
  var paused = false

  @Option(help: ArgumentHelp("The same key again answers the same task instead of adding another.", valueName: "key"))
  var clientKey: String?

  @Option(
    help: ArgumentHelp(
      """
      Visit the URLs of this task again, which has ended: pages are asked for only if they have changed, and what became \
      of each is in fetches.change (v_changes). Seeds and settings that are not given are that task's.
      """,
      valueName: "task"))
  var recrawl: String?

  @Flag(help: "More seeds come by crawlctl offer: do not finish before crawlctl seal. Then no URL is needed now.")
  var open = false

  @OptionGroup(title: "Settings")
  var settings: SettingOptions

  package init() {}

  package func validate() throws {
    if urls.isEmpty, file == nil, recrawl == nil, !open {
      throw ValidationError("a task needs at least one URL, or --file, --recrawl or --open")
    }
  }

  /// The request with the seeds of the command line.
  package func parameters() -> TaskAdd.Parameters {
    TaskAdd.Parameters(
      seeds: urls, name: name, settings: settings.settings, paused: paused, clientKey: clientKey, recrawl: recrawl,
      open: open)
  }

  /// Adds the task. Seeds that one request does not hold follow batch by batch; the task is paused and open meanwhile, so
  /// that its scope is whole before its first page is read.
  func submit(to client: ControlClient) async throws -> TaskAdd.Result {
    let file = try file.map(SeedFile.init)
    var parameters = parameters()
    var batches = SeedOfferer.batches(of: urls)
    var next = try file?.next()
    if file != nil, next == nil, !open {
      throw Failure(.usage, "crawlctl: \(self.file ?? "-") holds no URL; one per line is expected")
    }
    if batches.count < 2, let batch = next {
      let joined = SeedOfferer.batches(of: (batches.first ?? []) + batch)
      if joined.count == 1 {
        batches = joined
        next = try file?.next()
      }
    }
    parameters.seeds = batches.first ?? next ?? []
    if batches.isEmpty, next != nil { next = try file?.next() }
    if batches.count < 2, next == nil { return try await client.call(TaskAdd.self, parameters) }
    (parameters.open, parameters.paused) = (true, true)
    var result = try await client.call(TaskAdd.self, parameters)
    let selection = TaskSelection(tasks: [String(result.task.id)])
    // A repeat of a request that was cut short goes on with it; what has ended stays as it is.
    guard result.created || result.task.open == true else { return result }
    var offerer = SeedOfferer(task: String(result.task.id), client: client)
    for batch in batches.dropFirst() { _ = try await offerer.offer(batch) }
    while let batch = next {
      _ = try await offerer.offer(batch)
      next = try file?.next()
    }
    if !open { _ = try await client.call(TaskSeal.self, selection) }
    if !paused { _ = try await client.call(TaskResume.self, selection) }
    result.task = try await client.call(TaskShow.self, TaskShow.Parameters(task: String(result.task.id))).task
    return result
  }

  /// The lines of a seeds' file without blanks around them; empty ones and those that begin with `#` are left out.
  package static func seeds(inLines text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      let start = line.drop { $0 == " " || $0 == "\t" }
      guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }), start.first != "#" else { return nil }
      return String(start[...last])
    }
  }
}
