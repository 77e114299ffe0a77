/// What the loop's own facilities wait for: plain words of the machine, made into words only when somebody asks.
enum WaitReason {
  case nothing
  case sleep(until: EventLoop.Instant)
  case readable(Int32)
  case writable(Int32)
  /// The pool outlives its callers.
  case thread(Unmanaged<ThreadPool>)
  case process(Int32)
  case connections

  var description: String? {
    switch self {
    case .nothing: nil
    case .sleep(let deadline): "sleep until \(deadline)"
    case .readable(let descriptor): "bytes to read on descriptor \(descriptor)"
    case .writable(let descriptor): "room to write on descriptor \(descriptor)"
    case .thread(let pool): "thread pool \(pool._withUnsafeGuaranteedRef { $0.name })"
    case .process(let id): "process \(id) to end"
    case .connections: "connections to end"
    }
  }
}
