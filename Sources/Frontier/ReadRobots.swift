package import Politeness

/// What a host's robots.txt said when it could be read last, however long ago.
package enum ReadRobots: Sendable {
  case rules(RobotsRules)
  /// The host's row has its text. Of that only the Crawl-delay (microseconds) is in memory.
  case inRow(crawlDelay: Int64?)

  var crawlDelay: Int64? {
    switch self {
    case .rules(let rules): rules.crawlDelay
    case .inRow(let crawlDelay): crawlDelay
    }
  }

  /// As what it holds until it is to be fetched again.
  package func known(expires: Int64) -> RobotsState {
    switch self {
    case .rules(let rules) where rules === RobotsRules.allowAll: .allowAll(expires: expires)
    case .rules(let rules): .known(rules, expires: expires)
    case .inRow: .inRow(expires: expires, isOutdated: false)
    }
  }

  /// As what it holds while it can't be fetched.
  func outdated(expires: Int64) -> RobotsState {
    switch self {
    case .rules(let rules): .outdated(rules, expires: expires)
    case .inRow: .inRow(expires: expires, isOutdated: true)
    }
  }
}
