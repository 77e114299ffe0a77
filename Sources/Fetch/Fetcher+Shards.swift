import EventLoop

/// Which shard serves an origin, and what is done when sockets run short.
extension Fetcher {
  func shard(for origin: Origin) throws(FetchError) -> Shard {
    if areShardsSqueezed, !sockets.isCrowded { squeeze(false) }
    if let shard = shards[origin.slot], !shard.isRetired,
      shard.hostsMet < configuration.hostsPerShard || areManyRetiring
    {
      return shard
    }
    return try replace(origin.slot)
  }

  /// Hosts are spread evenly, so shards have met enough of them at about the same time; each that ends with its last transfer
  /// has descriptors meanwhile.
  private var areManyRetiring: Bool { retired.count { !$0.isClosed } >= Lane.fewSlots }

  /// Puts a fresh shard into a slot. The old one, if any, ends with its last transfer, and its idle connections with it.
  private func replace(_ slot: Int) throws(FetchError) -> Shard {
    let old = shards[slot]
    let new = try Shard(loop: loop, table: sockets, idleSeconds: configuration.idleSeconds)
    // As in `squeeze`: a refusal makes it slower, not wrong.
    if areShardsSqueezed { try? new.setMaximumIdle(1) }
    shards[slot] = new
    if let old {
      retired.removeAll { $0.isClosed }
      retired.append(old)
      old.retire()
    }
    return new
  }

  /// Waits until a socket has closed, after having closed idle ones where that is possible.
  ///
  /// false when there is nothing to wait for, or the deadline has passed. true is no promise: others may be faster.
  func waitForSocket(_ shortage: SocketShortage, until deadline: Instant) async -> Bool {
    // Closed shards stay closed; the caller finds out before it starts anything.
    guard !isClosed else { return true }
    // Others may have closed some before this coroutine came to run.
    switch shortage {
    case .limit: if !sockets.isFull { return true }
    case .system(let closed): if sockets.closed != closed { return true }
    }
    let before = sockets.open
    for (slot, shard) in shards.enumerated() {
      guard let shard, shard.transferCount == 0, shard.sockets > 0 else { continue }
      // Without memory for a new one the old one goes on.
      _ = try? replace(slot)
      if sockets.open < before { return true }
    }
    squeeze(true)
    guard sockets.open > 0, loop.now < deadline else { return false }
    let parking = Parking()
    socketWaiters.append(parking)
    let timer = loop.callAt(deadline) { parking.wake(.cancelled) }
    waitingForSocket += 1
    await wait(in: parking) { parking.wake(.cancelled) }
    waitingForSocket -= 1
    timer.cancel()
    if case .happened = parking.wake { return true }
    return isClosed
  }

  /// Closes connections that no fetch uses, because somebody else lacks a descriptor: those of shards without a transfer at
  /// once. In the others libcurl is asked to look for those that were idle for two seconds, which it does once a second at
  /// most; while they are used, their ends make room.
  ///
  /// - Returns: whether one was closed at once.
  @discardableResult
  package func closeIdleConnections() -> Bool {
    let before = sockets.closed
    for (slot, shard) in shards.enumerated() {
      guard let shard, !shard.isRetired, shard.sockets > 0 else { continue }
      if shard.transferCount > 0 {
        shard.beginSweep(idleSeconds: 1)
      } else {
        shards[slot] = nil
        shard.retire()
      }
    }
    return sockets.closed > before
  }

  /// While squeezed, each connection that comes back makes libcurl close the oldest idle one.
  private func squeeze(_ isSqueezed: Bool) {
    guard isSqueezed != areShardsSqueezed else { return }
    areShardsSqueezed = isSqueezed
    for shard in shards {
      // A shard that libcurl refuses to change is as it was before: slower, not wrong.
      try? shard?.setMaximumIdle(isSqueezed ? 1 : maximumSockets)
    }
  }
}
