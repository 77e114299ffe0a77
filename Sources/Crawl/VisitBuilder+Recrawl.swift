internal import Fetch
internal import Frontier
internal import Parse
internal import Store
internal import WebURL

extension VisitBuilder {
  /// Notes what the fetch says beside what earlier crawls have of the URL.
  func compare(with earlier: EarlierFetch?, textHash: UInt64?) {
    guard let response, task.earlier != nil else { return }
    record.fetches[0].earlierFetchID = earlier?.fetchID
    if response.outcome == .notModified, let earlier {
      // What it leaves out has not changed (RFC 9111 section 4.3.4).
      record.fetches[0].etag = response.etag ?? earlier.etag
      record.fetches[0].lastModified = response.lastModified ?? earlier.lastModified
      record.fetches[0].contentEncoding = response.contentEncoding ?? earlier.contentEncoding
      record.fetches[0].contentHash = earlier.contentHash
      record.fetches[0].error = earlier.error
    }
    // Another spelling of the same URL is its page's.
    if isRespelled { return }
    let change = PageChange(
      outcome: response.outcome, status: response.status, contentHash: record.fetches[0].contentHash,
      textHash: textHash, earlier: earlier)
    guard let change else { return }
    record.fetches[0].change = change
    record.counters.changes[change] += 1
  }

  /// Adds the page that a 304 is about, and offers what it names, as if it had been fetched and read again. `targets`: the
  /// ids of what it names, if that was offered before.
  func addEarlier(_ contents: EarlierContents?, _ targets: [Int64]?) {
    guard let response, response.outcome == .notModified, let contents else { return }
    if var page = contents.page {
      if task.settings.storage.keepsText { page.text = .ofPage(urlID: page.urlID, runID: page.runID) }
      page.urlID = entry.id
      page.runID = task.runID
      page.fetchID = record.fetches[0].id
      page.fetchedAt = response.startedAt
      page.robots = robots(of: contents, in: response).text
      record.page = page
    }
    record.pageURLID = entry.id
    record.links.reserveCapacity(contents.links.count)
    let targets = targets ?? offer(contents.links[...], of: contents, in: response)
    for (link, target) in zip(contents.links, targets) {
      var row = link.record
      row.targetURLID = target
      record.links.append(row)
    }
    if contents.page == nil { noteNofollow(of: headerFacts(of: response)) }
    mergeLinks()
  }

  /// Offers some of what the page that a 304 is about names.
  /// - Returns: their ids, in the same order.
  func offer(
    _ links: ArraySlice<EarlierContents.Link>, of contents: EarlierContents, in response: FetchResponse
  ) -> [Int64] {
    let isFollowed = task.settings.nofollow == .ignore || !robots(of: contents, in: response).nofollow
    let obeysLinks = task.settings.nofollow.obeysLinks(ofPage: contents.page != nil)
    return links.map { link in
      offer(link, isFollowed: isFollowed && !(obeysLinks && Self.hasNofollow(link.record)))
    }
  }

  /// What the page that a 304 is about asks of us, and the fields of the 304 as well (RFC 9111 section 4.3.4), once what both say.
  private func robots(of contents: EarlierContents, in response: FetchResponse) -> MetaRobots {
    var robots = MetaRobots()
    if let text = contents.page?.robots { robots.add(text) }
    robots.addMissing(from: headerFacts(of: response).robots)
    return robots
  }

  private func offer(_ link: EarlierContents.Link, isFollowed: Bool) -> Int64 {
    if link.targetReason == ExclusionReason.urlTooLong.rawValue { return offerInvalid(link.target, .urlTooLong) }
    guard link.targetReason != ExclusionReason.urlInvalid.rawValue, let url = WebURL(link.target) else {
      return offerInvalid(link.target)
    }
    let kind = LinkKind(name: link.record.kind)
    // Of sitemaps below the last level the rows of the earlier crawl say that they are not followed.
    let isTooDeep =
      entry.sitemapLevel == FrontierEntry.sitemapLevels.upperBound
      && link.targetReason == ExclusionReason.follow.rawValue
    let source = Offer.Source.link(
      followed: kind.map { task.settings.follow.contains($0) } ?? link.isOfHandler && !isTooDeep,
      nofollow: !isFollowed)
    guard kind == .sitemap, task.settings.follow.contains(.sitemap) else {
      return offer(url, source, depth: entry.depth + 1)
    }
    return offer(url, source, depth: 1, sitemapLevel: FrontierEntry.sitemapLevel(priority: link.targetPriority))
  }
}
