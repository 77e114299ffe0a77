/// The deadlines of the loop: a four-ary heap whose entries know their index, so that a cancelled call leaves at once.
///
/// Ordered by deadline, then by registration. Insert, remove and pop are O(log n). 24 bytes per entry; the storage
/// doubles when it is full and halves when three quarters of it are free.
final class DelayedCallHeap {
  private struct Entry {
    let deadline: Int64
    let sequence: UInt64
    let item: HeapItem

    @inline(__always)
    func isBefore(_ other: Entry) -> Bool {
      deadline != other.deadline ? deadline < other.deadline : sequence < other.sequence
    }
  }

  private var entries: UnsafeMutablePointer<Entry>
  private var capacity = DelayedCallHeap.smallest
  private(set) var count = 0
  private var nextSequence: UInt64 = 0

  private static let smallest = 64

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
    let call = DelayedCall(deadline: deadline, loop: loop, place: place, body: body)
    insert(HeapItem(call), at: deadline)
    return call
  }

  /// Wakes `sleeper` at the deadline.
  func schedule(_ sleeper: Waiter, at deadline: Int64) {
    insert(HeapItem(sleeper), at: deadline)
  }

  /// When a sleeper is to be woken; nil when it is not in the heap.
  func deadline(of sleeper: Waiter) -> Int64? {
    sleeper.heapIndex == Waiter.notInHeap ? nil : entries[Int(sleeper.heapIndex)].deadline
  }

  /// Takes what is due at `now`, the earliest first.
  func popDue(at now: Int64) -> ReadyItem? {
    guard count > 0, entries[0].deadline <= now else { return nil }
    let item = entries[0].item
    removeEntry(at: 0)
    return item.becomeDue()
  }

  func remove(at index: Int) {
    let item = entries[index].item
    removeEntry(at: index)
    item.release()
  }

  /// Takes a sleeper out; without effect when it has fallen due.
  func remove(_ sleeper: Waiter) {
    guard sleeper.heapIndex != Waiter.notInHeap else { return }
    remove(at: Int(sleeper.heapIndex))
    sleeper.heapIndex = Waiter.notInHeap
  }

  /// Empties the heap; the calls are never made.
  func abandonAll() {
    while count > 0 {
      count -= 1
      entries[count].item.abandon()
    }
  }

  private func insert(_ item: HeapItem, at deadline: Int64) {
    if count == capacity { resize(to: capacity * 2) }
    nextSequence &+= 1
    count += 1
    siftUp(Entry(deadline: deadline, sequence: nextSequence, item: item), from: count - 1)
  }

  private func removeEntry(at index: Int) {
    count -= 1
    if index < count {
      let last = entries[count]
      if index > 0, last.isBefore(entries[(index - 1) / 4]) {
        siftUp(last, from: index)
      } else {
        siftDown(last, from: index)
      }
    }
    if count < capacity / 4, capacity > Self.smallest { resize(to: capacity / 2) }
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
    entry.item.note(index: index)
  }

  @inline(never)
  private func resize(to newCapacity: Int) {
    let other = UnsafeMutablePointer<Entry>.allocate(capacity: newCapacity)
    other.moveInitialize(from: entries, count: count)
    entries.deallocate()
    entries = other
    capacity = newCapacity
  }
}

/// What stands in the heap, which holds a reference to it: a delayed call or a sleeper. One word, counted by hand.
private struct HeapItem {
  private let bits: UInt
  private static let sleeperBit: UInt = 1

  init(_ call: DelayedCall) {
    bits = UInt(bitPattern: Unmanaged.passRetained(call).toOpaque())
  }

  init(_ sleeper: Waiter) {
    bits = UInt(bitPattern: Unmanaged.passRetained(sleeper).toOpaque()) | Self.sleeperBit
  }

  private var isSleeper: Bool { bits & Self.sleeperBit != 0 }
  private var call: Unmanaged<DelayedCall> { .fromOpaque(UnsafeRawPointer(bitPattern: bits)!) }
  private var sleeper: Unmanaged<Waiter> { .fromOpaque(UnsafeRawPointer(bitPattern: bits & ~Self.sleeperBit)!) }

  @inline(__always)
  func note(index: Int) {
    if isSleeper {
      sleeper._withUnsafeGuaranteedRef { $0.heapIndex = UInt32(index) }
    } else {
      call._withUnsafeGuaranteedRef { $0.state = .scheduled(index: index) }
    }
  }

  /// Gives the heap's reference to the ready queue.
  func becomeDue() -> ReadyItem {
    if isSleeper {
      let due = sleeper.takeRetainedValue()
      due.heapIndex = Waiter.notInHeap
      return .wake(due)
    }
    let due = call.takeRetainedValue()
    due.state = .due
    return .delayed(due)
  }

  func release() {
    if isSleeper { sleeper.release() } else { call.release() }
  }

  /// The loop closes.
  func abandon() {
    if isSleeper { sleeper.release() } else { call.takeRetainedValue().abandon() }
  }
}
