/// What earlier crawls have of a URL: the fetch that last said what is there, as `Store.earlierFetch` reads it.
package struct EarlierFetch: Sendable, Equatable {
  package var urlID: Int64
  /// The URL as it was spelled.
  package var url: String
  package var runID: Int64
  /// The fetch that says so. Which one brought the content may change while crawls before it are removed.
  package var fetchID: Int64
  package var etag: String?
  package var lastModified: String?
  /// Its Content-Encoding field.
  package var contentEncoding: String?
  /// What of the content was not read, as a sentence.
  package var error: String?
  package var contentHash: UInt64?
  package var textHash: UInt64?
  /// It was read as a page, be it one without words, which has no text and no hash of one.
  package var isPage: Bool
  /// The text of the page is stored.
  package var hasText: Bool
  /// Handlers that were asked about the page and brought no answer.
  package var failedHandlers: [String]
  /// The settings of its task that it obeyed.
  package var settingsRevision: Int
  /// That of the configuration at the time, by which a task without a user agent of its own was spoken to; nil: not noted.
  package var productToken: String?

  package init(
    urlID: Int64, url: String, runID: Int64, fetchID: Int64, etag: String? = nil, lastModified: String? = nil,
    contentEncoding: String? = nil, error: String? = nil, contentHash: UInt64? = nil, textHash: UInt64? = nil,
    isPage: Bool = false, hasText: Bool = false, failedHandlers: [String] = [], settingsRevision: Int = 0,
    productToken: String? = nil
  ) {
    self.urlID = urlID
    self.url = url
    self.runID = runID
    self.fetchID = fetchID
    self.etag = etag
    self.lastModified = lastModified
    self.contentEncoding = contentEncoding
    self.error = error
    self.contentHash = contentHash
    self.textHash = textHash
    self.isPage = isPage
    self.hasText = hasText
    self.failedHandlers = failedHandlers
    self.settingsRevision = settingsRevision
    self.productToken = productToken
  }
}

/// What a page that was not modified still says: its row, if it was read as a page, and its links.
package struct EarlierContents: Sendable, Equatable {
  package struct Link: Sendable, Equatable {
    /// Its place among the links; `targetURLID` is the row of the earlier crawl.
    package var record: LinkRecord
    /// The URL that it names, and the priority and reason of that URL's row.
    package var target: String
    package var targetPriority: Int
    package var targetReason: String?

    package init(record: LinkRecord, target: String, targetPriority: Int, targetReason: String?) {
      self.record = record
      self.target = target
      self.targetPriority = targetPriority
      self.targetReason = targetReason
    }
  }

  package var page: PageRecord?
  /// In the order of their first occurrence.
  package var links: [Link]

  package init(page: PageRecord? = nil, links: [Link] = []) {
    self.page = page
    self.links = links
  }
}

/// A URL of which an earlier crawl knows what is there.
package struct VisitedURL: Sendable, Equatable {
  package var fingerprint: UInt64
  package var id: Int64
  /// The answer was a success or a 304, and no redirect, 404 or 410.
  package var hasPage: Bool

  package init(fingerprint: UInt64, id: Int64, hasPage: Bool) {
    self.fingerprint = fingerprint
    self.id = id
    self.hasPage = hasPage
  }
}

/// A page that an earlier crawl has.
package struct EarlierPage: Sendable, Equatable {
  package var id: Int64
  package var fingerprint: UInt64
  package var url: String
  package var depth: Int
  package var priority: Int
}
