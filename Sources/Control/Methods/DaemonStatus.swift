/// `daemon.status`: who the daemon is, how it is doing, and what it would have its user know.
package enum DaemonStatus: ControlMethod {
  package static let name = "daemon.status"
  package typealias Parameters = NoParameters

  package struct Result: Codable, Sendable, Equatable {
    package var version: String
    package var protocolVersion: Int
    package var pid: Int32
    package var startedAt: Int64
    /// The database file's absolute path.
    package var database: String
    package var sqliteVersion: String
    /// Number of tasks by state.
    package var tasks: [String: Int]
    /// Visits started and not committed, `writerVisits` among them: what a crash at this moment would have fetched again.
    package var inFlight: Int
    package var openSockets: Int
    package var coroutines: Int
    /// The longest tick of the event loop within the last 10 to 20 seconds, in microseconds.
    package var loopLag: Int64
    /// Jobs and calls that the event loop has run, since the start.
    package var loopJobs: Int
    /// Jobs and callbacks that held the event loop for longer than `[daemon] slow_call`, since the start.
    package var slowCalls: Int
    /// Of tasks that have not ended.
    package var knownURLs: Int
    /// Visits handed to the writer and not committed, and their bytes.
    package var writerVisits: Int
    package var writerBytes: Int
    package var walBytes: Int64
    package var databaseBytes: Int64
    /// Room on the file system of the database, as it was after the last commit.
    package var freeBytes: Int64?
    /// Bytes of bodies in memory over all fetches, and of the header sections of those in flight.
    package var bodyBytes: Int64
    package var residentBytes: Int64
    /// The daemon's bounds by name, `in_flight open_sockets bodies writer_visits writer_bytes`; `bodies` and `writer_bytes` in bytes.
    package var limits: [String: Int64]
    package var handlers: [HandlerReport]
    /// Sentences; empty when all is well.
    package var warnings: [String]

    package init(
      version: String, protocolVersion: Int = ControlProtocol.version, pid: Int32, startedAt: Int64, database: String,
      sqliteVersion: String, tasks: [String: Int] = [:], inFlight: Int = 0, openSockets: Int = 0, coroutines: Int = 0,
      loopLag: Int64 = 0, loopJobs: Int = 0, slowCalls: Int = 0, knownURLs: Int = 0, writerVisits: Int = 0,
      writerBytes: Int = 0, walBytes: Int64 = 0, databaseBytes: Int64 = 0, freeBytes: Int64? = nil,
      bodyBytes: Int64 = 0, residentBytes: Int64 = 0,
      limits: [String: Int64] = [:], handlers: [HandlerReport] = [], warnings: [String] = []
    ) {
      self.version = version
      self.protocolVersion = protocolVersion
      self.pid = pid
      self.startedAt = startedAt
      self.database = database
      self.sqliteVersion = sqliteVersion
      self.tasks = tasks
      self.inFlight = inFlight
      self.openSockets = openSockets
      self.coroutines = coroutines
      self.loopLag = loopLag
      self.loopJobs = loopJobs
      self.slowCalls = slowCalls
      self.knownURLs = knownURLs
      self.writerVisits = writerVisits
      self.writerBytes = writerBytes
      self.walBytes = walBytes
      self.databaseBytes = databaseBytes
      self.freeBytes = freeBytes
      self.bodyBytes = bodyBytes
      self.residentBytes = residentBytes
      self.limits = limits
      self.handlers = handlers
      self.warnings = warnings
    }

    enum CodingKeys: String, CodingKey {
      case version, pid, database, tasks, coroutines, limits, handlers, warnings
      case protocolVersion = "protocol_version"
      case startedAt = "started_at"
      case sqliteVersion = "sqlite_version"
      case inFlight = "in_flight"
      case openSockets = "open_sockets"
      case loopLag = "loop_lag"
      case loopJobs = "loop_jobs"
      case slowCalls = "slow_calls"
      case knownURLs = "known_urls"
      case writerVisits = "writer_visits"
      case writerBytes = "writer_bytes"
      case walBytes = "wal_bytes"
      case databaseBytes = "database_bytes"
      case freeBytes = "free_bytes"
      case bodyBytes = "body_bytes"
      case residentBytes = "resident_bytes"
    }
  }
}

/// A handler of the daemon's configuration; counts since the daemon's start.
package struct HandlerReport: Codable, Sendable, Equatable {
  package var name: String
  /// What it is asked: some of ShapeBook's HandlerKind.
  package var kinds: [String]
  /// The ids of its processes; they are started when they are needed.
  package var processes: [Int32]
  package var starts: Int
  package var calls: Int
  package var failures: Int
  /// Calls that wait for a process, and those that one is at work on.
  package var waiting: Int
  package var answering: Int
  /// What is wrong with it, as a sentence.
  package var trouble: String?

  package init(
    name: String, kinds: [String], processes: [Int32], starts: Int, calls: Int, failures: Int, waiting: Int,
    answering: Int, trouble: String?
  ) {
    self.name = name
    self.kinds = kinds
    self.processes = processes
    self.starts = starts
    self.calls = calls
    self.failures = failures
    self.waiting = waiting
    self.answering = answering
    self.trouble = trouble
  }
}
