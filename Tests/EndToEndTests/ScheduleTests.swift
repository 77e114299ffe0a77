import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// Tasks that are crawled again by themselves (`--every`).
  @Suite struct Schedules {
    private static let tasks = "SELECT name, state, next_run_at IS NOT NULL FROM tasks ORDER BY id"

    /// One after the other, each with the schedule of the one before.
    @Test func aTaskIsCrawledAgainAndAgain() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("site", ["--every", "1s"], seeds: [stage.url("/")])
          while try stage.number("SELECT count(*) FROM tasks WHERE finished_at IS NOT NULL") < 3 {
            try await stage.control("status")
          }
          // The latest one, whatever its state.
          var latest = "site-3"
          while try await stage.crawlctl(["set", latest, "every=none"]).code != 0 {
            latest = try stage.column("SELECT name FROM tasks ORDER BY id DESC LIMIT 1")[0]
          }
          _ = try await stage.crawlctl(["wait", latest, "--for", "done"])
          let listed = try await stage.control("ls")
          #expect(!listed.contains("again in"), "\(listed)")
        }
        let ended = try stage.rows(Self.tasks).prefix(3)
        #expect(
          Array(ended) == [["site", "finished", "0"], ["site-2", "finished", "0"], ["site-3", "finished", "0"]])
        let chain = "SELECT recrawl_of FROM tasks WHERE id > 1 ORDER BY id LIMIT 2"
        #expect(try stage.column(chain) == ["1", "2"])
        // From start to start.
        let gaps = "SELECT max(b.started_at - a.started_at) > 900000 FROM tasks a JOIN tasks b ON b.recrawl_of = a.id"
        #expect(try stage.number(gaps) == 1)
        try await stage.expectSound()
      }
    }

    /// None waits for its next try because another one was just being added when it came due.
    @Test func manySeriesAreAllCrawledAgainInTime() throws {
      try Stage.play(Site(hosts: 6, pages: 1)) { stage in
        try await stage.withDaemon { _ in
          for number in 0..<24 {
            let options = ["--every", "1s", "--depth", "0"]
            try await stage.add("series\(number)", options, seeds: [stage.url("/", host: number % 6)])
          }
          let series = "SELECT count(*) FROM (SELECT 1 FROM tasks GROUP BY coalesce(series, name) HAVING count(*) > 2)"
          while try stage.number(series) < 24 { try await stage.control("status") }
        }
        let late = """
          SELECT b.name, b.created_at - max(a.started_at + 1000000, a.finished_at) FROM tasks a
          JOIN tasks b ON b.recrawl_of = a.id WHERE b.created_at - max(a.started_at + 1000000, a.finished_at) > 9000000
          """
        #expect(try stage.rows(late) == [])
      }
    }

    /// What an earlier crawl says of the series would change nothing, and so it is refused with the one that has its schedule.
    @Test func onlyTheCrawlThatHasTheScheduleChangesIt() throws {
      try Stage.play(Site(hosts: 1, pages: 2)) { stage in
        try await stage.withDaemon { _ in
          try await stage.crawl("site", ["--every", "10d"], seeds: [stage.url("/")])
          try await stage.control("add", "--recrawl", "site", "--every", "10d", "--paused")
          for value in ["every=none", "every=1d", "keep_last=3"] {
            let refused = try await stage.crawlctl(["set", "site", value])
            #expect(refused.code == 5 && refused.errors.contains("task 2 site-2 goes on with"), "\(refused)")
          }
          try await stage.control("resume", "site-2")
          try await stage.control("wait", "site-2", "--for", "done")
          #expect(try await stage.crawlctl(["set", "site", "every=1d"]).code == 5)
          #expect(try await stage.control("set", "site-2", "keep_last=3", "every=none").contains("none"))
          try await stage.control("set", "site", "keep_last=2")
          #expect(try stage.column("SELECT name FROM tasks WHERE next_run_at IS NOT NULL") == [])
        }
      }
    }

    /// Those before the last that have finished go, with all that they found, also when that is set at last.
    @Test func asManyCrawlsStayAsAreToBeKept() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        let names = "SELECT name FROM tasks WHERE state <> 'removing' ORDER BY id"
        try await stage.withDaemon { _ in
          try await stage.add("site", ["--keep-last", "2"], seeds: [stage.url("/")])
          try await stage.control("wait", "site", "--for", "done")
          for crawl in ["site", "site-2"] { try await stage.control("run", "--recrawl", crawl) }
          try await stage.waitForRemovals()
          while try await stage.control("ls", "--json").contains(#""name":"site","#) {}
          #expect(try stage.column(names) == ["site-2", "site-3"])
          #expect(TextFile.read(stage.log)?.contains("task 1 site: finished → removing (keep_last)") == true)
          // One that does not finish takes no other's place.
          try await stage.control("add", "--recrawl", "site-3", "--paused")
          try await stage.control("cancel", "site-4")
          try await stage.control("wait", "site-4", "--for", "done", exit: 12)
          #expect(try stage.column(names) == ["site-2", "site-3", "site-4"])
          try await stage.control("set", "site-3", "keep_last=1")
          while try await stage.control("ls", "--json").contains(#""name":"site-2","#) {}
          #expect(try stage.column(names) == ["site-3", "site-4"])
          // Whatever is gone: their numbers go on.
          try await stage.control("run", "--recrawl", "site-3")
          try await stage.control("run", "--recrawl", "site-5")
          while try await stage.control("ls", "--json").contains(#""name":"site-5","#) {}
          try await stage.waitForRemovals()
        }
        #expect(try stage.column(names) == ["site-6"])
        #expect(try stage.number("SELECT count(DISTINCT task_id) FROM urls") == 1)
        try await stage.expectSound()
      }
    }

    /// The crawl is gone from which two of its recrawls branch.
    @Test func whatBranchesBelongsToItsSeriesForEver() throws {
      try Stage.play(Site(hosts: 1, pages: 2)) { stage in
        let names = "SELECT name FROM tasks WHERE state <> 'removing' ORDER BY id"
        try await stage.withDaemon { _ in
          try await stage.crawl("site", ["--keep-last", "2"], seeds: [stage.url("/")])
          for _ in 0..<2 { try await stage.control("run", "--recrawl", "site") }
          while try await stage.control("ls", "--json").contains(#""name":"site","#) {}
          #expect(try stage.rows("SELECT recrawl_of FROM tasks WHERE state <> 'removing'") == [[nil], [nil]])
          try await stage.control("set", "site-3", "every=10d")
          #expect(try await stage.crawlctl(["set", "site-2", "every=10d"]).code == 5)
          try await stage.control("set", "site-3", "every=none")
          try await stage.control("run", "--recrawl", "site-2")
          while try await stage.control("ls", "--json").contains(#""name":"site-2","#) {}
          #expect(try stage.column(names) == ["site-3", "site-4"])
        }
        // A later daemon knows it, too.
        try await stage.withDaemon { _ in
          try await stage.control("run", "--recrawl", "site-4")
          while try await stage.control("ls", "--json").contains(#""name":"site-3","#) {}
          try await stage.waitForRemovals()
        }
        #expect(try stage.column(names) == ["site-4", "site-5"])
        try await stage.expectSound()
      }
    }

    @Test func aQuotaEndsNoCrawlAndSoNoneFollowsIt() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("few", ["--max-pages", "1", "--every", "1s"], seeds: [stage.url("/")])
          try await stage.control("wait", "few", "--for", "paused")
          let why = try await stage.control("why", "few")
          #expect(why.contains("it is crawled again (every 1 s) only when it has ended"), "\(why)")
          #expect(try await stage.control("ls").contains("paused(quota_pages, every waits)"))
          try await stage.control("set", "few", "every=none")
          #expect(try await !stage.control("why", "few").contains("crawled again"))
        }
      }
    }

    /// As long as fewer have finished than are to stay, all do; and one that has the schedule, until another has it.
    @Test func noneGoesBeforeThereAreMoreThanAreToBeKept() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        let names = "SELECT name FROM tasks WHERE state <> 'removing' ORDER BY id"
        try await stage.withDaemon { _ in
          try await stage.add("site", ["--keep-last", "2", "--paused"], seeds: [stage.url("/")])
          try await stage.control("cancel", "site")
          try await stage.control("wait", "site", "--for", "done", exit: 12)
          try await stage.recrawl("site")
          #expect(try stage.column(names) == ["site", "site-2"])
          try await stage.control("set", "site-2", "every=10d", "keep_last=1")
          try await stage.recrawl("site-2", ["--name", "once", "--every", "none"])
          try await stage.waitForRemovals()
          #expect(try stage.column(names) == ["site-2", "once"], "the schedule is that of site-2")
        }
        // What a daemon left undone the next does.
        #expect(try stage.rows(Self.tasks) == [["site-2", "finished", "1"], ["once", "finished", "0"]])
        try stage.write("UPDATE tasks SET next_run_at = NULL")
        try await stage.withDaemon { _ in
          while try await stage.control("ls", "--json").contains(#""name":"site-2","#) {}
          #expect(try stage.column(names) == ["once"])
        }
        try await stage.expectSound()
      }
    }

    /// What one that was cancelled had not taken over yet is found further back.
    @Test func aRecrawlOfOneThatLacksSeedsHasAllOfThem() throws {
      try Stage.play(Site(hosts: 1, pages: 40)) { stage in
        let seeds = (0..<40).map { stage.url(stage.site.target(ofPage: $0)) }
        try await stage.withDaemon { _ in
          try await stage.crawl("docs", seeds: seeds)
          try await stage.control("add", "--recrawl", "docs", "--paused")
          try await stage.control("cancel", "docs-2")
          try await stage.control("wait", "docs-2", "--for", "done", exit: 12)
        }
        try stage.write(
          """
          UPDATE tasks SET lacks_seeds = 1 WHERE id = 2;
          DELETE FROM urls WHERE task_id = 2 AND id > (SELECT min(id) FROM urls WHERE task_id = 2) + 9;
          UPDATE task_counters SET known = 10, seeds = 10, ready = 10 WHERE task_id = 2
          """)
        try await stage.withDaemon { _ in
          try await stage.control("run", "--recrawl", "docs-2", "--depth", "0")
        }
        #expect(try stage.number("SELECT final_answers FROM task_counters WHERE task_id = 3") == 40)
        try await stage.expectSound()
      }
    }

    /// The number in a name goes on; one that a user has given it does not.
    @Test func aNameMayEndWithAnyNumber() throws {
      try Stage.play(Site(hosts: 1, pages: 2)) { stage in
        let names = "SELECT name FROM tasks ORDER BY id"
        try await stage.withDaemon { _ in
          let long = String(repeating: "x", count: 64 - 7) + "-999999"
          for name in ["t-9223372036854775806", "t-9223372036854775807", long] {
            try await stage.add(name, ["--keep-last", "9", "--paused"], seeds: [stage.url("/")])
            try await stage.control("cancel", name)
            try await stage.control("wait", name, "--for", "done", exit: 12)
            try await stage.control("add", "--recrawl", name, "--paused")
          }
          let added = try stage.column(names)
          #expect(added.count == 6 && added.allSatisfy { $0.utf8.count <= 64 }, "\(added)")
          #expect(added[1] == "t-9223372036854775806-2" && added[5].hasSuffix("x-2"), "\(added)")
          // Also when those before it are gone.
          let options = ["--name", "news-2026", "--keep-last", "1", "--depth", "0"]
          try await stage.control(["run"] + options + [stage.url("/")])
          for crawl in ["news-2026", "news-2026-2"] { try await stage.control("run", "--recrawl", crawl) }
          #expect(try stage.column(names).last == "news-2026-3")
        }
        try await stage.expectSound()
      }
    }

    /// Of the crawls of the same URLs one has the schedule, whatever else is done to the others.
    @Test func oneOfThemHasTheSchedule() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        await stage.web.plant([.close], at: "/p/1", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("site", ["--every", "10d"], seeds: [stage.url("/")])
          try await stage.control("wait", "site", "--for", "done")
          try await stage.recrawl("site")
          #expect(try stage.rows(Self.tasks).map(\.last) == ["0", "1"])
          // The first runs on, and ends again.
          try await stage.control("retry", "site")
          try await stage.control("wait", "site", "--for", "done")
          #expect(try stage.rows(Self.tasks).map(\.last) == ["0", "1"])
          // What it was added with went to the second.
          try await stage.recrawl("site")
          #expect(try stage.rows(Self.tasks).map(\.last) == ["0", "1", "0"])
          try await stage.recrawl("site", ["--every", "20d"])
          #expect(try stage.rows(Self.tasks).map(\.last) == ["0", "0", "0", "1"])
        }
        // As an earlier version left it.
        let every = "UPDATE tasks SET settings = json_set(settings, '$.every', json('[\"10d\"]')) WHERE name = 'site'"
        try stage.write(every)
        try await stage.withDaemon { _ in
          try await stage.control("retry", "site")
          try await stage.control("wait", "site", "--for", "done")
          #expect(try stage.rows(Self.tasks).map(\.last) == ["0", "0", "0", "1"])
        }
        try await stage.expectSound()
      }
    }

    /// Whatever is done to the crawls before the one that had it.
    @Test func aScheduleThatWasEndedDoesNotComeBack() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        await stage.web.plant([.close], at: "/p/1", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("site", ["--every", "10d"], seeds: [stage.url("/")])
          try await stage.control("wait", "site", "--for", "done")
          try await stage.recrawl("site")
          try await stage.control("set", "site-2", "every=none")
          try await stage.control("set", "site", "keep_last=9")
          #expect(try stage.rows(Self.tasks).map(\.last) == ["0", "0"])
          try await stage.control("retry", "site")
          try await stage.control("wait", "site", "--for", "done")
          #expect(try stage.rows(Self.tasks).map(\.last) == ["0", "0"])
          // Whoever wants it back says so, of one of them.
          try await stage.control("set", "site", "every=20d")
          let refused = try await stage.crawlctl(["set", "site-2", "every=20d"])
          #expect(refused.code == 5 && refused.errors.contains("task 1 site goes on with"), "\(refused)")
          try await stage.control("set", "site", "keep_last=8")
          #expect(try stage.rows(Self.tasks).map(\.last) == ["1", "0"])
          let history = "SELECT value FROM v_settings WHERE task = 'site' AND setting = 'every' ORDER BY event_id"
          #expect(try stage.column(history) == ["10d", "none", "20d"])
        }
        try await stage.expectSound()
      }
    }

    /// The crawl that it was given to goes; what the client calls these crawls stays.
    @Test func aClientKeyOutlivesTheCrawlsThatAreNotKept() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        let add = ["add", "--client-key", "k", "--every", "10d", "--keep-last", "1", stage.url("/")]
        try await stage.withDaemon { _ in
          try await stage.control(add + ["--name", "site"])
          try await stage.control("wait", "site", "--for", "done")
          try await stage.recrawl("site")
          while try await stage.control("ls", "--json").contains(#""name":"site","#) {}
        }
        #expect(try stage.rows("SELECT name, client_key FROM tasks") == [["site-2", "k"]])
        try await stage.withDaemon { _ in
          let again = try await stage.crawlctl(add + ["--name", "site"])
          #expect(again.code == 0 && again.errors.contains("client key is known"), "\(again)")
          #expect(again.output.contains("site-2"), "\(again)")
          // With the last of them it goes.
          try await stage.control("rm", "site-2")
          while try await stage.control("ls", "--json").contains("\"site-2\"") {}
          try await stage.control(add + ["--name", "site"])
          #expect(try stage.rows("SELECT name, client_key FROM tasks") == [["site", "k"]])
        }
        try await stage.expectSound()
      }
    }

    /// A clock that was ten years ahead was set right while no daemon ran.
    @Test func whatAWrongClockHasStoredIsNotWaitedFor() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("site", ["--every", "10d"], seeds: [stage.url("/")])
          try await stage.control("wait", "site", "--for", "done")
          try await stage.add("limited", ["--open", "--max-time", "1h"], seeds: [stage.url("/")])
          try await stage.control("pause", "limited")
          try await stage.control("wait", "limited", "--for", "paused")
        }
        try stage.write(
          """
          UPDATE tasks SET next_run_at = next_run_at + 315360000000000;
          UPDATE tasks SET started_at = started_at + 315360000000000 WHERE name = 'limited'
          """)
        for _ in 0..<2 {
          try await stage.withDaemon { daemon in
            let stored = try stage.number("SELECT next_run_at FROM tasks WHERE name = 'site'")
            let shown = try await stage.control("show", "site", "--json")
            #expect(shown.contains("\"next_run_at\":\(stored)"), "\(shown)")
            try await daemon.kill()
          }
        }
        // The first of these starts has said so for good.
        let isInTime = "SELECT next_run_at <= (unixepoch() + 864001) * 1000000 FROM tasks WHERE name = 'site'"
        #expect(try stage.number(isInTime) == 1)
        let hasBegun = "SELECT started_at <= (unixepoch() + 1) * 1000000 FROM tasks WHERE name = 'limited'"
        #expect(try stage.number(hasBegun) == 1)
        try await stage.withDaemon { _ in
          try await stage.control("set", "limited", "max_time=1ms")
          let refused = try await stage.crawlctl(["resume", "limited"])
          #expect(refused.code == 5 && refused.errors.contains("max_time"), "\(refused)")
        }
        try await stage.expectSound()
      }
    }

    @Test func whatKeepsARecrawlFromStartingIsTold() throws {
      try Stage.play { stage in
        try stage.configure("[tasks]\nmax_tasks = 2\n")
        try await stage.withDaemon { _ in
          try await stage.add("site", ["--every", "10d"], seeds: [stage.url("/")])
          try await stage.control("wait", "site", "--for", "done")
          try await stage.control("add", "--recrawl", "site", "--name", "once", "--every", "none", "--paused")
          try await stage.control("set", "site", "every=1s")
          let waits = "waits for the end of task 2 once, which visits its URLs again already"
          while try await !stage.control("why", "site").contains(waits) {}
          #expect(try await stage.control("ls").contains("finished(again is due)"))
          #expect(try await stage.control("show", "site").contains("crawlctl why 1"))
          try await stage.control("cancel", "once")
          try await stage.control("wait", "once", exit: 12)
          // It is tried at once.
          try await stage.control("set", "site", "every=2s")
          let refused = "and is tried again every 10 s: 2 tasks are there, as many as may be"
          while try await !stage.control("why", "site").contains(refused) {}
        }
      }
    }

    @Test func aScheduleOutlivesAKillAndCanBeChangedWhenTheTaskHasEnded() throws {
      try Stage.play(Site(hosts: 1, pages: 4)) { stage in
        try await stage.withDaemon { daemon in
          try await stage.add("site", ["--every", "10d"], seeds: [stage.url("/")])
          try await stage.control("wait", "site", "--for", "done")
          let (listed, shown) = (try await stage.control("ls"), try await stage.control("show", "site"))
          #expect(listed.contains("finished(again in ") && shown.contains("as a recrawl"), "\(listed)\(shown)")
          let why = try await stage.control("why", "site")
          #expect(why.contains("a recrawl starts at 20"), "\(why)")
          let refused = try await stage.crawlctl(["set", "site", "every=1s", "delay=1s"])
          #expect(refused.code == 5, "\(refused)")
          try await daemon.kill()
        }
        #expect(try stage.rows(Self.tasks) == [["site", "finished", "1"]])
        try await stage.withDaemon { daemon in
          // What is crawled again by a user, once, has no schedule, and the other's goes on.
          try await stage.recrawl("site", ["--name", "once", "--every", "none"])
          #expect(try stage.rows(Self.tasks) == [["site", "finished", "1"], ["once", "finished", "0"]])
          try await stage.control("set", "site", "every=1s")
          while try stage.number("SELECT count(*) FROM tasks") < 3 { try await stage.control("status") }
          try await daemon.kill()
        }
        #expect(
          try stage.column("SELECT next_run_at IS NULL FROM tasks WHERE name = 'site'") == ["1"], "it was passed on")
        #expect(try stage.column("SELECT recrawl_of FROM tasks WHERE name = 'site-2'") == ["1"])
        try await stage.expectSound()
      }
    }
  }
}
