internal import EventLoop
internal import Fetch
internal import Frontier
internal import Store
internal import Units

/// A bound that is reached: while it is, no fetch starts in any task. `why` and `status` show it.
package enum BackPressure: Sendable {
  /// Visits whose bytes are in wait for their commit: they are being read, or for the known URLs of their task, or were
  /// handed to the writer, with so many bytes. After a crash they are fetched again.
  case writer(visits: Int, bytes: Int)
  /// Bodies in memory.
  case bodies(bytes: Int)
  /// As many fetches as the daemon may have.
  case inFlight(Int)
  /// The write-ahead log has grown to its bound: a reader holds an old state, so it can't be copied to the database.
  case log(bytes: Int)
  /// The file system of the database has less room than is to be left free.
  case space(free: Int, enough: Int)
  /// A commit failed (`disk`: the medium; `database`: anything else); it is tried again until it succeeds.
  case store(name: String, sentence: String)

  /// Its name in `why`.
  package var name: String {
    switch self {
    case .writer: "writer"
    case .bodies: "bodies"
    case .inFlight: "daemon_in_flight"
    case .log: "log"
    case .space: "disk"
    case .store(let name, _): name
    }
  }

  package var sentence: String {
    switch self {
    case .writer(let visits, let bytes):
      PluralText.count(visits, "visit", "waits for its commit", "wait for their commit")
        + ", \(ByteCount.format(Int64(bytes))) of them at the writer"
    case .bodies(let bytes): "bodies of \(ByteCount.format(Int64(bytes))) are in memory"
    case .inFlight(let fetches): "the daemon's maximum of \(PluralText.count(fetches, "fetch")) is in flight"
    case .log(let bytes):
      "the write-ahead log has \(ByteCount.format(Int64(bytes))) and can't shrink while a reader of the database holds an old state"
    case .space(let free, let enough):
      "the file system of the database has \(ByteCount.format(Int64(free))) free; fetches go on when it has "
        + "\(ByteCount.format(Int64(enough))) ([store] min_free, min_free_percent)"
    case .store(_, let sentence): sentence
    }
  }

  /// Something is wrong that somebody may have to put right; the others come and go in any crawl.
  var isTrouble: Bool {
    switch self {
    case .log, .space, .store: true
    case .writer, .bodies, .inFlight: false
    }
  }
}

extension LongReader {
  /// Who it is, and what it costs.
  func sentence(now: EventLoop.Instant, walBytes: Int, limit: Int) -> String {
    let who = processes.isEmpty ? "a reader" : processes.joined(separator: ", ")
    return
      "\(who) has held an old state of the database for \(DurationText.format(now - since)): the "
      + "write-ahead log has \(ByteCount.format(Int64(walBytes))) and grows with every commit until that ends; at "
      + "\(ByteCount.format(Int64(limit))) no fetch starts"
  }
}

extension Crawler {
  /// The fetcher's figures: it lives on the same loop.
  var fetchStatistics: FetchStatistics { fetcher.assumeIsolated { $0.statistics } }

  /// Somebody lacks a descriptor: those of connections that no fetch uses are given back.
  ///
  /// - Returns: whether there were any.
  package func closeIdleConnections() -> Bool { fetcher.assumeIsolated { $0.closeIdleConnections() } }

  var backPressure: BackPressure? {
    if let failure = store.failure { return .store(name: failure.kind.rawValue, sentence: failure.sentence) }
    if let shortage = store.shortage { return .space(free: shortage.free, enough: shortage.enough) }
    if store.walBytes >= configuration.maxLogBytes { return .log(bytes: store.walBytes) }
    let outstanding = store.outstanding
    let visits = outstanding.visits + unsettledVisits
    if visits >= configuration.maxUncommittedVisits || outstanding.bytes >= configuration.maxUncommittedBytes {
      return .writer(visits: visits, bytes: outstanding.bytes)
    }
    let bodies = bodyBytes + fetchStatistics.bufferedBytes
    if bodies >= configuration.maxBodyBytes { return .bodies(bytes: bodies) }
    if !frontier.hasRoom { return .inFlight(frontier.inFlight) }
    return nil
  }
}
