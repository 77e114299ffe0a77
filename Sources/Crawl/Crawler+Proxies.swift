internal import Fetch
internal import Frontier
internal import Logging
internal import Politeness
internal import WebURL

/// What is known of a proxy from the requests that went through it.
package struct ProxyStanding {
  /// Since it last worked; of fetches that fail at once only the first counts.
  package private(set) var failures = 0
  /// Nothing is sent to it before; loop time.
  package private(set) var until = Int64.min
  /// Requests that it served.
  private var served = 0
  /// When it served the last of them; loop time.
  private var servedAt = Int64.min
  /// Hosts whose requests it did not serve although it was there, and what it had served when it last happened.
  private var unserved: [Int64: Int] = [:]
  /// Those of them that it has not served since.
  package private(set) var unservedHosts: Set<Int64> = []
  /// Hosts that it has served.
  private var servedHosts: Set<Int64> = []
  /// What it answered 407 to and has not served since.
  private var refusals: [Place: Refusal] = [:]
  /// Hosts whose own word 407 is, at least for some of their URLs.
  private var refusingHosts: Set<Int64> = []
  /// Hosts to which it answered 407 since it last worked, at most two of them.
  private var refusedHosts: Set<Int64> = []

  /// Above it all are forgotten: each then has a few more failures that count as the proxy's.
  private static let mostUnserved = 1_000
  /// Above it all are forgotten: of what a proxy answers 407 to, more may be taken for the server's word.
  private static let mostServed = 100_000
  /// A proxy that has served others and fails so often in a row may do so because only such servers are left.
  package static let mostFailures = 4
  /// A proxy that has served others and answers 407 so often to the same may do so for the server whatever else it does.
  package static let mostRefusals = 60

  /// A URL, or all of a host that the proxy has never served.
  private struct Place: Hashable {
    let hostID: Int64
    let url: Int?
  }

  private struct Refusal {
    var tries = 0
    /// Those between which the proxy has served something.
    var turns = 0
    /// What it had served at the last of them.
    var served = -1
  }

  package init() {}

  /// Notes that it served a request to the host.
  /// - Parameter url: stands for its URL.
  /// - Returns: whether it had been out of order.
  package mutating func noteServed(_ hostID: Int64, url: Int, now: Int64) -> Bool {
    served += 1
    servedAt = now
    unservedHosts.remove(hostID)
    if servedHosts.count >= Self.mostServed { servedHosts.removeAll() }
    let isFirst = servedHosts.insert(hostID).inserted
    if !refusals.isEmpty { refusals[Place(hostID: hostID, url: isFirst ? nil : url)] = nil }
    refusedHosts.removeAll()
    defer { (failures, until) = (0, .min) }
    return failures > 0
  }

  /// Notes that it did not serve a request to the host although it was there.
  /// - Parameter silentSince: from when on it did not answer (loop time); nil when it did, or ended the connection.
  /// - Returns: whether the host is to blame, and whether that is certain: then the proxy is in order.
  package mutating func noteUnserved(_ hostID: Int64, silentSince: Int64?) -> (isHosts: Bool, isCertain: Bool) {
    let isAgain = noteUnserved(hostID)
    let isCertain = isAgain || silentSince.map { $0 < servedAt } ?? false
    let isLikely = failures >= Self.mostFailures && (served > 0 || silentSince != nil)
    return (isCertain || isLikely, isCertain)
  }

  /// Notes that a request was answered with 407, by the proxy or by the host. The proxy is to blame unless it has served others
  /// often between what it answered so, or such a host alone is left that it has never served.
  /// - Parameter url: stands for its URL.
  /// - Returns: as `noteUnserved`.
  package mutating func noteRefused(_ hostID: Int64, url: Int) -> (isHosts: Bool, isCertain: Bool) {
    let isAgain = noteUnserved(hostID)
    if refusals.count >= Self.mostUnserved { refusals.removeAll() }
    if refusedHosts.count < 2 { refusedHosts.insert(hostID) }
    let isNew = !servedHosts.contains(hostID)
    let place = Place(hostID: hostID, url: isNew ? nil : url)
    var refusal = refusals[place] ?? Refusal()
    refusal.tries += 1
    if refusal.served < served { refusal.turns += 1 }
    refusal.served = served
    refusals[place] = refusal
    if refusal.turns > Self.mostFailures { noteRefusing(hostID) }
    let isCertain = isAgain && refusingHosts.contains(hostID)
    let isAlone =
      isNew && refusedHosts == [hostID] && failures >= Self.mostFailures && refusal.tries > Self.mostFailures
    return (isCertain || served > 0 && (isAlone || refusal.tries > Self.mostRefusals), isCertain)
  }

  private mutating func noteRefusing(_ hostID: Int64) {
    if refusingHosts.count >= Self.mostUnserved { refusingHosts.removeAll() }
    refusingHosts.insert(hostID)
  }

  /// - Returns: whether it was in order, and had served others since it last did not serve the host.
  private mutating func noteUnserved(_ hostID: Int64) -> Bool {
    if unserved.count >= Self.mostUnserved {
      unserved.removeAll()
      unservedHosts.removeAll()
    }
    let before = unserved.updateValue(served, forKey: hostID)
    unservedHosts.insert(hostID)
    return failures == 0 && before.map { $0 < served } ?? false
  }

  /// Notes that it is out of order. What was in flight when it began tells nothing new.
  /// - Parameter pause: how long nothing is sent to it after the first failure, microseconds; after each other twice as long.
  /// - Returns: whether it was in order before.
  package mutating func noteFailure(pause: Int64, now: Int64) -> Bool {
    if until > now { return false }
    until = now + min(pause << Int64(min(failures, 16)), HostClock.maximumOutage)
    failures += 1
    return failures == 1
  }
}

