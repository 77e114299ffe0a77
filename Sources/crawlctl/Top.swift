package import ArgumentParser
import Control
import EventLoop
import Glibc
import Units

/// `crawlctl top`
package struct Top: ParsableCommand {
  package static let configuration = CommandConfiguration(
    abstract: "Shows tasks, hosts and fetches live, as top does for processes. q or Ctrl-C quits.",
    discussion: """
      It goes on through a restart of the daemon. Where stdout is no terminal, it shows one screen of 80 columns and 24 \
      rows and ends; with --json it prints an object per refresh.
      """)

  @Option(help: ArgumentHelp("Time between refreshes.", valueName: "duration")) var interval = "1s"
  @Flag(help: "One screen, or object, and end.") var once = false
  @OptionGroup var daemon: DaemonOptions

  package init() {}

  package func validate() throws {
    if try pause() < .milliseconds(100) { throw ValidationError("--interval is at least 100ms") }
  }

  package func run() throws {
    let (path, interval) = (daemon.path, try pause())
    if daemon.json || once || isatty(STDOUT_FILENO) == 0 {
      let (json, isOnly) = (daemon.json, once || !daemon.json)
      return try Session.run { loop in
        try await ControlClient.connect(to: path, on: loop) { client in
          while true {
            let sample = try await Self.sample(client)
            if json { try Output.json(sample) } else { Self.show(sample) }
            if isOnly { return }
            try await loop.sleep(for: interval)
          }
        }
      }
    }
    try Session.run { loop in
      let screen = LiveScreen(TerminalScreen())
      let signals = try loop.signals(SIGINT, SIGTERM, SIGHUP, SIGWINCH)
      _ = loop.startTask(name: "signals") {
        for await signal in signals { if signal == SIGWINCH { screen.draw() } else { screen.quit() } }
      }
      let keys = try? loop.watch(STDIN_FILENO, for: .readable) { _ in screen.takeKeys() }
      defer { keys?.cancel() }
      screen.draw()
      while true {
        do {
          try await ControlClient.connect(to: path, on: loop, patience: .seconds(5)) { client in
            while true {
              screen.take(try await Self.sample(client))
              try await loop.sleep(for: interval)
            }
          }
        } catch let error as ControlError {
          // A permission that is lacking does not come by waiting.
          if error.code == .permission {
            screen.leave()
            throw error
          }
          screen.lose(error.message)
        }
        try await loop.sleep(for: interval)
      }
    }
  }

  private static func sample(_ client: ControlClient) async throws -> TopScreen.Sample {
    let status = try await client.call(DaemonStatus.self, NoParameters())
    let tasks = try await client.call(TaskList.self, PageParameters())
    let hosts = try await client.call(HostList.self, HostList.Parameters())
    let coroutines = try await client.call(CoroutineList.self, CoroutineList.Parameters(limit: 200))
    return TopScreen.Sample(
      at: Timestamp.now().microseconds, status: status, tasks: tasks.tasks, hosts: hosts.hosts,
      coroutines: coroutines.coroutines)
  }

  private static func show(_ sample: TopScreen.Sample) {
    var screen = TopScreen()
    screen.take(sample)
    for line in screen.lines(width: 80, height: 24).dropLast() { Output.line(line) }
  }

  private func pause() throws -> Duration {
    do { return try DurationText.parse(interval) } catch { throw ValidationError("--interval: \(error)") }
  }
}

/// The screen and what is on it. Belongs to the loop's thread.
private final class LiveScreen: @unchecked Sendable {
  private let terminal: TerminalScreen
  private var content = TopScreen()

  init(_ terminal: TerminalScreen) {
    self.terminal = terminal
  }

  func take(_ sample: TopScreen.Sample) {
    content.take(sample)
    draw()
  }

  func lose(_ sentence: String) {
    content.lose(sentence)
    draw()
  }

  func draw() {
    let size = terminal.size
    terminal.draw(content.lines(width: size.width, height: size.height))
  }

  func takeKeys() {
    let keys = terminal.keys()
    if keys.isEmpty || keys.contains(where: { "qQ\u{3}\u{4}".utf8.contains($0) }) { quit() }
  }

  func leave() { terminal.restore() }

  func quit() -> Never {
    leave()
    ExitStatus.ok.exit()
  }
}
