import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// How far back a recrawl reads the crawls before it.
  @Suite struct Series {
    private static let name = "h0.test"

    private func plant(_ links: [String], on stage: Stage) async {
      await stage.web.plant(.links(links), at: "/start", on: Self.name)
    }

    /// The first crawl, of a page that names these others.
    private func crawl(_ targets: [String], on stage: Stage) async throws {
      await plant(targets, on: stage)
      for target in targets { await stage.web.plant(.links([]), at: target, on: Self.name) }
      try await stage.crawl("first", seeds: [stage.url("/start")])
    }

    /// Two crawls; the second one finds gone what the page names no more.
    private func crawlTwice(on stage: Stage) async throws {
      try await crawl(["/a", "/b"], on: stage)
      await plant(["/a"], on: stage)
      await stage.web.plant(.notFound, at: "/b", on: Self.name)
      try await stage.recrawl("first", ["--name", "second"])
    }

    private func covering(_ stage: Stage) throws -> [String] {
      try stage.column("SELECT name FROM tasks WHERE covers_earlier IS NOT NULL ORDER BY id")
    }

    /// The second crawl finds gone what the first has, so that the third need not know of it. Which crawls are read shows when
    /// the second one has forgotten that.
    @Test func whatCoversAllBeforeItIsReadAlone() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await crawlTwice(on: stage)
          #expect(try stage.changes(of: "second")[stage.url("/b")] == "gone")
          try await stage.recrawl("second", ["--name", "third"])
          #expect(try covering(stage) == ["second", "third"])
        }
        try await stage.expectSound()
        try stage.write("UPDATE urls SET state = 'failed', reason = 'reset' WHERE task_id = 2 AND url LIKE '%/b'")
        let rest = [stage.url("/start"): "unchanged", stage.url("/a"): "unchanged"]
        try await stage.withDaemon { _ in
          try await stage.recrawl("third", ["--name", "fourth"])
          #expect(try stage.changes(of: "fourth") == rest)
        }
        try stage.write("UPDATE tasks SET covers_earlier = NULL")
        try await stage.withDaemon { _ in
          try await stage.recrawl("fourth", ["--name", "fifth"])
          var all = rest
          all[stage.url("/b")] = "gone"
          #expect(try stage.changes(of: "fifth") == all)
        }
      }
    }

    /// Be it by a rule, or because it failed: what a crawl did not get is compared with what the one before it has.
    @Test func whatLacksAPageCoversNothing() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await crawl(["/a", "/b"], on: stage)
          try await stage.recrawl("first", ["--name", "second", "--exclude", "**/b"])
          await stage.web.plant([.reset], at: "/b", on: Self.name)
          try await stage.recrawl("second", ["--name", "third", "--exclude", "**/nothing"])
          #expect(try covering(stage) == [])
          await stage.web.plant(.links([]), at: "/b", on: Self.name)
          try await stage.recrawl("third", ["--name", "fourth"])
          #expect(try stage.changes(of: "fourth")[stage.url("/b")] == "unchanged")
          #expect(try covering(stage) == ["fourth"])
        }
        try await stage.expectSound()
      }
    }

    /// The second crawl said that the page is gone; without it the first one's is the newest again, and asked for.
    @Test func aRemovalFromAmongTheCoveredHasThemReadAgain() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          try await crawlTwice(on: stage)
          try await stage.recrawl("second", ["--name", "third"])
          try await stage.control("rm", "second")
          try await stage.waitForRemovals()
          try await stage.recrawl("third", ["--name", "fourth"])
          #expect(try stage.changes(of: "fourth")[stage.url("/b")] == "gone")
          #expect(try covering(stage).last == "fourth")
        }
        try await stage.expectSound()
      }
    }

    /// The second crawl knows of no page that nothing names any more and that the first one did not get then.
    @Test func aRetryOfACoveredCrawlHasItReadAgain() throws {
      try Stage.play { stage in
        try await stage.withDaemon { _ in
          await plant(["/a", "/b"], on: stage)
          await stage.web.plant(.links([]), at: "/a", on: Self.name)
          await stage.web.plant([.reset], at: "/b", on: Self.name)
          try await stage.crawl("first", seeds: [stage.url("/start")])
          await plant(["/a"], on: stage)
          try await stage.recrawl("first", ["--name", "second"])
          #expect(try covering(stage) == ["second"])
          await stage.web.plant(.links([]), at: "/b", on: Self.name)
          try await stage.control("retry", "first")
          try await stage.control("wait", "first", "--for", "done")
          try await stage.recrawl("second", ["--name", "third"])
          #expect(try stage.changes(of: "third")[stage.url("/b")] == "unchanged")
        }
        try await stage.expectSound()
      }
    }
  }
}
