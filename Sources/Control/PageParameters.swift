/// The page of a list that is asked for.
package struct PageParameters: Codable, Sendable, Equatable {
  /// At most this many rows; 1…1,000.
  package var limit: Int?
  /// Where the page before ended: its reply's `cursor`. None = the first page.
  package var cursor: String?

  package init(limit: Int? = nil, cursor: String? = nil) {
    self.limit = limit
    self.cursor = cursor
  }

  /// Rows a page may have at most.
  package static let longest = 1_000

  /// The number of rows asked for, brought into 1…1,000.
  package var rows: Int { min(max(limit ?? Self.longest, 1), Self.longest) }
}
