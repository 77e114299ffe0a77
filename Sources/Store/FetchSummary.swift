/// The part of a fetch that people ask for first. Times are microseconds.
package struct FetchSummary: Sendable, Equatable {
  package var id: Int64
  package var url: String
  package var startedAt: Int64
  package var attempt: Int
  package var status: Int?
  package var outcome: String
  package var change: String?
  package var error: String?
  package var redirectTo: String?
  package var remoteAddress: String?
  package var bodyBytes: Int
  package var timeTotal: Int64?

  package init(
    id: Int64, url: String, startedAt: Int64, attempt: Int, status: Int?, outcome: String, error: String?,
    redirectTo: String?, remoteAddress: String?, bodyBytes: Int, timeTotal: Int64?, change: String? = nil
  ) {
    self.id = id
    self.url = url
    self.startedAt = startedAt
    self.attempt = attempt
    self.status = status
    self.outcome = outcome
    self.error = error
    self.redirectTo = redirectTo
    self.remoteAddress = remoteAddress
    self.bodyBytes = bodyBytes
    self.timeTotal = timeTotal
    self.change = change
  }

  /// What went wrong, for people; nil when the outcome says it all.
  package var sentence: String? { error ?? status.map { "HTTP \($0)" } }

  /// The same, or the outcome's word.
  package var cause: String { sentence ?? outcome }

  /// Of `fetches f LEFT JOIN urls u LEFT JOIN hosts h`.
  static let columns = """
    f.id, coalesce(u.url, h.scheme || '://' || h.name || ':' || h.port || '/robots.txt', ''), f.started_at, \
    f.attempt, f.status, f.outcome, f.error, f.redirect_to, f.remote_address, f.body_bytes, f.time_total, f.change
    """

  /// A row of `columns`.
  init(_ row: Statement) {
    self.init(
      id: row.integer(0), url: row.text(1), startedAt: row.integer(2), attempt: row.count(3),
      status: row.countOrNil(4), outcome: row.text(5), error: row.textOrNil(6), redirectTo: row.textOrNil(7),
      remoteAddress: row.textOrNil(8), bodyBytes: row.count(9), timeTotal: row.integerOrNil(10),
      change: row.textOrNil(11))
  }
}
