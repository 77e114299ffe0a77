import Address
import EventLoop
import Names
import WebURL

/// From a place among those in flight to a response, through a proxy.
extension Fetcher {
  /// Vets where the URL leads, as far as that can be known, finds the proxy, and asks it.
  func visit(_ call: FetchCall, through proxy: FetchProxy) async {
    if let stopped = stopped(call) { return call.end(.aborted, stopped) }
    call.request.progress.enter(.dns, now: loop.now)
    let stopwatch = Stopwatch()
    var servers: [Address?] = [nil]
    if !proxy.resolvesNames || call.request.url.address != nil {
      // SOCKS is told one address; HTTP gets the name, so that every address of it must be allowed.
      switch await addresses(of: call.request.url, all: proxy.kind != .socks5) {
      case .addresses(let found): servers = proxy.kind == .socks5 ? found : [found.first]
      case .failure(let outcome, let error, let address): return end(call, outcome, error, at: address, stopwatch)
      }
    }
    let proxies: [Address]
    switch await addresses(of: proxy) {
    case .addresses(let found): proxies = found
    case .failure(let outcome, let error, _): return end(call, outcome, error, stopwatch)
    }
    call.lookUpTime = stopwatch.elapsed
    let most = max(1, call.request.limits.addresses)
    for address in proxies.prefix(most) {
      for server in servers.prefix(most) {
        call.origin.lane.proxyAddresses.insert(address)
        await attempt(call, PinnedAddress(address, of: proxy, to: server))
        call.response.timings.dns = call.lookUpTime
        guard mayTryNextAddress(call) else { return }
        // What it was silent about, another address of the server may answer.
        if call.response.outcome == .proxyFailed, call.response.serversOutcome != .connectTimeout { break }
      }
      guard call.response.outcome == .proxyFailed else { return }
    }
  }

  private func end(
    _ call: FetchCall, _ outcome: FetchOutcome, _ error: String, at address: Address? = nil, _ stopwatch: Stopwatch
  ) {
    call.end(outcome, error, at: address)
    call.response.timings.dns = stopwatch.elapsed
  }

  /// Nobody vets them: see `FetchProxy`.
  private func addresses(of proxy: FetchProxy) async -> Found {
    if let address = proxy.address { return .addresses([address]) }
    switch await resolver.resolve(proxy.host) {
    case .addresses(let addresses, _):
      if !addresses.isEmpty { return .addresses(addresses) }
      return .failure(.proxyFailed, "the name of the proxy \(proxy.name) has no address", nil)
    case .failure(.cancelled, let message): return .failure(.aborted, message, nil)
    case .failure(_, let message): return .failure(.proxyFailed, "the proxy \(proxy.name): \(message)", nil)
    }
  }
}
