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
      On a terminal it goes on through a restart of the daemon. All tasks, hosts and fetches count, up to 20,000 of each; \
      where reading them takes long it refreshes less often, so that the daemon has other things to do. Where stdout is no \
      terminal, it shows one screen of 80 columns and 24 rows, with the rates of a second, and ends; with --json it prints \
      an object per refresh, and ends with 3 when the daemon does.
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
      let (json, isOnly) = (daemon.json, once)
      return try Session.run { loop in
        try await ControlClient.connect(to: path, on: loop) { client in
          if !json {
            // A rate is between two samples.
            let first = try await Self.sample(client)
            try await loop.sleep(for: .seconds(1))
            return Self.show([first.content, try await Self.sample(client).content])
          }
          while true {
            let sample = try await Self.sample(client)
            try Output.json(sample.content)
            if isOnly { return }
            try await loop.sleep(for: max(interval, sample.rest))
          }
        }
      }
    }
    try Session.run { loop in
      let screen = LiveScreen(TerminalScreen())
      let signals = try loop.signals(SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP)
      _ = loop.startTask(name: "signals") {
        for await signal in signals {
          switch signal {
          case SIGWINCH: screen.draw()
          case SIGTSTP: screen.suspend()
          default: screen.quit()
          }
        }
      }
      let keys = try? loop.watch(STDIN_FILENO, for: .readable) { _ in screen.takeKeys() }
      defer { keys?.cancel() }
      screen.draw()
      while true {
        do {
          try await ControlClient.connect(to: path, on: loop, patience: .seconds(5)) { client in
            while true {
              let sample = try await Self.sample(client)
              screen.take(sample.content)
              try await loop.sleep(for: max(interval, sample.rest))
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

  /// What the daemon says now, and for how long to leave it alone then: ten times as long as that took, 30 s at most.
  private static func sample(_ client: ControlClient) async throws -> (content: TopScreen.Sample, rest: Duration) {
    let start = Timestamp.now().microseconds
    let status = try await client.call(DaemonStatus.self, NoParameters())
    let tasks = try await joined { cursor in
      let page = try await client.call(TaskList.self, PageParameters(cursor: cursor))
      return (page.tasks, page.cursor)
    }
    let hosts = try await joined { cursor in
      let page = try await client.call(HostList.self, HostList.Parameters(cursor: cursor))
      return (page.hosts, page.cursor)
    }
    let coroutines = try await joined { cursor in
      let page = try await client.call(CoroutineList.self, CoroutineList.Parameters(cursor: cursor))
      return (page.coroutines, page.cursor)
    }
    let end = Timestamp.now().microseconds
    return (
      TopScreen.Sample(at: end, status: status, tasks: tasks, hosts: hosts, coroutines: coroutines),
      .microseconds(min(10 * max(0, end - start), 30_000_000))
    )
  }

  /// The rows of a list's pages, 20 at most.
  private static func joined<Row: Sendable>(
    _ page: @Sendable (String?) async throws -> (rows: [Row], cursor: String?)
  ) async throws -> [Row] {
    var rows: [Row] = []
    var cursor: String?
    for _ in 0..<20 {
      let next = try await page(cursor)
      rows += next.rows
      cursor = next.cursor
      if cursor == nil { break }
    }
    return rows
  }

  private static func show(_ samples: [TopScreen.Sample]) {
    var screen = TopScreen()
    for sample in samples { screen.take(sample) }
    for line in screen.lines(width: 80, height: 24).dropLast() { Output.line(line) }
  }

  private func pause() throws -> Duration {
    try DurationOption.parse(interval, of: "--interval")
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

  /// Ctrl-Z: the shell has its screen until it lets this program go on.
  func suspend() {
    terminal.restore()
    kill(getpid(), SIGSTOP)
    terminal.take()
    draw()
  }

  func quit() -> Never {
    leave()
    ExitStatus.ok.exit()
  }
}
