/// The URLs of one task on one host: a head in memory, in order; the rest are rows.
///
/// Invariant: every ready row that is neither in the head nor handed out has a key ≥ `spillFloor`, and every entry of
/// the head has a smaller one. So the head can always be popped, and a read from `spillFloor` on finds all the rest.
/// Rows whose insertion has not committed yet can't be read: `uncommittedSpills` says from which key on a read is blind.
final class HostQueue {
  let taskID: Int64
  let host: Host
  unowned let task: FrontierTask

  @exclusivity(unchecked) private var head = QueueHead()
  /// nil: all ready rows are in the head or handed out.
  @exclusivity(unchecked) private(set) var spillFloor: QueuePlace?
  @exclusivity(unchecked) private var uncommittedSpills: [(sequence: Int64, floor: QueuePlace)] = []
  /// Handed out and not committed: their rows still say ready.
  @exclusivity(unchecked) private(set) var uncommitted: Set<Int64> = []
  /// Of those, the ones that are to be visited again: queued when what they were handed out for has committed.
  private var again: [Int64: (entry: FrontierEntry, sequence: Int64)] = [:]
  @exclusivity(unchecked) private var refill: Refill?
  @exclusivity(unchecked) var isInRing = false
  /// What it has is to be given this fate.
  var fate: RobotsFate?
  /// Stride scheduling among the tasks on the host (as between all tasks, see `FrontierTask.pass`).
  private var pass: UInt64

  /// A read of rows that is under way.
  private struct Refill {
    var floor: QueuePlace
    /// The smallest key that was spilled since the read began.
    var spilledSince: QueuePlace?
    /// From this key on rows were not committed when the read began.
    var blindFrom: QueuePlace?
    /// Rows that the read may still show as ready although they were handed out.
    var handedOut: Set<Int64>
  }

  init(task: FrontierTask, host: Host) {
    taskID = task.id
    self.task = task
    self.host = host
    // Behind those that are there, or a queue that is made anew for each URL would always come first.
    pass = host.virtualTime + task.stride
  }

  /// The queue of the host with the smallest is the next that starts there. What it has missed while nothing waited in it
  /// is not made up for.
  var turn: UInt64 { max(pass, host.virtualTime) }

  /// A fetch of it starts.
  func takeTurn() {
    host.virtualTime = turn
    pass = turn + task.stride
  }

  var hasWork: Bool { !head.isEmpty }
  var headCount: Int { head.count }
  var isRefilling: Bool { refill != nil }
  /// Rows that are not in memory wait here, too.
  var hasRows: Bool { spillFloor != nil }
  /// Nothing waits here and nothing of it is in flight.
  var isIdle: Bool { head.isEmpty && spillFloor == nil && uncommitted.isEmpty && refill == nil }

  /// As `isIdle`, but that this one is in flight.
  func hasNothing(but id: Int64) -> Bool {
    head.isEmpty && spillFloor == nil && uncommitted.count == 1 && uncommitted.contains(id) && refill == nil
      && again.isEmpty
  }

  /// Whether a read of rows is due.
  func needsRefill(below threshold: Int) -> Bool { spillFloor != nil && refill == nil && head.count < threshold }

  /// The queue has rows from this key on that memory knows nothing of.
  func noteStoredRows(from key: QueuePlace) { spill(key, sequence: nil) }

  /// Puts an entry where it belongs: into the head, or beyond it. `sequence` is that of the visit whose commit makes the
  /// row readable; nil if it is already.
  func insert(_ entry: FrontierEntry, limit: Int, sequence: Int64?) {
    if let floor = spillFloor, entry.key >= floor { return spill(entry.key, sequence: sequence) }
    if uncommitted.contains(entry.id) { return }
    head.insert(entry)
    if head.count > limit {
      let evicted = head.popLast()
      // Its row may not have committed: later reads must not take its absence for its end.
      spill(evicted.key, sequence: sequence ?? task.newestSequence)
    }
  }

