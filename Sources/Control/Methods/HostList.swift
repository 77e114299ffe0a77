/// `host.list`: the hosts that have work, with their clocks.
package enum HostList: ControlMethod {
  package static let name = "host.list"
  package static let answering = ControlAnswering.inOrderLong

  package struct Parameters: Codable, Sendable, Equatable {
    /// At most this many rows; 1…1,000.
    package var limit: Int?
    package var cursor: String?
    /// Of this task alone.
    package var task: String?

    package init(limit: Int? = nil, cursor: String? = nil, task: String? = nil) {
      self.limit = limit
      self.cursor = cursor
      self.task = task
    }

    package var page: PageParameters { PageParameters(limit: limit, cursor: cursor) }
  }

  package struct Result: Codable, Sendable, Equatable {
    package var hosts: [HostReport]
    /// For the next page; none at the end.
    package var cursor: String?
    /// Tasks with ready URLs that are not in memory, since they are paused or wait for a place and have not run since the
    /// daemon's start: hosts on which no other task has work are not among these. None when there are none.
    package var unloadedTasks: Int?

    package init(hosts: [HostReport], cursor: String? = nil, unloadedTasks: Int? = nil) {
      self.hosts = hosts
      self.cursor = cursor
      self.unloadedTasks = unloadedTasks
    }

    enum CodingKeys: String, CodingKey {
      case hosts, cursor
      case unloadedTasks = "unloaded_tasks"
    }
  }
}

/// A host: scheme, name and port, its queue over all tasks, and its clock.
package struct HostReport: Codable, Sendable, Equatable {
  package var id: Int64
  /// `scheme://name:port`.
  package var host: String
  /// Tasks with URLs on it.
  package var tasks: [Int64]
  /// URLs at the head of its queues, in memory; more may wait in the database.
  package var ready: Int
  /// True: more of them are rows. None otherwise.
  package var hasMore: Bool?
  package var inFlight: Int
  /// URLs that wait for another try after a failure, among the 10,000 that are due first; none when there are none.
  package var delayed: Int?
  /// When the first of them is tried; none when none is of a task that runs, or no time is known.
  package var nextTryAt: Int64?
  /// Microseconds from request to request, as in force now; none when no task on it starts fetches.
  package var delay: Int64?
  /// What makes it that long: `task` (the delay of `delay_task`, the longest of those that run on the host), `user`
  /// (`host.set`), `crawl_delay` or `throttle`; none when no task runs on it.
  package var delayOrigin: String?
  package var delayTask: Int64?
  /// Fetches at once, as in force now.
  package var concurrency: Int?
  /// When it may be asked again, whatever holds its tasks up; none when no time is known at which one starts fetches.
  package var nextFetchAt: Int64?
  package var blockedUntil: Int64?
  /// One of ShapeBook's BlockReason.
  package var blockReason: String?
  package var robotsState: String?

  package init(
    id: Int64, host: String, tasks: [Int64] = [], ready: Int = 0, hasMore: Bool? = nil, inFlight: Int = 0,
    delay: Int64? = nil,
    delayOrigin: String? = nil, delayTask: Int64? = nil, concurrency: Int? = nil, nextFetchAt: Int64? = nil,
    blockedUntil: Int64? = nil, blockReason: String? = nil,
    robotsState: String? = nil
  ) {
    self.id = id
    self.host = host
    self.tasks = tasks
    self.ready = ready
    self.hasMore = hasMore
    self.inFlight = inFlight
    self.delay = delay
    self.delayOrigin = delayOrigin
    self.delayTask = delayTask
    self.concurrency = concurrency
    self.nextFetchAt = nextFetchAt
    self.blockedUntil = blockedUntil
    self.blockReason = blockReason
    self.robotsState = robotsState
  }

  enum CodingKeys: String, CodingKey {
    case id, host, tasks, ready, delayed, delay, concurrency
    case nextTryAt = "next_try_at"
    case hasMore = "has_more"
    case inFlight = "in_flight"
    case delayOrigin = "delay_origin"
    case delayTask = "delay_task"
    case nextFetchAt = "next_fetch_at"
    case blockedUntil = "blocked_until"
    case blockReason = "block_reason"
    case robotsState = "robots_state"
  }
}
