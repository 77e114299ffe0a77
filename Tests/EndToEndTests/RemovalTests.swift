import EventLoop
import Glibc
import TestWeb
import Testing

extension EndToEndTests {
  /// `crawlctl rm`.
  @Suite struct Removals {
    private static let tables = ["tasks", "task_counters", "task_events", "runs", "urls", "fetches", "cookies"]

    /// What tables hold of a task.
    private func rows(of task: Int, _ stage: Stage) throws -> Int {
      var rows = 0
      for table in Self.tables {
        rows += try stage.number("SELECT count(*) FROM \(table) WHERE \(table == "tasks" ? "id" : "task_id") = \(task)")
      }
      return rows
    }

    @Test func aTaskGoesWithEverythingAndTheOthersStayAsTheyAre() throws {
      try Stage.play(Site(hosts: 2, pages: 60)) { stage in
        try await stage.withDaemon { _ in
          for (host, name) in ["keep", "drop"].enumerated() {
            try await stage.add(name, seeds: [stage.url("/", host: host)])
            try await stage.control("wait", name, "--for", "done")
          }
          let both = try ["urls", "fetches", "pages", "links"].map { try stage.number("SELECT count(*) FROM \($0)") }
          let removed = try await stage.control("rm", "drop")
          #expect(removed.contains("finished") && removed.contains("removing"), "\(removed)")
          try await stage.waitForRemovals()
          #expect(try rows(of: 2, stage) == 0)
          for (table, before) in zip(["urls", "fetches", "pages", "links"], both) {
            let left = try stage.number("SELECT count(*) FROM \(table)")
            #expect(left > 0 && left < before, "\(table)")
          }
          #expect(try stage.number("SELECT count(*) FROM pages") == 60)
          let orphans = """
            SELECT (SELECT count(*) FROM links WHERE source_url_id NOT IN (SELECT id FROM urls))
              + (SELECT count(*) FROM pages WHERE url_id NOT IN (SELECT id FROM urls))
            """
          #expect(try stage.number(orphans) == 0)
          #expect(try await stage.crawlctl(["show", "drop"]).code == 4)
        }
        try await stage.expectSound()
      }
    }

    @Test func aRemovalGoesOnAfterAKill() throws {
      let pages = 3_000
      try Stage.play(Site(hosts: 1, pages: pages)) { stage in
        try await stage.withDaemon { daemon in
          try await stage.add("drop", seeds: [stage.url("/")])
          try await stage.control("wait", "drop", "--for", "done")
          try await stage.control("rm", "drop")
          try await daemon.kill()
        }
        #expect(try stage.number("SELECT count(*) FROM urls") > 0, "some are left to be removed")
        try await stage.withDaemon { _ in
          try await stage.waitForRemovals()
          #expect(try rows(of: 1, stage) == 0)
          // Its place is free again, and nothing is known any more.
          try await stage.add("drop", seeds: [stage.url("/")])
          try await stage.control("wait", "drop", "--for", "done")
          #expect(try stage.number("SELECT count(*) FROM pages") == pages)
        }
        try await stage.expectSound()
      }
    }

    /// What is added meanwhile would go with it.
    @Test func aClientKeyIsTakenUntilItsTaskIsGone() throws {
      try Stage.play(Site(hosts: 1, pages: 10)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("first", ["--client-key", "k"], seeds: [stage.url("/")])
          try await stage.control("wait", "first", "--for", "done")
        }
        try stage.write("UPDATE tasks SET state = 'removing', desired_state = 'removed', reason = 'user'")
        // No row of it goes before the disk takes that.
        let disk = try Disk(of: stage)
        disk.fail(.sync, with: EIO)
        try await stage.withDaemon(environment: disk.environment) { _ in
          let add = ["add", "--client-key", "k", "--name", "again", "--max-pages", "1", stage.url("/")]
          let refused = try await stage.crawlctl(add)
          #expect(refused.code == 5 && refused.errors.contains("task 1 first has this client key"), "\(refused)")
          disk.heal()
          try await stage.waitForRemovals()
          try await stage.waitUntilAllIsWell()
          try await stage.control(add)
          #expect(try stage.column("SELECT name FROM tasks") == ["again"])
        }
      }
    }

    /// As `keep_last` has it: the server says for ever that nothing was modified, and sends no body again.
    @Test func aBodyStaysWhenTheCrawlThatBroughtItGoes() throws {
      try Stage.play { stage in
        await stage.web.plant(
          .html("<title>Start</title>lasting words"), Validators(etag: "\"s\""), at: "/start", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.crawl("first", ["--store", "all"], seeds: [stage.url("/start")])
          let view = "SELECT content_type, body_bytes FROM v_pages ORDER BY url_id DESC LIMIT 1"
          let before = try stage.rows(view)
          for (name, next) in [("first", "first-2"), ("first-2", "first-3"), ("first-3", "first-4")] {
            try await stage.recrawl(name, ["--name", next])
            try await stage.control("rm", name)
            try await stage.waitForRemovals()
            #expect(try stage.rows(view) == before, "\(next)")
            let body = """
              SELECT f.status, b.size FROM fetches f JOIN bodies b ON b.hash = f.body_hash WHERE f.url_id IS NOT NULL
              """
            #expect(try stage.rows(body) == [["304", before[0][1]]], "\(next)")
            let archived = try await stage.loop.run(
              "/bin/sh",
              ["-c", "'\(Programs.crawlctl)' export \(next) --format warc --socket '\(stage.socket)' | gzip -cd"])
            #expect(archived.output.contains("lasting words") && archived.output.contains("HTTP/1.1 200 OK"))
          }
        }
        try await stage.expectSound()
      }
    }

