internal import Fetch
internal import Frontier

/// What this machine lacked for fetches of a host: a port, a descriptor, memory.
struct Shortage {
  /// Since a fetch of the host last got what it needs; of those that fail at once only the first counts.
  var failures = 0
  /// Before it they tell nothing new; loop time.
  var until = Int64.min
}

// A shortage costs no attempt, so that it is tried again for as long as it takes: less and less often. What is said of one
// ends with the daemon; when URLs are due does not.
extension Crawler {
  /// Above it all are forgotten, and begin again with the shortest wait.
  private static let mostShortages = 10_000

  /// What a fetch of a host tells of this machine.
  func noteShortage(of response: FetchResponse, at hostID: Int64) {
    guard response.outcome == .localResource else {
      if !shortages.isEmpty, response.outcome != .aborted { shortages[hostID] = nil }
      return
    }
    var shortage = shortages[hostID] ?? Shortage()
    if shortage.until > now { return }
    if shortages.count >= Self.mostShortages { shortages.removeAll() }
    shortage.failures += 1
    // What waits as long begins no earlier, whatever the calendar loses on the loop's clock.
    shortage.until = now + configuration.retryDelays.least(after: shortage.failures) / 2
    shortages[hostID] = shortage
  }

  /// How long a URL of the host waits whose fetch found a shortage; microseconds.
  func postponement(ofHost hostID: Int64) -> Int64 {
    configuration.retryDelays.next(after: shortages[hostID]?.failures ?? 1)
  }

  /// How long the host's robots.txt waits that says nothing of the host; microseconds.
  func postponement(ofRobots response: FetchResponse, at hostID: Int64) -> Int64 {
    let first = max(
      configuration.retryDelays.first, min(Self.robotsPostponement, frontier.limits.robotsWindow / 4))
    let delay = RetryDelay(first: first, longest: configuration.retryDelays.longest)
    return response.outcome == .localResource ? delay.next(after: shortages[hostID]?.failures ?? 1) : first
  }

  private static let robotsPostponement: Int64 = 5_000_000
}
