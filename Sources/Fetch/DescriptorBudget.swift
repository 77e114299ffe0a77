import Glibc

/// How many sockets may be open beside the shards.
struct SocketBudget {
  /// Descriptors that libcurl takes for a shard.
  static let perShard = 2

  /// Beside as many shards as are reckoned with.
  var sockets: Int
  /// nil: any number.
  var shards: Int?

  /// At least 1. Shards of further routes, and those that end with their last transfers, come off.
  func sockets(besideShards count: Int) -> Int {
    shards.map { max(1, sockets - Self.perShard * max(0, count - $0)) } ?? sockets
  }
}

/// How many sockets fetching may have open. The rest of the process's descriptors is left to the database, the control
/// socket, the name servers and files.
package enum DescriptorBudget {
  /// More descriptors than this are not asked for: tables are indexed by them.
  static let ceiling = 1 << 17

  /// Raises the soft limit of descriptors to the hard one (≤ 131,072) and returns the limit then in force.
  package static func raiseLimit() -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1_024 }
    let wanted = min(limit.rlim_max, rlim_t(ceiling))
    if limit.rlim_cur < wanted {
      var raised = limit
      raised.rlim_cur = wanted
      if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
    }
    return Int(min(limit.rlim_cur, rlim_t(ceiling)))
  }

  /// What a limit leaves for sockets: all but the reserve; at least 1.
  package static func sockets(limit: Int) -> Int { max(1, limit - reserve(limit: limit)) }

  /// What is kept for everything else: 160, or half of the limit where that is less.
  package static func reserve(limit: Int) -> Int { min(160, limit / 2) }
}
