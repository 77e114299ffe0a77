package import Politeness

// Rules that are not in memory: the rows of their hosts have the texts. One is read when the turn of a URL has come that it
// judges. To be read costs the host's clock nothing.
extension Frontier {
  package enum RobotsRead: Sendable {
    case rules(RobotsRules)
    /// The row has none: the file is fetched.
    case nothing
    /// It is to be read again.
    case failed
  }

  /// Whether `nextRobotsRead` may have a host.
  package var wantsRobotsRead: Bool { !robotsToRead.isEmpty }

  func waitForRead(_ host: Host) {
    host.isToBeRead = true
    robotsToRead.append(host)
  }

  /// The next host whose robots.txt is to be read from its row now, to be answered by `endRobotsRead`. Ask after each `next`,
  /// and after the answer: those that no task needs any more come up again when one does. O(hosts that wait).
  package func nextRobotsRead(now: Int64) -> Int64? {
    while let host = robotsToRead.popFirst() {
      host.isToBeRead = false
      guard hosts[host.id] === host else { continue }
      if isRead(host, now: now) {
        host.isToBeRead = true
        return host.id
      }
      schedule(host, now: now)
    }
    return nil
  }

  /// Whether a URL waits there for its rules. Others may have taken its place, its host's time or its task's share meanwhile,
  /// as they would again and again if it was not read for that reason.
  private func isRead(_ host: Host, now: Int64) -> Bool {
    host.queues.contains { $0.hasWork && $0.task.isRunning && $0.task.need(on: host, now: now) == .read }
  }

  /// What the row of such a host has.
  package func endRobotsRead(hostID: Int64, _ read: RobotsRead, now: Int64) {
    guard let host = hosts[hostID] else { return }
    host.isToBeRead = false
    switch read {
    case .rules(let rules): host.takeFromRow(rules)
    case .nothing: host.takeFromRow(nil)
    case .failed: break
    }
    noteRules(of: host)
    configureClock(host)
    schedule(host, now: now)
  }
}
