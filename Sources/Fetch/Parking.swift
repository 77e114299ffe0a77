import EventLoop

/// A place where one coroutine waits for one event. Confined to the loop's thread, hence `@unchecked`.
///
/// The event may come before the coroutine; it is resumed exactly once. Park below an actor method only.
final class Parking: @unchecked Sendable {
  enum Wake {
    case happened
    case cancelled
  }

  private enum State {
    case idle
    case parked(UnsafeContinuation<Void, Never>)
    case woken(Wake)
  }

  private var state = State.idle

  /// nil while nothing has happened.
  var wake: Wake? {
    if case .woken(let wake) = state { wake } else { nil }
  }

  func park(_ continuation: UnsafeContinuation<Void, Never>) {
    switch state {
    case .idle: state = .parked(continuation)
    case .woken: continuation.resume()
    case .parked: fatalError("two coroutines wait in one place")
    }
  }

  /// Without effect after the first call.
  func wake(_ wake: Wake) {
    switch state {
    case .idle:
      state = .woken(wake)
    case .parked(let continuation):
      state = .woken(wake)
      continuation.resume()
    case .woken: break
    }
  }
}

/// Coroutines that wait for a place, first in, first out. Confined to the loop's thread.
final class ParkingQueue {
  private var elements: [Parking] = []
  private var start = 0

  func append(_ parking: Parking) { elements.append(parking) }

  /// Wakes the first that still waits; false when there is none. Amortised O(1).
  func wakeFirst(_ wake: Parking.Wake = .happened) -> Bool {
    while start < elements.count {
      let parking = elements[start]
      start += 1
      if start > 64, start * 2 > elements.count {
        elements.removeFirst(start)
        start = 0
      }
      if parking.wake == nil {
        parking.wake(wake)
        return true
      }
    }
    elements = []
    start = 0
    return false
  }

  func wakeAll(_ wake: Parking.Wake) {
    while wakeFirst(wake) {}
  }
}
