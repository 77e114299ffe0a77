import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// `crawlctl offer` and `seal`, and seeds from a file that no one request holds.
  @Suite struct Offers {
    @Test func anOpenTaskTakesSeedsAndFinishesWhenItIsSealed() throws {
      try Stage.play(Site(hosts: 3, pages: 4)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("feed", ["--open"], seeds: [stage.url("/", host: 0)])
          try await stage.web.waitForRequests(5, on: "h0.test")
          let shown = try await stage.control(
            "offer", "feed", stage.url("/", host: 1), stage.url("/", host: 0), "--json")
          #expect(shown.contains(#""known":1,"name":"feed","new":1"#), "\(shown)")
          // It joins the scope: its links are followed.
          try await stage.web.waitForRequests(5, on: "h1.test")
          let task = try await stage.control("show", "feed", "--json")
          #expect(task.contains(#""open":true"#) && task.contains(#""seal"]"#), "\(task)")
          #expect(try await stage.control("seal", "feed").contains("running"))
          try await stage.control("wait", "feed", "--for", "done")
          let late = try await stage.crawlctl(["offer", "feed", stage.url("/", host: 2)])
          #expect(late.code == 5 && late.errors.contains("finished"), "\(late)")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 8)
        #expect(try stage.number("SELECT count(*) FROM urls WHERE depth = 0 AND via_url_id IS NULL") == 2)
        #expect(await stage.web.requests(on: "h2.test") == 0)
        try await stage.expectSound()
      }
    }

    @Test func whatWasOfferedOutlivesAKillAndTheTaskStaysOpen() throws {
      try Stage.play(Site(hosts: 2, pages: 4)) { stage in
        try await stage.withDaemon { daemon in
          try await stage.control("add", "--open", "--paused", "--name", "feed", "--delay", "0")
          try await stage.control("offer", "feed", stage.url("/", host: 0))
          try await daemon.kill()
        }
        try await stage.withDaemon { _ in
          // Not loaded: it is paused since the daemon's start.
          let again = try await stage.control(
            "offer", "feed", stage.url("/", host: 0), stage.url("/", host: 1), "--json")
          #expect(again.contains(#""known":1"#) && again.contains(#""new":1"#), "\(again)")
          try await stage.control("resume", "feed")
          try await stage.web.waitForRequests(5, on: "h1.test")
          #expect(try await stage.control("ls").contains("running"))
          try await stage.web.waitForRequests(5, on: "h0.test")
          try await stage.control("offer", "feed", stage.url("/p/1"), "--seal")
          try await stage.control("wait", "feed", "--for", "done")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 8)
        #expect(await stage.web.log.statistics().duplicates == 0)
        try await stage.expectSound()
      }
    }

    @Test func whatIsNoURLIsSaidAndTheOthersAreTaken() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.control("add", "--open", "--paused", "--name", "feed")
          let mixed = try await stage.crawlctl(["offer", "feed", "no url", stage.url("/"), "ftp://h0.test/"])
          #expect(mixed.code == 8, "\(mixed)")
          #expect(mixed.errors.split(separator: "\n").count == 2 && mixed.errors.contains("ftp://h0.test/"), "\(mixed)")
          #expect(try await stage.crawlctl(["offer", "feed", "no url"]).code == 2)
          #expect(try await stage.crawlctl(["offer", "nothing", stage.url("/")]).code == 4)
          #expect(try await stage.crawlctl(["offer", "feed"]).code == 2)
          let why = try await stage.control("show", "feed")
          #expect(why.contains("more seeds may come"), "\(why)")
        }
        #expect(try stage.column("SELECT url FROM urls") == [stage.url("/")])
      }
    }

    @Test func moreSeedsThanARequestHoldsAreOneTask() throws {
      try Stage.play { stage in
        let count = 25_000
        let file = "\(stage.directory)/seeds"
        let long = String(repeating: "x", count: 60)
        try TextFile.write((0..<count).map { "http://h0.test/\(long)/\($0)\n" }.joined(), to: file)
        try await stage.withDaemon { _ in
          try await stage.control("add", "--paused", "--name", "many", "--file", file)
          #expect(try stage.number("SELECT known FROM task_counters") == count)
          #expect(try stage.column("SELECT state || open FROM tasks") == ["paused0"])
          // Again: nothing is doubled.
          let again = try await stage.control("offer", "many", "--file", file, "--json")
          #expect(again.contains(#""known":\#(count),"#) && again.contains(#""new":0"#), "\(again)")
        }
        #expect(try stage.number("SELECT count(*) FROM urls") == count)
        try await stage.expectSound()
      }
    }

    @Test func aTaskOfManySeedsRunsWhenAllAreThere() throws {
      try Stage.play(Site(hosts: 1, pages: 3)) { stage in
        let file = "\(stage.directory)/seeds"
        let others = (0..<12_000).map { "http://h0.test:\(stage.site.port)/private/\($0)\n" }.joined()
        try TextFile.write(others + stage.url("/") + "\n", to: file)
        try await stage.withDaemon { _ in
          let ended = try await stage.crawlctl(["run", "--delay", "0", "--name", "many", "--file", file])
          #expect(ended.code == 0, "\(ended)")
        }
        #expect(try stage.number("SELECT count(*) FROM pages") == 3)
        #expect(
          try stage.column("SELECT action FROM task_events ORDER BY id") == ["add", "seal", "resume", "finished"])
      }
    }
  }
}
