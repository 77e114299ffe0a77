extension EventLoop {
  /// Calls `body` in the next round, after what is already ready. On the loop's thread. O(1).
  ///
  /// `file` and `line` are what a slow call is reported by.
  public func callSoon(_ body: @escaping () -> Void, file: StaticString = #fileID, line: UInt = #line) {
    assertConfined("callSoon")
    mustHold(!isClosed, "callSoon on a closed event loop")
    let item = ReadyItem.call(body, SourcePlace(file, line))
    // Before a run begins, all that is ready waits in one queue, in its order.
    if isIdle { _ = foreign.append(item) } else { ready.append(item) }
  }

  /// Calls `body` on the loop's thread as soon as possible. From any thread; wakes the loop when it sleeps.
  ///
  /// Calls of one thread are made in their order. After `close()` the call is dropped.
  public func callSoonThreadSafe(
    _ body: @escaping @Sendable () -> Void, file: StaticString = #fileID, line: UInt = #line
  ) {
    let item = ReadyItem.call(body, SourcePlace(file, line))
    if isCurrent {
      ready.append(item)
    } else {
      _ = foreign.append(item)
    }
  }

  /// Calls `body` when `delay` has passed since this tick began, or since this call while no run lasts; at once in the next
  /// round when it is not positive.
  ///
  /// Calls with the same deadline are made in the order of registration. O(log n).
  @discardableResult
  public func callLater(
    _ delay: Duration, _ body: @escaping () -> Void, file: StaticString = #fileID, line: UInt = #line
  ) -> DelayedCall {
    callAt(now + delay, body, file: file, line: line)
  }

  /// Calls `body` in the first tick at or after `deadline`.
  @discardableResult
  public func callAt(
    _ deadline: Instant, _ body: @escaping () -> Void, file: StaticString = #fileID, line: UInt = #line
  ) -> DelayedCall {
    assertConfined("callAt")
    mustHold(!isClosed, "callAt on a closed event loop")
    return timers.schedule(at: deadline.nanoseconds, loop: self, place: SourcePlace(file, line), body)
  }

  /// Calls `body` at the end of every tick, before the loop asks the kernel (and perhaps sleeps): the place to send
  /// what was gathered during the tick. What it makes ready runs before the loop sleeps.
  ///
  /// The hook lasts until its token is cancelled, not until the token is dropped.
  public func beforeSleep(
    _ body: @escaping () -> Void, file: StaticString = #fileID, line: UInt = #line
  ) -> HookToken {
    assertConfined("beforeSleep")
    mustHold(!isClosed, "beforeSleep on a closed event loop")
    let token = HookToken(loop: self, place: SourcePlace(file, line), body: body)
    hooks.append(token)
    return token
  }
}

/// A registered before-sleep hook. Belongs to the loop's thread.
public final class HookToken {
  private unowned(unsafe) let loop: EventLoop
  private(set) var body: (() -> Void)?
  let place: SourcePlace

  init(loop: EventLoop, place: SourcePlace, body: @escaping () -> Void) {
    self.loop = loop
    self.place = place
    self.body = body
  }

  /// Ends the hook; it is not called again. Harmless when repeated. O(number of hooks).
  public func cancel() {
    guard body != nil else { return }
    loop.assertConfined("HookToken.cancel")
    body = nil
    loop.hooks.removeAll { $0 === self }
  }

  func abandon() {
    body = nil
  }
}
