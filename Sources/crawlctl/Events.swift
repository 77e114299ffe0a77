package import ArgumentParser
package import Control
import EventLoop
import Units

/// `crawlctl events`
package struct Events: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Shows what happens as it happens: changes of tasks, fetches, blocks of hosts. Ctrl-C ends it.",
    usage: "crawlctl events [<options>]",
    discussion: """
      An event is shown that has every property asked for; the same option repeated (up to 1,000 times) means any of its \
      values. A fetch is \
      shown when its row is in the database. Who reads too slowly loses events, which one of kind dropped counts; the \
      crawl never waits. What happened before is in the tables fetches and task_events.
      """)

  @Option(help: ArgumentHelp("Of this task; repeatable.", valueName: "task"), completion: .tasks)
  var task: [String] = []

  @Option(help: ArgumentHelp("Of this host: name, name:port or scheme://name:port; repeatable.", valueName: "host"))
  var host: [String] = []

  @Option(
    help: ArgumentHelp("task, fetch, host or daemon; repeatable.", valueName: "kind"),
    completion: .list(["task", "fetch", "host", "daemon"]))
  var kind: [String] = []

  @Option(
    help: ArgumentHelp("Fetches with this outcome, e.g. client_error; repeatable.", valueName: "outcome"),
    completion: .list(ShapeBook.control.words("Outcome")))
  var outcome: [String] = []

  @Flag(
    help: """
      What goes wrong: fetches with any outcome but ok, not_modified and redirected, tasks that failed or that the daemon \
      paused, blocks of hosts, and what the daemon says of itself.
      """)
  var errors = false

  @Option(help: ArgumentHelp("End after so many events.", valueName: "n"))
  var limit: Int?

  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit takes 1 or more events") }
  }

  package func run() throws {
    let parameters = EventsSubscribe.Parameters(
      kinds: kind, tasks: task, hosts: host, outcomes: outcome, errors: errors)
    let (path, json, limit) = (daemon.path, daemon.json, limit ?? .max)
    let isConnected = Count()
    do {
      try Session.run { loop in
        try await ControlClient.connect(to: path, on: loop) { client in
          let count = Count()
          try await client.follow(
            EventsSubscribe.self, parameters,
            begun: { _ in
              isConnected.value = 1
              Output.diagnostic("following the events of the daemon at \(path)")
            },
            event: { event in
              if json { try Output.json(event) } else { Output.line(Self.line(of: event)) }
              count.value += 1
              return count.value < limit
            })
        }
      }
    } catch let error as ControlError where error.code == .unreachable && isConnected.value > 0 {
      let isThere = (try? Session.ask(DaemonStatus.self, NoParameters(), daemon)) != nil
      throw Self.ended(error, isThere: isThere)
    } catch let error as ControlError {
      throw error.naming(["kinds": "--kind", "outcomes": "--outcome"])
    }
  }

  /// The end of the connection, told as what it is when the daemon is there all the same.
  package static func ended(_ error: ControlError, isThere: Bool) -> ControlError {
    guard isThere else { return error }
    return ControlError(
      .unreachable,
      "events were lost, how many is not known: none was read for 10 s, so the daemon ended the connection; "
        + "the tables fetches and task_events have what happened")
  }

  /// A number of what was seen so far. Belongs to the loop's thread.
  private final class Count: @unchecked Sendable {
    var value = 0
  }

  /// An event as people read it.
  package static func line(of event: EventReport) -> String {
    var words: [String] = []
    if let at = event.at { words.append(Timestamp(microseconds: at).iso8601(fractionDigits: 3)) }
    words.append(event.kind)
    switch event.kind {
    case "task":
      words += [event.taskName ?? "", event.action ?? ""]
      if event.from != event.to {
        words += [event.from, event.to].compactMap { $0 }.joined(separator: " → ").split(separator: " ").map(
          String.init)
      }
      if let reason = event.reason { words.append("(\(reason))") }
      if let changes = event.changes { words.append(Text.changes(changes)) }
      if let actor = event.actor { words.append("by \(actor)") }
    case "fetch":
      words += [event.taskName ?? "", event.outcome ?? ""]
      if let status = event.status { words.append(String(status)) }
      if let change = event.change { words.append(change) }
      if let bytes = event.bodyBytes, event.status != nil { words.append(ByteCount.format(bytes)) }
      if let duration = event.duration { words.append(Text.duration(duration)) }
      if let attempt = event.attempt, attempt > 1 { words.append("attempt \(attempt)") }
      words.append(event.url ?? "")
      if let target = event.redirectTo { words.append("→ \(target)") }
      if let error = event.error { words.append("(\(error))") }
    case "host":
      words.append(event.host ?? "")
      if let until = event.blockedUntil {
        words.append("blocked until \(Text.blockEnd(until, now: event.at ?? until))")
      } else {
        words.append("not blocked any more")
      }
      if let reason = event.reason { words.append("(\(reason))") }
      if let actor = event.actor { words.append("by \(actor)") }
    case "dropped":
      let dropped = PluralText.count(event.dropped ?? 0, "event", "was", "were")
      words.append("\(dropped) dropped: more came than were read")
    default:
      if let message = event.message { words.append(message) }
    }
    return words.joined(separator: " ")
  }
}
