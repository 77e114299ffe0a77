/// Visits that wait for their group, oldest first. A pure value.
struct VisitBacklog {
  /// What is committed together.
  struct Group: Sendable {
    var visits: [VisitRecord] = []
    var rows = 0
    var bytes = 0
    /// The sequence number of its last visit.
    var through: Int64 = 0
  }

  private struct Entry {
    var visit: VisitRecord
    var rows: Int
    var bytes: Int
  }

  private var entries: [Entry] = []
  /// The first entry that was not cut yet; those before are gone with the next append that finds half of them used.
  private var head = 0
  private(set) var rows = 0
  private(set) var bytes = 0

  var count: Int { entries.count - head }
  var isEmpty: Bool { count == 0 }

  mutating func append(_ visit: VisitRecord) {
    let entry = Entry(visit: visit, rows: visit.rows, bytes: visit.approximateBytes)
    rows += entry.rows
    bytes += entry.bytes
    entries.append(entry)
  }

  /// A whole group is waiting: nothing is gained by waiting longer.
  func isFull(_ policy: StorePolicy) -> Bool {
    count >= policy.groupVisits || rows >= policy.groupRows || bytes >= policy.groupBytes
  }

  /// Takes the oldest visits up to the limits; a visit above them is a group of its own.
  mutating func cut(_ policy: StorePolicy, after sequence: Int64) -> Group {
    var group = Group()
    group.visits.reserveCapacity(min(count, policy.groupVisits))
    var end = head
    while end < entries.count {
      let (rows, bytes) = (entries[end].rows, entries[end].bytes)
      let fits =
        group.visits.count < policy.groupVisits && group.rows + rows <= policy.groupRows
        && group.bytes + bytes <= policy.groupBytes
      guard fits || group.visits.isEmpty else { break }
      group.visits.append(entries[end].visit)
      group.rows += rows
      group.bytes += bytes
      end += 1
    }
    group.through = sequence + Int64(group.visits.count)
    rows -= group.rows
    bytes -= group.bytes
    head = end
    if head * 2 >= entries.count {
      entries.removeFirst(head)
      head = 0
    }
    return group
  }
}
