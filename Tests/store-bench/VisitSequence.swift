import Store

/// The visits of a crawl that nobody made, always the same: 100 hosts, whose pages are visited in the order in which they
/// were found. Each has 20 links: to nine URLs that are new, one of which robots.txt excludes, and to pages known before.
struct VisitSequence {
  static let hosts = 100
  static let newURLs = 9
  static let links = 20
  static let firstStart: Int64 = 1_700_000_000_000_000

  /// Where the hosts listen, by their URLs.
  let port: Int
  /// The host of each known URL; ids count from 1.
  private var hostOfURL: [Int64] = [0]
  private var number: Int64 = 0
  private var random: UInt64 = 7
  private(set) var linkCount = 0

  var known: Int { hostOfURL.count - 1 }
  var pages: Int { Int(number) }

  init(port: Int) { self.port = port }

  /// The hosts and the first page of each.
  mutating func seeds() -> VisitRecord {
    var visit = VisitRecord(taskID: 1)
    for host in Int64(1)...Int64(Self.hosts) {
      visit.newHosts.append(
        HostRecord(
          id: host, scheme: "http", name: "s\(host).bench.test", port: port, registrableDomain: "bench.test"))
      discover(in: &visit, host: host, state: .ready, depth: 0, via: nil)
    }
    return visit
  }

  mutating func visits(_ count: Int) -> [VisitRecord] { (0..<count).map { _ in next() } }

  private mutating func next() -> VisitRecord {
    number += 1
    let id = number
    // What robots.txt excludes has no visit; the ids of pages are those of the rest.
    let urlID = pageID(id)
    let host = hostOfURL[Int(urlID)]
    var visit = VisitRecord(taskID: 1, pageURLID: urlID)
    let fetch = FetchRecord(
      id: id, urlID: urlID, hostID: host, taskID: 1, runID: 1, settingsRevision: 1,
      startedAt: Self.firstStart + id * 200,
      status: 200, outcome: "ok", httpVersion: "1.1", remoteAddress: "127.0.1.\(host)", reused: true, wireBytes: 3_612,
      bodyBytes: 3_400, contentType: "text/html; charset=utf-8", timeQueue: 0, timeDNS: 0, timeConnect: 0, timeTLS: 0,
      timeFirstByte: 812, timeTotal: 903, contentHash: draw())
    visit.fetches = [fetch]
    visit.counters.count(fetch)
    visit.counters.finalAnswers = 1
    visit.counters.okAnswers = 1
    visit.counters.move(from: .ready, to: .done)
    visit.updates = [URLUpdate(id: urlID, state: .done, attempts: 1)]
    addLinks(to: &visit, host: host, from: urlID)
    visit.page = PageRecord(
      urlID: urlID, runID: 1, fetchID: id, title: "Page \(urlID) of the manual", description: "Generated page \(urlID)",
      language: "en", charset: "utf-8", charsetSource: "http", h1: "Page \(urlID)", wordCount: 310, textHash: draw(),
      linkCount: visit.links.count, fetchedAt: Self.firstStart + id * 200)
    linkCount += visit.links.count
    return visit
  }

  /// Seeds come first; then, of the nine URLs of a page, the first eight.
  private func pageID(_ number: Int64) -> Int64 {
    let seeds = Int64(Self.hosts)
    if number <= seeds { return number }
    let place = number - seeds - 1
    let pages = Int64(Self.newURLs - 1)
    return seeds + place / pages * Int64(Self.newURLs) + place % pages + 1
  }

  private mutating func addLinks(to visit: inout VisitRecord, host: Int64, from urlID: Int64) {
    let knownBefore = known
    var targets: [Int64] = []
    for place in 0..<Self.newURLs {
      let isExcluded = place == Self.newURLs - 1
      targets.append(
        discover(in: &visit, host: host, state: isExcluded ? .excluded : .ready, depth: 1, via: urlID))
    }
    while targets.count < Self.links {
      let target = Int64(draw() % UInt64(knownBefore)) + 1
      if !targets.contains(target) { targets.append(target) }
    }
    let links = targets.enumerated().map { position, target in
      LinkRecord(targetURLID: target, kind: "a", anchor: "to page \(target)", position: position)
    }
    visit.links = links.sorted { $0.targetURLID < $1.targetURLID }
  }

  @discardableResult
  private mutating func discover(
    in visit: inout VisitRecord, host: Int64, state: URLState, depth: Int, via: Int64?
  ) -> Int64 {
    let id = Int64(hostOfURL.count)
    hostOfURL.append(host)
    let folder = state == .excluded ? "private" : "manual"
    visit.discovered.append(
      URLRecord(
        id: id, taskID: 1, hostID: host, url: "http://s\(host).bench.test:\(port)/\(folder)/page-\(id).html",
        fingerprint: draw(), depth: depth, priority: 5, state: state, reason: state == .excluded ? "robots" : nil,
        viaURLID: via, discoveredAt: Self.firstStart + number * 200, runID: 1))
    visit.counters.discover(in: state, isSeed: depth == 0)
    return id
  }

  private mutating func draw() -> UInt64 {
    random &+= 0x9e37_79b9_7f4a_7c15
    let mixed = (random ^ (random >> 30)) &* 0xbf58_476d_1ce4_e5b9
    return mixed ^ (mixed >> 29)
  }
}
