package import ArgumentParser
import Control
import EventLoop

/// `crawlctl shutdown`
package struct Shutdown: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Stops the daemon in order, and waits until it is gone. Nothing is lost.",
    discussion: """
      Fetches in flight may end ([daemon] shutdown_grace). Meanwhile the daemon answers status, ps, ls, wait and another \
      shutdown, which hurries it with --now.
      """)

  @Flag(
    help: "Abort the fetches in flight instead of letting short ones end; they are fetched again by the next daemon.")
  var now = false
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func run() throws {
    let (path, parameters) = (daemon.path, DaemonShutdown.Parameters(now: now))
    let result = try Session.run { loop in
      try await ControlClient.connect(to: path, on: loop) { client in
        // Taken before the request, so that the number cannot become another process's in between.
        let process = ProcessWatch(client.peer.process)
        let result = try await client.call(DaemonShutdown.self, parameters)
        await client.waitForEnd()
        try await process?.waitForExit(on: loop)
        return result
      }
    }
    if daemon.json { try Output.json(result) } else { Output.write("crawld (process \(result.pid)) has stopped\n") }
  }
}
