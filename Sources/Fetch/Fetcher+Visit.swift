import Address
import EventLoop
import Names
import WebURL

/// From a place among those in flight to a response: name, addresses, attempts.
extension Fetcher {
  func visit(_ call: FetchCall) async {
    if let proxy = call.origin.lane.route.proxy { return await visit(call, through: proxy) }
    if let pinned = usablePin(of: call) {
      call.tried = pinned.address
      await attempt(call, pinned)
      note(pinned.address, of: call)
      guard mayTryNextAddress(call) else { return }
    }
    if let stopped = stopped(call) { return call.end(.aborted, stopped) }
    await lookUp(call)
    while let next = nextAddress(of: call) {
      await attempt(call, next)
      note(next.address, of: call)
      guard mayTryNextAddress(call) else { return }
    }
  }

  /// Finds the addresses that the call may try; when there are none, its response says why.
  private func lookUp(_ call: FetchCall) async {
    call.request.progress.enter(.dns, now: loop.now)
    let stopwatch = Stopwatch()
    let found = await addresses(of: call.request.url)
    take(found, of: call, in: stopwatch.elapsed)
  }

  @inline(never)
  private func take(_ found: Found, of call: FetchCall, in time: Int64) {
    call.lookUpTime = time
    switch found {
    case .addresses(let found):
      call.hasChoice = found.count > 1
      call.candidates = candidates(found, call).prefix(max(1, call.request.limits.addresses))
      if let tried = call.tried { call.candidates.removeAll { $0 == tried } }
      if call.candidates.isEmpty, call.tried == nil { call.end(.connectFailed, "there is no address left") }
    case .failure(let outcome, let error, let address):
      // What an attempt came to says more.
      if call.tried == nil { call.end(outcome, error, at: address) }
      call.response.timings.total = call.stopwatch.elapsed
    }
    call.response.timings.dns = call.lookUpTime
  }

  @inline(never)
  private func nextAddress(of call: FetchCall) -> PinnedAddress? {
    guard let address = call.candidates.popFirst() else { return nil }
    if let pinned = call.origin.pinned, pinned.address == address { return pinned }
    return PinnedAddress(address)
  }

  enum Found {
    case addresses([Address])
    case failure(FetchOutcome, String, Address?)
  }

  /// The addresses of a URL's host that may be connected to. With `all` it is a failure when one of its addresses may
  /// not.
  func addresses(of url: WebURL, all isWhole: Bool = false) async -> Found {
    if let literal = url.address { return allowed([literal], of: url, all: isWhole) }
    switch await resolver.resolve(url.hostName ?? "", site: { url.registrableDomain }) {
    case .addresses(let addresses, _): return allowed(addresses, of: url, all: isWhole)
    case .failure(.notFound, let message): return .failure(.dnsNotFound, message, nil)
    case .failure(.failed, let message): return .failure(.dnsFailed, message, nil)
    case .failure(.timeout, let message): return .failure(.dnsTimeout, message, nil)
    case .failure(.cancelled, let message): return .failure(.aborted, message, nil)
    }
  }

  @inline(never)
  private func allowed(_ addresses: [Address], of url: WebURL, all isWhole: Bool) -> Found {
    let name = url.hostName ?? ""
    if addresses.isEmpty { return .failure(.dnsNotFound, "the name \(name) has no address", nil) }
    var refused: (address: Address, rule: String)?
    var allowed: [Address] = []
    for address in addresses {
      switch addressGuard.verdict(address) {
      case .allowed: allowed.append(address)
      case .refused(let rule): refused = (address, rule)
      }
    }
    guard let refused, allowed.isEmpty || isWhole else { return .addresses(allowed) }
    let sentence = "\(refused.address), an address of \(name), is refused: \(refused.rule)"
    return .failure(.addressRefused, sentence, refused.address)
  }

  /// The address that connections of the origin go to comes first: they can be used again.
  private func candidates(_ addresses: [Address], _ call: FetchCall) -> [Address] {
    let ordered =
      deadAddresses.isEmpty ? addresses : deadAddresses.ordered(addresses, port: call.port, now: loop.now)
    guard let pinned = usablePin(of: call)?.address else { return ordered }
    return [pinned] + ordered.filter { $0 != pinned }
  }

