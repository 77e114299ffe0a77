package import EventLoop

/// Judges by the server's log whether a crawl was polite, while its settings changed and its daemon was killed.
///
/// A pure value: what the tasks asked for and when, what the hosts ask for, when the daemon was killed. A request that was
/// on its way when something changed is judged by the laxer of both.
package struct PolitenessJudge: Sendable {
  /// What the tasks of a host allow.
  package struct Pace: Sendable, Hashable {
    /// From the arrival of a request to that of the next.
    package var delay: Duration
    /// Requests that may be open at one time.
    package var concurrency: Int

    package init(delay: Duration, concurrency: Int) {
      self.delay = delay
      self.concurrency = concurrency
    }

    package func laxer(_ other: Pace) -> Pace {
      Pace(delay: min(delay, other.delay), concurrency: max(concurrency, other.concurrency))
    }
  }

  package struct Host: Sendable {
    /// The pace that holds from an instant on, in order of time.
    package var paces: [(from: Instant, pace: Pace)] = []
    package var crawlDelay: Duration?
    /// What each of its answers 429 and 503 asks for.
    package var retryAfter: Duration?
    /// The prefixes of targets that its robots.txt forbids.
    package var forbidden: [String] = []
    /// When none of its tasks may ask for anything.
    package var rests: [Range<Instant>] = []

    package init() {}

    /// From now on, and until something else is noted, this holds.
    package mutating func note(_ pace: Pace, at instant: Instant) { paces.append((instant, pace)) }
  }

  /// A kill of the daemon, and what it forgot because no transaction had it yet.
  package struct Kill: Sendable {
    package var at: Instant
    /// Hosts whose robots.txt is not stored.
    package var forgottenRobots: Set<String>
    /// Hosts whose newest Retry-After is not stored.
    package var forgottenRetryAfter: Set<String>

    package init(at: Instant, forgottenRobots: Set<String> = [], forgottenRetryAfter: Set<String> = []) {
      self.at = at
      self.forgottenRobots = forgottenRobots
      self.forgottenRetryAfter = forgottenRetryAfter
    }
  }

  package enum Rule: String, Sendable, CaseIterable {
    case delay, concurrency, crawlDelay, retryAfter, robots, rest
  }

  package struct Violation: Sendable, Equatable, CustomStringConvertible {
    package var rule: Rule
    package var description: String
  }

  /// What a judgement found, and how often each rule was put to the test.
  package struct Verdict: Sendable {
    package var violations: [Violation] = []
    package var judged: [Rule: Int] = [:]
  }

  package var hosts: [String: Host] = [:]
  package var kills: [Kill] = []
  /// What the stamps of the server may be wrong by, and how long a request may be on its way.
  package var tolerance: Duration
  /// When the server's own loop stood still: what arrived then was stamped at the end.
  package var stalls: [Range<Instant>] = []

  package init(tolerance: Duration) { self.tolerance = tolerance }

  package func verdict(on log: RequestLog) -> Verdict {
    var verdict = Verdict()
    for (name, host) in hosts.sorted(by: { $0.key < $1.key }) {
      let entries = log.entries.filter { $0.host == name }.sorted { $0.arrived < $1.arrived }
      judgeSpacing(of: entries, host, &verdict)
      judgeConcurrency(of: entries, host, &verdict)
      judgeRetryAfter(of: entries, host, &verdict)
      judgeRobots(of: entries, host, &verdict)
      judgeRests(of: entries, host, &verdict)
    }
    return verdict
  }

  // MARK: One rule each

  private func judgeSpacing(of entries: [RequestLog.Entry], _ host: Host, _ verdict: inout Verdict) {
    for (earlier, later) in zip(entries, entries.dropFirst()) {
      let gap = later.arrived - earliestArrival(of: earlier)
      let delay = pace(of: host, at: later.arrived).delay
      if delay > tolerance {
        verdict.note(
          .delay, isKept: gap >= delay - tolerance, "\(later.place): \(gap) after \(earlier.target), not \(delay)")
      }
      if let crawlDelay = host.crawlDelay, knowsRobots(entries, at: later.arrived) {
        verdict.note(
          .crawlDelay, isKept: gap >= crawlDelay - tolerance,
          "\(later.place): \(gap) after \(earlier.target), not \(crawlDelay)")
      }
    }
  }

  private func judgeConcurrency(of entries: [RequestLog.Entry], _ host: Host, _ verdict: inout Verdict) {
    var open: [RequestLog.Entry] = []
    for entry in entries {
      open.removeAll { end(of: $0).map { $0 <= entry.arrived + tolerance } ?? false }
      open.append(entry)
      let concurrency = pace(of: host, at: entry.arrived).concurrency
      verdict.note(
        .concurrency, isKept: open.count <= concurrency,
        "\(entry.place): \(open.count) open, not \(concurrency): \(open.map(\.target))")
    }
  }

  private func judgeRetryAfter(of entries: [RequestLog.Entry], _ host: Host, _ verdict: inout Verdict) {
    guard let retryAfter = host.retryAfter else { return }
    for entry in entries where entry.status == 429 || entry.status == 503 {
      guard let answered = entry.answered else { continue }
      let early = entries.first { later in
        later.arrived > answered + tolerance && later.arrived < answered + retryAfter - tolerance
          && !kills.contains {
            $0.forgottenRetryAfter.contains(entry.host) && entry.arrived < $0.at && $0.at < later.arrived
          }
      }
      verdict.note(
        .retryAfter, isKept: early == nil, "\(entry.place): asked for \(retryAfter), \(early?.target ?? "") came before"
      )
    }
  }

  private func judgeRobots(of entries: [RequestLog.Entry], _ host: Host, _ verdict: inout Verdict) {
    let answers = entries.compactMap { $0.isRobots && $0.status == 200 ? $0.answered : nil }
    let known = answers.min()
    for entry in entries {
      if !entry.isRobots {
        let isKnown = known.map { $0 <= entry.arrived + tolerance } ?? false
        verdict.note(.robots, isKept: isKnown, "\(entry.place): asked before robots.txt was answered")
        verdict.note(
          .robots, isKept: !host.forbidden.contains { entry.target.hasPrefix($0) }, "\(entry.place): is forbidden")
      }
    }
  }

  private func judgeRests(of entries: [RequestLog.Entry], _ host: Host, _ verdict: inout Verdict) {
    for rest in host.rests where rest.lowerBound + tolerance < rest.upperBound {
      let broken = entries.first { $0.arrived > rest.lowerBound + tolerance && $0.arrived < rest.upperBound }
      verdict.note(.rest, isKept: broken == nil, "\(broken?.place ?? ""): came while its tasks were paused")
    }
  }

  // MARK: What holds when

  /// The laxest pace of the time in which a request that arrived now may have been begun.
  private func pace(of host: Host, at instant: Instant) -> Pace {
    let begun = host.paces.last { $0.from <= instant - tolerance } ?? host.paces[0]
    return host.paces.filter { $0.from > instant - tolerance && $0.from <= instant }.reduce(begun.pace) {
      $0.laxer($1.pace)
    }
  }

  /// Whether the daemon has the host's robots.txt: it was answered, and no kill has made it forgotten.
  private func knowsRobots(_ entries: [RequestLog.Entry], at instant: Instant) -> Bool {
    entries.contains { entry in
      guard entry.isRobots, entry.status == 200, let answered = entry.answered, answered <= instant else {
        return false
      }
      return !kills.contains {
        $0.forgottenRobots.contains(entry.host) && entry.arrived < $0.at && $0.at < instant
      }
    }
  }

  /// A request ends with its answer, or with the daemon that sent it.
  private func end(of entry: RequestLog.Entry) -> Instant? {
    let killed = kills.first { $0.at > entry.arrived }?.at
    return [entry.answered, killed].compactMap { $0 }.min()
  }

  private func earliestArrival(of entry: RequestLog.Entry) -> Instant {
    stalls.last { $0.lowerBound <= entry.arrived && entry.arrived <= $0.upperBound + tolerance }?.lowerBound
      ?? entry.arrived
  }
}

extension PolitenessJudge.Verdict {
  fileprivate mutating func note(
    _ rule: PolitenessJudge.Rule, isKept: Bool, _ description: @autoclosure () -> String
  ) {
    judged[rule, default: 0] += 1
    if !isKept { violations.append(.init(rule: rule, description: "\(rule.rawValue): \(description())")) }
  }
}

extension RequestLog.Entry {
  fileprivate var place: String { "\(host)\(target) at \(arrived)" }
}
