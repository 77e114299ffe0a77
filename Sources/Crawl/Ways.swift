internal import Parse
package import Store

/// Excluded URLs of which it is asked by which links they are named best, and what is known of that.
///
/// Cost: 16 KiB for each 4,096 ids that have any of these URLs, so 4 bytes for each row of `urls` at most; a look-up in a
/// dictionary for a link that is read.
package struct Ways {
  /// How a URL is named best: by links that are followed, at the least depth.
  package struct Naming: Equatable {
    package var depth: Int
    /// Of a link 0.
    package var redirects: Int

    package init(depth: Int, redirects: Int = 0) {
      self.depth = depth
      self.redirects = redirects
    }
  }

  private static let pageSize: Int64 = 4_096
  /// Cells by id: 0 when nothing is asked, `unnamed` when nothing is found, otherwise a packed naming; the better is less.
  private var pages: [Int64: [UInt32]] = [:]
  private var lastPage: Int64 = 0
  private static let unnamed = UInt32.max

  private let maxRedirects: Int
  private let obeysPages: Bool

  /// - Parameter obeysPages: what a page or its header section says of nofollow holds.
  package init(maxRedirects: Int, obeysPages: Bool) {
    self.maxRedirects = maxRedirects
    self.obeysPages = obeysPages
  }

  package var isEmpty: Bool { pages.isEmpty }

  /// From now on that is asked of the URL.
  package mutating func ask(of id: Int64) {
    let page = id / Self.pageSize
    lastPage = max(lastPage, page)
    if pages[page] == nil { pages[page] = Array(repeating: 0, count: Int(Self.pageSize)) }
    pages[page]?[Self.place(of: id)] = Self.unnamed
  }

  package func naming(of id: Int64) -> Naming? {
    guard let cell = pages[id / Self.pageSize]?[Self.place(of: id)], cell != 0, cell != Self.unnamed else { return nil }
    return Naming(depth: Int((cell - 1) >> 5), redirects: Int((cell - 1) & 31))
  }

  /// Of the URLs that were asked of those with larger ids, smallest first, at most so many.
  package func asked(after position: Int64, limit: Int) -> [Int64] {
    var ids: [Int64] = []
    var next = position + 1
    while next / Self.pageSize <= lastPage {
      let end = (next / Self.pageSize + 1) * Self.pageSize
      if let cells = pages[next / Self.pageSize] {
        for id in next..<end where cells[Self.place(of: id)] != 0 {
          ids.append(id)
          if ids.count == limit { return ids }
        }
      }
      next = end
    }
    return ids
  }

  package mutating func read(_ ways: StoredWays) {
    let isNofollow = obeysPages && Self.saysNofollow(ways.robots)
    for (target, step) in ways.links {
      let page = target / Self.pageSize
      guard let known = pages[page]?[Self.place(of: target)], known != 0 else { continue }
      let naming: Naming
      switch step {
      case .redirect:
        if ways.redirects >= maxRedirects { continue }
        naming = Naming(depth: ways.depth, redirects: ways.redirects + 1)
      // Earlier programs noted nothing of the header section of what is no page: sitemaps and feeds hardly say nofollow there.
      case .link:
        if isNofollow || obeysPages && !ways.isPage { continue }
        naming = Naming(depth: ways.depth + 1)
      case .feed:
        if isNofollow { continue }
        naming = Naming(depth: ways.depth + 1)
      case .sitemap:
        if isNofollow { continue }
        naming = Naming(depth: 1)
      }
      let cell = UInt32(min(naming.depth, 1 << 26 - 1)) << 5 + UInt32(min(naming.redirects, 31)) + 1
      if cell < known { pages[page]?[Self.place(of: target)] = cell }
    }
  }

  private static func place(of id: Int64) -> Int { Int(id % pageSize) }

  private static func saysNofollow(_ text: String?) -> Bool {
    guard let text else { return false }
    var robots = MetaRobots()
    robots.add(text)
    return robots.nofollow
  }
}
