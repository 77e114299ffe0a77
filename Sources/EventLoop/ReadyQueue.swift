/// What waits to run on the loop.
enum ReadyItem {
  case job(UnownedJob)
  /// Of a coroutine that goes on outside of all actors.
  case unisolatedJob(UnownedJob)
  case call(() -> Void, SourcePlace)
  case delayed(DelayedCall)
  case wake(Waiter)
  case event(UInt64, UInt32)

  /// What is left to say of it when it has run and was freed.
  enum Origin {
    case job(UnownedJob)
    case call(SourcePlace)
    case delayed(SourcePlace)
    case wake
    case event
  }

  var origin: Origin {
    switch self {
    case .job(let job), .unisolatedJob(let job): .job(job)
    case .call(_, let place): .call(place)
    case .delayed(let call): .delayed(call.place)
    case .wake: .wake
    case .event: .event
    }
  }
}

/// First in, first out; a ring that doubles when it is full. Append and pop are O(1), amortised.
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

  /// How many coroutines wait for their turn. O(n).
  var jobCount: Int {
    var jobs = 0
    for place in 0..<count {
      switch storage[(head &+ place) & mask] {
      case .job, .unisolatedJob: jobs += 1
      case .call, .delayed, .wake, .event: break
      }
    }
    return jobs
  }

  func removeAll() {
    while popFirst() != nil {}
  }

  /// Gives back what a burst has needed, when a tick that began with `present` items has used an eighth of it at most.
  @inline(__always)
  func trim(present: Int) {
    if mask >= Self.keptCapacity, present < mask / 8, count < mask / 8 { resize(to: Self.keptCapacity) }
  }

  private static let keptCapacity = 4_096

  @inline(never)
  private func grow() {
    resize(to: (mask + 1) * 2)
  }

  /// Moves what waits into a ring of at least `wanted` places.
  private func resize(to wanted: Int) {
    var capacity = wanted
    while capacity < count { capacity *= 2 }
    let other = UnsafeMutablePointer<ReadyItem>.allocate(capacity: capacity)
    let upToEnd = min(count, mask + 1 - head)
    other.moveInitialize(from: storage + head, count: upToEnd)
    (other + upToEnd).moveInitialize(from: storage, count: count - upToEnd)
    storage.deallocate()
    storage = other
    head = 0
    mask = capacity - 1
  }
}
