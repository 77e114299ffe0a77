import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// Seeds that one request does not hold, and what happens meanwhile.
  @Suite struct HandingOver {
    /// What can't be read to its end is the second file of three.
    @Test func aTaskWithoutAllOfItsFilesSaysHowToGoOn() throws {
      try Stage.play { stage in
        let files = ["a", "b", "c"].map { "\(stage.directory)/\($0)" }
        for (number, file) in files.enumerated() {
          try TextFile.write(stage.url("/private/\(number)") + "\n", to: file)
        }
        let long = String(repeating: "x", count: 600_000)
        let lines = (0..<10_000).map { stage.url("/private/b\($0)") } + [long, ""]
        try TextFile.write(lines.joined(separator: "\n"), to: files[1])
        try await stage.withDaemon { _ in
          let options = files.flatMap { ["--file", $0] }
          let cut = try await stage.crawlctl(["add", "--name", "cut"] + options)
          #expect(cut.code == 2 && cut.errors.contains("\(files[1]):10001: a line of more than"), "\(cut)")
          let next = "tail -n +10001 \(files[1]) | crawlctl offer 1 --file - --file \(files[2]) --socket"
          #expect(cut.errors.contains(next), "\(cut)")
          try await stage.control("add", "--paused", "--open", "--name", "feed")
          let offered = try await stage.crawlctl(["offer", "feed"] + options)
          #expect(offered.code == 2, "\(offered)")
          let place = "go on from line 10001 of \(files[1]), then with \(files[2])"
          #expect(offered.errors.contains(place), "\(offered)")
        }
      }
    }

    /// A file that can't be read to its end leaves a task that says what it lacks; the same client key again goes on.
    @Test func aTaskWithoutAllOfItsSeedsSaysHowToGoOn() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        let file = "\(stage.directory)/seeds"
        let seeds = (0..<25_000).map { "http://h0.test:\(stage.site.port)/private/\($0)\n" }.joined()
        let bytes = Array(seeds.utf8) + [UInt8](repeating: 0x78, count: 600_000) + Array("\(stage.url("/"))\n".utf8)
        let descriptor = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        try #require(write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        try await stage.withDaemon { _ in
          let add = ["add", "--name", "cut", "--delay", "0", "--client-key", "k", "--file", file]
          let cut = try await stage.crawlctl(add)
          #expect(cut.code == 2 && cut.errors.contains("seeds:25001: a line of more than 524288 bytes"), "\(cut)")
          #expect(cut.errors.contains("task 1 cut is there without all of its seeds"), "\(cut)")
          let next = cut.errors.split(separator: "\n").first { $0.hasPrefix("go on: ") } ?? ""
          #expect(next.contains("| crawlctl offer 1 --file - --socket "), "\(cut)")
          #expect(next.contains(" && crawlctl seal 1") && next.contains(" && crawlctl resume 1"), "\(cut)")
          #expect(try stage.column("SELECT state || reason || open FROM tasks") == ["pausedseeds1"])
          try TextFile.write(seeds + stage.url("/") + "\n", to: file)
          let again = try await stage.crawlctl(add)
          #expect(again.code == 0 && again.errors.contains("client key"), "\(again)")
          try await stage.control("wait", "cut", "--for", "done")
          #expect(try stage.number("SELECT known FROM task_counters") >= 25_003)
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 3)
        try await stage.expectSound()
      }
    }

    /// What a user has paused does not begin when it has all of its seeds.
    @Test func aPauseWhileSeedsAreHandedOverHolds() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        let pipe = "\(stage.directory)/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        try await stage.withDaemon { _ in
          let add = ["add", "--name", "half", "--delay", "0", "--file", pipe]
          let (_, status) = try await stage.following(add) { add in
            let writer = try await stage.loop.runInThread { open(pipe, O_WRONLY | O_CLOEXEC) }
            var number = 0
            while try stage.number("SELECT coalesce(sum(known), 0) FROM task_counters") < 2 {
              let line = stage.url("/private/\(number)") + "\n"
              try #require(write(writer, line, line.utf8.count) > 0)
              number += 1
            }
            #expect(try stage.state(of: "half") == "paused seeds")
            #expect(try await stage.control("why", "half").contains("its seeds are being handed over"))
            try await stage.control("pause", "half")
            let last = stage.url("/") + "\n"
            try #require(write(writer, last, last.utf8.count) > 0)
            close(writer)
            return try await add.process.waitForExit()
          }
          #expect(status == .exited(code: 0))
          #expect(try stage.state(of: "half") == "paused user")
          #expect(try stage.number("SELECT open FROM tasks") == 0)
          #expect(await stage.web.requests() == 0)
          try await stage.control("resume", "half")
          try await stage.control("wait", "half", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 3)
        try await stage.expectSound()
      }
    }

    /// The task of a client key that has all of its seeds is answered as it is, however many the request brings.
    @Test(arguments: [1, 2_500]) func aRepeatedClientKeyUndoesNoPause(count: Int) throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        let file = "\(stage.directory)/seeds"
        let path = String(repeating: "x", count: 500)
        try TextFile.write((0..<count).map { stage.url("/private/\(path)\($0)") + "\n" }.joined(), to: file)
        try await stage.withDaemon { _ in
          let key = ["--client-key", "k", "--name", "feed", "--file", file]
          try await stage.control(["add", "--open"] + key)
          try await stage.control("pause", "feed")
          for options in [["--open"], []] {
            let again = try await stage.crawlctl(["add"] + options + key)
            #expect(again.code == 0 && again.errors.contains("client key"), "\(again)")
            #expect(try stage.column("SELECT state || reason || open FROM tasks") == ["pauseduser1"])
          }
          try await stage.control("add", "--paused", "--name", "rest", "--file", file)
          #expect(try stage.column("SELECT state || reason || open FROM tasks WHERE name = 'rest'") == ["pauseduser0"])
        }
        #expect(try stage.number("SELECT count(*) FROM task_events WHERE action = 'pause' AND actor <> 'daemon'") >= 1)
        try await stage.expectSound()
      }
    }

    @Test func anInterruptWhileSeedsAreHandedOverSaysWhatIsThere() throws {
      try Stage.play { stage in
        let pipe = "\(stage.directory)/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        try await stage.withDaemon { _ in
          let run = ["run", "--name", "half", "--paused", "--file", pipe]
          let (lines, status) = try await stage.following(run) { run in
            let writer = try await stage.loop.runInThread { open(pipe, O_WRONLY | O_CLOEXEC) }
            defer { close(writer) }
            var number = 0
            // However many of them are read at once.
            while try stage.number("SELECT coalesce(sum(known), 0) FROM task_counters") < 2 {
              let line = stage.url("/private/\(number)") + "\n"
              try #require(write(writer, line, line.utf8.count) > 0)
              number += 1
            }
            try run.process.send(signal: SIGINT)
            var lines: [String] = []
            while let line = try await run.diagnostic() { lines.append(line) }
            _ = try await run.process.waitForExit()
            return lines
          }
          #expect(status == .exited(code: 130), "\(lines)")
          #expect(lines.contains { $0.contains("task 1 half is there without all of its seeds") }, "\(lines)")
          #expect(lines.contains { $0.contains("crawlctl cancel 1") && $0.contains("crawlctl rm 1") }, "\(lines)")
        }
      }
    }
  }
}
