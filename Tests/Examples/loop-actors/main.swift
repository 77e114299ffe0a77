import EventLoop

/// Counts visits. Its state needs no lock: all that touches it runs on the loop's thread.
actor VisitCounter: LoopActor {
  nonisolated let loop: EventLoop
  private var counts: [String: Int] = [:]
  private var report: DelayedCall?

  init(loop: EventLoop) { self.loop = loop }

  /// Counts, and sees to it that a report follows when no visit came for a second.
  func count(_ page: String) {
    counts[page, default: 0] += 1
    report?.cancel()
    report = loop.callLater(.seconds(1)) {
      // The loop calls this on its thread, so the actor can be entered at once, without `await`.
      self.assumeIsolated { $0.printReport() }
    }
  }

  private func printReport() {
    for (page, count) in counts.sorted(by: { $0.key < $1.key }) { print("\(page): \(count)") }
    counts = [:]
  }
}

try EventLoop.run(clock: .virtual) {
  guard let loop = EventLoop.current else { return }
  let counter = VisitCounter(loop: loop)

  // From a coroutine: with `await`, as for every actor. It costs no thread switch.
  for page in ["/index", "/news", "/index"] {
    await counter.count(page)
    try await loop.sleep(for: .milliseconds(500))
  }

  // From a callback, where nothing can be awaited.
  loop.callSoon { counter.assumeIsolated { $0.count("/news") } }

  try await loop.sleep(for: .seconds(2))
}
