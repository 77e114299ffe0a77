import Address
import EventLoop
import Names
import WebURL

/// From a place among those in flight to a response: name, addresses, attempts.
extension Fetcher {
  func visit(_ call: FetchCall) async -> FetchResponse {
    let origin = call.origin
    var failed: FetchResponse?
    var failedAddress: Address?
    if let pinned = origin.pinned, origin.sockets > 0 {
      let response = await attempt(call, pinned)
      guard mayTryNextAddress(call, after: response) else { return response }
      failed = response
      failedAddress = pinned.address
    }
    if let stopped = stopped(call) { return call.response(.aborted, stopped) }
    call.request.progress.enter(.dns, now: loop.now)
    let lookup = Stopwatch()
    let found = await addresses(of: call.request.url)
    let dns = lookup.elapsed
    switch found {
    case .failure(let outcome, let error, let address):
      var response = failed ?? call.response(outcome, error)
      if failed == nil { response.remoteAddress = address?.description }
      response.timings.dns = dns
      response.timings.total = call.stopwatch.elapsed
      return response
    case .addresses(let found):
      for address in candidates(found, origin).prefix(max(1, call.request.limits.addresses))
      where address != failedAddress {
        let pinned = origin.pinned?.address == address ? origin.pinned : nil
        var response = await attempt(call, pinned ?? PinnedAddress(address))
        response.timings.dns = dns
        guard mayTryNextAddress(call, after: response) else { return response }
        failed = response
      }
    }
    var response = failed ?? call.response(.connectFailed, "there is no address left")
    response.timings.dns = dns
    return response
  }

  private enum Found {
    case addresses([Address])
    case failure(FetchOutcome, String, Address?)
  }

  /// The addresses of a URL's host that may be connected to.
  private func addresses(of url: WebURL) async -> Found {
    let name = url.hostName ?? ""
    let all: [Address]
    if let literal = url.address {
      all = [literal]
    } else {
      switch await resolver.resolve(name) {
      case .addresses(let addresses, _): all = addresses
      case .failure(.notFound, let message): return .failure(.dnsNotFound, message, nil)
      case .failure(.failed, let message): return .failure(.dnsFailed, message, nil)
      case .failure(.timeout, let message): return .failure(.dnsTimeout, message, nil)
      case .failure(.cancelled, let message): return .failure(.aborted, message, nil)
      }
    }
    var refusal = Found.failure(.dnsNotFound, "the name \(name) has no address", nil)
    var allowed: [Address] = []
    for address in all {
      switch addressGuard.verdict(address) {
      case .allowed: allowed.append(address)
      case .refused(let rule):
        refusal = .failure(.addressRefused, "\(address), an address of \(name), is refused: \(rule)", address)
      }
    }
    return allowed.isEmpty ? refusal : .addresses(allowed)
  }

  /// The address that connections of the origin go to comes first: they can be used again.
  private func candidates(_ addresses: [Address], _ origin: Origin) -> [Address] {
    guard let pinned = origin.pinned?.address, origin.sockets > 0 else { return addresses }
    return [pinned] + addresses.filter { $0 != pinned }
  }

  /// Only a connection that never was may be tried elsewhere: nothing was sent yet.
  private func mayTryNextAddress(_ call: FetchCall, after response: FetchResponse) -> Bool {
    switch response.outcome {
    case .connectRefused, .connectTimeout, .connectFailed:
      !response.requestSent && loop.now < call.deadline && stopped(call) == nil
    default: false
    }
  }

  /// Why the fetch must not go on; nil when it may.
  private func stopped(_ call: FetchCall) -> String? {
    if isClosed { return "the fetcher was closed" }
    if Task.isCancelled { return "it was cancelled" }
    return call.request.gate.isOpen ? nil : "the task was stopped before the request was sent"
  }

  /// One request over one address; more than one try only while this machine lacks a socket for it.
  private func attempt(_ call: FetchCall, _ address: PinnedAddress) async -> FetchResponse {
    defer { sockets.passTurn(of: call) }
    while true {
      if let stopped = stopped(call) { return call.response(.aborted, stopped) }
      call.request.progress.enter(.connect, now: loop.now)
      let transfer: Transfer
      do throws(FetchError) {
        transfer = try start(call, address)
      } catch {
        return call.response(.localResource, error.description)
      }
      await wait(in: transfer.parking) { transfer.abort(.aborted, "it was cancelled") }
      guard let shortage = transfer.shortage, await waitForSocket(shortage, until: call.deadline) else {
        // Its time went on if it waited for a socket in vain.
        var response = transfer.response
        if transfer.shortage != nil { response.timings.total = call.stopwatch.elapsed }
        return response
      }
      call.hasTurn = true
    }
  }

  private func start(_ call: FetchCall, _ address: PinnedAddress) throws(FetchError) -> Transfer {
    let shard = try shard(for: call.origin)
    let handle = try context.pool.take()
    let transfer = Transfer(call: call, address: address, handle: handle, shard: shard, context: context)
    do throws(FetchError) {
      try handle.prepare(
        transfer, forbidsReuse: !call.request.keepAlive || sockets.isCrowded || shard.keepsTooMany,
        tlsSessions: tlsSessions.share(for: call.origin))
    } catch {
      handle.transfer = nil
      throw error
    }
    transfer.startTimer()
    shard.start(transfer)
    return transfer
  }
}
