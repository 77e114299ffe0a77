/// One IP address that hosts share: the fetches in flight to it, and the hosts that wait for their end.
final class AddressPlace {
  let address: String
  var inFlight = 0
  /// Hosts that were called out of the line and are about to start.
  var called = 0
  var waiting = Fifo<Host>()
  var isListed = false

  init(_ address: String) { self.address = address }
}

/// The limit of fetches in flight per IP address, over all hosts and tasks.
/// The address of a host is known when its first fetch is about to connect (`mayConnect`), and remembered from then on.
/// So a host whose address is full waits here, without a coroutine. A host that has waited is called before any other may
/// start at that address.
extension Frontier {
  /// A fetch of the host is about to connect. False when the address is full: then the fetch must end untried, and comes
  /// back in its turn. Without effect when there is no limit.
  ///
  /// - Parameter held: the address that the fetch holds a place at, if any; afterwards this one, or none.
  package func mayConnect(_ hostID: Int64, to address: String, held: inout String?) -> Bool {
    guard limits.perAddress > 0, held != address else { return true }
    leave(&held)
    hosts[hostID]?.address = address
    guard let place = freePlace(at: address) else { return false }
    place.inFlight += 1
    held = address
    return true
  }

  /// The fetch has ended.
  package func leave(_ held: inout String?) {
    guard let address = held, let place = addresses[address] else { return }
    held = nil
    place.inFlight -= 1
    settle(place)
  }

  /// Nil when the address is full, or others come first.
  private func freePlace(at address: String) -> AddressPlace? {
    let place = addresses[address] ?? AddressPlace(address)
    addresses[address] = place
    return place.waiting.isEmpty && hasRoom(place) ? place : nil
  }

  private func hasRoom(_ place: AddressPlace) -> Bool { place.inFlight + place.called < limits.perAddress }

  /// Takes a place for a fetch of the host at the address that it is known by; false when the host has to wait there.
  func takePlace(_ host: Host, held: inout String?) -> Bool {
    guard limits.perAddress > 0, let address = host.address else { return true }
    if let place = host.calledTo, place.address == address {
      // Before the call ends: a place that nobody holds or is called to is forgotten.
      place.inFlight += 1
      endCall(host)
    } else if let place = freePlace(at: address) {
      place.inFlight += 1
    } else {
      host.isWaitingForAddress = true
      addresses[address]?.waiting.append(host)
      addresses[address].map(settle)
      return false
    }
    held = address
    return true
  }

  /// Calls one host that waits for an address with room; false when there is none.
  func callForAddress(now: Int64) -> Bool {
    while let place = roomyAddresses.popFirst() {
      place.isListed = false
      guard hasRoom(place), let host = place.waiting.popFirst() else {
        settle(place)
        continue
      }
      host.isWaitingForAddress = false
      host.calledTo = place
      place.called += 1
      calledHosts.append(host)
      schedule(host, now: now)
      if !host.queues.contains(where: \.isInRing) { endCall(host) }
      settle(place)
      return true
    }
    return false
  }

  /// The host has started, or does not: the room is the next one's.
  func endCall(_ host: Host) {
    guard let place = host.calledTo else { return }
    host.calledTo = nil
    calledHosts.removeAll { $0 === host }
    place.called -= 1
    settle(place)
  }

  /// Hosts that were called and whose tasks may start nothing now give the room to others. They wait again when they are to
  /// start.
  func endCallsOfHeldTasks(now: Int64) {
    for host in calledHosts
    where !host.queues.contains(where: { $0.isInRing && $0.task.hold(now: now, maxInFlight: limits.maxInFlight) == nil }
    ) {
      endCall(host)
    }
  }

  /// Lists the place when somebody may be called, and forgets it when nobody needs it.
  private func settle(_ place: AddressPlace) {
    if place.waiting.isEmpty {
      if place.inFlight == 0, place.called == 0 { addresses[place.address] = nil }
    } else if hasRoom(place), !place.isListed {
      place.isListed = true
      roomyAddresses.append(place)
    }
  }
}
