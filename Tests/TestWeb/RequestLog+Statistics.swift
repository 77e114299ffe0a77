import EventLoop

extension RequestLog {
  /// Figures over the whole log, made anew at each call: linear in the log (the spacing and concurrency sort it).
  package struct Statistics: Sendable, Equatable {
    package var requests = 0
    package var robotsRequests = 0
    /// Distinct (host, target) pairs other than robots.txt.
    package var distinct = 0
    /// Requests for a pair that had been requested before.
    package var duplicates = 0
    /// Requests for what robots.txt forbids (`/private/…`).
    package var robotsViolations = 0
    package var connections = 0
    /// The most requests, of all hosts, that were arrived and not answered at one time.
    package var maximumConcurrency = 0
    package var hosts: [String: HostStatistics] = [:]
  }

  package struct HostStatistics: Sendable, Equatable {
    package var requests = 0
    /// The shortest time between the arrivals of two requests; nil below two requests.
    package var minimumSpacing: Duration?
    /// From the first arrival to the last.
    package var span: Duration = .zero
    /// The most requests that were arrived and not answered at one time.
    package var maximumConcurrency = 0
  }

  package func statistics() -> Statistics {
    var statistics = Statistics()
    var seen: Set<String> = []
    var connections: Set<Int> = []
    var byHost: [String: [Entry]] = [:]
    for entry in entries {
      statistics.requests += 1
      connections.insert(entry.connection)
      byHost[entry.host, default: []].append(entry)
      if entry.isRobots {
        statistics.robotsRequests += 1
        continue
      }
      if entry.target.hasPrefix("/private/") { statistics.robotsViolations += 1 }
      if seen.insert("\(entry.host) \(entry.target)").inserted {
        statistics.distinct += 1
      } else {
        statistics.duplicates += 1
      }
    }
    statistics.connections = connections.count
    statistics.maximumConcurrency = RequestLog.hostStatistics(entries).maximumConcurrency
    statistics.hosts = byHost.mapValues(RequestLog.hostStatistics)
    return statistics
  }

  private static func hostStatistics(_ entries: [Entry]) -> HostStatistics {
    let arrivals = entries.map(\.arrived).sorted()
    var statistics = HostStatistics(requests: entries.count)
    statistics.minimumSpacing = zip(arrivals, arrivals.dropFirst()).map { $1 - $0 }.min()
    if let first = arrivals.first, let last = arrivals.last { statistics.span = last - first }
    // +1 at an arrival, -1 at an answer; what is answered at the instant of an arrival does not overlap it.
    var changes = entries.map { (at: $0.arrived, change: 1) }
    changes += entries.compactMap { entry in entry.answered.map { (at: $0, change: -1) } }
    var open = 0
    for change in changes.sorted(by: { ($0.at, $0.change) < ($1.at, $1.change) }) {
      open += change.change
      statistics.maximumConcurrency = max(statistics.maximumConcurrency, open)
    }
    return statistics
  }
}

extension RequestLog.Statistics {
  /// The figures as one JSON object; durations in microseconds.
  package var json: String {
    let perHost = hosts.sorted { $0.key < $1.key }.map { name, host in
      let spacing = host.minimumSpacing.map { "\(RequestLog.microseconds($0))" } ?? "null"
      return "\"\(RequestLog.escaped(name))\":{\"requests\":\(host.requests),\"minimum_spacing_us\":\(spacing),"
        + "\"span_us\":\(RequestLog.microseconds(host.span)),\"maximum_concurrency\":\(host.maximumConcurrency)}"
    }
    return "{\"requests\":\(requests),\"robots_requests\":\(robotsRequests),\"distinct\":\(distinct),"
      + "\"duplicates\":\(duplicates),\"robots_violations\":\(robotsViolations),\"connections\":\(connections),"
      + "\"hosts\":{\(perHost.joined(separator: ","))}}\n"
  }
}

extension RequestLog {
  static func microseconds(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return seconds &* 1_000_000 &+ attoseconds / 1_000_000_000_000
  }

  static func escaped(_ text: String) -> String {
    String(
      text.flatMap { character -> [Character] in
        character == "\"" || character == "\\" ? ["\\", character] : character < " " ? ["?"] : [character]
      })
  }
}
