import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  @Suite struct DoctorAndBackup {
    @Test func theDoctorLooksAtARunningAndAStoppedCrawl() throws {
      try Stage.play(Site(hosts: 1, pages: 60)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("patient", seeds: [stage.url("/")])
          try await stage.control("wait", "patient", "--for", "done")
          let said = try await stage.control("doctor")
          #expect(said.contains("crawl.db is in order: 1 task, ") && said.contains(" 60 pages"), "\(said)")
          let examined = try await stage.control("doctor", "--json")
          #expect(examined.hasPrefix(#"{"database":"\#(stage.database)","fetches":"#), "\(examined)")
          #expect(examined.contains(#""pages":60,"problems":0,"tasks":1,"#), "\(examined)")
        }
        #expect(try await stage.crawlctl(["doctor"]).code == 3)
        try stage.write(
          "UPDATE task_counters SET done = done + 1; UPDATE urls SET reason = NULL WHERE state = 'excluded'")
        let ended = try await stage.crawlctl(["doctor", "--data", stage.data])
        #expect(ended.code == 1 && ended.errors == "crawlctl: \(stage.database) has 2 problems\n")
        #expect(ended.output.contains("problem: counters: task 1 patient: done is 61, a recount says 60\n"))
        let json = try await stage.control(["doctor", "--data", stage.data, "--json"], exit: 1)
        #expect(
          json.split(separator: "\n").count == 3 && json.contains(#""problems":2"#)
            && json.contains(#"{"check":"counters""#), "\(json)")
      }
    }

    /// A copy is made in the middle of a crawl; a daemon of its own goes on from it and comes to the same end.
    @Test func aBackupOfARunningCrawlIsResumedElsewhere() throws {
      try Stage.play(Site(hosts: 2, pages: 300)) { stage in
        let elsewhere = "\(stage.directory)/elsewhere"
        try await stage.withDaemon { _ in
          try await stage.add("copied", seeds: [stage.url("/"), stage.url("/", host: 1)])
          try await stage.web.waitForRequests(200)
          mkdir(elsewhere, 0o700)
          try await stage.control("backup", "\(elsewhere)/crawl.db")
          try await stage.control("backup", "\(elsewhere)/crawl.db", exit: 5)
          for (target, words) in [("-", "not to stdout"), (elsewhere, "is a directory; name a file in it")] {
            let ended = try await stage.crawlctl(["backup", target])
            #expect(ended.code == 2 && ended.errors.contains(words), "\(ended)")
          }
          let nowhere = try await stage.loop.run(Programs.crawlctl, ["doctor", "--data", "\(elsewhere)/nowhere"])
          #expect(nowhere.code == 1 && nowhere.errors == "crawlctl: there is no data directory \(elsewhere)/nowhere\n")
          let device = try await stage.crawlctl(["backup", "/dev/null"])
          #expect(device.code == 1 && device.errors.contains("no regular file"), "\(device)")
          try await stage.control("backup", "\(elsewhere)/crawl.db", "--force")
          // Who looks at it leaves nothing beside it, and the next one may take its place.
          let looked = try await stage.loop.run(Programs.crawlctl, ["doctor", "--data", elsewhere])
          #expect(looked.code == 0, "\(looked)")
          #expect(access("\(elsewhere)/crawl.db-wal", F_OK) != 0 && access("\(elsewhere)/crawl.db-shm", F_OK) != 0)
          try await stage.control("backup", "\(elsewhere)/crawl.db", "--force")
          try await stage.control("wait", "copied", "--for", "done")
        }
        try await stage.expectComplete(hosts: [0, 1])
        var moved = stage
        moved.dataName = "elsewhere"
        try await moved.expectSound()
        #expect(try moved.number("SELECT count(*) FROM pages") >= 100)
        await stage.web.resetLog()
        try await moved.withDaemon { _ in try await stage.control("wait", "copied", "--for", "done") }
        try await moved.expectSound()
        #expect(Set(try moved.column("SELECT url FROM urls WHERE state = 'done'")) == stage.site.urls())
        #expect(try moved.number("SELECT count(*) FROM pages") == 600)
        try moved.expectLinks(ofHosts: [0, 1])
      }
    }
  }
}
