package import WebURL

/// Where a robots.txt goes on that redirects to another host: there it is asked for later, by a fetch of its own, and nothing
/// of it is in flight meanwhile.
package struct RobotsRedirect: Sendable {
  package enum Cause: Sendable {
    /// The redirect's Retry-After.
    case retryAfter
    /// As many wait for that host as may.
    case line
  }

  package var url: WebURL
  /// The redirects that lead there.
  package var redirects: Int
  /// Loop time, microseconds.
  package var due: Int64
  package var cause: Cause

  package init(url: WebURL, redirects: Int, due: Int64, cause: Cause) {
    self.url = url
    self.redirects = redirects
    self.due = due
    self.cause = cause
  }
}

extension Frontier {
  /// The longest time after which a robots.txt goes on where it redirected to, instead of being fetched from its beginning.
  private static let redirectLifetime: Int64 = 86_400_000_000

  /// Takes where a reader's fetch of the host's robots.txt is to go on; nil when it is to begin at its beginning.
  package func takeRobotsRedirect(hostID: Int64, reader: Int, now: Int64) -> RobotsRedirect? {
    guard let redirect = hosts[hostID]?.robotsRedirects.removeValue(forKey: reader) else { return nil }
    return now - redirect.due <= Self.redirectLifetime ? redirect : nil
  }

  /// The hosts on which a task has URLs, any task when it is nil, and whose robots.txt goes on later; or that one of them. By
  /// when it does. Linear in the hosts in memory.
  package func robotsRedirects(
    task taskID: Int64?, hostID: Int64?
  ) -> [(origin: String, redirect: RobotsRedirect)] {
    var found: [(origin: String, redirect: RobotsRedirect)] = []
    for host in hosts.values where !host.robotsRedirects.isEmpty && (hostID == nil || host.id == hostID) {
      let queues = host.queues.filter { taskID == nil || $0.taskID == taskID }
      let readers = Set(queues.filter(\.task.settings.obeysRobots).map(\.task.settings.robotsReader))
      found += readers.compactMap { host.robotsRedirects[$0] }.map { (origin: host.origin, redirect: $0) }
    }
    return found.sorted { ($0.redirect.due, $0.origin) < ($1.redirect.due, $1.origin) }
  }
}
