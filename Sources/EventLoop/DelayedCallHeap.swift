/// The deadlines of the loop: a four-ary heap whose entries know their index, so that a cancelled call leaves at once.
///
/// Ordered by deadline, then by registration. Insert, remove and pop are O(log n). The storage doubles when it is full
/// and never shrinks: 24 bytes per entry.
final class DelayedCallHeap {
  private struct Entry {
    let deadline: Int64
    let sequence: UInt64
    let call: Unmanaged<DelayedCall>

    @inline(__always)
    func isBefore(_ other: Entry) -> Bool {
      deadline != other.deadline ? deadline < other.deadline : sequence < other.sequence
    }
  }

  private var entries: UnsafeMutablePointer<Entry>
  private var capacity = 64
  private(set) var count = 0
  private var nextSequence: UInt64 = 0

  init() {
    entries = .allocate(capacity: capacity)
  }

  deinit {
    abandonAll()
    entries.deallocate()
  }

  /// The earliest deadline in nanoseconds, or nil when nothing is scheduled.
  var earliest: Int64? { count > 0 ? entries[0].deadline : nil }

  func schedule(
    at deadline: Int64, loop: EventLoop, place: SourcePlace, _ body: @escaping () -> Void
  ) -> DelayedCall {
    if count == capacity { grow() }
    nextSequence &+= 1
    let call = DelayedCall(deadline: deadline, loop: loop, place: place, body: body)
    count += 1
    siftUp(Entry(deadline: deadline, sequence: nextSequence, call: .passRetained(call)), from: count - 1)
    return call
  }

  /// Takes the earliest call when it is due at `now`.
  func popDue(at now: Int64) -> DelayedCall? {
    guard count > 0, entries[0].deadline <= now else { return nil }
    let call = entries[0].call
    removeEntry(at: 0)
    let due = call.takeRetainedValue()
    due.state = .due
    return due
  }

  func remove(at index: Int) {
    let call = entries[index].call
    removeEntry(at: index)
    call.release()
  }

  /// Empties the heap; the calls are never made.
  func abandonAll() {
    while count > 0 {
      count -= 1
      entries[count].call.takeRetainedValue().abandon()
    }
  }

  private func removeEntry(at index: Int) {
    count -= 1
    guard index < count else { return }
    let last = entries[count]
    if index > 0, last.isBefore(entries[(index - 1) / 4]) {
      siftUp(last, from: index)
    } else {
      siftDown(last, from: index)
    }
  }

  private func siftUp(_ moving: Entry, from start: Int) {
    var index = start
    while index > 0 {
      let parent = (index - 1) / 4
      guard moving.isBefore(entries[parent]) else { break }
      place(entries[parent], at: index)
      index = parent
    }
    place(moving, at: index)
  }

  private func siftDown(_ moving: Entry, from start: Int) {
    var index = start
    while true {
      var smallest = index * 4 + 1
      guard smallest < count else { break }
      var child = smallest + 1
      let end = min(smallest + 4, count)
      while child < end {
        if entries[child].isBefore(entries[smallest]) { smallest = child }
        child += 1
      }
      guard entries[smallest].isBefore(moving) else { break }
      place(entries[smallest], at: index)
      index = smallest
    }
    place(moving, at: index)
  }

  @inline(__always)
  private func place(_ entry: Entry, at index: Int) {
    (entries + index).initialize(to: entry)
    entry.call._withUnsafeGuaranteedRef { $0.state = .scheduled(index: index) }
  }

  private func grow() {
    let bigger = UnsafeMutablePointer<Entry>.allocate(capacity: capacity * 2)
    bigger.moveInitialize(from: entries, count: count)
    entries.deallocate()
    entries = bigger
    capacity *= 2
  }
}
