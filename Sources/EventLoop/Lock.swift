import Glibc

/// A pthread mutex. Unlike the standard library's, ThreadSanitizer sees it on Linux.
final class Lock: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  @inline(__always)
  func withLock<T, Failure: Error>(_ body: () throws(Failure) -> T) throws(Failure) -> T {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// Waits for `condition`; the lock is held before and after.
  func wait(for condition: Condition) {
    pthread_cond_wait(condition.pointer, mutex)
  }

  /// A pthread condition variable that belongs to one lock.
  final class Condition: @unchecked Sendable {
    fileprivate let pointer: UnsafeMutablePointer<pthread_cond_t>

    init() {
      pointer = .allocate(capacity: 1)
      pointer.initialize(to: pthread_cond_t())
      pthread_cond_init(pointer, nil)
    }

    deinit {
      pthread_cond_destroy(pointer)
      pointer.deallocate()
    }

    func signal() { pthread_cond_signal(pointer) }
    func broadcast() { pthread_cond_broadcast(pointer) }
  }
}
