/// The records of all coroutines that are alive, in the order of their start: a doubly linked list that owns them.
///
/// Its links are unmanaged: what it holds it holds once, and to follow a link counts no references.
final class TaskTable {
  typealias Link = Unmanaged<RunningTask>

  private var first: Link?
  private var last: Link?
  /// The first one whose coroutine has not begun.
  private var unbegun: Link?
  private(set) var lastID: UInt64 = 0
  private(set) var count = 0

  func nextID() -> UInt64 {
    lastID &+= 1
    return lastID
  }

  func insert(_ record: RunningTask) {
    let link = Link.passRetained(record)
    record.previous = last
    if let last { last._withUnsafeGuaranteedRef { $0.next = link } } else { first = link }
    last = link
    if unbegun == nil, !record.hasBegun { unbegun = link }
    count &+= 1
  }

  func remove(_ record: RunningTask) {
    let (previous, next) = (record.previous, record.next)
    if let next { next._withUnsafeGuaranteedRef { $0.previous = previous } } else { last = previous }
    if let previous { previous._withUnsafeGuaranteedRef { $0.next = next } } else { first = next }
    record.previous = nil
    record.next = nil
    count &-= 1
    Link.passUnretained(record).release()
  }

  /// The record of the coroutine that runs now for the first time: they begin in the order of their starts.
  func begin() -> RunningTask {
    guard let link = unbegun, link._withUnsafeGuaranteedRef({ $0.task }) == .current else {
      fatalError("a coroutine has begun out of turn")
    }
    unbegun = link._withUnsafeGuaranteedRef { record in
      record.hasBegun = true
      var next = record.next
      while let candidate = next, candidate._withUnsafeGuaranteedRef({ $0.hasBegun }) {
        next = candidate._withUnsafeGuaranteedRef { $0.next }
      }
      return next
    }
    return link.takeUnretainedValue()
  }

  /// The youngest record of a coroutine that has begun and not ended: the innermost that it is named by. O(n).
  func record(runBy task: TaskReference) -> RunningTask? {
    var link = last
    while let record = link?.takeUnretainedValue() {
      if record.task == task { return record }
      link = record.previous
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
    var link = first
    while let record = link?.takeUnretainedValue() {
      link = record.next
      body(record)
    }
  }
}
