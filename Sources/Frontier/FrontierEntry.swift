package import WebURL

/// The order of URLs within a host queue: priority, then depth, then id, smallest first (breadth first).
package struct QueuePlace: Comparable, Hashable, Sendable {
  /// 0 … 9; 0 is fetched first. Redirect targets have 1, sitemaps 2 to 4 by their level, everything else 5.
  package var priority: Int
  /// Links followed from a seed.
  package var depth: Int
  package var id: Int64

  package static let first = QueuePlace(priority: 0, depth: 0, id: 0)

  package init(priority: Int, depth: Int, id: Int64) {
    self.priority = priority
    self.depth = depth
    self.id = id
  }

  package static func < (left: QueuePlace, right: QueuePlace) -> Bool {
    if left.priority != right.priority { return left.priority < right.priority }
    if left.depth != right.depth { return left.depth < right.depth }
    return left.id < right.id
  }

  /// The smallest key greater than this one.
  var next: QueuePlace { QueuePlace(priority: priority, depth: depth, id: id + 1) }
}

/// A URL that waits in the head of a host queue, or that `Frontier.next` gave out to be visited.
package struct FrontierEntry: Sendable {
  package enum Kind: Sendable { case url, robots }

  package var kind: Kind
  package var key: QueuePlace
  package var taskID: Int64
  package var hostID: Int64
  package var url: WebURL
  package var fingerprint: UInt64
  /// Redirects that led here from the URL that a link named.
  package var redirects: Int
  /// Fetches tried so far.
  package var attempts: Int
  package var viaURLID: Int64?
  /// The IP address at which its fetch holds a place from the start; see `Frontier.mayConnect`.
  package var address: String?

  /// It was put back because the server had not taken its request, which does not count as an attempt.
  package var isRepeat = false
  /// It was put back because the server refuses conditions of requests for it.
  package var isUnconditional = false

  package var id: Int64 { key.id }
  package var depth: Int { key.depth }
  package var isSeed: Bool { depth == 0 && viaURLID == nil }

  package static let ordinaryPriority = 5
  package static let redirectPriority = 1

  /// How deep sitemaps are nested: what robots.txt or a page names has level 1, what an index names one more than the
  /// index.
  package static let sitemapLevels = 1...3

  /// The priority is where a row keeps the level of a sitemap.
  package static func priority(ofSitemap level: Int) -> Int { redirectPriority + level }

  /// Of a URL that was named as a sitemap, its level.
  package var sitemapLevel: Int? { Self.sitemapLevel(priority: key.priority) }

  /// Of a URL that was named as a sitemap, its level, by the priority of its row.
  package static func sitemapLevel(priority: Int) -> Int? {
    let level = priority - redirectPriority
    return sitemapLevels.contains(level) ? level : nil
  }

  package init(
    kind: Kind = .url, key: QueuePlace, taskID: Int64, hostID: Int64, url: WebURL, fingerprint: UInt64 = 0,
    redirects: Int = 0, attempts: Int = 0, viaURLID: Int64? = nil
  ) {
    self.kind = kind
    self.key = key
    self.taskID = taskID
    self.hostID = hostID
    self.url = url
    self.fingerprint = fingerprint
    self.redirects = redirects
    self.attempts = attempts
    self.viaURLID = viaURLID
  }
}
