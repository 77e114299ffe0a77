internal import EventLoop

/// A flag that one coroutine at a time waits for. It lives in the crawler's actor; see `Crawler.wait(for:)`.
final class Signal {
  /// What it tells, for the list of coroutines.
  let meaning: String
  fileprivate var isSet = false
  fileprivate var waiter: CheckedContinuation<Void, Never>?

  init(_ meaning: String) {
    self.meaning = meaning
  }

  /// Lets the waiting coroutine go on, or the next wait pass at once.
  func set() {
    isSet = true
    waiter?.resume()
    waiter = nil
  }
}

extension Crawler {
  /// Parks until the signal is set, and takes it. One coroutine at a time.
  func wait(for signal: Signal) async {
    await loop.waiting(for: signal.meaning) {
      while !signal.isSet {
        await withCheckedContinuation { continuation in
          if signal.isSet { return continuation.resume() }
          guard signal.waiter == nil else { fatalError("two coroutines wait for one signal") }
          signal.waiter = continuation
        }
      }
    }
    signal.isSet = false
  }
}
