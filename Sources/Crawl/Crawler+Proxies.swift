internal import Fetch
internal import Frontier
internal import Logging
internal import Politeness

/// What is known of a proxy from the requests that went through it.
struct ProxyStanding {
  /// Since it last worked; of fetches that fail at once only the first counts.
  var failures = 0
  /// Nothing is sent to it before; loop time.
  var until = Int64.min
  /// Requests that it served.
  var served = 0
  /// Hosts whose requests it did not serve although it was there, and what it had served when it last happened.
  var unserved: [Int64: Int] = [:]

  /// Above it all are forgotten: each then has one more failure that counts as the proxy's.
  static let mostUnserved = 1_000
  /// A proxy that has served others and fails so often in a row may do so because only such servers are left.
  static let mostFailures = 4

  /// Notes that it did not serve a request to the host although it was there.
  /// - Returns: whether the host is to blame: the same happened before, and others were served since.
  mutating func noteUnserved(_ hostID: Int64) -> Bool {
    if unserved.count >= Self.mostUnserved { unserved.removeAll() }
    let before = unserved.updateValue(served, forKey: hostID)
    return failures == 0 && before.map { $0 < served } ?? false
  }
}

// A proxy that does not work costs no attempt, so it is asked again for as long as it takes: by one fetch of each task,
// less and less often, and what it let fail makes few rows however long that is. A server that makes a proxy look as if it
// did not work is found out: by its second failure when others were served between, else by the fifth in a row.
extension Crawler {
  /// What a fetch from a host tells of the proxy that it went through, if any; the response may turn out to be the server's.
  func noteProxy(of response: FetchResponse, to hostID: Int64) {
    guard let name = response.proxy else { return }
    var proxy = proxies[name] ?? ProxyStanding()
    defer { proxies[name] = proxy }
    switch response.outcome {
    case .aborted, .localResource: return
    case .proxyFailed:
      if response.mayBlameServer {
        if proxy.noteUnserved(hostID) { return response.blameServer() }
        if proxy.served > 0, proxy.failures >= ProxyStanding.mostFailures { response.blameServer() }
      }
      // What was in flight when it began tells nothing new.
      if proxy.until > now { return }
      if proxy.failures == 0 { logger.warning("proxy \(name) is out of order: \(response.error ?? "")") }
      let base = max(configuration.retryDelay.microseconds, 100_000)
      proxy.until = now + min(base << Int64(min(proxy.failures, 16)), HostClock.maximumOutage)
      proxy.failures += 1
    default:
      proxy.served += 1
      if proxy.failures == 0 { return }
      logger.notice("proxy \(name) works again")
      (proxy.failures, proxy.until) = (0, .min)
    }
    holdTasks(ofProxy: name, until: proxy.until)
  }

  /// Whoever says so wants to know now whether the task's proxy works.
  func forgetProxyOutage(of task: CrawlTask) {
    guard let name = task.settings.proxy, let proxy = proxies.removeValue(forKey: name), proxy.failures > 0 else {
      return
    }
    holdTasks(ofProxy: name, until: .min)
  }

  private func holdTasks(ofProxy name: String, until: Int64) {
    for task in running.values where task.settings.proxy == name { holdForProxy(task, until: until) }
  }

  func holdForProxy(_ task: CrawlTask) {
    holdForProxy(task, until: task.settings.proxy.flatMap { proxies[$0]?.until } ?? .min)
  }

  private func holdForProxy(_ task: CrawlTask, until: Int64) {
    frontier.noteProxyOutage(until: until == .min ? nil : until, task: task.id)
    needsPump()
  }
}
