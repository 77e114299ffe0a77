/// All that one visit changes, as one unit: it is in the database whole or not at all.
/// Order within: hosts, URLs, updates, fetches, changes that are none, page, links, cookies, what handlers did, counters. One
/// with a `clockShift` is that alone, as is one with an `agent`.
package struct VisitRecord: Sendable, Equatable {
  package var taskID: Int64
  package var newHosts: [HostRecord]
  package var hostUpdates: [HostRecord]
  package var discovered: [URLRecord]
  package var updates: [URLUpdate]
  package var fetches: [FetchRecord]
  /// An earlier fetch that turned out to say nothing of its URL: its `change` becomes NULL.
  package var unchangedFetchID: Int64?
  package var page: PageRecord?
  /// The URL whose links are replaced by `links`; `nil` leaves all links alone.
  package var pageURLID: Int64?
  /// Sorted by target, then by kind, each of these pairs once; anything else traps when it is written.
  package var links: [LinkRecord]
  /// Changes of the task's cookies.
  package var cookies: [CookieRecord.Change] = []
  package var handlerVerdicts: [HandlerVerdictRecord] = []
  /// URLs that a handler had dropped, which holds no more.
  package var liftedDrops: [String] = []
  package var handlerFailures: [HandlerFailureRecord] = []
  package var counters: CounterDelta
  /// No visit: the clock was set between those before it and those after it.
  package var clockShift: ClockShift?
  /// No visit: as whom what comes after it is fetched.
  package var agent: AgentRecord?

  package init(
    taskID: Int64, newHosts: [HostRecord] = [], hostUpdates: [HostRecord] = [], discovered: [URLRecord] = [],
    updates: [URLUpdate] = [], fetches: [FetchRecord] = [], page: PageRecord? = nil, pageURLID: Int64? = nil,
    links: [LinkRecord] = [], counters: CounterDelta = CounterDelta()
  ) {
    self.taskID = taskID
    self.newHosts = newHosts
    self.hostUpdates = hostUpdates
    self.discovered = discovered
    self.updates = updates
    self.fetches = fetches
    self.page = page
    self.pageURLID = pageURLID
    self.links = links
    self.counters = counters
  }

  /// Rows that it writes.
  package var rows: Int {
    newHosts.count + hostUpdates.count + discovered.count + updates.count + fetches.count + links.count + cookies.count
      + handlerVerdicts.count + liftedDrops.count + handlerFailures.count + (page == nil ? 0 : 1)
      + (unchangedFetchID == nil ? 0 : 1) + 1
  }

  /// Bytes that it holds in memory, to a few percent. O(rows).
  package var approximateBytes: Int {
    var bytes = 256
    for host in newHosts { bytes &+= host.approximateBytes }
    for host in hostUpdates { bytes &+= host.approximateBytes }
    for url in discovered { bytes &+= 160 &+ url.url.utf8.count }
    bytes &+= updates.count &* 96
    for fetch in fetches { bytes &+= fetch.approximateBytes }
    for link in links {
      bytes &+= 80 &+ link.kind.utf8.count &+ (link.rel?.utf8.count ?? 0) &+ (link.anchor?.utf8.count ?? 0)
    }
    if let page { bytes &+= page.approximateBytes }
    for cookie in cookies { bytes &+= cookie.approximateBytes }
    for verdict in handlerVerdicts { bytes &+= 160 &+ verdict.url.utf8.count &+ verdict.words.utf8.count }
    for url in liftedDrops { bytes &+= 16 &+ url.utf8.count }
    for failure in handlerFailures { bytes &+= 160 &+ failure.detail.utf8.count }
    return bytes
  }
}

extension HostRecord {
  fileprivate var approximateBytes: Int { 240 &+ name.utf8.count &+ (robotsText?.count ?? 0) }
}

extension FetchRecord {
  fileprivate var approximateBytes: Int {
    512 &+ length(error, httpVersion, remoteAddress, redirectTo) &+ length(contentType, contentEncoding)
      &+ length(etag, lastModified, tlsVersion, proxy) &+ (contents?.approximateBytes ?? 0)
  }
}

extension FetchContents {
  fileprivate var approximateBytes: Int { 96 &+ requestHeaders.count &+ responseHeaders.count &+ (body?.count ?? 0) }
}

extension PageRecord {
  fileprivate var approximateBytes: Int {
    240 &+ length(title, description, canonicalURL, h1) &+ length(language, charset, robots, fields)
      &+ textBytes
  }

  private var textBytes: Int { if case .text(let text) = text { text.utf8.count } else { 0 } }
}

/// The bytes of texts in UTF-8; a text that is not there has none.
@inline(__always)
private func length(_ first: String?, _ second: String?, _ third: String? = nil, _ fourth: String? = nil) -> Int {
  (first?.utf8.count ?? 0) &+ (second?.utf8.count ?? 0) &+ (third?.utf8.count ?? 0) &+ (fourth?.utf8.count ?? 0)
}
