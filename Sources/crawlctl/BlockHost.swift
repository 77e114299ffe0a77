package import ArgumentParser
import Control
import Units

/// `crawlctl block HOST…`
package struct BlockHost: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "block",
    abstract: "Starts no request to a host, for any task. Its URLs wait, also over a restart; what was sent ends.",
    usage: "crawlctl block <host> ... [<options>]",
    discussion: """
      A host may be blocked before a task knows it: then it is that of http and that of https, at their usual ports unless \
      another is given.
      """)

  @OptionGroup var hosts: HostOptions
  @Option(help: ArgumentHelp("How long (default: until crawlctl unblock).", valueName: "duration"))
  var `for`: String?
  @Option(help: ArgumentHelp("Until when, as 2026-12-24T18:00:00Z.", valueName: "time"))
  var until: String?
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func validate() throws {
    if `for` != nil, until != nil { throw ValidationError("either --for or --until, not both") }
    _ = try end()
  }

  package func run() throws {
    let end = try end()
    try hosts.each(daemon, isKnown: false) {
      try Session.ask(HostBlock.self, HostBlock.Parameters(host: $0, until: end), daemon)
    }
  }

  private func end() throws -> Int64? {
    if let duration = `for` {
      let (seconds, attoseconds) = try DurationOption.parse(duration, of: "--for").components
      return Timestamp.now().microseconds + seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }
    guard let until else { return nil }
    do { return try Timestamp.parse(until).microseconds } catch { throw ValidationError("--until: \(error)") }
  }
}

/// `crawlctl unblock HOST…`
package struct UnblockHost: ParsableCommand {
  package static let configuration = CommandConfiguration(
    commandName: "unblock",
    abstract:
      "Ends every block of a host: the user's, what the host asked for itself, and that of a host that was silent.")

  @OptionGroup var hosts: HostOptions
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    try hosts.each(daemon) { try Session.ask(HostUnblock.self, HostUnblock.Parameters(host: $0), daemon) }
  }
}

/// The hosts that `block` and `unblock` are for, and how their answers are shown.
package struct HostOptions: ParsableArguments, Sendable {
  @Argument(
    help: ArgumentHelp(
      "A name (its hosts of every scheme and port), name:port, or scheme://name:port.", valueName: "host"))
  var hosts: [String]

  package init() {}

  /// Asks for each and shows them; the others are asked for too when one fails.
  func each(_ daemon: DaemonOptions, isKnown: Bool = true, _ ask: (String) throws -> HostBlocks) throws {
    var table = TextTable([.init("HOST", givesWay: true), .init("BLOCKED")])
    var statuses: [ExitStatus] = []
    for host in hosts {
      do {
        for report in try ask(host).hosts {
          if daemon.json {
            try Output.json(report)
          } else if report.isNew == true {
            Output.diagnostic("no task knows \(report.host) yet")
          }
          let until = report.blockedUntil.map { "until " + Text.blockEnd($0, now: Timestamp.now().microseconds) }
          table.append([report.host, until ?? "no"])
        }
        statuses.append(.ok)
      } catch let error as ControlError {
        let hint = "; give a host\(isKnown ? " that a task knows" : ""): name, name:port or scheme://name:port"
        Output.diagnostic("crawlctl: \(error.message)\(error.code == .notFound ? hint : "")")
        statuses.append(ExitStatus(rawValue: error.exitCode) ?? .failed)
      }
    }
    if !daemon.json, !table.isEmpty { Output.table(table) }
    let status = ExitStatus.joined(statuses)
    if status != .ok { throw Failure(status) }
  }
}