    /// A crawl in between that stores no bodies takes none over; those behind it were answered with 304 since there was one.
    @Test func aBodyGoesToTheCrawlsThatStoreBodies() throws {
      try Stage.play { stage in
        await stage.web.plant(.html("<title>Start</title>x"), Validators(etag: "\"s\""), at: "/start", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.crawl("first", ["--store", "body"], seeds: [stage.url("/start")])
          try await stage.recrawl("first", ["--name", "second", "--store", "meta"])
          try await stage.recrawl("second", ["--name", "third", "--store", "body"])
          try await stage.recrawl("third", ["--name", "fourth"])
          let sizes = "SELECT body_bytes FROM v_pages WHERE task = 'third'"
          let was = "SELECT was_body_bytes FROM v_changes WHERE task = 'third'"
          let before = try stage.rows(sizes)
          #expect(try stage.rows(was) == before)
          try await stage.control("rm", "first")
          try await stage.waitForRemovals()
          #expect(try stage.rows(sizes) == before)
          #expect(try stage.rows(was) == before, "what is left before it has no body, and knows its size")
          let holders = "SELECT t.name FROM fetches f JOIN tasks t ON t.id = f.task_id WHERE body_hash IS NOT NULL"
          #expect(try stage.rows(holders) == [["third"], ["fourth"]])
          // It is not taken from there by what has none.
          try await stage.control("rm", "second")
          try await stage.waitForRemovals()
          #expect(try stage.rows(holders) == [["third"], ["fourth"]])
          #expect(try stage.rows(sizes) == before)
          try await stage.recrawl("fourth", ["--name", "fifth"])
          try await stage.control("rm", "third")
          try await stage.waitForRemovals()
          #expect(try stage.rows(holders) == [["fourth"], ["fifth"]])
        }
        #expect(await stage.web.log.pages.map(\.status) == [200, 304, 304, 304, 304])
        try await stage.expectSound()
      }
    }

    @Test func aRecrawlStaysWhenWhatItVisitedAgainGoes() throws {
      try Stage.play(Site(hosts: 1, pages: 10)) { stage in
        try await stage.withDaemon { _ in
          try await stage.add("first", seeds: [stage.url("/")])
          try await stage.control("wait", "first", "--for", "done")
          try await stage.control("add", "--name", "second", "--recrawl", "first", "--paused")
          let refused = try await stage.crawlctl(["rm", "first"])
          #expect(refused.code == 5 && refused.errors.contains("second"), "\(refused)")
          try await stage.control("resume", "second")
          try await stage.control("wait", "second", "--for", "done")
          let changes = try stage.rows("SELECT change, count(*) FROM fetches WHERE task_id = 2 GROUP BY 1")
          try await stage.control("rm", "first")
          try await stage.waitForRemovals()
          #expect(try stage.rows("SELECT change, count(*) FROM fetches WHERE task_id = 2 GROUP BY 1") == changes)
          #expect(try stage.number("SELECT count(*) FROM fetches WHERE earlier_fetch_id IS NOT NULL") == 0)
          #expect(try stage.number("SELECT count(*) FROM tasks WHERE recrawl_of IS NOT NULL") == 0)
          // It can be crawled again itself.
          try await stage.control("add", "--name", "third", "--recrawl", "second")
          try await stage.control("wait", "third", "--for", "done")
          // Of a chain of recrawls only the removed one is missing.
          try await stage.control("run", "--name", "fourth", "--recrawl", "third")
          try await stage.control("rm", "third")
          try await stage.waitForRemovals()
          #expect(try stage.number("SELECT recrawl_of FROM tasks WHERE name = 'fourth'") == 2)
          #expect(try await stage.control("show", "fourth").contains("recrawl of    task 2\n"))
        }
        try await stage.expectSound()
      }
    }

    /// The same command again must not remove the recrawl, whose name begins with that of what is gone.
    @Test func whatCannotBeTakenBackWantsTheWholeName() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.crawl("docs", seeds: [stage.url("/")])
          try await stage.control("run", "--recrawl", "docs")
          try await stage.control("rm", "docs")
          try await stage.waitForRemovals()
          for verb in ["rm", "cancel"] {
            let again = try await stage.crawlctl([verb, "docs"])
            #expect(again.code == 4 && again.errors.contains("did you mean docs-2?"), "\(again)")
          }
          #expect(try await stage.control("show", "docs").contains("docs-2"), "what can be taken back finds it")
          try await stage.control("rm", "docs-2")
          try await stage.waitForRemovals()
          #expect(try stage.number("SELECT count(*) FROM tasks") == 0)
        }
      }
    }

    @Test func onlyWhatHasEndedIsRemoved() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await stage.add("paused", ["--paused"], seeds: [stage.url("/")])
          let refused = try await stage.crawlctl(["rm", "paused"])
          #expect(refused.code == 5 && refused.errors.contains("resume, cancel, set"), "\(refused)")
          try await stage.control("cancel", "paused")
          #expect(try await stage.crawlctl(["wait", "paused"]).code == 12)
          try await stage.control("rm", "--all")
          try await stage.waitForRemovals()
          #expect(try stage.number("SELECT count(*) FROM tasks") == 0)
        }
      }
    }
  }
}

extension Stage {
  /// Waits until no task is being removed.
  func waitForRemovals() async throws {
    while try await control("ls", "--json").contains("\"removing\"") {}
  }
}
