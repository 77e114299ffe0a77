import EventLoop

/// Answers by name until they expire. Bounded: above the capacity (0: none is kept) the oldest give way.
struct NameCache {
  private struct Entry {
    let resolution: Resolution
    let expires: Instant
    let sequence: UInt64
    /// The name had addresses when this, or what it replaced, came.
    let hadAddresses: Bool
  }

  private let capacity: Int
  private var entries: [String: Entry] = [:]
  /// Names in the order of insertion; one that was inserted again since is recognised by its sequence.
  private var order: [(name: String, sequence: UInt64)] = []
  private var orderStart = 0
  private var nextSequence: UInt64 = 0

  init(capacity: Int) {
    self.capacity = capacity
  }

  var count: Int { entries.count }

  func resolution(of name: String, now: Instant) -> Resolution? {
    guard let entry = entries[name], entry.expires > now else { return nil }
    return entry.resolution
  }

  /// Whether the name is known to have had addresses, also when that is long ago.
  func hadAddresses(_ name: String) -> Bool { entries[name]?.hadAddresses ?? false }

  /// Amortised O(1).
  mutating func insert(_ name: String, _ resolution: Resolution, expires: Instant) {
    nextSequence += 1
    let hasAddresses = if case .addresses = resolution { true } else { hadAddresses(name) }
    entries[name] = Entry(resolution: resolution, expires: expires, sequence: nextSequence, hadAddresses: hasAddresses)
    order.append((name, nextSequence))
    while entries.count > capacity || order.count - orderStart > 2 * capacity { dropOldest() }
    if orderStart > capacity {
      order.removeFirst(orderStart)
      orderStart = 0
    }
  }

  private mutating func dropOldest() {
    let oldest = order[orderStart]
    orderStart += 1
    if entries[oldest.name]?.sequence == oldest.sequence { entries[oldest.name] = nil }
  }
}
