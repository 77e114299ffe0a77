import EventLoop
import Glibc
import Testing

@Suite struct WatchTests {
  @Test func `a readable descriptor is reported until it is read`() throws {
    let counts = try EventLoop.run { () -> [Int] in
      let loop = try #require(EventLoop.current)
      let pipe = try Pipe()
      defer { pipe.closeBoth() }
      let count = Slot(0)
      let watch = try loop.watch(pipe.reading, for: .readable) { readiness in
        #expect(readiness == .readable)
        count.value += 1
        if count.value == 3 { _ = pipe.take() }
      }
      try await nextRounds(3)
      var counts = [count.value]
      pipe.put()
      try await nextRounds(9)
      counts.append(count.value)
      pipe.put()
      watch.cancel()
      try await nextRounds(3)
      counts.append(count.value)
      return counts
    }
    #expect(counts == [0, 3, 3])
  }

  /// More is ready than ten ticks take. What is preferred is reported in the tick after it became ready, and what another
  /// thread has handed over comes as soon; who is not waits for its turn.
  @Test(arguments: [true, false]) func `preferred descriptors come first`(isPreferred: Bool) throws {
    let count = try EventLoop.run { () -> Int in
      let loop = try #require(EventLoop.current)
      let many = try (0..<640).map { _ in try Pipe() }
      let steering = try Pipe()
      defer { for pipe in many + [steering] { pipe.closeBoth() } }
      let reported = Slot(0)
      let before = Slot(Int?.none)
      let called = Slot(Int?.none)
      let watches = try many.map { pipe in
        try loop.watch(pipe.reading, for: .readable) { _ in
          _ = pipe.take()
          reported.value += 1
        }
      }
      let last = try loop.watch(steering.reading, for: isPreferred ? [.readable, .preferred] : .readable) { _ in
        _ = steering.take()
        before.value = reported.value
      }
      for pipe in many { pipe.put() }
      steering.put()
      try OwnThread { loop.callSoonThreadSafe { called.value = reported.value } }.join()
      while reported.value < many.count { try await nextRounds(1) }
      for watch in watches + [last] { watch.cancel() }
      #expect(try #require(called.value) <= 192)
      return try #require(before.value)
    }
    #expect(isPreferred ? count <= 128 : count >= 576)
  }

