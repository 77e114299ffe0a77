package import ArgumentParser
package import Control

/// `crawlctl set TASK… key=value…` and `crawlctl set --host HOST key=value…`
package struct ChangeSettings: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Gives live tasks, or a host, other settings, effective at once.",
    usage: """
      crawlctl set <task> ... <key=value> ... [<options>]
      crawlctl set --all <key=value> ... [<options>]
      crawlctl set --host <host> <key=value> ... [<options>]
      """,
    discussion: """
      For example: crawlctl set docs delay=500ms max_pages=1000. A key that is repeated makes a list; none, or nothing \
      after the =, makes it an empty one. Each change is a revision of the task's settings (crawlctl show; in the database \
      v_settings).

      It holds at once. What waits is judged by the rules of now when it comes up; what wider rules (scope, patterns, \
      depth, kinds, robots, traps, budgets) do not exclude any more is visited, beside the rest. Narrower follow and \
      nofollow are for links that are found from then on: what waits is visited, unless an exclude takes it out.

      With --host: what counts there for every task, now and after a restart, in place of the tasks' own: delay (a longer \
      Crawl-delay counts all the same), concurrency, budget (URLs that each task may take there); none takes it back.

      Keys (with their flag of add where that is called otherwise) and values:
      scope              host, domain, prefix or any
      include, exclude   patterns for whole URLs, as '**.html', or none
      follow             kinds of links, joined by commas; +KIND adds; or none
      nofollow           meta, obey or ignore
      max_depth          links from a seed, or none (--depth)
      max_pages          final answers, or none
      max_bytes          a size, or none
      max_time           a duration, or none
      every              a duration from start to start, or none (also of a task that has ended)
      keep_last          crawls of the same URLs, or none for all (also of a task that has ended)
      concurrency        fetches in flight per host
      delay              a duration, from request to request on a host
      rate               fetches per second, or none
      robots             obey or ignore
      priority           0 to 9
      max_in_flight      fetches, or none
      store              what is kept of a page
      traps              on or off
      host_budget        URLs per host, or none
      pattern_budget     URLs per path pattern, or none
      user_agent         the User-Agent field, or none for the daemon's
      headers            "Name: value" (--header), or none
      http_version       auto, 1.1 or 2
      verify_tls         on or off (--no-verify-tls)
      cookies            on or off
      credentials        names of [credentials.NAME], joined by commas, or none
      proxy              the name of a [proxies.NAME], or none
      certificate        the name of a [certificates.NAME], or none
      handlers           names of [handlers.NAME], joined by commas, or none

      Chosen when a task is added, never changed: drop_parameters (--drop-parameter), keep_parameters \
      (--keep-parameter), sort_query, lower_case_path.
      """)

  @Option(
    help: ArgumentHelp(
      "A name (its hosts of every scheme and port; http and https alike), name:port, or scheme://name:port.",
      valueName: "host"))
  var host: String?
  @Argument(
    help: ArgumentHelp(
      "Tasks (id, name, or the beginning of a name), and settings with their new values.", valueName: "word"),
    completion: .tasks)
  var words: [String] = []
  @Flag(help: "Every task that has not ended.") var all = false
  @OptionGroup var filter: FilterOptions
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  private var tasks: ArraySlice<String> { words.prefix { host == nil && !$0.contains("=") } }
  private var assignments: ArraySlice<String> { words.dropFirst(tasks.count) }

  package func validate() throws {
    let ways = [!tasks.isEmpty, all, !filter.isEmpty, host != nil].count { $0 }
    if ways == 0 {
      throw ValidationError("which task? Say it first, or --all, --state, --name, or which host with --host")
    }
    if ways > 1 { throw ValidationError("either tasks, or --all, or --state and --name, or --host") }
    if assignments.isEmpty { throw ValidationError("which setting? Say it as key=value, e.g. delay=500ms") }
    _ = try Self.settings(of: assignments)
  }

  package func run() throws {
    let settings = try Self.settings(of: assignments)
    if let host { return try set(settings, ofHost: host) }
    let tasks = try SelectionOptions.tasks(Array(tasks), all: all, filter, daemon)
    if tasks.isEmpty { Output.diagnostic("there is no task that this can be done to") }
    var table = TextTable(
      (tasks.count > 1 ? [.init("NAME", givesWay: true)] : [])
        + [.init("SETTING"), .init("FROM", givesWay: true), .init("TO", givesWay: true)])
    // Also what was changed before the daemon was gone.
    defer { if !daemon.json, !table.isEmpty { Output.table(table) } }
    let status = try SelectionOptions.each(tasks, json: daemon.json) { task in
      let result = try Session.ask(TaskSet.self, TaskSet.Parameters(task: task, settings: settings), daemon)
      if let note = Self.note(on: result) { Output.diagnostic(note) }
      if daemon.json { return try Output.json(result) }
      if result.changes.isEmpty { Output.diagnostic("\(result.name) has these settings already") }
      for change in result.changes {
        table.append(
          (tasks.count > 1 ? [result.name] : [])
            + [change.setting, change.from ?? "", change.to].map { $0.isEmpty ? "none" : $0 })
      }
    }
    if status != .ok { throw Failure(status) }
  }

  /// What a change does not do, although one might think so; nil when there is no such thing.
  package static func note(on result: TaskSet.Result) -> String? {
    let narrower = result.changes.filter { change in
      let (old, new) = (change.from ?? "", change.to)
      switch change.setting {
      case "follow": return !Set(old.split(separator: ",")).isSubset(of: new.split(separator: ","))
      case "nofollow":
        let modes = ["ignore", "meta", "obey"]
        return modes.firstIndex(of: old) ?? 0 < modes.firstIndex(of: new) ?? 0
      default: return false
      }
    }.map(\.setting)
    if narrower.isEmpty { return nil }
    return "\(result.name): \(narrower.joined(separator: " and ")) "
      + (narrower.count == 1 ? "holds" : "hold")
      + " for links that are found from now on; URLs that wait are visited, unless an exclude takes them out"
  }

  private func set(_ settings: [String: SettingValue], ofHost host: String) throws {
    let hosts: [HostSettingsReport]
    do {
      hosts = try Session.ask(HostSet.self, HostSet.Parameters(host: host, settings: settings), daemon).hosts
    } catch let error as ControlError where error.code == .notFound {
      Output.diagnostic(
        "crawlctl: \(error.message); give a host that a task knows: name, name:port or scheme://name:port")
      throw Failure(.notFound)
    }
    var table = TextTable([.init("HOST", givesWay: true), .init("DELAY"), .init("CONCURRENCY"), .init("BUDGET")])
    for report in hosts {
      if daemon.json { try Output.json(report) }
      table.append([
        report.host, report.delay.map { Text.duration($0) } ?? "none", report.concurrency.map(String.init) ?? "none",
        report.budget.map(String.init) ?? "none",
      ])
    }
    if !daemon.json { Output.table(table) }
  }

  /// `delay=1s` as a setting; a key that is repeated makes a list, in order. `-` in a key stands for `_`.
  package static func settings(of assignments: some Sequence<String>) throws -> [String: SettingValue] {
    var values: [String: [String]] = [:]
    for assignment in assignments {
      guard let equals = assignment.firstIndex(of: "="), equals != assignment.startIndex else {
        throw ValidationError("“\(assignment)” is no setting; say it as key=value, e.g. delay=500ms")
      }
      let key = assignment[..<equals].map { $0 == "-" ? "_" : String($0) }.joined()
      values[key, default: []].append(String(assignment[assignment.index(after: equals)...]))
    }
    return values.mapValues { $0.count == 1 ? .text($0[0]) : .list($0) }
  }
}

extension Text {
  /// `delay 1s → 500ms, headers → X-A: b`: what settings were, if anything, and are.
  static func changes(_ changes: [TaskSet.SettingChange]) -> String {
    changes.map { [$0.setting, $0.from ?? "", "→", $0.to].filter { !$0.isEmpty }.joined(separator: " ") }.joined(
      separator: ", ")
  }
}
