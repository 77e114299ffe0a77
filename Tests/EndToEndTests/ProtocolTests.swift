import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// What README.md says of the control protocol is tried as it stands there.
  @Suite struct ControlProtocol {
    private static func section(file: String = #filePath) throws -> [Substring] {
      let root = file.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
      let lines = try #require(TextFile.read("\(root)/README.md")).split(
        separator: "\n", omittingEmptySubsequences: false)
      let start = try #require(lines.firstIndex(of: "### The control protocol"))
      return Array(lines[(start + 1)...].prefix { !$0.hasPrefix("##") })
    }

    /// The indented block that begins with this text.
    private static func example(_ beginning: String) throws -> String {
      let lines = try section()
      let start = try #require(lines.firstIndex { $0.hasPrefix("    " + beginning) })
      return lines[start...].prefix { $0.hasPrefix("    ") }.map { $0.dropFirst(4) + "\n" }.joined()
    }

    @Test func theExamplesWork() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("docs", ["--paused"], seeds: [stage.url("/")])
          let environment = ["CRAWLD_SOCKET": stage.socket]
          let shell = try await stage.loop.run("/bin/sh", ["-c", Self.example("printf")], environment: environment)
          #expect(shell.code == 0 && shell.output.contains(#""name":"docs""#), "\(shell)")
          let program = try Self.example("import json")
          #expect(program.split(separator: "\n").count == 10)
          let python = try await stage.loop.run("/usr/bin/env", ["python3", "-c", program], environment: environment)
          #expect(python.code == 0 && python.output == "1 docs paused 0\n", "\(python)")
        }
      }
    }

    /// Whoever clears directories of what is old cuts nobody off.
    @Test func aSocketThatIsRemovedIsMadeAgain() throws {
      try Stage.play { stage in
        let (_, status) = try await stage.withDaemon { _ in
          let before = try await stage.loop.connect(to: .unix(path: stage.socket))
          let directory = stage.socket.split(separator: "/").dropLast().map { "/" + $0 }.joined()
          try #require(unlink(stage.socket) == 0 && rmdir(directory) == 0)
          while true {
            let ended = try await stage.crawlctl(["status"])
            if ended.code == 0 { break }
            #expect(ended.code == 3, "\(ended)")
          }
          try await before.write("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"daemon.status\"}\n")
          #expect(try await before.readLine(limit: 1 << 20) != nil, "who was connected still is")
          before.close()
        }
        #expect(status.isSuccess && access(stage.socket, F_OK) != 0)
        #expect(TextFile.read(stage.log)?.contains("somebody has removed the control socket \(stage.socket)") == true)
      }
    }

    @Test func whatStandsInTheSocketsPlaceIsLeftAlone() throws {
      try Stage.play { stage in
        let (_, status) = try await stage.withDaemon { _ in
          try #require(unlink(stage.socket) == 0)
          try TextFile.write("precious", to: stage.socket)
        }
        #expect(status.isSuccess)
        #expect(TextFile.read(stage.socket) == "precious")
      }
    }

    @Test func everyMethodIsExplained() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          let control = try await stage.loop.connect(to: .unix(path: stage.socket))
          try await control.write("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"?\"}\n")
          let line = try #require(try await control.readLine(limit: 1 << 20))
          control.close()
          let answer = String(decoding: line, as: UTF8.self)
          let list = try #require(answer.firstRange(of: "known are ")).upperBound
          let methods = answer[list...].prefix { $0 != "\"" }.split(separator: " ").map(String.init).sorted()
          let explained = try Self.section().filter { $0.hasPrefix("| `") }.compactMap { row in
            row.split(separator: "`").dropFirst().first.map(String.init)
          }
          #expect(explained.sorted() == methods)
        }
      }
    }
  }
}
