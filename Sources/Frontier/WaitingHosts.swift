/// Hosts that must wait, by the time at which they may go on: a binary heap. An entry whose host has since been given
/// another time is stale and skipped when it comes up, so a host has one live entry at most.
struct WaitingHosts {
  private var heap: [(time: Int64, order: UInt64, host: Host)] = []
  private var nextOrder: UInt64 = 0

  /// Sets the time at which the host wakes, unless it wakes earlier anyway. O(log n).
  mutating func insert(_ host: Host, at time: Int64) {
    if let wake = host.wakeTime, wake <= time { return }
    host.wakeTime = time
    heap.append((time, nextOrder, host))
    nextOrder += 1
    var index = heap.count - 1
    while index > 0, isBefore(index, (index - 1) / 2) {
      heap.swapAt(index, (index - 1) / 2)
      index = (index - 1) / 2
    }
  }

  /// The earliest time at which a host wakes.
  mutating func nextTime() -> Int64? {
    dropStale()
    return heap.first?.time
  }

  /// Takes the next host whose time has come; equal times in order of insertion.
  mutating func pop(now: Int64) -> Host? {
    dropStale()
    guard let first = heap.first, first.time <= now else { return nil }
    removeFirst()
    first.host.wakeTime = nil
    return first.host
  }

  private mutating func dropStale() {
    while let first = heap.first, first.host.wakeTime != first.time { removeFirst() }
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var index = 0
    while true {
      var smallest = index
      for child in [2 * index + 1, 2 * index + 2] where child < heap.count && isBefore(child, smallest) {
        smallest = child
      }
      if smallest == index { return }
      heap.swapAt(index, smallest)
      index = smallest
    }
  }

  private func isBefore(_ left: Int, _ right: Int) -> Bool {
    (heap[left].time, heap[left].order) < (heap[right].time, heap[right].order)
  }
}
