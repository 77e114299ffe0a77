import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// `crawlctl events`: what it tells of is what the database has.
  @Suite struct EventStream {
    @Test func everyFetchAndEveryChangeOfATaskIsToldOfAndIsInTheDatabase() throws {
      try Stage.play(Site(hosts: 2, pages: 12)) { stage in
        try await stage.withDaemon { _ in
          let (lines, status) = try await stage.following(["events", "--json"]) { events in
            #expect(try await events.diagnostic()?.hasPrefix("following the events") == true)
            try await stage.add("told", seeds: [stage.url("/", host: 0), stage.url("/", host: 1)])
            var lines: [String] = []
            while let line = try await events.line() {
              lines.append(line)
              if line.contains(#""action":"finished""#) { break }
            }
            return lines
          }
          #expect(status == .signalled(number: SIGTERM, dumpedCore: false))
          #expect(lines.first?.contains(#""action":"add""#) == true, "\(lines)")
          let fetches = lines.filter { $0.contains(#""kind":"fetch""#) }
          let ids = fetches.compactMap { field("fetch_id", $0) }.compactMap { Int($0) }.sorted()
          #expect(try ids == stage.column("SELECT id FROM fetches ORDER BY id").compactMap { Int($0) })
          #expect(fetches.contains { $0.contains(#""robots":true"#) })
          #expect(lines.allSatisfy { $0.contains(#""task_name":"told""#) })
        }
        try await stage.expectSound()
      }
    }

    @Test func filtersLetThroughWhatHasEveryPropertyAskedFor() throws {
      try Stage.play(Site(hosts: 2, pages: 3)) { stage in
        try await stage.withDaemon { _ in
          let seeds = ["/", "/nowhere"].flatMap { [stage.url($0, host: 0), stage.url($0, host: 1)] }
          try await stage.add("one", ["--paused"], seeds: seeds)
          try await stage.add("two", ["--paused"], seeds: seeds)
          // A name as people write it: the letter has its full width.
          let filters = ["--errors", "--host", "\u{FF28}1.test", "--task", "two", "--limit", "1", "--json"]
          let (line, status) = try await stage.following(["events"] + filters) { events in
            _ = try await events.diagnostic()
            for task in ["one", "two"] {
              try await stage.control("resume", task)
              try await stage.control("wait", task, "--for", "done")
            }
            return try await events.line()
          }
          #expect(status == .exited(code: 0))
          let told = try #require(line)
          for words in [
            #""outcome":"client_error""#, #""task_name":"two""#, #""status":404"#,
            #""host":"http://h1.test:\#(stage.site.port)""#,
          ] {
            #expect(told.contains(words), "\(told)")
          }
        }
      }
    }

    @Test func peopleReadOneLinePerEventWithoutControlCharacters() throws {
      try Stage.play(Site(hosts: 1, pages: 2)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("one", ["--paused"], seeds: [stage.url("/"), stage.url("/nowhere")])
          let (lines, _) = try await stage.following(["events"]) { events in
            _ = try await events.diagnostic()
            try await stage.control("block", "h0.test", "--for", "1h")
            try await stage.control("unblock", "h0.test")
            try await stage.control("set", "one", "max_pages=50")
            try await stage.control("resume", "one")
            var lines: [String] = []
            while let line = try await events.line() {
              lines.append(line)
              if line.contains("finished") { break }
            }
            return lines
          }
          for words in [
            "host http://h0.test:\(stage.site.port) blocked until", "not blocked any more",
            "task one set max_pages none → 50 by uid",
            "task one resume paused → running by uid", "fetch one ok 200", "fetch one client_error 404",
            "task one finished running → finished by daemon",
          ] {
            #expect(lines.contains { $0.contains(words) }, "\(words): \(lines)")
          }
        }
      }
    }

    /// Also to those who do not want to hear of fetches, and no matter who else watches.
    @Test func aHostThatAsksForTimeIsToldOf() throws {
      try Stage.play { stage in
        let answer = Response(status: 429, fields: ["Retry-After: 3000"])
        await stage.web.plant(answer, at: "/", on: "h0.test")
        try await stage.withDaemon { _ in
          let (line, status) = try await stage.following(["events", "--kind", "host", "--limit", "1", "--json"]) {
            events in
            _ = try await events.diagnostic()
            try await stage.add("later", seeds: [stage.url("/")])
            let line = try await events.line()
            _ = try await events.process.waitForExit()
            return line
          }
          #expect(status == .exited(code: 0))
          let told = try #require(line)
          #expect(told.contains(#""kind":"host""#) && told.contains(#""reason":"retry_after""#), "\(told)")
        }
      }
    }

    @Test func errorsAreMoreThanFetches() throws {
      try Stage.play(Site(hosts: 1, pages: 2)) { stage in
        try await stage.withDaemon { _ in
          let (lines, _) = try await stage.following(["events", "--errors"]) { events in
            _ = try await events.diagnostic()
            try await stage.control("unblock", "h0.test", exit: 4)
            try await stage.add("one", seeds: [stage.url("/"), stage.url("/nowhere")])
            try await stage.control("wait", "one", "--for", "done")
            try await stage.control("block", "h0.test", "--for", "1h")
            var lines: [String] = []
            while let line = try await events.line() {
              lines.append(line)
              if line.contains("blocked until") { break }
            }
            return lines
          }
          #expect(lines.count == 2 && lines.first?.contains("client_error 404") == true, "\(lines)")
        }
      }
    }

    @Test func theEndOfTheDaemonEndsThem() throws {
      try Stage.play { stage in
        try await stage.withDaemon { daemon in
          let (line, status) = try await stage.following(["events", "--kind", "daemon"]) { events in
            _ = try await events.diagnostic()
            try daemon.process.send(signal: SIGTERM)
            let line = try await events.line()
            #expect(try await events.diagnostic()?.contains("ended the connection") == true)
            _ = try await events.process.waitForExit()
            return line
          }
          #expect(line?.contains("the daemon is stopping") == true, "\(line ?? "")")
          #expect(status == .exited(code: 3))
        }
      }
    }

    @Test func whatIsNoFilterIsSaidInOneLine() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          for (arguments, code, words) in [
            (["--kind", "weather"], 2, "accepted: task fetch host daemon"), (["--outcome", "bad"], 2, "client_error"),
            (["--task", "nothing"], 4, "nothing"), (["--limit", "0"], 2, "--limit"),
          ] {
            let ended = try await stage.crawlctl(["events"] + arguments)
            #expect(ended.code == code && ended.errors.contains(words), "\(arguments): \(ended)")
            #expect(ended.errors.split(separator: "\n").count == 1, "\(ended)")
          }
        }
      }
    }
  }
}

/// The value of a field of a line of JSON, as it is written.
private func field(_ name: String, _ line: String) -> Substring? {
  guard let range = line.firstRange(of: "\"\(name)\":") else { return nil }
  return line[range.upperBound...].prefix { $0 != "," && $0 != "}" }
}
