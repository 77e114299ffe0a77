/// Visits that wait for their group, oldest first. A pure value.
struct VisitBacklog {
  /// What is committed together.
  struct Group: Sendable {
    var visits: [PendingVisit] = []
    var rows = 0
    var bytes = 0
    /// The sequence number of its last visit.
    var through: Int64 = 0
  }

  private var entries: [PendingVisit] = []
  /// The index of the first visit that is in no group yet. The visits before it are dropped when they are half of all.
  private var head = 0
  private(set) var rows = 0
  private(set) var bytes = 0

  var count: Int { entries.count - head }
  var isEmpty: Bool { count == 0 }

  mutating func append(_ visit: PendingVisit) {
    rows += visit.rows
    bytes += visit.bytes
    entries.append(visit)
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
      group.visits.append(entries[end])
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
