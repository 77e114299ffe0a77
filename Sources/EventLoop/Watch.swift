import CLinux
import Glibc

/// A descriptor that the loop watches. Belongs to the loop's thread.
///
/// It does not own the descriptor. Cancel it before the descriptor is closed; when the owner closes first, the watch
/// goes silent and a new watch on the same number takes its place.
public final class Watch {
  private enum State {
    /// The kernel reports events.
    case armed
    /// Nothing is wanted: the kernel does not know the descriptor now.
    case paused
    case cancelled
  }

  /// Who is told of what is ready.
  enum Target {
    /// When the turn comes. The place is what a slow call is reported by.
    case call(SourcePlace, (Readiness) -> Void)
    /// At once: it calls nobody, it only wakes its coroutines. It cancels the watch before it ends.
    case endpoint(Unmanaged<Endpoint>)
  }

  public let descriptor: Int32
  @exclusivity(unchecked) public private(set) var interest: Interest
  let token: UInt64
  fileprivate unowned(unsafe) let poller: Poller
  @exclusivity(unchecked) private var state: State
  private var target: Target?
  private unowned(unsafe) let loop: EventLoop

  init(
    descriptor: Int32, interest: Interest, token: UInt64, poller: Poller, loop: EventLoop, target: Target
  ) {
    self.descriptor = descriptor
    self.interest = interest
    self.token = token
    self.poller = poller
    self.loop = loop
    self.target = target
    state = interest.isActive ? .armed : .paused
  }

  var place: SourcePlace? {
    if case .call(let place, _) = target { place } else { nil }
  }

  var endpoint: Unmanaged<Endpoint>? {
    if case .endpoint(let endpoint) = target { endpoint } else { nil }
  }

  public var isCancelled: Bool {
    if case .cancelled = state { true } else { false }
  }

  /// Changes what is watched for; an empty interest pauses the watch. No system call when nothing changes.
  ///
  /// A descriptor that was closed and opened again meanwhile is registered anew. Without effect after `cancel`.
  ///
  /// - Throws: `EventLoopError.system` when the descriptor is closed (EBADF) or cannot be watched (EPERM: a file).
  public func modify(_ interest: Interest) throws(EventLoopError) {
    guard interest != self.interest, !isCancelled else { return }
    loop.assertConfined("Watch.modify")
    switch (state, interest.isActive) {
    case (.armed, true): try poller.modify(descriptor, events: interest.events, token: token)
    case (.armed, false): poller.remove(descriptor)
    case (.paused, true): try poller.add(descriptor, events: interest.events, token: token)
    case (.paused, false), (.cancelled, _): break
    }
    self.interest = interest
    state = interest.isActive ? .armed : .paused
  }

  /// Ends the watch: no event is delivered afterwards, not even one that was already collected. Harmless when repeated
  /// and when the descriptor is already closed.
  public func cancel() {
    guard !isCancelled else { return }
    loop.assertConfined("Watch.cancel")
    if case .armed = state { poller.remove(descriptor) }
    loop.watches.remove(self)
    abandon()
  }

  /// Delivers collected events, filtered by what is still wanted.
  func deliver(_ events: UInt32) {
    guard case .armed = state else { return }
    var readiness = Readiness(events: events)
    if !interest.contains(.readable) { readiness.remove(.readable) }
    if !interest.contains(.writable) { readiness.remove(.writable) }
    if !readiness.isEmpty, case .call(_, let onReady) = target { onReady(readiness) }
  }

  /// Silences a watch whose registration is gone: the loop closes, or a newer watch has its descriptor.
  func abandon() {
    state = .cancelled
    target = nil
  }
}

extension EventLoop {
  /// Calls `onReady` on the loop's thread whenever the descriptor is ready, until the watch is cancelled.
  ///
  /// Level-triggered unless the interest says otherwise: what is not taken is reported again in the next tick.
  /// Watch a descriptor once, for both directions. A second watch is refused; where the first one is paused, or only one of the
  /// two is preferred, it takes the first one's place instead, which goes silent.
  ///
  /// - Throws: `EventLoopError.alreadyWatched`; `.system` when the descriptor is closed (EBADF) or cannot be watched
  ///   (EPERM: a file); `.closed`.
  public func watch(
    _ descriptor: Int32, for interest: Interest, _ onReady: @escaping (Readiness) -> Void,
    file: StaticString = #fileID, line: UInt = #line
  ) throws(EventLoopError) -> Watch {
    try watch(descriptor, for: interest, .call(SourcePlace(file, line), onReady))
  }

  func watch(_ descriptor: Int32, for interest: Interest, _ target: Watch.Target) throws(EventLoopError) -> Watch {
    assertConfined("watch")
    if isClosed { throw .closed }
    guard descriptor >= 0 else { throw .system(call: "epoll_ctl", code: EBADF) }
    let token = watches.nextToken(for: descriptor)
    let poller = interest.contains(.preferred) ? try pollerOfPreferred : poller
    if interest.isActive {
      do {
        try poller.add(descriptor, events: interest.events, token: token)
      } catch {
        throw error.isAlreadyExists ? .alreadyWatched(descriptor: descriptor) : error
      }
    }
    let watch = Watch(
      descriptor: descriptor, interest: interest, token: token, poller: poller, loop: self, target: target)
    if let stale = watches.insert(watch) {
      // Where the other poller still has it, its events would come for ever.
      if stale.poller !== poller { stale.poller.remove(descriptor) }
      stale.abandon()
    }
    return watch
  }

  private var pollerOfPreferred: Poller {
    get throws(EventLoopError) {
      if let preferredPoller { return preferredPoller }
      let preferred = try Poller()
      try poller.add(preferred.descriptor, events: CLINUX_READABLE, token: Poller.preferredToken)
      preferredPoller = preferred
      return preferred
    }
  }
}
