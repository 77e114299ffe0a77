/// The messages of one fetch, as they are stored: compressed, and bodies once per content.
package struct FetchContents: Sendable, Equatable {
  package var requestHeaders: [UInt8]
  package var responseHeaders: [UInt8]
  /// Decoded; `nil` for a 304, which has none.
  package private(set) var body: [UInt8]?
  /// The body was longer.
  package let isCut: Bool

  /// Bytes of a body that are stored: SQLite has rows of at most 10^9 bytes.
  package static let longestBody = 256 << 20

  package init(
    requestHeaders: [UInt8], responseHeaders: [UInt8], body: [UInt8]?, longestBody: Int = FetchContents.longestBody
  ) {
    self.requestHeaders = requestHeaders
    self.responseHeaders = responseHeaders
    isCut = (body?.count ?? 0) > longestBody
    self.body = isCut ? body.map { Array($0.prefix(longestBody)) } : body
  }
}

/// A row of `fetches`: one attempt, its outcome and its figures. Times are microseconds since 1970 UTC, durations
/// microseconds, sizes bytes.
package struct FetchRecord: Sendable, Equatable {
  package var id: Int64
  /// `nil` when the host's robots.txt was fetched.
  package var urlID: Int64?
  package var hostID: Int64?
  package var taskID: Int64
  package var runID: Int64
  package var attempt: Int
  package var settingsRevision: Int
  package var startedAt: Int64
  /// The HTTP status; `nil` without an answer.
  package var status: Int?
  package var outcome: String
  package var error: String?
  package var httpVersion: String?
  package var remoteAddress: String?
  /// The connection had served a request before.
  package var reused: Bool
  package var redirectTo: String?
  package var wireBytes: Int
  package var bodyBytes: Int
  package var contentType: String?
  package var contentEncoding: String?
  package var truncated: Bool
  /// What Retry-After asked for, in microseconds.
  package var retryAfter: Int64?
  package var etag: String?
  package var lastModified: String?
  package var timeQueue: Int64?
  package var timeDNS: Int64?
  package var timeConnect: Int64?
  package var timeTLS: Int64?
  package var timeFirstByte: Int64?
  package var timeTotal: Int64?
  package var tlsVersion: String?
  package var certificateExpiresAt: Int64?
  /// Whether certificates were verified; `nil` for http.
  package var tlsVerified: Bool?
  /// The proxy's name.
  package var proxy: String?
  /// `nil`: they are not stored.
  package var contents: FetchContents?
  /// Of the whole decoded body of a success.
  package var contentHash: UInt64?
  package var change: PageChange?
  /// The fetch that says what earlier crawls have of the URL. The row names the one that brought it, which is looked up when the row is
  /// written: a removal names another one for what it takes away.
  package var earlierFetchID: Int64?

  package init(
    id: Int64, urlID: Int64? = nil, hostID: Int64? = nil, taskID: Int64, runID: Int64, attempt: Int = 1,
    settingsRevision: Int = 0, startedAt: Int64, status: Int? = nil, outcome: String, error: String? = nil,
    httpVersion: String? = nil, remoteAddress: String? = nil, reused: Bool = false, redirectTo: String? = nil,
    wireBytes: Int = 0, bodyBytes: Int = 0, contentType: String? = nil, contentEncoding: String? = nil,
    truncated: Bool = false, retryAfter: Int64? = nil, etag: String? = nil, lastModified: String? = nil,
    timeQueue: Int64? = nil, timeDNS: Int64? = nil, timeConnect: Int64? = nil, timeTLS: Int64? = nil,
    timeFirstByte: Int64? = nil, timeTotal: Int64? = nil, tlsVersion: String? = nil,
    certificateExpiresAt: Int64? = nil, tlsVerified: Bool? = nil, proxy: String? = nil,
    contents: FetchContents? = nil, contentHash: UInt64? = nil, change: PageChange? = nil, earlierFetchID: Int64? = nil
  ) {
    self.id = id
    self.urlID = urlID
    self.hostID = hostID
    self.taskID = taskID
    self.runID = runID
    self.attempt = attempt
    self.settingsRevision = settingsRevision
    self.startedAt = startedAt
    self.status = status
    self.outcome = outcome
    self.error = error
    self.httpVersion = httpVersion
    self.remoteAddress = remoteAddress
    self.reused = reused
    self.redirectTo = redirectTo
    self.wireBytes = wireBytes
    self.bodyBytes = bodyBytes
    self.contentType = contentType
    self.contentEncoding = contentEncoding
    self.truncated = truncated
    self.retryAfter = retryAfter
    self.etag = etag
    self.lastModified = lastModified
    self.timeQueue = timeQueue
    self.timeDNS = timeDNS
    self.timeConnect = timeConnect
    self.timeTLS = timeTLS
    self.timeFirstByte = timeFirstByte
    self.timeTotal = timeTotal
    self.tlsVersion = tlsVersion
    self.certificateExpiresAt = certificateExpiresAt
    self.tlsVerified = tlsVerified
    self.proxy = proxy
    self.contents = contents
    self.contentHash = contentHash
    self.change = change
    self.earlierFetchID = earlierFetchID
  }
}
