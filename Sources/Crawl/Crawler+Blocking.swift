internal import EventLoop
internal import Fetch
internal import Frontier
internal import Logging
internal import Politeness
internal import Store

/// A host and until when it is blocked.
package struct HostBlockState: Sendable {
  package var id: Int64
  package var origin: String
  /// Microseconds since 1970 UTC; nil when no block is in force.
  package var until: Int64?
}

// Hosts that a user wants left alone.
extension Crawler {
  /// Starts no request to the hosts of a place from this instant on, whatever task it is for. When this returns, that is on
  /// disk, and holds over restarts. Requests that were sent end; what was not sent goes back to the queue without an
  /// attempt. An earlier block of the user's is replaced.
  ///
  /// - Parameters:
  ///   - place: `name`, `name:port` or `scheme://name:port`.
  ///   - until: microseconds since 1970 UTC, at most `HostClock.maximumBlock` ahead; nil: until `unblock`.
  /// - Throws: `.unknownPlace` for a host that no task knows, `.refused` for a time that has passed, `.store`.
  package func block(_ place: String, until: Int64?, actor: String) async throws(CrawlError) -> [HostBlockState] {
    noteClock()
    let last = dueNow &+ HostClock.maximumBlock
    let until = min(until ?? last, last)
    guard until > dueNow else {
      throw .refused("the time until which \(place) is to be blocked has passed", actions: [])
    }
    let hosts = try hosts(of: place)
    for host in hosts { frontier.block(hostID: host.id, until: loopTime(ofDue: until), now: now) }
    let ids = Set(hosts.map(\.id))
    for visit in live.values where ids.contains(visit.hostID) && !visit.progress.phase.isRequestSent { visit.abort() }
    try await storeBlock(hosts, until: until)
    for host in hosts {
      logger.notice("\(host.origin) is blocked by \(actor)")
      announce(.block(until: until, reason: BlockReason.user.rawValue, actor: actor), host: host.origin)
    }
    needsPump()
    return hosts.map { HostBlockState(id: $0.id, origin: $0.origin, until: until) }
  }

  /// Ends every block of the hosts of a place: the user's, what they asked for with Retry-After, and outages.
  package func unblock(_ place: String, actor: String) async throws(CrawlError) -> [HostBlockState] {
    let hosts = try hosts(of: place)
    for host in hosts { frontier.unblock(hostID: host.id, now: now) }
    try await storeBlock(hosts, until: nil)
    for host in hosts {
      logger.notice("\(host.origin) is unblocked by \(actor)")
      announce(.block(until: nil, reason: nil, actor: actor), host: host.origin)
    }
    needsPump()
    return hosts.map { HostBlockState(id: $0.id, origin: $0.origin) }
  }

  private func hosts(of place: String) throws(CrawlError) -> [(id: Int64, origin: String)] {
    let hosts = frontier.knownHosts(named: place)
    if hosts.isEmpty { throw .unknownPlace(place) }
    return hosts
  }

  private func storeBlock(_ hosts: [(id: Int64, origin: String)], until: Int64?) async throws(CrawlError) {
    // A host that a redirect of a robots.txt has met has no row before that visit ends.
    if frontier.hasNewHosts {
      let newHosts = frontier.takeNewHosts().map(HostRecord.init)
      lastSequence = store.append(VisitRecord(taskID: 0, newHosts: newHosts))
    }
    do {
      try await store.setBlock(hostIDs: hosts.map(\.id), until: until)
    } catch {
      throw .store(
        until == nil
          ? "no block holds any more, but that could not be stored, so a restart brings it back: \(error)"
          : "the block holds, but could not be stored, so a restart forgets it: \(error)")
    }
  }
}
