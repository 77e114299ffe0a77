/// One IP address that hosts share: the fetches in flight to it, and the hosts that wait for their end.
final class AddressPlace {
  let address: String
  var inFlight = 0
  var waiting = Fifo<Host>()
  var isListed = false

  init(_ address: String) { self.address = address }
}

/// The limit of fetches in flight per IP address, over all hosts and tasks.
///
/// Which address a host has is known when its first fetch is about to connect (`mayConnect`), and remembered from then on:
/// a host whose address is full waits here, without a coroutine.
extension Frontier {
  /// A fetch of the host is about to connect. False when as many are in flight to the address as may be: then it must end
  /// untried, and comes back when its turn has come. Without effect when there is no limit.
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
    if place.waiting.isEmpty {
      if place.inFlight == 0 { addresses[address] = nil }
    } else {
      list(place)
    }
  }

  /// Nil when the address is full.
  private func freePlace(at address: String) -> AddressPlace? {
    let place = addresses[address] ?? AddressPlace(address)
    addresses[address] = place
    return place.inFlight < limits.perAddress ? place : nil
  }

  /// Takes a place for a fetch of the host at the address that it is known by; false when the host has to wait there.
  func takePlace(_ host: Host, held: inout String?) -> Bool {
    guard limits.perAddress > 0, let address = host.address else { return true }
    guard let place = freePlace(at: address) else {
      host.isWaitingForAddress = true
      addresses[address]?.waiting.append(host)
      return false
    }
    place.inFlight += 1
    held = address
    return true
  }

  /// Lets one host try that waits for an address with room; false when there is none. A host that cannot start after all
  /// leaves the room to the next.
  func wakeForAddress(now: Int64) -> Bool {
    while let place = roomyAddresses.popFirst() {
      place.isListed = false
      guard place.inFlight < limits.perAddress, let host = place.waiting.popFirst() else { continue }
      if !place.waiting.isEmpty { list(place) } else if place.inFlight == 0 { addresses[place.address] = nil }
      host.isWaitingForAddress = false
      schedule(host, now: now)
      return true
    }
    return false
  }

  private func list(_ place: AddressPlace) {
    guard !place.isListed else { return }
    place.isListed = true
    roomyAddresses.append(place)
  }
}
