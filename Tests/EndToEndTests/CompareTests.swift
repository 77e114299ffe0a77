import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// `crawlctl diff`.
  @Suite struct Comparisons {
    private static let pages = ["/same", "/other", "/away", "/lost", "/broken", "/refused"]

    private func plant(_ stage: Stage, _ root: [String], _ answers: [String: Response]) async {
      let links = root.map { "<a href=\"\($0)\">\($0)</a>" }.joined()
      await stage.web.plant(.html("<title>root</title>" + links), at: "/", on: "h0.test")
      for target in root {
        let page = Response.html("<title>\(target.dropFirst())</title><p>as ever</p>")
        await stage.web.plant(answers[target] ?? page, at: target, on: "h0.test")
      }
    }

    /// The page of a 304 is the earlier task's, whichever of the two says so.
    @Test func whatWasNotModifiedIsUnchanged() throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        try await stage.withDaemon { _ in
          let (root, page) = ("<title>root</title><a href=/page>page</a>", "<title>page</title>")
          for (target, text) in [("/", root), ("/page", page)] {
            await stage.web.plant(.html(text), Validators(etag: "\"1\""), at: target, on: "h0.test")
          }
          try await stage.add("site", seeds: [stage.url("/")])
          try await stage.control("wait", "site", "--for", "done")
          for task in ["site", "site-2"] { try await stage.recrawl(task) }
          let notModified = "SELECT count(*) FROM urls WHERE task_id > 1 AND reason = 'not_modified'"
          #expect(try stage.number(notModified) == 4)
          for pair in [["site-2"], ["site-3"], ["site", "site-3"], ["site-3", "site"]] {
            let same = try await stage.crawlctl(["diff"] + pair)
            #expect(same.code == 0 && same.output.isEmpty && same.errors.contains("unchanged"), "\(pair): \(same)")
          }
          await stage.web.plant(.html("<title>another</title>"), Validators(etag: "\"2\""), at: "/page", on: "h0.test")
          try await stage.recrawl("site-3")
          let changed = try await stage.control("diff", "site-4", "--json")
          #expect(changed.split(separator: "\n").count == 1 && changed.contains(#""change":"changed""#), "\(changed)")
        }
      }
    }

    @Test func whatALaterTaskFoundOtherwiseIsSaidPageByPage() throws {
      try Stage.play(Site(hosts: 1, pages: 1)) { stage in
        try await stage.withDaemon { _ in
          await plant(stage, Self.pages, [:])
          try await stage.add("site", seeds: [stage.url("/")])
          try await stage.control("wait", "site", "--for", "done")
          await plant(
            stage, Self.pages + ["/fresh"],
            [
              "/other": .html("<title>another</title>"), "/away": Response(status: 301, fields: ["Location: /fresh"]),
              "/lost": Response(status: 410), "/broken": Response(status: 500), "/refused": Response(status: 403),
            ])
          try await stage.recrawl("site")
          let shown = try await stage.control("diff", "site-2", "--json")
          let changes = shown.split(separator: "\n").compactMap { line in
            ["new", "changed", "moved", "gone", "missing"].first { line.contains("\"change\":\"\($0)\"") }.map {
              change in
              let path = line.text(after: "\"url\":\"").dropFirst(stage.url("").count).prefix { $0 != "\"" }
              return "\(change) \(path)"
            }
          }
          #expect(
            changes == [
              "changed /", "changed /other", "gone /lost", "missing /broken", "missing /refused", "moved /away",
              "new /fresh",
            ], "\(shown)")
          #expect(shown.contains(#""was_title":"other""#) && shown.contains(#""title":"another""#), "\(shown)")
          // By the times at which they had begun.
          let before = try stage.column(
            "SELECT strftime('%Y-%m-%dT%H:%M:%fZ', (started_at - 2000) / 1e6, 'unixepoch') FROM tasks WHERE id = 2")
          let then = try await stage.control("diff", "site@\(before[0])", "site@2999-01-01", "--json")
          #expect(then == shown)
          // What a recrawl visits again counts among its crawls.
          #expect(try await stage.control("diff", "site-2@\(before[0])", "site-2", "--json") == shown)
          let early = try await stage.crawlctl(["diff", "site@2001-01-01", "site"])
          #expect(early.code == 4 && early.errors.contains("had begun by 2001-01-01T00:00:00Z"), "\(early)")
          #expect(try await stage.crawlctl(["diff", "site@soon"]).code == 2)
          // The other way round, and with itself.
          let back = try await stage.control("diff", "site-2", "site")
          #expect(back.contains("missing") && back.contains("/fresh") && back.contains("changed"), "\(back)")
          let itself = try await stage.crawlctl(["diff", "site", "site"])
          #expect(itself.code == 0 && itself.output.isEmpty && itself.errors.contains("unchanged"), "\(itself)")
          let lone = try await stage.crawlctl(["diff", "site"])
          #expect(lone.code == 2 && lone.errors.contains("is no recrawl"), "\(lone)")
          #expect(try await stage.crawlctl(["diff", "nothing", "site"]).code == 4)
          #expect(try await stage.crawlctl(["diff", "a", "b", "c"]).code == 2)
        }
      }
    }
  }
}

extension Substring {
  /// What comes after a part of it; nothing when it has no such part.
  func text(after part: String) -> Substring {
    var rest = self
    while !rest.isEmpty, !rest.hasPrefix(part) { rest = rest.dropFirst() }
    return rest.dropFirst(part.count)
  }
}