  /// That of the origin, unless its sockets are attempts that come to nothing as others did.
  private func usablePin(of call: FetchCall) -> PinnedAddress? {
    guard let pinned = call.origin.pinned, call.origin.sockets > 0 else { return nil }
    if deadAddresses.isEmpty { return pinned }
    return deadAddresses.contains(pinned.address, port: call.port, now: loop.now) ? nil : pinned
  }

  /// What came of an attempt: whether its address is one to begin with, and the time that it has cost when it is not.
  private func note(_ address: Address, of call: FetchCall) {
    let response = call.response
    response.timings.dns = call.lookUpTime
    switch response.outcome {
    case .connectRefused, .connectTimeout, .connectFailed:
      guard call.sentAt == nil else { break }
      // Before a look-up nobody knows whether there are others.
      if call.hasChoice || call.tried == address { deadAddresses.insert(address, port: call.port, now: loop.now) }
      call.lostTime = max(0, response.timings.total - call.queueTime - call.lookUpTime)
      response.timings.connect = call.lostTime
    default:
      if call.sentAt != nil, !deadAddresses.isEmpty { deadAddresses.remove(address, port: call.port) }
      response.timings.connect += call.lostTime
    }
  }

  /// Only a connection that never was may be tried elsewhere: nothing was sent yet.
  func mayTryNextAddress(_ call: FetchCall) -> Bool {
    switch call.response.outcome {
    case .connectRefused, .connectTimeout, .connectFailed, .proxyFailed:
      call.sentAt == nil && loop.now < call.deadline && stopped(call) == nil
    default: false
    }
  }

  /// Why the fetch must not go on; nil when it may.
  func stopped(_ call: FetchCall) -> String? {
    if isClosed { return "the fetcher was closed" }
    if Task.isCancelled { return "it was cancelled" }
    return call.request.gate.isOpen ? nil : "the task was stopped before the request was sent"
  }

  /// One request over one address; more than one try only while this machine lacks a socket for it, or until kept connections
  /// that are no good are used up.
  func attempt(_ call: FetchCall, _ address: PinnedAddress) async {
    defer { sockets.passTurn(of: call) }
    while true {
      if let stopped = stopped(call) { return call.end(.aborted, stopped) }
      if let mayConnect = call.request.mayConnect, let server = address.server, !mayConnect(server) {
        return call.end(.aborted, "as many fetches as may be are in flight to \(server)", at: address.address)
      }
      guard let transfer = start(call, address) else { return }
      await wait(in: transfer.parking) { transfer.abort(.aborted, "it was cancelled") }
      if transfer.isUnsent { continue }
      guard let shortage = transfer.shortage else { return }
      guard await waitForSocket(shortage, until: call.deadline) else {
        // Its time went on while it waited for a socket in vain.
        return call.response.timings.total = call.stopwatch.elapsed
      }
      call.hasTurn = true
    }
  }

  /// Nil when it could not be started; the call's response says why.
  @inline(never)
  private func start(_ call: FetchCall, _ address: PinnedAddress) -> Transfer? {
    call.request.progress.enter(.connect, now: loop.now)
    do throws(FetchError) { return try begin(call, address) } catch {
      call.end(.localResource, error.description)
      return nil
    }
  }

  private func begin(_ call: FetchCall, _ address: PinnedAddress) throws(FetchError) -> Transfer {
    let shard = try shard(for: call.origin)
    let handle = try context.pool.take()
    let transfer = Transfer(call: call, address: address, handle: handle, shard: shard, context: context)
    do throws(FetchError) {
      try handle.prepare(
        transfer,
        forbidsReuse: !call.request.keepAlive || sockets.isCrowded || !shard.isWorthKeeping(for: call),
        isOneOfMany: inFlight > Self.many, tlsSessions: call.origin.lane.tlsSessions.share(for: call.origin))
    } catch {
      handle.transfer = nil
      throw error
    }
    transfer.startTimer()
    shard.start(transfer)
    return transfer
  }
}
