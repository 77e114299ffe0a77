import Crawl
import Store
import Testing

@Suite struct WaysTests {
  private static func ways(askingFor ids: Int64...) -> Ways {
    var ways = Ways(maxRedirects: 10, obeysPages: true)
    for id in ids { ways.ask(of: id) }
    return ways
  }

  private static func page(
    depth: Int, _ targets: Int64..., step: StoredWays.Step = .link, redirects: Int = 0, isPage: Bool = true,
    robots: String? = nil
  ) -> StoredWays {
    var page = StoredWays(source: 1, depth: depth, redirects: redirects, isPage: isPage, robots: robots)
    page.links = targets.map { ($0, step) }
    return page
  }

  @Test func theNamingOfTheLeastDepthIsTheBest() {
    var ways = Self.ways(askingFor: 109, 4_096)
    #expect(ways.naming(of: 109) == nil)
    ways.read(Self.page(depth: 4, 109, 108, 999_999))
    ways.read(Self.page(depth: 2, 109))
    ways.read(Self.page(depth: 1, 109, robots: "noindex, nofollow"))
    ways.read(Self.page(depth: 3, 109))
    #expect(ways.naming(of: 109) == Ways.Naming(depth: 3))
    #expect(ways.naming(of: 108) == nil && ways.naming(of: 4_096) == nil && ways.naming(of: 999_999) == nil)
  }

  @Test func redirectsSitemapsAndFeedsHaveDepthsOfTheirOwn() {
    var ways = Self.ways(askingFor: 1, 2, 3, 4, 5)
    ways.read(Self.page(depth: 3, 1, step: .redirect, redirects: 9, isPage: false))
    ways.read(Self.page(depth: 3, 2, step: .redirect, redirects: 10, isPage: false))
    ways.read(Self.page(depth: 7, 3, step: .sitemap, isPage: false))
    ways.read(Self.page(depth: 7, 4, step: .feed, isPage: false))
    ways.read(Self.page(depth: 7, 5, isPage: false))
    #expect(ways.naming(of: 1) == Ways.Naming(depth: 3, redirects: 10))
    #expect(ways.naming(of: 2) == nil, "the chain is too long")
    #expect(ways.naming(of: 3) == Ways.Naming(depth: 1))
    #expect(ways.naming(of: 4) == Ways.Naming(depth: 8))
    #expect(ways.naming(of: 5) == nil, "its header section may say nofollow")
    ways.read(Self.page(depth: 3, 1))
    #expect(ways.naming(of: 1) == Ways.Naming(depth: 3, redirects: 10), "a link is one deeper")
  }

  @Test func whatIsAskedOfIsGivenInParts() {
    #expect(Self.ways().isEmpty && Self.ways().asked(after: 0, limit: 3).isEmpty)
    let ways = Self.ways(askingFor: 20_000, 4_095, 4_096, 7)
    #expect(!ways.isEmpty)
    #expect(ways.asked(after: 0, limit: 3) == [7, 4_095, 4_096])
    #expect(ways.asked(after: 4_096, limit: 3) == [20_000])
    #expect(ways.asked(after: 20_000, limit: 3).isEmpty)
  }
}
