import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// A disk that is full, or fails.
  @Suite struct Disks {
    /// As LimitFSIZE has it: the process would end by a signal, whatever it was doing.
    @Test func aLogThatMayNotGrowEndsNothing() throws {
      try Stage.play { stage in
        let log = "\(stage.directory)/log"
        try TextFile.write(String(repeating: "x", count: 8_192), to: log)
        let limited = ["-c", #"ulimit -f 4; exec "$@" 2>>"$0""#, log, Programs.crawld]
        let ended = try await stage.loop.run("/bin/sh", limited + ["--check-config", "--config", "/nowhere.toml"])
        #expect(ended.code == 2, "\(ended)")
        #expect(TextFile.read(log)?.utf8.count == 8_192)
      }
    }

    @Test func fetchingStopsBeforeTheDiskIsFullAndGoesOnByItself() throws {
      try Stage.play(Site(hosts: 1, pages: 200)) { stage in
        try stage.configure("[store]\nmin_free = \"80MiB\"\nmin_free_percent = 10")
        let disk = try Disk(of: stage)
        // The share counts: a tenth of 1 GiB.
        disk.setFree(110 << 20)
        try await stage.withDaemon(environment: disk.environment) { _ in
          try await stage.add("cramped", seeds: [stage.url("/")])
          try await stage.web.waitForRequests(50)
          disk.setFree(102 << 20)
          try await stage.expectHold("disk", of: "cramped", saying: "102 MiB free")
          // More, but not an eighth more than where it stopped.
          disk.setFree(110 << 20)
          while true {
            let status = try await stage.control("status")
            #expect(status.contains("no fetch starts: "), "\(status)")
            if status.contains("110 MiB free") || !status.contains("no fetch starts: ") { break }
          }
          disk.setFree(120 << 20)
          try await stage.control("wait", "cramped", "--for", "done")
          #expect(!(try await stage.control("status")).contains("warning"))
        }
        try await stage.expectComplete(hosts: [0])
      }
    }

    @Test(arguments: [("disk", ENOSPC, Disk.Call.write), ("disk", EIO, .write), ("disk", EIO, .sync)])
    func aDiskThatTakesNothingHoldsTheCrawlUpAndLosesNothing(reason: String, error: Int32, call: Disk.Call) throws {
      try Stage.play(Site(hosts: 1, pages: 200)) { stage in
        let disk = try Disk(of: stage)
        try await stage.withDaemon(environment: disk.environment) { _ in
          try await stage.add("full", seeds: [stage.url("/")])
          try await stage.web.waitForRequests(60)
          disk.fail(call, with: error)
          try await stage.expectHold(reason, of: "full", saying: "the disk ")
          // What can't be kept is not promised.
          let paused = try await stage.crawlctl(["pause", "full"])
          #expect(paused.code == 1 && paused.errors.contains("could not be stored"), "\(paused)")
          for verb in [["offer", "full", "http://h0.test/more"], ["add", "http://h0.test/other"]] {
            let refused = try await stage.crawlctl(verb)
            #expect(refused.code == 1 && refused.errors.contains("can be taken now: the disk "), "\(refused)")
          }
          // Whoever reads the database goes on.
          _ = try await stage.control("query", "SELECT count(*) FROM pages")
          disk.heal()
          try await stage.control("wait", "full", "--for", "done")
        }
        try await stage.expectComplete(hosts: [0])
      }
    }

    @Test func aDatabaseThatIsNotThereAnyMoreHoldsTheCrawlUpUntilItIsPutBack() throws {
      try Stage.play(Site(hosts: 1, pages: 200)) { stage in
        let aside = stage.database + ".aside"
        try await stage.withDaemon { _ in
          try await stage.add("moved", ["--delay", "1ms"], seeds: [stage.url("/")])
          try await stage.web.waitForRequests(40)
          #expect(rename(stage.database, aside) == 0)
          try await stage.expectHold("disk", of: "moved", saying: "is not the file any more that was opened")
          let refused = try await stage.crawlctl(["add", "http://h0.test/other"])
          #expect(refused.code == 1 && refused.errors.contains("removed, moved or replaced"), "\(refused)")
          #expect(rename(aside, stage.database) == 0)
          try await stage.control("wait", "moved", "--for", "done")
        }
        try await stage.expectComplete(hosts: [0])
      }
    }

    @Test func aDaemonWhoseDatabaseIsGoneDoesNotSayThatAllIsCommitted() throws {
      try Stage.play(Site(hosts: 1, pages: 2)) { stage in
        let aside = stage.database + ".aside"
        let (_, status) = try await stage.withDaemon { _ in
          try await stage.crawl("site", seeds: [stage.url("/")])
          #expect(rename(stage.database, aside) == 0)
        }
        #expect(!status.isSuccess)
        let log = TextFile.read(stage.log) ?? ""
        #expect(!log.contains("everything is committed") && log.contains("removed, moved or replaced"), "\(log)")
        // All of it is in that file, and nothing where another one would take it for its own.
        #expect((TextFile.read(stage.database + "-wal") ?? "").isEmpty)
        #expect(rename(aside, stage.database) == 0)
        #expect(try stage.number("SELECT count(*) FROM pages") == 2)
        try await stage.expectSound()
      }
    }

    /// After an orderly end SQLite makes anew what stands beside the database.
    @Test func aDaemonThatStartsOnAFullDiskWaitsForRoom() throws {
      try Stage.play(Site(hosts: 1, pages: 2)) { stage in
        try await stage.withDaemon { _ in try await stage.crawl("site", seeds: [stage.url("/")]) }
        let disk = try Disk(of: stage)
        disk.fail(.write, with: ENOSPC)
        disk.setFree(4_096)
        let room = stage.loop.startTask(name: "makes room") {
          while !(TextFile.read(stage.log) ?? "").contains("the disk is full (4096 bytes free") {
            try await stage.loop.sleep(for: .milliseconds(20))
          }
          disk.heal()
          disk.setFree(nil)
        }
        try await stage.withDaemon(environment: disk.environment) { _ in
          let shown = try await stage.control("ls", "--json")
          #expect(shown.contains(#""state":"finished""#), "\(shown)")
        }
        try await room.value
        #expect((TextFile.read(stage.log) ?? "").split(separator: "the disk is full").count == 2, "said once")
        try await stage.expectSound()
      }
    }

    /// What it would write at once, the state of a task that waits for its turn by now, holds until the disk takes it.
    @Test func aDaemonBeginsOnADiskThatTakesNothing() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          for name in ["first", "second"] {
            try await stage.control("add", "--name", name, "--delay", "1h", stage.url("/"))
          }
        }
        try stage.configure("[tasks]\nmax_running = 1\n")
        let disk = try Disk(of: stage)
        disk.fail(.sync, with: EIO)
        try await stage.withDaemon(environment: disk.environment) { _ in
          let shown = try await stage.control("ls", "--json")
          #expect(shown.contains(#""state":"queued""#), "\(shown)")
          #expect(try stage.state(of: "second") == "running")
          disk.heal()
          try await stage.waitUntilAllIsWell()
          try await stage.control("pause", "second")
          try await stage.control("cancel", "first")
          try await stage.control("resume", "second")
          #expect(try stage.state(of: "second") == "running")
        }
        try await stage.expectSound()
      }
    }

    @Test func aTaskThatCantBeStoredIsNotThere() throws {
      try Stage.play(Site(hosts: 1, pages: 20)) { stage in
        let disk = try Disk(of: stage)
        try await stage.withDaemon(environment: disk.environment) { _ in
          disk.fail(.sync, with: EIO)
          let refused = try await stage.crawlctl(["add", "--name", "lost", stage.url("/")])
          #expect(refused.code == 1 && refused.errors.contains("disk I/O error"), "\(refused)")
          #expect(try await stage.control("ls", "--json") == "")
          disk.heal()
          try await stage.waitUntilAllIsWell()
          try await stage.add("found", seeds: [stage.url("/")])
          try await stage.control("wait", "found", "--for", "done")
        }
        #expect(try stage.column("SELECT name FROM tasks") == ["found"])
        try await stage.expectComplete(hosts: [0])
      }
    }
  }
}

extension Stage {
  /// Waits until fetching is held up, and looks how the daemon says why: in every place where somebody may look.
  func expectHold(_ reason: String, of task: String, saying words: String) async throws {
    try await waitForHold(reason, of: task)
    let status = try await control("status")
    #expect(status.contains("no fetch starts: ") && status.contains(words), "\(status)")
    let why = try await control("why", task)
    #expect(why.contains("no fetch starts: ") && why.contains(words), "\(why)")
    let why2 = try await control("why", task, "--json")
    #expect(why2.contains("\"kind\":\"\(reason)\""), "\(why2)")
    let shown = try await control("show", task)
    #expect(shown.contains("running(\(reason))") && shown.contains(words), "\(shown)")
  }
}