// A proxy that does not work costs no attempt, so it is asked again for as long as it takes: by one fetch of each task,
// less and less often, and what it let fail makes few rows however long that is. Hosts that it did not serve are asked for only
// when there are no others. A server that makes a proxy look as if it did not work is found out: by its second failure when
// others were served between, or by the first when the proxy was silent about it and served others meanwhile; else by the
// fifth in a row. 407 is a proxy's word (RFC 9110, section 15.5.8), so that more is needed there, and it is never taken for an
// answer: the server's outcome is one that may be another next time.
extension Crawler {
  /// What a fetch from a host tells of the proxy that it went through, if any; the response may turn out to be the server's.
  func noteProxy(of response: FetchResponse, to hostID: Int64, _ url: WebURL) {
    guard let name = response.proxy else { return }
    var proxy = proxies[name] ?? ProxyStanding()
    defer { proxies[name] = proxy }
    switch response.outcome {
    case .aborted, .localResource: return
    // It was not asked.
    case .addressRefused, .schemeRefused, .dnsNotFound, .dnsFailed, .dnsTimeout: return
    // It may not have passed on what it was to ask for itself.
    case .firstByteTimeout: return
    case .proxyFailed:
      if let verdict = blame(for: response, of: hostID, url, &proxy) {
        if verdict.isHosts { response.blameServer() }
        if verdict.isCertain { return }
      }
      let pause = max(configuration.retryDelay.microseconds, 100_000)
      if proxy.noteFailure(pause: pause, now: now) {
        logger.warning("proxy \(name) is out of order: \(response.error ?? "")")
      }
    default:
      guard proxy.noteServed(hostID, url: url.hashValue, now: now) else { return }
      logger.notice("proxy \(name) works again")
    }
    hold(tasksOf: name, proxy)
  }

  /// Whether the host is to blame for what the proxy did not serve, and whether that is certain; nil when it can't be.
  private func blame(
    for response: FetchResponse, of hostID: Int64, _ url: WebURL, _ proxy: inout ProxyStanding
  ) -> (isHosts: Bool, isCertain: Bool)? {
    guard let outcome = response.serversOutcome else { return nil }
    if response.isProxyRefusal { return proxy.noteRefused(hostID, url: url.hashValue) }
    let isSilence = outcome == .connectTimeout
    return proxy.noteUnserved(
      hostID, silentSince: isSilence ? now - configuration.limits.connect.microseconds : nil)
  }

  /// Whoever says so wants to know now whether the task's proxy works.
  func forgetProxyOutage(of task: CrawlTask) {
    guard let name = task.settings.proxy, let proxy = proxies.removeValue(forKey: name), proxy.failures > 0 else {
      return
    }
    hold(tasksOf: name, nil)
  }

  private func hold(tasksOf name: String, _ proxy: ProxyStanding?) {
    for task in running.values where task.settings.proxy == name { hold(task, for: proxy) }
  }

  func holdForProxy(_ task: CrawlTask) { hold(task, for: task.settings.proxy.flatMap { proxies[$0] }) }

  private func hold(_ task: CrawlTask, for proxy: ProxyStanding?) {
    let until = proxy.flatMap { $0.failures > 0 ? $0.until : nil }
    frontier.noteProxyOutage(until: until, unserved: proxy?.unservedHosts ?? [], task: task.id)
    needsPump()
  }
}
