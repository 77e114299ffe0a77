internal import Fetch
internal import Frontier
internal import Store

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
  /// A commit failed; it is tried again until it succeeds.
  case store(sentence: String)

  /// Its name in `why`.
  package var name: String {
    switch self {
    case .writer: "writer"
    case .bodies: "bodies"
    case .inFlight: "in_flight"
    case .log: "log"
    case .store: "store"
    }
  }

  package var sentence: String {
    switch self {
    case .writer(let visits, let bytes): "\(visits) visits wait for their commit, \(bytes) bytes of them at the writer"
    case .bodies(let bytes): "bodies of \(bytes) bytes are in memory"
    case .inFlight(let fetches): "the daemon's maximum of \(fetches) fetches is in flight"
    case .log(let bytes):
      "the write-ahead log has \(bytes) bytes and can't shrink while a reader of the database holds an old state"
    case .store(let sentence): sentence
    }
  }
}

extension Crawler {
  /// The fetcher's figures: it lives on the same loop.
  var fetchStatistics: FetchStatistics { fetcher.assumeIsolated { $0.statistics } }

  var backPressure: BackPressure? {
    if let failure = store.failure { return .store(sentence: failure.sentence) }
    if store.walBytes >= configuration.maxLogBytes { return .log(bytes: store.walBytes) }
    let outstanding = store.outstanding
    let visits = outstanding.visits + unsettledVisits
    if visits >= configuration.maxUncommittedVisits || outstanding.bytes >= configuration.maxUncommittedBytes {
      return .writer(visits: visits, bytes: outstanding.bytes)
    }
    let bodies = bodyBytes + fetchStatistics.bufferedBytes
    if bodies >= configuration.maxBodyBytes { return .bodies(bytes: bodies) }
    if frontier.inFlight >= frontier.limits.maxInFlight { return .inFlight(frontier.inFlight) }
    return nil
  }
}
