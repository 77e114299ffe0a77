internal import EventLoop
internal import Fetch
internal import Frontier
internal import Parse
internal import Store

// Visits that name very many URLs, as a sitemap of 50,000 entries does.
//
// To offer all of them at once would hold the loop for as long as some pages take. So they are offered before their visit is
// concluded, part by part, each with a turn of the loop and a record of its own; the visit has the links, whose targets are
// known by then. When the daemon ends meanwhile, the URL is visited again, and what was offered is known.
extension Crawler {
  /// What one turn of the loop takes of them: some milliseconds. A page, which has at most 10,000 links, is concluded at
  /// once.
  static let namedPerTurn = 2_000
  private static let namedAtOnce = 10_000

  /// Much that one visit names.
  enum Named {
    case entries([Sitemap.Entry], Sitemap.Kind, FetchResponse)
    case links(EarlierContents, FetchResponse)

    var count: Int {
      switch self {
      case .entries(let entries, _, _): entries.count
      case .links(let contents, _): contents.links.count
      }
    }
  }

  /// What the visit names, if that is too much to be offered at once.
  @inline(never)
  func manyNamed(by visit: LiveVisit, _ response: FetchResponse, _ contents: BodyReader.Contents?) -> Named? {
    let named: Named? =
      if let sitemap = contents?.sitemap, let form = sitemap.kind {
        .entries(sitemap.entries, form, response)
      } else if response.outcome == .notModified, let contents = visit.earlierContents {
        .links(contents, response)
      } else { nil }
    return named.flatMap { $0.count > Self.namedAtOnce ? $0 : nil }
  }

  /// Offers all of it, turn by turn.
  /// - Returns: the ids, in the same order; nil when the visit is aborted, or the daemon ends, meanwhile.
  func offer(_ named: Named, of visit: LiveVisit, _ task: CrawlTask) async -> [Int64]? {
    visit.enter(.parse, now: loop.now)
    task.visitsInParts.insert(visit.id)
    defer {
      task.visitsInParts.remove(visit.id)
      task.partsSignal.set()
    }
    // The scope is that of what is named.
    if visit.entry.endsRedirectsOfSeed, frontier.admit(seed: visit.entry.url, task: task.id) {
      noteLifted([.scope], of: task)
    }
    var targets: [Int64] = []
    targets.reserveCapacity(named.count)
    while targets.count < named.count {
      let places = targets.count..<min(targets.count + Self.namedPerTurn, named.count)
      let part = VisitBuilder(self, task, visit.entry, nil, visit.options)
      part.verdicts = visit.verdicts
      switch named {
      case .entries(let entries, let form, let response): targets += part.offer(entries[places], of: form, in: response)
      case .links(let contents, let response):
        targets += part.offer(contents.links[places], of: contents, in: response)
      }
      part.record.newHosts = frontier.takeNewHosts().map(HostRecord.init)
      append(part.record, of: task)
      needsPump()
      await endTurn()
      if isHurried || visit.isAborted { return nil }
    }
    return targets
  }
}
