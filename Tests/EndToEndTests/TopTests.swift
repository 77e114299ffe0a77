import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// `crawlctl top`, on a terminal that script(1) makes.
  @Suite struct TopVerb {
    /// Runs `top` on a terminal of 80 columns and 24 rows beside `body`.
    private func onTerminal<T: Sendable>(
      _ stage: Stage, _ body: @escaping @Sendable (Screen) async throws -> T
    ) async throws -> (T, EventLoop.ExitStatus) {
      let top = "stty cols 80 rows 24; exec '\(Programs.crawlctl)' top --interval 100ms --socket '\(stage.socket)'"
      var command = Command("/usr/bin/script", ["-qefc", top, "/dev/null"])
      command.environment = ["SHELL": "/bin/sh", "TERM": "xterm"]
      return try await stage.loop.spawn(command, Screen.Watching(body: body))
    }

    struct Screen: Sendable {
      let process: ChildProcess

      /// Reads until the terminal was sent this text; returns all that came.
      func wait(for text: String) async throws -> String {
        var bytes: [UInt8] = []
        while !String(decoding: bytes, as: UTF8.self).contains(text) {
          let more = try await process.pipe.read(upTo: 65_536)
          if more.isEmpty { break }
          bytes += more
        }
        return String(decoding: bytes, as: UTF8.self)
      }

      func press(_ key: String) async throws { try await process.pipe.write(key) }

      struct Watching<T: Sendable>: ProcessProtocol {
        let body: @Sendable (Screen) async throws -> T

        func run(_ process: ChildProcess) async throws -> T { try await body(Screen(process: process)) }
      }
    }

    @Test func itShowsTheCrawlSurvivesARestartAndQuits() throws {
      try Stage.play { stage in
        let held = stage.url(Fault.slowFirstByte.target)
        try await stage.withDaemon { _ in try await stage.add("held", ["--paused"], seeds: [held]) }
        let (shown, status) = try await onTerminal(stage) { screen in
          let before = try await screen.wait(for: "no daemon can be reached")
          let (running, _) = try await stage.withDaemon { _ in
            try await stage.control("resume", "held")
            let running = try await screen.wait(for: "request sent")
            await stage.web.release()
            try await stage.control("wait", "held", "--for", "done")
            return running + (try await screen.wait(for: "finished"))
          }
          let lost = try await screen.wait(for: "NOT CONNECTED")
          let (again, _) = try await stage.withDaemon { _ in try await screen.wait(for: "no fetch is in progress") }
          try await screen.press("q")
          return before + running + lost + again + (try await screen.wait(for: "\u{1B}[?1049l"))
        }
        #expect(status == .exited(code: 0))
        #expect(shown.contains("\u{1B}[?1049h") && shown.contains("held") && shown.contains("h0.test"))
      }
    }

    /// However many tasks there are, the one that runs is on the screen.
    @Test func whatRunsIsShownFirstAmongManyTasks() throws {
      try Stage.play { stage in
        await stage.web.setScript { _, target, _ in target == "/held" ? [.hold, .send(Response.html("x"))] : nil }
        try await stage.withDaemon { _ in
          let connection = try await stage.loop.connect(to: .unix(path: stage.socket))
          for number in 0..<1_010 {
            let parameters = #"{"seeds":["\#(stage.url("/"))"],"name":"idle\#(number)","paused":true}"#
            try await connection.write(
              #"{"jsonrpc":"2.0","id":\#(number),"method":"task.add","params":\#(parameters)}"# + "\n")
            _ = try await connection.readLine(limit: 1 << 16)
          }
          connection.close()
          try await stage.add("busy", ["--robots", "ignore"], seeds: [stage.url("/held")])
          try await stage.web.waitForHolds(1)
          let screen = try await stage.control("top", "--once").split(separator: "\n")
          let tasks = screen.firstIndex { $0.contains("NAME") } ?? 0
          #expect(screen.count > tasks + 1 && screen[tasks + 1].contains(" busy "), "\(screen)")
          #expect(screen.contains { $0.hasPrefix("… and 10") }, "\(screen)")
          await stage.web.release()
        }
      }
    }

    @Test func withoutATerminalItShowsOneScreenOrObjects() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("one", ["--paused"], seeds: [stage.url("/")])
          let screen = try await stage.control("top")
          let lines = screen.split(separator: "\n", omittingEmptySubsequences: false)
          #expect(lines.count <= 24 && lines.allSatisfy { $0.count <= 80 }, "\(screen)")
          #expect(screen.contains("paused(user)") && screen.contains("no fetch is in progress"), "\(screen)")
          let object = try await stage.control("top", "--json", "--once")
          #expect(object.split(separator: "\n").count == 1 && object.contains(#""tasks":[{"#), "\(object)")
          #expect(try await stage.crawlctl(["top", "--interval", "1ms"]).code == 2)
        }
        #expect(try await stage.crawlctl(["top"]).code == 3)
      }
    }
  }
}
