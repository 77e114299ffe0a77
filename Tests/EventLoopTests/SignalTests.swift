import EventLoop
import Glibc
import Testing

@Suite struct SignalTests {
  @Test func `signals come as elements, to every stream that asked for them`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let both = try loop.signals(SIGUSR1, SIGUSR2)
      let one = try loop.signals(SIGUSR2)
      // To this thread: no other test sees it.
      pthread_kill(pthread_self(), SIGUSR1)
      pthread_kill(pthread_self(), SIGUSR2)
      var seen: Set<Int32> = []
      for await number in both {
        seen.insert(number)
        if seen.count == 2 { break }
      }
      #expect(seen == [SIGUSR1, SIGUSR2])
      for await number in one {
        #expect(number == SIGUSR2)
        break
      }
    }
  }

  @Test func `a stream ends with its coroutine's cancellation, and the signal stays harmless until close`() throws {
    try withOwnDescriptors {
      var mask = sigset_t()
      sigemptyset(&mask)
      pthread_sigmask(SIG_SETMASK, &mask, nil)
      let loop = try EventLoop()
      try loop.runUntilComplete {
        let listener = loop.startTask(name: "listener") { () -> Int in
          var count = 0
          for await _ in try loop.signals(SIGUSR1) { count += 1 }
          return count
        }
        try await nextRounds()
        pthread_kill(pthread_self(), SIGUSR1)
        try await nextRounds(3)
        listener.cancel()
        #expect(try await listener.value == 1)
        try await nextRounds(2)
        // By default it would end the process.
        pthread_kill(pthread_self(), SIGUSR1)
        try await nextRounds(2)
      }
      try loop.close()
      pthread_sigmask(SIG_BLOCK, nil, &mask)
      #expect(sigismember(&mask, SIGUSR1) == 0)
    }
  }

  @Test func `what is no signal, or cannot be taken, is refused`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      for number in [0, -1, 32, 65, SIGKILL, SIGSTOP] {
        #expect(throws: EventLoopError.system(call: "signalfd", code: EINVAL)) { _ = try loop.signals(SIGUSR1, number) }
      }
    }
  }

  @Test func `close ends the streams`() throws {
    let loop = try EventLoop()
    let stream = Slot<AsyncStream<Int32>?>(nil)
    try loop.runUntilComplete { stream.value = try loop.signals(SIGUSR2) }
    try loop.close()
    let ended = stream.value!
    let isEmpty = try EventLoop.run { () -> Bool in
      for await _ in ended { return false }
      return true
    }
    #expect(isEmpty)
  }
}
