import EventLoop
import Glibc
import Testing

@Suite struct ListenerTests {
  @Test func `the system's port is told, and a second listener on it is refused`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let listener = try await loop.listen(on: .loopback(), Echo())
      #expect(listener.address.port != 0)
      let error = await #expect(throws: EventLoopError.self) { try await loop.listen(on: listener.address, Echo()) }
      #expect(error?.code == EADDRINUSE)
      listener.close()
      listener.close()
    }
  }

  @Test func `a Unix socket's path is removed when its listener closes`() throws {
    try withSocketPath { path in
      try EventLoop.run {
        let loop = try #require(EventLoop.current)
        let listener = try await loop.listen(on: .unix(path: path), Echo())
        #expect(access(path, F_OK) == 0)
        listener.close()
        #expect(access(path, F_OK) != 0)
      }
    }
  }

  @Test func `what has taken a closed listener's path is left alone`() throws {
    try withSocketPath { path in
      try EventLoop.run {
        let loop = try #require(EventLoop.current)
        let listener = try await loop.listen(on: .unix(path: path), Echo())
        let taken = await #expect(throws: EventLoopError.self) { try await loop.listen(on: .unix(path: path), Echo()) }
        #expect(taken?.code == EADDRINUSE)
        #expect(listener.hasItsPath)
        unlink(path)
        #expect(!listener.hasItsPath)
        let successor = try await loop.listen(on: .unix(path: path), Echo())
        #expect(!listener.hasItsPath && successor.hasItsPath)
        listener.close()
        #expect(access(path, F_OK) == 0)
        successor.close()
        #expect(access(path, F_OK) != 0)
      }
    }
  }

  @Test func `connections are served at the same time, each in a coroutine of its own`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let gate = Gate(loop)
      let listener = try await loop.listen(
        on: .loopback(),
        Serving(body: { connection in
          await gate.pass()
          try await connection.write("done")
        }))
      let count = 50
      let clients = (0..<count).map { number in
        loop.startTask(name: "client \(number)") {
          try await loop.connect(to: listener.address, Using { text(try await $0.read(upTo: 9)) })
        }
      }
      while await gate.waitingCount < count { try await nextRounds() }
      #expect(listener.connectionCount == count)
      await gate.open()
      for client in clients { #expect(try await client.value == "done") }
      await listener.waitUntilServed()
      #expect(listener.connectionCount == 0)
      listener.close()
    }
  }

  @Test func `at its limit of connections a listener waits for one to end`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let most = Slot(0)
      let listening = Slot<Listener?>(nil)
      listening.value = try await loop.listen(
        on: .loopback(), connectionLimit: 3,
        Serving(body: { connection in
          most.value = max(most.value, listening.value!.connectionCount)
          _ = try await connection.read(upTo: 1)
          try await connection.write("x")
        }))
      let clients = (0..<10).map { number in
        loop.startTask(name: "client \(number)") {
          try await loop.connect(
            to: listening.value!.address,
            Using { connection in
              try await nextRounds(5)
              try await connection.write("?")
              return text(try await connection.read(upTo: 1))
            })
        }
      }
      for client in clients { #expect(try await client.value == "x") }
      #expect(most.value == 3)
      await listening.value?.closeAll()
      listening.value = nil
    }
  }

  @Test func `without free descriptors accepting pauses and goes on by itself`() throws {
    try withOwnDescriptors {
      try EventLoop.run(clock: .virtual) {
        let loop = try #require(EventLoop.current)
        let failures = Slot(0)
        let listener = try await loop.listen(
          on: .loopback(), Serving(body: Echo().serve, notAccepted: { failures.value += 1 }))
        var taken = takeAllDescriptors()
        // One is left for the client, none for the server.
        close(taken.removeLast())
        let connection = try await loop.connect(to: listener.address)
        try await nextRounds(3)
        #expect(listener.connectionCount == 0)
        #expect(listener.pauses > 0 && failures.value == listener.pauses)
        for descriptor in taken { close(descriptor) }
        try await connection.write("hello")
        #expect(text(try await connection.read(upTo: 9)) == "hello")
        connection.close()
        await listener.closeAll()
      }
    }
  }

  @Test func `who has got the last descriptor is no client that can't be accepted`() throws {
    try withOwnDescriptors {
      try EventLoop.run(clock: .virtual) {
        let loop = try #require(EventLoop.current)
        let failures = Slot(0)
        let listener = try await loop.listen(
          on: .loopback(), Serving(body: Echo().serve, notAccepted: { failures.value += 1 }))
        var taken = takeAllDescriptors()
        // One for the client, one for the server.
        for _ in 0..<2 { close(taken.removeLast()) }
        let connection = try await loop.connect(to: listener.address)
        try await connection.write("hello")
        #expect(text(try await connection.read(upTo: 9)) == "hello")
        try await nextRounds(3)
        #expect(listener.pauses == 0 && failures.value == 0)
        // The next one does wait.
        close(taken.removeLast())
        let second = try await loop.connect(to: listener.address)
        try await nextRounds(3)
        #expect(listener.pauses > 0 && failures.value == listener.pauses)
        for descriptor in taken { close(descriptor) }
        try await second.write("hello")
        #expect(text(try await second.read(upTo: 9)) == "hello")
        connection.close()
        second.close()
        await listener.closeAll()
      }
    }
  }

  @Test func `closing all cancels who serves, and nothing stays open`() throws {
    try withOwnDescriptors {
      let before = try openDescriptorCount()
      try EventLoop.run {
        let loop = try #require(EventLoop.current)
        let listener = try await loop.listen(on: .loopback(), Echo())
        let connections = [try await loop.connect(to: listener.address), try await loop.connect(to: listener.address)]
        while listener.connectionCount < 2 { try await nextRounds() }
        await listener.closeAll()
        #expect(listener.connectionCount == 0)
        for connection in connections {
          #expect(try await connection.read(upTo: 1).isEmpty)
          connection.close()
        }
      }
      #expect(try openDescriptorCount() == before)
    }
  }

  @Test func `several may wait for the end of what a listener serves`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let listener = try await loop.listen(on: .loopback(), Echo())
      let connection = try await loop.connect(to: listener.address)
      while listener.connectionCount < 1 { try await nextRounds() }
      let patient = loop.startTask(name: "patient") { await listener.waitUntilServed() }
      try await nextRounds(2)
      let closers = (0..<2).map { number in loop.startTask(name: "closer \(number)") { await listener.closeAll() } }
      try await patient.value
      for closer in closers { try await closer.value }
      #expect(listener.connectionCount == 0)
      connection.close()
    }
  }

  @Test func `a listener that cannot go on at once tries again`() throws {
    try withOwnDescriptors {
      try EventLoop.run(clock: .virtual) {
        let loop = try #require(EventLoop.current)
        // The lowest free number is given out next: the listener's.
        let descriptor = dup(0)
        close(descriptor)
        let listener = try await loop.listen(on: .loopback(), connectionLimit: 1, Echo())
        let first = try await loop.connect(to: listener.address)
        let second = try await loop.connect(to: listener.address)
        try await second.write("hello")
        while listener.connectionCount < 1 { try await nextRounds() }
        // A file, which cannot be watched, stands in the listener's place when the first connection ends.
        let kept = dup(descriptor)
        let file = open("/proc/self/exe", O_RDONLY)
        dup2(file, descriptor)
        first.close()
        while listener.connectionCount > 0 { try await nextRounds() }
        try await nextRounds(3)
        #expect(listener.connectionCount == 0)
        dup2(kept, descriptor)
        let answer = try await loop.withTimeout(.seconds(60)) { text(try await second.read(upTo: 9)) }
        #expect(answer == "hello")
        second.close()
        await listener.closeAll()
        close(file)
        close(kept)
      }
    }
  }

  @Test func `a listener that is dropped stops accepting, and what it serves goes on`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let listening = Slot<Listener?>(try await loop.listen(on: .loopback(), Echo()))
      let address = try #require(listening.value).address
      let connection = try await loop.connect(to: address)
      while listening.value?.connectionCount == 0 { try await nextRounds() }
      listening.value = nil
      let refused = await #expect(throws: EventLoopError.self) { try await loop.connect(to: address) }
      #expect(refused?.code == ECONNREFUSED)
      try await connection.write("hello")
      #expect(text(try await connection.read(upTo: 9)) == "hello")
      connection.close()
    }
  }

  @Test func `an error of a server is told to it, a cancellation is not`() throws {
    struct Broken: Error {}
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let errors = Slot<[any Error]>([])
      let calls = Slot(0)
      let serving = Serving(
        body: { connection in
          calls.value += 1
          if calls.value == 1 { throw Broken() }
          _ = try await connection.read(upTo: 1)
        }, failed: { errors.value.append($0) })
      let listener = try await loop.listen(on: .loopback(), serving)
      #expect(try await loop.connect(to: listener.address, Using { try await $0.read(upTo: 1).isEmpty }))
      let second = try await loop.connect(to: listener.address)
      while calls.value < 2 { try await nextRounds() }
      await listener.closeAll()
      second.close()
      #expect(errors.value.count == 1)
      #expect(errors.value.first is Broken)
    }
  }
}
