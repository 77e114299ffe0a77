/// What waits to run on the loop.
enum ReadyItem {
  case job(UnownedJob)
  case call(() -> Void, SourcePlace)
  case delayed(DelayedCall)
  case event(Watch, UInt32)
}

/// First in, first out; a ring that doubles when it is full and never shrinks. Append and pop are O(1), amortised.
///
/// A class with scalar fields: the compiler then proves its accesses exclusive and checks none of them at run time.
final class ReadyQueue {
  private var storage: UnsafeMutablePointer<ReadyItem>
  private var mask: Int
  private var head = 0
  private(set) var count = 0

  init(capacity: Int = 256) {
    mustHold(capacity > 0 && capacity & (capacity - 1) == 0, "the capacity of a ring is a power of two")
    storage = .allocate(capacity: capacity)
    mask = capacity - 1
  }

  deinit {
    removeAll()
    storage.deallocate()
  }

  var isEmpty: Bool { count == 0 }

  @inline(__always)
  func append(_ item: consuming ReadyItem) {
    if count > mask { grow() }
    (storage + ((head &+ count) & mask)).initialize(to: item)
    count &+= 1
  }

  @inline(__always)
  func popFirst() -> ReadyItem? {
    guard count > 0 else { return nil }
    let item = (storage + head).move()
    head = (head &+ 1) & mask
    count &-= 1
    return item
  }

  func removeAll() {
    while popFirst() != nil {}
  }

  @inline(never)
  private func grow() {
    let capacity = mask + 1
    let bigger = UnsafeMutablePointer<ReadyItem>.allocate(capacity: capacity * 2)
    let upToEnd = capacity - head
    bigger.moveInitialize(from: storage + head, count: upToEnd)
    (bigger + upToEnd).moveInitialize(from: storage, count: head)
    storage.deallocate()
    storage = bigger
    head = 0
    mask = capacity * 2 - 1
  }
}
