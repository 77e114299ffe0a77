/// What a coroutine is parked with, as its row in the task table knows it. Belongs to the loop's thread.
class Wait: @unchecked Sendable {
  /// What the loop's own facilities wait for: plain numbers, made into words only when somebody asks.
  enum Reason {
    case sleep
    case readable(Int32)
    case writable(Int32)
    case turn
    case process(Int32)
    case connections
    case thread
  }

  let reason: Reason

  init(_ reason: Reason) {
    self.reason = reason
  }

  var description: String {
    switch reason {
    case .sleep: "a deadline"
    case .readable(let descriptor): "bytes to read on descriptor \(descriptor)"
    case .writable(let descriptor): "room to write on descriptor \(descriptor)"
    case .turn: "its turn, after others"
    case .process(let id): "process \(id) to end"
    case .connections: "connections to end"
    case .thread: "a thread"
    }
  }

  /// The coroutine was cancelled.
  func cancel() {}
}
