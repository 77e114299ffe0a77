import CLinux
import Glibc

/// What other threads hand to the loop, and the loop's life cycle: the only state that more than one thread touches.
///
/// The event descriptor is written only when the queue goes from empty to non-empty; it is watched edge-triggered, so
/// nobody has to read it.
final class ForeignQueue: @unchecked Sendable {
  enum Life {
    case idle
    case running
    case closed
  }

  let eventDescriptor: Int32
  private let lock = Lock()
  private var items: [ReadyItem] = []
  private var life = Life.idle
  private var count = 0

  init() throws(EventLoopError) {
    eventDescriptor = try EventLoopError.check("eventfd", clinux_eventfd())
  }

  deinit {
    close()
  }

  /// Appends from any thread. False when the loop is closed: the item is dropped then.
  func append(_ item: consuming ReadyItem) -> Bool {
    let item = item
    return lock.withLock {
      guard life != .closed else { return false }
      let wasEmpty = items.isEmpty
      items.append(item)
      count &+= 1
      if wasEmpty { _ = clinux_eventfd_signal(eventDescriptor) }
      return true
    }
  }

  /// Takes everything at once. On the loop's thread.
  func takeAll(into ready: ReadyQueue) {
    var taken: [ReadyItem] = []
    lock.withLock { swap(&taken, &items) }
    for item in taken { ready.append(item) }
  }

  var isEmpty: Bool { lock.withLock { items.isEmpty } }
  var isRunning: Bool { lock.withLock { life == .running } }
  var isClosed: Bool { lock.withLock { life == .closed } }
  /// How many items other threads have handed over so far.
  var accepted: Int { lock.withLock { count } }

  func beginRun() throws(EventLoopError) {
    try lock.withLock { () throws(EventLoopError) in
      switch life {
      case .idle: life = .running
      case .running: throw .alreadyRunning
      case .closed: throw .closed
      }
    }
  }

  func endRun() {
    lock.withLock { life = .idle }
  }

  /// Ends the life of the queue and gives its descriptor back; what is in it is dropped. False when it was closed before.
  @discardableResult
  func close() -> Bool {
    var dropped: [ReadyItem] = []
    return lock.withLock {
      guard life != .closed else { return false }
      life = .closed
      _ = Glibc.close(eventDescriptor)
      swap(&dropped, &items)
      return true
    }
  }
}
