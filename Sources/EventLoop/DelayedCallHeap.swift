/// The deadlines of the loop: a four-ary heap whose entries know their index, so that a cancelled call leaves at once.
///
/// Ordered by deadline, then by registration. Insert, remove and pop are O(log n).
struct DelayedCallHeap {
  private struct Entry {
    let deadline: Int64
    let sequence: UInt64
    let call: DelayedCall

    func isBefore(_ other: Entry) -> Bool {
      deadline != other.deadline ? deadline < other.deadline : sequence < other.sequence
    }
  }

  private var entries: [Entry] = []
  private var nextSequence: UInt64 = 0

  var count: Int { entries.count }

  /// The earliest deadline, or nil when nothing is scheduled.
  var earliest: EventLoop.Instant? {
    entries.first.map { EventLoop.Instant(nanoseconds: $0.deadline) }
  }

  mutating func schedule(at deadline: EventLoop.Instant, loop: EventLoop, _ body: @escaping () -> Void) -> DelayedCall {
    nextSequence &+= 1
    let call = DelayedCall(deadline: deadline, sequence: nextSequence, loop: loop, body: body)
    entries.append(Entry(deadline: deadline.nanoseconds, sequence: nextSequence, call: call))
    siftUp(from: entries.count - 1)
    return call
  }

  /// Takes the earliest call when it is due at `now`.
  mutating func popDue(at now: EventLoop.Instant) -> DelayedCall? {
    guard let first = entries.first, first.deadline <= now.nanoseconds else { return nil }
    remove(at: 0)
    first.call.state = .due
    return first.call
  }

  mutating func remove(at index: Int) {
    let last = entries.removeLast()
    guard index < entries.count else { return }
    entries[index] = last
    if index > 0, last.isBefore(entries[(index - 1) / 4]) {
      siftUp(from: index)
    } else {
      siftDown(from: index)
    }
  }

  /// Empties the heap; the calls are never made.
  mutating func abandonAll() {
    let abandoned = entries
    entries = []
    for entry in abandoned { entry.call.abandon() }
  }

  private mutating func siftUp(from start: Int) {
    entries.withUnsafeMutableBufferPointer { heap in
      var index = start
      let moving = heap[index]
      while index > 0 {
        let parent = (index - 1) / 4
        guard moving.isBefore(heap[parent]) else { break }
        heap[index] = heap[parent]
        heap[index].call.state = .scheduled(index: index)
        index = parent
      }
      heap[index] = moving
      moving.call.state = .scheduled(index: index)
    }
  }

  private mutating func siftDown(from start: Int) {
    entries.withUnsafeMutableBufferPointer { heap in
      var index = start
      let moving = heap[index]
      while true {
        let firstChild = index * 4 + 1
        guard firstChild < heap.count else { break }
        var smallest = firstChild
        for child in (firstChild + 1)..<max(firstChild + 1, min(firstChild + 4, heap.count))
        where heap[child].isBefore(heap[smallest]) {
          smallest = child
        }
        guard heap[smallest].isBefore(moving) else { break }
        heap[index] = heap[smallest]
        heap[index].call.state = .scheduled(index: index)
        index = smallest
      }
      heap[index] = moving
      moving.call.state = .scheduled(index: index)
    }
  }
}
