/// The records of all coroutines that are alive, in the order of their start: a doubly linked list that owns them.
final class TaskTable {
  private unowned(unsafe) var first: RunningTask?
  private unowned(unsafe) var last: RunningTask?
  private(set) var lastID: UInt64 = 0
  private(set) var count = 0

  func nextID() -> UInt64 {
    lastID &+= 1
    return lastID
  }

  func insert(_ record: RunningTask) {
    _ = Unmanaged.passRetained(record)
    record.previous = last
    if let last { last.next = record } else { first = record }
    last = record
    count &+= 1
  }

  func remove(_ record: RunningTask) {
    if let next = record.next { next.previous = record.previous } else { last = record.previous }
    if let previous = record.previous { previous.next = record.next } else { first = record.next }
    record.previous = nil
    record.next = nil
    count &-= 1
    Unmanaged.passUnretained(record).release()
  }

  /// The youngest record of a coroutine that has begun and not ended: the innermost that it is named by. O(n).
  func record(runBy task: TaskReference) -> RunningTask? {
    var record = last
    while let current = record {
      if current.task == task { return current }
      record = current.previous
    }
    return nil
  }

  /// The names of the ten oldest.
  var someNames: [String] {
    var names: [String] = []
    forEach { if names.count < 10 { names.append($0.name) } }
    return names
  }

  /// Calls `body` for each record, oldest first. `body` may remove the record that it is given. O(n).
  func forEach(_ body: (RunningTask) -> Void) {
    var record = first
    while let current = record {
      record = current.next
      body(current)
    }
  }
}
