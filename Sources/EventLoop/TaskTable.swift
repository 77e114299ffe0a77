/// The records of all coroutines that are alive, in the order of their start: a doubly linked list.
struct TaskTable {
  private var first: TaskRecord?
  private unowned(unsafe) var last: TaskRecord?
  private var nextID: UInt64 = 0
  private(set) var count = 0

  mutating func insert(_ name: String, loop: EventLoop) -> TaskRecord {
    nextID &+= 1
    let record = TaskRecord(id: nextID, name: name, loop: loop)
    if let last {
      last.next = record
      record.previous = last
    } else {
      first = record
    }
    last = record
    count += 1
    return record
  }

  mutating func remove(_ record: TaskRecord) {
    let next = record.next
    record.next = nil
    if let next {
      next.previous = record.previous
    } else {
      last = record.previous
    }
    if let previous = record.previous {
      record.previous = nil
      previous.next = next
    } else {
      first = next
    }
    count -= 1
  }

  /// The names of the ten oldest.
  var someNames: [String] {
    var names: [String] = []
    forEach { if names.count < 10 { names.append($0.name) } }
    return names
  }

  /// Calls `body` for each record, oldest first. O(n).
  func forEach(_ body: (TaskRecord) -> Void) {
    var record = first
    while let current = record {
      record = current.next
      body(current)
    }
  }
}
