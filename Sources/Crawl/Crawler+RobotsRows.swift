internal import EventLoop
internal import Frontier
internal import Politeness
internal import Store

// How robots.txt files are read, and which come from the rows of their hosts and not from the web.
extension Crawler {
  /// Bytes of robots.txt files up to which they are read on the loop, about four milliseconds when they are made to be slow.
  static let rulesOnLoop = 64 << 10

  /// Reads the files of hosts whose rules the frontier wants back, one after the other, since each may take a thread of the
  /// pool some 40 ms.
  func keepReadingRobots() async {
    while true {
      await wait(for: robotsSignal)
      while !isStopping, backPressure == nil, let hostID = frontier.nextRobotsRead(now: now) {
        await readRobots(ofHost: hostID)
      }
      if isStopping { return }
      needsPump()
    }
  }

  private func readRobots(ofHost hostID: Int64) async {
    let token = configuration.productToken
    let read = await untroubled(.readingRobots) { store -> Frontier.RobotsRead in
      guard let text = try await store.robotsText(hostID: hostID) else { return .nothing }
      return .rules(try await rules(of: text, productToken: token))
    }
    if read == nil { await pauseAfterFailedRead() }
    frontier.endRobotsRead(hostID: hostID, read ?? .failed, now: now)
    needsPump()
  }

  /// What a file says. Long ones are read in a thread of the pool.
  /// - Throws: `EventLoopError` when there is no thread.
  nonisolated func rules(of text: [UInt8], productToken: String) async throws -> RobotsRules {
    try await loop.run(inThread: text.count > Self.rulesOnLoop) { RobotsRules.parse(text, productToken: productToken) }
  }
}

extension ReadRobots {
  /// What a host's row has of its robots.txt, however old; nil when it has nothing.
  init?(_ host: HostRecord, productToken: String) {
    switch host.robotsState {
    case "none": self = .rules(.allowAll)
    case "known":
      guard let text = host.robotsText else {
        self = .inRow(crawlDelay: host.crawlDelay)
        return
      }
      self = .rules(RobotsRules.parse(text, productToken: productToken))
    default: return nil
    }
  }
}
