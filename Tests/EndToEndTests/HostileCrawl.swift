import TestWeb

/// A crawl of every fault of the hostile web.
struct HostileCrawl: Sendable {
  let stage: Stage
  let hostile: HostileWeb

  /// Limits that are short, and long enough for a server that serves all of it at once on a busy machine.
  static func configuration(_ hostile: HostileWeb, attempts: Int = 2) -> String {
    """
    [daemon]
    shutdown_grace = "2s"
    [fetch]
    connect_timeout = "3s"
    first_byte_timeout = "3s"
    low_speed_time = "2s"
    total_timeout = "8s"
    certificate_authorities = "\(hostile.certificates.authority)"
    [politeness]
    max_attempts = \(attempts)
    retry_delay = "100ms"
    max_retry_delay = "1s"
    [robots]
    tries = \(attempts)
    window = "8s"
    [dns]
    servers = ["127.0.0.1:\(hostile.names.port)"]
    timeout = "4s"

    """
  }

  /// What the configuration says of a limit; two windows of low speed may be needed to see one whole. What ends by itself
  /// has the time to its first byte.
  static func seconds(of limit: Fault.Limit) -> Int {
    switch limit {
    case .none, .hour, .connect, .firstByte: 3
    case .dns, .lowSpeed: 4
    case .total: 8
    }
  }

  /// Three tasks: faults of answers and of robots.txt, whose hosts are asked for robots.txt first; the others, which
  /// would show in that fetch, so that their page is asked for at once; those that ask for an hour.
  func add() async throws {
    let obeying = Fault.all.filter { $0.limit != .hour && $0.isSeenBehindRobots }
    let ignoring = Fault.all.filter { !$0.isSeenBehindRobots }
    try await stage.add(
      "obeying", ["--scope", "any", "--depth", "0", "--store", "all"], seeds: obeying.map(hostile.url))
    try await stage.add(
      "ignoring", ["--robots", "ignore", "--depth", "0", "--store", "all"], seeds: ignoring.map(hostile.url))
    try await stage.add("waiting", ["--depth", "0"], seeds: waiting.map(hostile.url))
  }

  private var waiting: [Fault] { Fault.all.filter { $0.limit == .hour } }

  /// Those that ask for an hour have been asked.
  func waitUntilDone() async throws {
    try await stage.control("wait", "obeying", "--for", "done")
    try await stage.control("wait", "ignoring", "--for", "done")
    // The robots.txt, and the page unless that was the fault.
    for fault in waiting {
      let requests = if case .robots = fault.place { 1 } else { 2 }
      try await stage.web.waitForRequests(requests, on: fault.host)
    }
  }

  /// What every seed came to, and the sentence with it: the outcome of its last fetch, or the reason why there was none;
  /// of a redirect, what the end of the chain came to.
  static func verdicts(_ stage: Stage) throws -> [String: (verdict: String, error: String)] {
    let sql = """
      SELECT u.id, u.url, u.reason, u.via_url_id IS NULL,
        (SELECT outcome FROM fetches f WHERE f.url_id = u.id ORDER BY f.id DESC LIMIT 1),
        (SELECT target_url_id FROM links l WHERE l.source_url_id = u.id AND kind = 'redirect'),
        (SELECT error FROM fetches f WHERE f.url_id = u.id ORDER BY f.id DESC LIMIT 1)
      FROM urls u
      """
    let rows = try stage.rows(sql)
    let byID = Dictionary(uniqueKeysWithValues: rows.map { ($0[0] ?? "", $0) })
    var verdicts: [String: (String, String)] = [:]
    for seed in rows where seed[3] == "1" {
      var row = seed
      var seen: Set<String?> = [row[0]]
      while row[4] == "redirected", let target = row[5].flatMap({ byID[$0] }), seen.insert(target[0]).inserted {
        row = target
      }
      verdicts[seed[1] ?? ""] = (row[4] ?? row[2] ?? "waiting", row[6] ?? "")
    }
    return verdicts
  }
}

extension Fault {
  /// A robots.txt that is in order does not show it, or it is one.
  var isSeenBehindRobots: Bool {
    switch place {
    case .answer, .robots: true
    case .bytes, .name, .tls, .frames, .nobody: false
    }
  }
}
