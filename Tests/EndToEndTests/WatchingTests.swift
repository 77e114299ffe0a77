import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// `run` and `wait` on a terminal that script(1) makes.
  @Suite struct Watching {
    /// What the terminal was sent from the first progress line on, after `body` has been run then.
    private func watched(
      _ stage: Stage, _ arguments: String, _ body: @escaping @Sendable (ChildProcess) async throws -> Void
    ) async throws -> (text: String, status: EventLoop.ExitStatus) {
      let verb = "stty cols 80 rows 24; exec '\(Programs.crawlctl)' \(arguments) --socket '\(stage.socket)'"
      var command = Command("/usr/bin/script", ["-qefc", verb, "/dev/null"])
      command.environment = ["SHELL": "/bin/sh", "TERM": "xterm"]
      return try await stage.loop.spawn(command, Watched(body: body))
    }

    private struct Watched: ProcessProtocol {
      let body: @Sendable (ChildProcess) async throws -> Void

      func run(_ process: ChildProcess) async throws -> String {
        var bytes: [UInt8] = []
        var isShown = false
        while true {
          let more = try await process.pipe.read(upTo: 65_536)
          if more.isEmpty { return String(decoding: bytes.filter { $0 != 0x0D }, as: UTF8.self) }
          bytes += more
          if !isShown, String(decoding: bytes, as: UTF8.self).contains(" URLs  ") {
            isShown = true
            try await body(process)
          }
        }
      }
    }

    /// The error has a line of its own, and says what becomes of the task.
    @Test(arguments: ["run --name held", "wait held"])
    func aDaemonThatGoesAwayIsSaid(verb: String) throws {
      try Stage.play { stage in
        let held = stage.url(Fault.slowFirstByte.target)
        try await stage.withDaemon { daemon in
          if verb.hasPrefix("wait") { try await stage.add("held", seeds: [held]) }
          let seen = try await watched(stage, verb.hasPrefix("run") ? "\(verb) '\(held)'" : verb) { _ in
            try await daemon.kill()
          }
          #expect(seen.status == .exited(code: 3), "\(seen)")
          let last = seen.text.split(separator: "\n").last ?? ""
          #expect(last.hasPrefix("crawlctl: the daemon at "), "\(seen)")
          let task = verb.hasPrefix("run") ? "1" : "held"
          #expect(
            last.contains("the task goes on when the daemon is there again (follow: crawlctl wait \(task) "), "\(seen)")
        }
        await stage.web.release()
      }
    }

    @Test func anInterruptEndsTheLine() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("held", seeds: [stage.url(Fault.slowFirstByte.target)])
          let seen = try await watched(stage, "wait held") { try await $0.pipe.write("\u{3}") }
          #expect(seen.status == .exited(code: 130) && seen.text.hasSuffix("\n"), "\(seen)")
        }
        await stage.web.release()
      }
    }
  }
}
