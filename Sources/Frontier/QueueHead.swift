/// The first entries of a host queue, in order. To take the first one, and to add one behind the others, is O(1).
struct QueueHead {
  /// From `start` on; those before were taken.
  private var entries: [FrontierEntry] = []
  private var start = 0

  var isEmpty: Bool { start == entries.count }
  var count: Int { entries.count - start }
  var first: FrontierEntry? { isEmpty ? nil : entries[start] }

  /// How many come before an entry; nil when it is none of them. Linear in their number.
  func place(of id: Int64) -> Int? { entries[start...].firstIndex { $0.id == id }.map { $0 - start } }

  mutating func popFirst() -> FrontierEntry {
    let entry = entries[start]
    start += 1
    if start == entries.count || start >= 64 && start * 2 > entries.count {
      entries.removeFirst(start)
      start = 0
    }
    return entry
  }

  /// Takes the last one.
  mutating func popLast() -> FrontierEntry { entries.removeLast() }

  /// Puts an entry where it belongs; one that is there already changes nothing.
  mutating func insert(_ entry: FrontierEntry) {
    guard let last = entries.last, start < entries.count, entry.key <= last.key else { return entries.append(entry) }
    var low = start
    var high = entries.count
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].key < entry.key { low = middle + 1 } else { high = middle }
    }
    if entries[low].id == entry.id { return }
    entries.insert(entry, at: low)
  }

  mutating func removeAll() {
    entries.removeAll()
    start = 0
  }
}
