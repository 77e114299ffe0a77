package import EventLoop

/// Events on their way to one subscriber: a queue with a bound. What comes while it is full is dropped and counted, so
/// whoever posts never waits for whoever reads.
package actor ControlFeed<Event: Encodable & Sendable>: LoopActor {
  package nonisolated let loop: EventLoop
  private let capacity: Int
  private let notice: @Sendable (Int) -> Event
  private var events: [Event] = []
  /// Events that found the queue full since the last notice.
  private var dropped = 0
  private var isEnded = false
  private var reader: CheckedContinuation<Void, Never>?

  /// - Parameters:
  ///   - capacity: events that wait at most.
  ///   - dropped: makes the notice of so many dropped events.
  package init(loop: EventLoop, capacity: Int = 1_000, dropped: @escaping @Sendable (Int) -> Event) {
    self.loop = loop
    self.capacity = capacity
    notice = dropped
  }

  /// Queues an event, or drops it. On the loop's thread; O(1), never waits.
  package nonisolated func post(_ event: Event) {
    assumeIsolated { $0.take(event) }
  }

  private func take(_ event: Event) {
    guard !isEnded else { return }
    // Once one was dropped, nothing is queued before its notice: the notice stands where the gap is.
    if events.count < capacity, dropped == 0 {
      events.append(event)
    } else {
      dropped += 1
    }
    wakeReader()
  }

  /// The next events, the oldest first, at most `limit` and a notice; waits until there is one. Empty when the caller is
  /// cancelled. For one reader.
  package func next(limit: Int) async -> [Event] {
    while events.isEmpty, dropped == 0, !isEnded, !Task.isCancelled {
      await loop.waiting(for: "events") {
        await withTaskCancellationHandler {
          await withCheckedContinuation { continuation in
            if Task.isCancelled || isEnded { return continuation.resume() }
            guard reader == nil else { fatalError("two coroutines read one feed") }
            reader = continuation
          }
        } onCancel: {
          loop.callSoonThreadSafe { self.assumeIsolated { $0.wakeReader() } }
        }
      }
    }
    if Task.isCancelled || isEnded { return [] }
    var taken = Array(events.prefix(limit))
    events.removeFirst(taken.count)
    if events.isEmpty, dropped > 0 {
      taken.append(notice(dropped))
      dropped = 0
    }
    return taken
  }

  /// Ends the feed: its reader gets nothing more.
  package func end() {
    isEnded = true
    events.removeAll()
    wakeReader()
  }

  private func wakeReader() {
    reader?.resume()
    reader = nil
  }
}
