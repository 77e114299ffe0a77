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
  }
}
