/// `url.show`: everything known about a URL, in every task that was offered it.
package enum URLShow: ControlMethod {
  package static let name = "url.show"

  package struct Parameters: Codable, Sendable, Equatable {
    package var url: String
    /// In this task alone.
    package var task: String?

    package init(url: String, task: String? = nil) {
      self.url = url
      self.task = task
    }
  }

  package struct Result: Codable, Sendable, Equatable {
    package var urls: [URLReport]

    package init(urls: [URLReport]) {
      self.urls = urls
    }
  }
}

/// A URL of a task, and its fate.
package struct URLReport: Codable, Sendable, Equatable {
  package var id: Int64
  package var taskID: Int64
  package var taskName: String
  package var url: String
  /// `ready delayed in_flight done failed excluded`.
  package var state: String
  package var reason: String?
  package var depth: Int
  package var redirects: Int
  package var priority: Int
  package var attempts: Int
  package var discoveredAt: Int64
  package var dueAt: Int64?
  /// The pages that lead to it: its own referrer first, a seed last.
  package var via: [String]
  /// The kinds of the links with which the first of them names it; `sitemap` without any: a robots.txt names it,
  /// `recrawl`: an earlier crawl has its page, and no page of this one leads to it.
  package var linkKinds: [String]?
  package var lastFetch: FetchReport?
  /// The last fetch of its host's robots.txt, where that could not be read and the URL has failed or waits for it.
  package var robotsFetch: FetchReport?
  package var title: String?
  /// True: its page has links that a limit has kept from the database.
  package var linksTruncated: Bool?
  /// The handler that dropped it, and its words.
  package var handler: String?
  package var handlerWords: String?

  package init(
    id: Int64, taskID: Int64, taskName: String, url: String, state: String, reason: String? = nil, depth: Int = 0,
    redirects: Int = 0, priority: Int = 0, attempts: Int = 0, discoveredAt: Int64, dueAt: Int64? = nil,
    via: [String] = [], linkKinds: [String]? = nil, lastFetch: FetchReport? = nil, robotsFetch: FetchReport? = nil,
    title: String? = nil, linksTruncated: Bool? = nil, handler: String? = nil, handlerWords: String? = nil
  ) {
    self.id = id
    self.taskID = taskID
    self.taskName = taskName
    self.url = url
    self.state = state
    self.reason = reason
    self.depth = depth
    self.redirects = redirects
    self.priority = priority
    self.attempts = attempts
    self.discoveredAt = discoveredAt
    self.dueAt = dueAt
    self.via = via
    self.linkKinds = linkKinds
    self.lastFetch = lastFetch
    self.robotsFetch = robotsFetch
    self.title = title
    self.linksTruncated = linksTruncated
    self.handler = handler
    self.handlerWords = handlerWords
  }

  enum CodingKeys: String, CodingKey {
    case id, url, state, reason, depth, redirects, priority, attempts, via, title, handler
    case handlerWords = "handler_words"
    case taskID = "task_id"
    case taskName = "task_name"
    case discoveredAt = "discovered_at"
    case dueAt = "due_at"
    case linkKinds = "link_kinds"
    case lastFetch = "last_fetch"
    case robotsFetch = "robots_fetch"
    case linksTruncated = "links_truncated"
  }
}

/// One fetch of a URL.
package struct FetchReport: Codable, Sendable, Equatable {
  package var at: Int64
  package var attempt: Int
  package var outcome: String
  /// In a recrawl: `new changed unchanged not_modified gone moved`.
  package var change: String?
  package var status: Int?
  package var error: String?
  package var bodyBytes: Int64?
  package var redirectTo: String?
  package var remoteAddress: String?
  /// Microseconds from start to the last byte.
  package var duration: Int64?

  package init(
    at: Int64, attempt: Int = 1, outcome: String, change: String? = nil, status: Int? = nil, error: String? = nil,
    bodyBytes: Int64? = nil, redirectTo: String? = nil, remoteAddress: String? = nil, duration: Int64? = nil
  ) {
    self.at = at
    self.attempt = attempt
    self.outcome = outcome
    self.change = change
    self.status = status
    self.error = error
    self.bodyBytes = bodyBytes
    self.redirectTo = redirectTo
    self.remoteAddress = remoteAddress
    self.duration = duration
  }

  enum CodingKeys: String, CodingKey {
    case at, attempt, outcome, change, status, error, duration
    case bodyBytes = "body_bytes"
    case redirectTo = "redirect_to"
    case remoteAddress = "remote_address"
  }
}