  private func spill(_ key: QueuePlace, sequence: Int64?) {
    if refill != nil { refill!.spilledSince = min(refill!.spilledSince ?? key, key) }
    spillFloor = min(spillFloor ?? key, key)
    guard let sequence else { return }
    if let last = uncommittedSpills.indices.last,
      uncommittedSpills[last].sequence == sequence || uncommittedSpills.count >= 8
    {
      uncommittedSpills[last] = (
        max(sequence, uncommittedSpills[last].sequence), min(key, uncommittedSpills[last].floor)
      )
    } else {
      uncommittedSpills.append((sequence, key))
    }
  }

  var first: FrontierEntry? { head.first }

  /// How many URLs of the queue come before one that waits in it, or at least so many; nil when it does not.
  func place(of id: Int64) -> (before: Int, isExact: Bool)? {
    if let before = head.place(of: id) { return (before, true) }
    return spillFloor == nil || uncommitted.contains(id) ? nil : (head.count, false)
  }

  /// Takes the next URL out of the head.
  func pop() -> FrontierEntry {
    let entry = head.popFirst()
    uncommitted.insert(entry.id)
    refill?.handedOut.insert(entry.id)
    return entry
  }

  /// Puts back a URL that was handed out and not tried.
  func putBack(_ entry: FrontierEntry, limit: Int) {
    uncommitted.remove(entry.id)
    refill?.handedOut.remove(entry.id)
    // The visit that named it may not have committed.
    insert(entry, limit: limit, sequence: task.newestSequence)
  }

  /// Has a URL that was handed out, and whose visit has not committed, queued when it has. `sequence` is that of the
  /// visit whose commit makes its row ready again.
  func insertAfterCommit(_ entry: FrontierEntry, sequence: Int64) { again[entry.id] = (entry, sequence) }

  /// The visit of the URL has committed.
  /// - Returns: whether it is queued again.
  func committed(_ id: Int64, limit: Int) -> Bool {
    uncommitted.remove(id)
    guard let (entry, sequence) = again.removeValue(forKey: id) else { return false }
    insert(entry, limit: limit, sequence: sequence)
    return true
  }

  /// All visits up to this sequence have committed.
  func committed(through sequence: Int64) {
    if !uncommittedSpills.isEmpty { uncommittedSpills.removeAll { $0.sequence <= sequence } }
  }

  /// Begins a read of rows from the returned key on; nil when everything beyond the head is still uncommitted.
  func beginRefill(committedThrough sequence: Int64) -> QueuePlace? {
    guard let floor = spillFloor else { return nil }
    committed(through: sequence)
    let blindFrom = uncommittedSpills.map(\.floor).min()
    if let blindFrom, blindFrom <= floor { return nil }
    refill = Refill(floor: floor, spilledSince: nil, blindFrom: blindFrom, handedOut: uncommitted)
    return floor
  }

  /// Ends the read with what it found: rows in order, and whether there may be more behind them.
  func endRefill(_ rows: [FrontierEntry], isComplete: Bool, limit: Int) {
    guard let refill else { fatalError("endRefill of host \(host.id) without beginRefill") }
    self.refill = nil
    var floor = refill.spilledSince
    if let blindFrom = refill.blindFrom { floor = min(floor ?? blindFrom, blindFrom) }
    if !isComplete, let last = rows.last { floor = min(floor ?? last.key.next, last.key.next) }
    spillFloor = floor
    for row in rows where !refill.handedOut.contains(row.id) {
      // A row at or beyond the floor stays a row; the floor covers it.
      if let floor = spillFloor, row.key >= floor { continue }
      insert(row, limit: limit, sequence: nil)
    }
  }

  /// The read failed or is void: the rows from its floor on are still to be read.
  func abandonRefill() { refill = nil }

  /// Forgets everything that waits (the rows are changed by the caller).
  func removeAll() {
    head.removeAll()
    spillFloor = nil
    uncommittedSpills.removeAll()
  }
}
