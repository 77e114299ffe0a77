internal import Fetch
internal import Frontier
internal import Logging
internal import Politeness

/// A proxy that let requests fail.
struct ProxyOutage {
  /// Since it last worked; of fetches that fail at once only the first counts.
  var failures = 0
  /// Nothing is sent to it before; loop time.
  var until = Int64.min
}

// A proxy that does not work costs no attempt, so it is asked again for as long as it takes: by one fetch of each task,
// less and less often, and what it let fail makes few rows however long that is.
extension Crawler {
  /// What a fetch tells of the proxy that it went through, if any.
  func noteProxy(of response: FetchResponse) {
    guard let name = response.proxy else { return }
    switch response.outcome {
    case .aborted, .localResource: return
    case .proxyFailed:
      var outage = proxyOutages[name] ?? ProxyOutage()
      // What was in flight when it began tells nothing new.
      if outage.until > now { return }
      if outage.failures == 0 { logger.warning("proxy \(name) is out of order: \(response.error ?? "")") }
      let base = max(configuration.retryDelay.microseconds, 100_000)
      outage.until = now + min(base << Int64(min(outage.failures, 16)), HostClock.maximumOutage)
      outage.failures += 1
      proxyOutages[name] = outage
    default:
      guard proxyOutages[name] != nil else { return }
      logger.notice("proxy \(name) works again")
      proxyOutages[name] = nil
    }
    for task in running.values where task.settings.proxy == name { holdForProxy(task) }
  }

  /// Whoever says so wants to know now whether the task's proxy works.
  func forgetProxyOutage(of task: CrawlTask) {
    guard let name = task.settings.proxy, proxyOutages.removeValue(forKey: name) != nil else { return }
    for task in running.values where task.settings.proxy == name { holdForProxy(task) }
  }

  func holdForProxy(_ task: CrawlTask) {
    frontier.noteProxyOutage(until: task.settings.proxy.flatMap { proxyOutages[$0]?.until }, task: task.id)
    needsPump()
  }
}
