package import ArgumentParser
package import Control
import Units

/// `crawlctl hosts`
package struct ListHosts: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "hosts", abstract: "Lists the hosts that have work: their queues, and when each may be asked again.",
    discussion: """
      READY has the URLs that are in memory; + says that there are more. NEXT is when it may be \
      asked again; in brackets: when URLs are tried again that failed, of which DELAYED has the number; held: none of its tasks starts fetches now, and no time is known at which one does (crawlctl why HOST). DELAY is from request to request, and what makes it that long: the delay of a task (tasks \
      on one host share it, the longest counts), what a user said (set --host), the Crawl-delay of robots.txt, or the throttle, which slows down after \
      errors, 429, 503 and rising latency. On a terminal of less than 120 columns names are without their scheme, unless \
      two rows would have the same, delays without what makes them, and BLOCKED says how long it lasts; --no-trunc shows all.
      """)

  @Argument(help: ArgumentHelp("Of this task alone.", valueName: "task"), completion: .tasks) var task: String?
  @OptionGroup var table: TableOptions
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    let task = task
    let pages = try Session.pages(
      HostList.self, daemon, { HostList.Parameters(cursor: $0, task: task) }, next: \.cursor)
    let hosts = pages.flatMap(\.hosts)
    let unloaded = pages.last?.unloadedTasks ?? 0
    // Behind the table.
    defer { if let note = Self.note(onUnloaded: unloaded) { Output.diagnostic(note) } }
    if daemon.json {
      for host in hosts { try Output.json(host) }
    } else if hosts.isEmpty {
      Output.diagnostic(unloaded == 0 ? "no host has work" : "no host in memory has work")
    } else {
      let isShort = table.width.map { $0 < Self.roomy } ?? false
      Output.table(Self.table(of: hosts, now: Timestamp.now().microseconds, isShort: isShort), table)
    }
  }

  /// What is said of tasks whose hosts are not all listed; nil when there are none.
  package static func note(onUnloaded tasks: Int) -> String? {
    guard tasks > 0 else { return nil }
    let subject = tasks == 1 ? "1 task is" : "\(Text.count(tasks)) tasks are"
    return
      "\(subject) not in memory: paused, or waiting for a place, since the daemon's start; hosts of such tasks alone "
      + "are not listed (crawlctl why HOST)"
  }

  /// Columns of a terminal that has room for all that is known.
  package static let roomy = 120

  /// - Parameter isShort: names without the scheme, unless two rows would have the same, delays without their origin, and of
  ///   blocks how long they last.
  package static func table(of hosts: [HostReport], now: Int64, isShort: Bool = false) -> TextTable {
    var columns: [TextTable.Column] = [
      .init("HOST", givesWay: true), .init("READY", .right), .init("IN FLIGHT", .right), .init("DELAY"),
      .init("NEXT", .right), .init("ROBOTS", leaves: .first), .init("BLOCKED", givesWay: !isShort),
    ]
    let hasDelayed = hosts.contains { $0.delayed != nil }
    if hasDelayed { columns.insert(.init("DELAYED", .right), at: 2) }
    var table = TextTable(columns)
    var names = hosts.map(\.host)
    let bare = names.map { name in name.firstRange(of: "://").map { String(name[$0.upperBound...]) } ?? name }
    if isShort, Set(bare).count == bare.count { names = bare }
    for (host, name) in zip(hosts, names) {
      // What is ready comes first.
      let isIdle = host.ready == 0 && host.hasMore != true && host.inFlight == 0
      let again = (isIdle ? host.nextTryAt : nil).map { $0 <= now ? "now" : "(in \(Text.duration($0 &- now)))" }
      let isBlocked = host.blockedUntil.map { Text.isEndless($0, now: now) } ?? false
      var next = again ?? (host.inFlight > 0 ? "" : isBlocked ? "-" : "held")
      if let at = host.nextFetchAt { next = at <= now ? "now" : "in \(Text.duration(at &- now))" }
      var blocked = host.blockReason ?? ""
      if let until = host.blockedUntil {
        let end = isShort ? Text.rest(until, now: now) : "until " + Text.blockEnd(until, now: now)
        blocked += (blocked.isEmpty ? "" : " ") + end
      }
      let ready = Text.count(host.ready) + (host.hasMore == true ? "+" : "")
      var cells = [
        name, ready, Text.count(host.inFlight), isShort ? host.delay.map(Text.duration) ?? "" : Self.delay(of: host),
        next, host.robotsState ?? "", blocked,
      ]
      if hasDelayed { cells.insert(host.delayed.map(Text.count) ?? "", at: 2) }
      table.append(cells)
    }
    return table
  }

  private static func delay(of host: HostReport) -> String {
    guard let delay = host.delay else { return "" }
    let origin: String? =
      switch host.delayOrigin {
      case "task": host.delayTask.map { "task \($0)" }
      case "crawl_delay": "Crawl-delay"
      default: host.delayOrigin
      }
    return Text.duration(delay) + (origin.map { " (\($0))" } ?? "")
  }
}
