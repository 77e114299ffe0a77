internal import Fetch
internal import Frontier
internal import Parse
internal import Store
internal import WebURL

// Sitemaps and feeds: which are offered, and what becomes of what they name.
//
// A task that follows links of kind `sitemap` is offered what the Sitemap lines of its hosts' robots.txt files and
// `link[rel=sitemap]` name: sitemaps of level 1. They are URLs like any other (scope, patterns, robots.txt, quotas and
// politeness hold for them), but come before pages, and their bodies are read as sitemaps whatever their type. What an
// index names is a sitemap of the next level, what another names is a page; all have depth 1, wherever the sitemap was
// found. Other XML that a task fetches is read too, where it follows its kind: `sitemap` for the two formats of the
// Sitemaps protocol, `feed` for RSS and Atom, whose entries are links like a page's.
//
// Nothing here is state of its own: a sitemap's level is in its row's priority, and what is offered twice is known. The
// protocol's rule that a sitemap speaks for its own host and directory is not applied: the task's scope decides.

extension Crawler {
  /// What the robots.txt of the entry's host names and the task was not offered since the daemon's start, as written;
  /// from then on it counts as offered.
  ///
  /// - Parameter isFresh: robots.txt was fetched just now, so it may name others than before.
  func newSitemapLines(of entry: FrontierEntry, _ task: CrawlTask, isFresh: Bool = false) -> [String] {
    guard task.settings.follow.contains(.sitemap), task.settings.obeysRobots, task.isLoaded else { return [] }
    if !isFresh && task.sitemapHosts.contains(entry.hostID) { return [] }
    guard let lines = frontier.sitemapLines(hostID: entry.hostID, reader: task.requestOptions.robotsReader) else {
      return []
    }
    task.sitemapHosts.insert(entry.hostID)
    return lines
  }
}

extension VisitRecord {
  /// Sitemap lines of one robots.txt that are taken, the first ones.
  static let maximumSitemapLines = 10_000

  /// Offers what Sitemap lines name. No URL led to them, since robots.txt is none; their depth tells them from seeds.
  mutating func addSitemaps(
    _ lines: [String], of entry: FrontierEntry, to frontier: Frontier, task: CrawlTask, now: Int64, wallNow: Int64,
    sequence: Int64
  ) {
    for line in lines.prefix(Self.maximumSitemapLines) {
      guard let url = WebURL(line, base: entry.url)?.withoutFragment().withoutCredentials() else {
        let result = frontier.offerInvalid(line, depth: 1, task: task.id)
        add(result, url: line, via: nil, task: task, at: wallNow)
        continue
      }
      let offer = Offer(
        url: url, source: .link(followed: true, nofollow: false), depth: 1, viaURLID: nil,
        sitemapLevel: FrontierEntry.sitemapLevels.lowerBound)
      let result = frontier.offer(offer, task: task.id, now: now, sequence: sequence)
      add(result, url: url.href, via: nil, task: task, at: wallNow)
    }
  }
}

extension VisitBuilder {
  /// Adds what a sitemap or a feed names as links, behind those of the header section, and offers it. `targets`: their ids,
  /// if that was done before.
  func addSitemap(_ sitemap: Sitemap?, _ targets: [Int64]?) {
    guard let response, let sitemap, let form = sitemap.kind else { return }
    let kind = isFeed(form) ? LinkKind.feed : .sitemap
    let targets = targets ?? offer(sitemap.entries[...], of: form, in: response)
    let first = record.links.count
    record.links.reserveCapacity(first + targets.count)
    for (index, target) in targets.enumerated() {
      record.links.append(LinkRecord(targetURLID: target, kind: kind.name, position: first + index))
    }
    record.pageURLID = entry.id
    noteNofollow(of: headerFacts(of: response))
    mergeLinks()
  }

  /// What is named as a sitemap may be a feed.
  private func isFeed(_ form: Sitemap.Kind) -> Bool { form.isFeed && entry.sitemapLevel == nil }

  /// Offers some of what a sitemap or a feed of this form names.
  /// - Returns: their ids, in the same order.
  func offer(_ entries: ArraySlice<Sitemap.Entry>, of form: Sitemap.Kind, in response: FetchResponse) -> [Int64] {
    let isFeed = isFeed(form)
    let kind = isFeed ? LinkKind.feed : .sitemap
    let level = form == .sitemapindex ? (entry.sitemapLevel ?? FrontierEntry.sitemapLevels.lowerBound) + 1 : nil
    let isTooDeep = level.map { !FrontierEntry.sitemapLevels.contains($0) } ?? false
    let nofollow = task.settings.nofollow != .ignore && headerFacts(of: response).robots.nofollow
    let source = Offer.Source.link(followed: task.settings.follow.contains(kind) && !isTooDeep, nofollow: nofollow)
    return entries.map {
      offer($0.url, source, depth: isFeed ? entry.depth + 1 : 1, sitemapLevel: isTooDeep ? nil : level)
    }
  }
}

extension Sitemap.Kind {
  var isFeed: Bool {
    switch self {
    case .rss, .atom: true
    case .urlset, .sitemapindex, .text: false
    }
  }
}
