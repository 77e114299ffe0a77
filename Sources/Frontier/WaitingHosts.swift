/// Hosts that must wait, by the time at which they may go on: a binary heap in which each knows its place, so that a host has
/// one entry at most, and none once it has left.
struct WaitingHosts {
  private struct Entry {
    var time: Int64
    var order: UInt64
    var host: Host

    func isBefore(_ other: Entry) -> Bool { (time, order) < (other.time, other.order) }
  }

  private var heap: [Entry] = []
  private var nextOrder: UInt64 = 0

  var count: Int { heap.count }

  /// Sets the time at which the host wakes, unless it wakes earlier anyway. O(log n).
  mutating func insert(_ host: Host, at time: Int64) {
    let place = host.waitingPlace
    if let place, heap[place].time <= time { return }
    let entry = Entry(time: time, order: nextOrder, host: host)
    nextOrder += 1
    if place == nil { heap.append(entry) }
    rise(entry, from: place ?? heap.count - 1)
  }

  /// The earliest time at which a host wakes.
  func nextTime() -> Int64? { heap.first?.time }

  /// Takes the next host whose time has come; equal times in order of insertion.
  mutating func pop(now: Int64) -> Host? {
    guard let first = heap.first, first.time <= now else { return nil }
    remove(first.host)
    return first.host
  }

  /// Does not wake the host. O(log n).
  mutating func remove(_ host: Host) {
    guard let place = host.waitingPlace else { return }
    host.waitingPlace = nil
    let last = heap.removeLast()
    if place == heap.count { return }
    if place > 0, last.isBefore(heap[(place - 1) / 2]) { rise(last, from: place) } else { sink(last, from: place) }
  }

  /// Puts the entry at a place, where there is none that counts, or nearer to the root.
  private mutating func rise(_ entry: Entry, from place: Int) {
    var place = place
    while place > 0, entry.isBefore(heap[(place - 1) / 2]) {
      put(heap[(place - 1) / 2], at: place)
      place = (place - 1) / 2
    }
    put(entry, at: place)
  }

  /// Puts the entry at a place, where there is none that counts, or farther from the root.
  private mutating func sink(_ entry: Entry, from place: Int) {
    var place = place
    while 2 * place + 1 < heap.count {
      var child = 2 * place + 1
      if child + 1 < heap.count, heap[child + 1].isBefore(heap[child]) { child += 1 }
      guard heap[child].isBefore(entry) else { break }
      put(heap[child], at: place)
      place = child
    }
    put(entry, at: place)
  }

  private mutating func put(_ entry: Entry, at place: Int) {
    heap[place] = entry
    entry.host.waitingPlace = place
  }
}
