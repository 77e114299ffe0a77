/// The visible text of a page, which is stored once for all pages that have it and the same title.
package enum PageText: Sendable, Equatable {
  case text(String)
  /// That of another page, if it still has one when the row is written.
  case ofPage(urlID: Int64, runID: Int64)
}

/// A row of `pages`: what was read from the body of one URL in one run.
package struct PageRecord: Sendable, Equatable {
  package var urlID: Int64
  package var runID: Int64
  package var fetchID: Int64
  package var title: String?
  package var description: String?
  package var canonicalURL: String?
  package var language: String?
  package var charset: String?
  package var charsetSource: String?
  package var robots: String?
  package var h1: String?
  package var wordCount: Int?
  package var textHash: UInt64?
  package var simhash: UInt64?
  /// nil: no text is stored.
  package var text: PageText?
  package var linkCount: Int
  /// The page has links that a limit has kept from its rows; nil: an earlier program read it, which did not say.
  package var linksTruncated: Bool? = false
  /// What handlers say of it: a JSON object of objects by the handlers' names.
  package var fields: String?
  /// Microseconds since 1970 UTC.
  package var fetchedAt: Int64

  package init(
    urlID: Int64, runID: Int64, fetchID: Int64, title: String? = nil, description: String? = nil,
    canonicalURL: String? = nil, language: String? = nil, charset: String? = nil, charsetSource: String? = nil,
    robots: String? = nil, h1: String? = nil, wordCount: Int? = nil, textHash: UInt64? = nil, simhash: UInt64? = nil,
    text: PageText? = nil, linkCount: Int = 0, fetchedAt: Int64
  ) {
    self.urlID = urlID
    self.runID = runID
    self.fetchID = fetchID
    self.title = title
    self.description = description
    self.canonicalURL = canonicalURL
    self.language = language
    self.charset = charset
    self.charsetSource = charsetSource
    self.robots = robots
    self.h1 = h1
    self.wordCount = wordCount
    self.textHash = textHash
    self.simhash = simhash
    self.text = text
    self.linkCount = linkCount
    self.fetchedAt = fetchedAt
  }
}