  @Test func `a preferred watch takes the place of another on its descriptor`() throws {
    let trace = Trace()
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let pipe = try Pipe()
      defer { pipe.closeBoth() }
      let first = try loop.watch(pipe.reading, for: .readable) { _ in trace.note("first") }
      let second = try loop.watch(pipe.reading, for: [.readable, .preferred]) { _ in
        _ = pipe.take()
        trace.note("second")
      }
      pipe.put()
      try await nextRounds(5)
      #expect(first.isCancelled)
      second.cancel()
    }
    #expect(trace.lines == ["second"])
  }

  @Test func `an edge-triggered watch reports each change once`() throws {
    let counts = try EventLoop.run { () -> [Int] in
      let loop = try #require(EventLoop.current)
      let pipe = try Pipe()
      defer { pipe.closeBoth() }
      let count = Slot(0)
      let watch = try loop.watch(pipe.reading, for: [.readable, .edgeTriggered]) { _ in count.value += 1 }
      pipe.put()
      try await nextRounds(5)
      var counts = [count.value]
      pipe.put()
      try await nextRounds(5)
      counts.append(count.value)
      watch.cancel()
      return counts
    }
    #expect(counts == [1, 2])
  }

  @Test func `modify changes what is reported, and an empty interest pauses`() throws {
    let trace = Trace()
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      var ends: [Int32] = [0, 0]
      try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
      defer { for end in ends { close(end) } }
      let watch = try loop.watch(ends[0], for: .writable) { trace.note("\($0 == .writable) \($0 == .readable)") }
      try await nextRounds(2)
      #expect(trace.lines.allSatisfy { $0 == "true false" } && !trace.lines.isEmpty)
      trace.lines = []
      try watch.modify([])
      _ = write(ends[1], "x", 1)
      try await nextRounds(3)
      #expect(trace.lines == [])
      try watch.modify(.readable)
      #expect(watch.interest == .readable)
      try await nextRounds(2)
      #expect(trace.lines.allSatisfy { $0 == "false true" } && !trace.lines.isEmpty)
      watch.cancel()
      try watch.modify(.writable)
      #expect(watch.isCancelled)
    }
  }

  @Test func `hang-up and error are reported without being asked for`() throws {
    let seen = try EventLoop.run { () -> [Readiness] in
      let loop = try #require(EventLoop.current)
      let first = try Pipe()
      let second = try Pipe()
      let seen = Slot<[Readiness]>([])
      close(first.writing)
      close(second.reading)
      let watches = Slot<[Watch]>([])
      for descriptor in [first.reading, second.writing] {
        let index = watches.value.count
        watches.value.append(
          try loop.watch(descriptor, for: index == 0 ? .readable : .writable) {
            seen.value.append($0)
            watches.value[index].cancel()
          })
      }
      while seen.value.count < 2 { try await nextRounds() }
      close(first.reading)
      close(second.writing)
      watches.value = []
      return seen.value
    }
    #expect(seen.contains(.hangUp))
    #expect(seen.contains { $0.contains(.error) })
  }

  @Test func `an event that was collected before a cancel is dropped, also when the number is used again`() throws {
    let trace = Trace()
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let pipes = [try Pipe(), try Pipe()]
      let watches = Slot<[Watch]>([])
      // Whichever of the two is delivered first replaces the other one's descriptor by a silent one.
      for index in 0..<2 {
        watches.value.append(
          try loop.watch(pipes[index].reading, for: .readable) { _ in
            trace.note("event")
            let other = pipes[1 - index].reading
            watches.value[1 - index].cancel()
            watches.value[index].cancel()
            let fresh = try? Pipe()
            guard let fresh else { return trace.note("no pipe") }
            dup2(fresh.reading, other)
            let replacement = try? loop.watch(other, for: .readable) { _ in trace.note("stale event") }
            watches.value.append(contentsOf: replacement.map { [$0] } ?? [])
            if replacement == nil { trace.note("no watch") }
            fresh.closeBoth()
          })
      }
      for pipe in pipes { pipe.put() }
      // The writing end of the replacement is closed, so hang-up comes; it is real and must be the only one.
      try await nextRounds()
      for watch in watches.value { watch.cancel() }
      watches.value = []
      for pipe in pipes { pipe.closeBoth() }
    }
    #expect(trace.lines.first == "event")
    #expect(trace.lines.count == 1)
  }

  @Test func `a descriptor may be closed before its watch is cancelled, and its number watched anew`() throws {
    let trace = Trace()
    try withOwnDescriptors {
      try EventLoop.run {
        let loop = try #require(EventLoop.current)
        let old = try Pipe()
        let oldWatch = try loop.watch(old.reading, for: .readable) { _ in trace.note("old") }
        close(old.reading)
        // The lowest free number is given out again.
        let new = try Pipe()
        #expect(new.reading == old.reading)
        let newWatch = try loop.watch(new.reading, for: .readable) { _ in
          trace.note("new")
          _ = new.take()
        }
        #expect(oldWatch.isCancelled)
        oldWatch.cancel()
        new.put()
        try await nextRounds(3)
        #expect(trace.lines == ["new"])
        newWatch.cancel()
        // Closed first: EBADF and ENOENT are normal on the way out.
        let last = try loop.watch(new.reading, for: .readable) { _ in }
        new.closeBoth()
        last.cancel()
        close(old.writing)
      }
    }
  }

  @Test func `modify registers a descriptor that was reopened behind the loop's back`() throws {
    let trace = Trace()
    try withOwnDescriptors {
      try EventLoop.run {
        let loop = try #require(EventLoop.current)
        let old = try Pipe()
        let watch = try loop.watch(old.reading, for: .readable) { trace.note("\($0.rawValue)") }
        close(old.reading)
        let new = try Pipe()
        try #require(new.reading == old.reading)
        new.put()
        try watch.modify([.readable, .edgeTriggered])
        try await nextRounds(3)
        watch.cancel()
        #expect(throws: EventLoopError.system(call: "epoll_ctl", code: EBADF)) {
          let gone = try loop.watch(old.writing, for: .writable) { _ in }
          close(old.writing)
          try gone.modify(.readable)
        }
        new.closeBoth()
      }
    }
    #expect(trace.lines == ["1"])
  }

  @Test func `what cannot be watched is an error with its reason`() throws {
    try withOwnDescriptors {
      try EventLoop.run {
        let loop = try #require(EventLoop.current)
        let pipe = try Pipe()
        defer { pipe.closeBoth() }
        let watch = try loop.watch(pipe.reading, for: .readable) { _ in }
        #expect(throws: EventLoopError.alreadyWatched(descriptor: pipe.reading)) {
          _ = try loop.watch(pipe.reading, for: .readable) { _ in }
        }
        watch.cancel()
        #expect(throws: EventLoopError.system(call: "epoll_ctl", code: EBADF)) {
          _ = try loop.watch(-1, for: .readable) { _ in }
        }
        let file = open("/proc/self/exe", O_RDONLY)
        defer { close(file) }
        let error = #expect(throws: EventLoopError.self) { _ = try loop.watch(file, for: .readable) { _ in } }
        #expect(error?.code == EPERM)
        #expect(error?.description == "epoll_ctl failed: Operation not permitted")
      }
    }
  }
}
