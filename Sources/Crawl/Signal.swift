/// A flag that one resident coroutine waits for. It lives in the crawler's actor; see `Crawler.wait(for:)`.
final class Signal {
  fileprivate var isSet = false
  fileprivate var waiter: CheckedContinuation<Void, Never>?

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
    while !signal.isSet {
      await withCheckedContinuation { continuation in
        if signal.isSet { return continuation.resume() }
        guard signal.waiter == nil else { fatalError("two coroutines wait for one signal") }
        signal.waiter = continuation
      }
    }
    signal.isSet = false
  }
}
