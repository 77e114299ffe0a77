/// What must not be exceeded: counts per visit of a page with 20 links, nine of them to new URLs, in groups of 64. They are
/// the same on every machine but for SQLite's version; each limit is a hundredth or two above what is counted.
enum Thresholds {
  static let limits: [String: Double] = [
    // The record is handed over as it is.
    "loop-allocations-per-visit": 3.14,
    // The group's own lists; SQLite keeps what it needs from one group to the next.
    "writer-allocations-per-visit": 41.6,
    // Pages that go to the write-ahead log, and from there to the database.
    "writes-per-visit": 2.43,
    // One for a commit; two more when the log is copied to the database.
    "syncs-per-commit": 1.08,
    "rows-per-visit": 31.05,
    "database-bytes-per-page": 2_081,
    // With its text, and its places in the queue and among those with a reason.
    "bytes-per-known-url": 117.5,
    "bytes-per-link": 33.6,
  ]
}
