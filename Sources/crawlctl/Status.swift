package import ArgumentParser
package import Control
import Units

extension DaemonStatus.Result {
  /// Visits that are under way; those that wait for their commit alone are not.
  var fetching: Int { max(0, inFlight &- writerVisits) }
}

/// `crawlctl status`
package struct Status: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Shows how the daemon is doing, and what it warns of.")

  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    let status = try Session.ask(DaemonStatus.self, NoParameters(), daemon)
    if daemon.json { return try Output.json(status) }
    Output.sheet(Self.sheet(of: status, now: Timestamp.now().microseconds))
  }

  package static func sheet(of status: DaemonStatus.Result, now: Int64) -> TextSheet {
    var sheet = TextSheet()
    sheet.add("crawld", "\(status.version), protocol \(status.protocolVersion), process \(status.pid)")
    sheet.add("started", Text.until(status.startedAt, now: now))
    sheet.add(
      "database",
      "\(status.database), \(ByteCount.format(status.databaseBytes)) and \(ByteCount.format(status.walBytes)) of log, "
        + (status.freeBytes.map { "\(ByteCount.format($0)) free, " } ?? "") + "SQLite \(status.sqliteVersion)")
    sheet.add("tasks", status.tasks.isEmpty ? "none" : Text.counts(status.tasks))
    sheet.add(
      "fetching",
      "\(Text.count(status.fetching)) in flight, \(Text.count(status.openSockets, "socket")), "
        + "\(Text.count(status.coroutines, "coroutine")), \(ByteCount.format(status.bodyBytes)) of bodies and headers")
    sheet.add("known URLs", "\(Text.count(status.knownURLs)) of tasks that have not ended")
    sheet.add(
      "writer",
      "\(Text.count(status.writerVisits, "visit")) (\(ByteCount.format(Int64(status.writerBytes)))) not committed yet")
    sheet.add("memory", ByteCount.format(status.residentBytes))
    sheet.add(
      "loop lag",
      "\(Text.duration(status.loopLag)) at worst in the last seconds; \(Text.count(status.loopJobs, "job")) since the start, "
        + "slow: \(Text.count(status.slowCalls))")
    let limits = status.limits.sorted { $0.key < $1.key }.map { name, limit in
      let figure = Self.byteLimits.contains(name) ? ByteCount.format(limit) : Text.count(Int(limit))
      return "\(name.split(separator: "_").joined(separator: " ")) \(figure)"
    }
    if !limits.isEmpty { sheet.add("limits", limits.joined(separator: " · ")) }
    for handler in status.handlers {
      sheet.add(
        "handler",
        "\(handler.name): \(handler.kinds.joined(separator: ", ")); "
          + "\(Text.count(handler.processes.count, "process")) running, \(Text.count(handler.starts)) started so far, "
          + "\(Text.count(handler.calls, "call")), "
          + "\(Text.count(handler.failures)) failed, \(Text.count(handler.waiting)) waiting")
    }
    for warning in status.warnings { sheet.add("warning", warning) }
    return sheet
  }

  /// The limits that are sizes; the others are numbers.
  private static let byteLimits: Set<String> = ["bodies", "writer_bytes"]
}
