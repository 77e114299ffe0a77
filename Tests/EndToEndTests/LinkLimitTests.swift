import EventLoop
import TestWeb
import Testing

extension EndToEndTests {
  /// Pages with more or longer links than are kept: what is left out is told of.
  @Suite struct LinkLimits {
    @Test func aPageWithMoreLinksThanAreKeptSaysSo() throws {
      try Stage.play { stage in
        let links = (0...10_000).map { "<a href=/x\($0)>x</a>" }.joined()
        await stage.web.plant(.html(links), at: "/many", on: "h0.test")
        await stage.web.plant(.html(String(repeating: "<a href=/y>y</a>", count: 10_001)), at: "/same", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.add("site", ["--depth", "0"], seeds: [stage.url("/many"), stage.url("/same")])
          try await stage.control("wait", "site", "--for", "done")
          let many = stage.url("/many")
          #expect(
            try stage.rows(
              """
              SELECT p.url, p.links_truncated, p.link_count, sum(l.count) FROM v_pages p
              JOIN links l ON l.source_url_id = p.url_id GROUP BY p.url ORDER BY p.url
              """) == [[many, "1", "10000", "10000"], [stage.url("/same"), "0", "1", "10001"]])
          #expect(try await stage.control("why", many).contains("more links than are kept"))
          #expect(try await stage.control("url", many).contains("more than are kept"))
          #expect(try await stage.control("url", many, "--json").contains("\"links_truncated\":true"))
          #expect(try await !stage.control("why", stage.url("/same")).contains("than are kept"))
        }
        try await stage.expectSound()
      }
    }

    /// The rows have the beginning and the reason, in a task whose rules would let long URLs in as well; so they have in a
    /// recrawl that is told that the page has not changed.
    @Test func aURLThatIsTooLongToBeKeptIsExplained() throws {
      try Stage.play { stage in
        let long = String(repeating: "q", count: 20_000)
        let page = Response.html("<a href='/long?\(long)'>l</a><img src='data:image/png;base64,\(long)'>")
        await stage.web.plant(page, Validators(etag: "\"1\""), at: "/", on: "h0.test")
        try await stage.withDaemon { _ in
          try await stage.crawl("site", ["--traps", "off"], seeds: [stage.url("/")])
          try await stage.recrawl("site", ["--name", "again"])
          #expect(await stage.web.log.pages.map(\.status) == [200, 304])
          let url = String(stage.url("/long?\(long)").prefix(16_384))
          let data = String("data:image/png;base64,\(long)".prefix(16_384))
          let expected = [[data, "scheme_refused"], [url, "url_too_long"]]
          let sql = "SELECT url, reason FROM v_excluded WHERE task = '#' ORDER BY url"
          for task in ["site", "again"] {
            #expect(try stage.rows(sql.replacing("#", with: task)) == expected, "\(task)")
          }
          for task in [[], ["--task", "site"], ["--task", "again"]] {
            let why = try await stage.control(["why", url] + task)
            #expect(why.contains("excluded (url_too_long)") && why.contains("found through"), "\(why.suffix(500))")
            #expect(try await stage.control(["why", data] + task).contains("excluded (scheme_refused)"))
          }
        }
      }
    }
  }
}
