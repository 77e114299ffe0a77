/// Which fetch of an export was the first to bring a body, for bodies that come up again and again.
package struct FirstFetches {
  private let session: QuerySession
  private let task: String?
  private let limit: Int
  private var known: [[UInt8]: StoredFetch] = [:]

  /// - Parameters:
  ///   - task: the name of the task that is exported; nil: all of them.
  ///   - limit: bodies of which it is remembered; beyond, all are forgotten and asked for again. About 1.5 KiB each.
  package init(_ session: QuerySession, task: String?, limit: Int = 4_096) {
    self.session = session
    self.task = task
    self.limit = limit
  }

  /// Bodies that are remembered.
  package var count: Int { known.count }

  /// The first whole fetch of a body with a smaller id than this; nil when there is none. While the export runs, a task may be
  /// removed, and its bodies go to fetches that had none when they were exported: `isThere` tells which ones brought theirs.
  package mutating func fetch(
    ofBody hash: [UInt8], before id: Int64 = .max, where isThere: (Int64) -> Bool = { _ in true }
  ) throws -> StoredFetch? {
    if let fetch = known[hash] { return fetch }
    var after: Int64 = 0
    while let fetch = try session.firstFetch(ofBody: hash, task: task, after: after, before: id) {
      after = fetch.id
      guard isThere(fetch.id) else { continue }
      if known.count >= limit { known.removeAll(keepingCapacity: true) }
      known[hash] = fetch
      return fetch
    }
    return nil
  }
}
