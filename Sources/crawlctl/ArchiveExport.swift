import Archive
import Store
import Units

/// `crawlctl export --format warc`: the stored messages of fetches as records of a WARC file, in the order of the fetches.
/// One body at a time is in memory.
struct ArchiveExport {
  private let session: QuerySession
  /// Of this task alone.
  private let task: String?
  private let records: FetchRecords
  /// When it began.
  private let time: String
  private let gzip: GzipWriter
  private var firstFetches: FirstFetches
  /// Fetches whose responses are in the file, with their bodies.
  private var written = FetchSet()
  private(set) var responses = 0
  private(set) var revisits = 0
  /// Fetches that are left out, since their stored requests do not say what they ask for.
  private(set) var unclear = 0
  /// Fetches that are left out, since what is stored of them is damaged or lost.
  private(set) var damaged = 0

  /// Fetches that are read at a time.
  private static let window: Int64 = 256
  init(_ session: QuerySession, task: String?, write: @escaping ([UInt8]) -> Void) throws {
    self.session = session
    self.task = task
    time = Timestamp.now().iso8601(fractionDigits: 6)
    records = FetchRecords(namespace: try session.databaseKey(), name: "\(task ?? "") \(time)")
    gzip = GzipWriter(write)
    firstFetches = FirstFetches(session, task: task)
  }

  /// Writes all records.
  mutating func run(filename: String?) throws {
    gzip.append(
      records.information(
        time: time, filename: filename,
        [
          ("software", "crawld/\(Version.text)"), ("format", "WARC File Format 1.1"),
          ("conformsTo", "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
          ("isPartOf", task ?? "all tasks"),
          (
            "description",
            "Bodies are stored decoded: fields that no longer hold are named X-Archive-Orig-. Authorization, "
              + "Proxy-Authorization and Cookie of requests are redacted."
          ),
        ]
      ).bytes)
    let last = try session.integer(ExportTable.fetches.lastID) ?? 0
    var until: Int64 = 0
    while let next = try session.integer(ExportTable.fetches.nextID, ["after": .integer(until)]), next <= last {
      until = next - 1 + Self.window
      var unreadable = 0
      let fetches = try session.storedFetches(after: next - 1, until: until, task: task) { _ in unreadable += 1 }
      damaged += unreadable
      for fetch in fetches {
        if StopSignals.haveCome { throw Failure(.failed, "crawlctl: stopped; nothing was left behind") }
        try write(fetch)
      }
    }
  }

  private mutating func write(_ stored: StoredFetch) throws {
    guard let url = HTTPMessage.target(of: stored.requestHeaders, isTLS: stored.isTLS) else {
      unclear += 1
      return
    }
    var stored = stored
    if stored.bodyHash == nil, let earlier = stored.earlierFetchID, try session.start(ofFetch: earlier) == nil,
      let now = try session.storedFetches(after: stored.id - 1, until: stored.id, task: task).first
    {
      // The task that had what was not modified was removed meanwhile, and has left it to this fetch, or to another one.
      stored = now
    }
    guard let answer = try answer(to: stored, url: url) else {
      // Else its task is being removed.
      if try session.hasMessages(fetch: stored.id) { damaged += 1 }
      return
    }
    var fetch = ArchivedFetch(
      id: stored.id, url: url, time: Self.time(stored.startedAt), requestHeaders: stored.requestHeaders,
      responseHeaders: stored.responseHeaders, address: stored.proxy == nil ? stored.remoteAddress : nil,
      httpVersion: stored.httpVersion, bodyDigest: stored.bodyHash,
      truncation: stored.isTruncated ? Self.truncation(stored.outcome) : nil)
    fetch.facts = Self.facts(of: stored)
    if case .response = answer {
      responses += 1
      written.insert(stored.id)
    } else {
      revisits += 1
    }
    for record in records.records(of: fetch, answer) { gzip.append(record.bytes) }
  }

  /// nil when the body is not there any more, or damaged.
  private mutating func answer(to fetch: StoredFetch, url: String) throws -> FetchRecords.Answer? {
    guard let hash = fetch.bodyHash else {
      guard let id = fetch.earlierFetchID, let earlier = try session.start(ofFetch: id) else {
        return .response(body: [])
      }
      let target = earlier.request.flatMap { HTTPMessage.target(of: $0, isTLS: earlier.isTLS) }
      // An archive of one task names responses of others'.
      if target != nil, let response = try response(whoseBodyHas: id), task != nil || written.contains(response.id) {
        return .notModified(since: response)
      }
      let isArchived = target != nil && (task != nil || written.contains(id))
      // Only the very URL that an earlier crawl fetched is asked for with its conditions.
      return .notModified(
        since: OriginalFetch(id: id, url: url, time: Self.time(earlier.startedAt), isArchived: isArchived))
    }
    // Read first: of a damaged body no response is ever written, and all that have it would be looked through each time.
    guard let body = try session.body(hash) else { return nil }
    if fetch.isTruncated || body.isEmpty { return .response(body: body) }
    let original = try self.original(ofBody: hash, before: fetch.id)
    return original.map { .sameBody(size: body.count, as: $0) } ?? .response(body: body)
  }

  /// The response of the file that has a body already.
  private mutating func original(ofBody hash: [UInt8], before id: Int64) throws -> OriginalFetch? {
    let written = written
    return try firstFetches.fetch(ofBody: hash, before: id, where: written.contains).flatMap(Self.original)
  }

  /// The response that a fetch of an earlier crawl names instead of bringing the body again: in the archive of all tasks, or in
  /// that of its own; nil when it brings the body itself.
  private func response(whoseBodyHas id: Int64) throws -> OriginalFetch? {
    try session.firstFetch(ofBodyOf: id, ofSameTask: task != nil).flatMap(Self.original)
  }

  private static func original(_ fetch: StoredFetch) -> OriginalFetch? {
    HTTPMessage.target(of: fetch.requestHeaders, isTLS: fetch.isTLS).map { url in
      OriginalFetch(id: fetch.id, url: url, time: time(fetch.startedAt), isArchived: true)
    }
  }

  /// Why a body ended early, in the words of the standard (section 5.13).
  private static func truncation(_ outcome: String) -> String {
    switch outcome {
    case "ok", "not_modified", "too_large", "bomb": "length"
    case "body_timeout", "too_slow": "time"
    case "truncated", "reset": "disconnect"
    default: "unspecified"
    }
  }

  private static func facts(of fetch: StoredFetch) -> [(name: String, value: String)] {
    let facts: [(String, String?)] = [
      ("via", fetch.via), ("fetchTimeMs", fetch.duration.map { String($0 / 1_000) }), ("task", fetch.task),
      ("fetch", String(fetch.id)), ("depth", fetch.depth.map { String($0) }), ("attempt", String(fetch.attempt)),
      ("outcome", fetch.outcome), ("error", fetch.error), ("change", fetch.change), ("proxy", fetch.proxy),
    ]
    return facts.compactMap { name, value in value.map { (name, $0) } }
  }

  /// With microseconds.
  private static func time(_ microseconds: Int64) -> String {
    Timestamp(microseconds: microseconds).iso8601(fractionDigits: 6)
  }
}
