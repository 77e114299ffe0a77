import EventLoop
import Glibc
import Testing

/// What children do that their parents would rather they did not.
@Suite struct ProcessFaultTests {
  @Test func `a child that closes its pipes and lives on is still a child`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      var command = Command("/bin/sh", ["-c", "exec <&- >&- 2>&-; exec sleep 1000"])
      command.standardError = .pipe
      let (wasAlive, status) = try await loop.spawn(
        command,
        Talking { process -> Bool in
          #expect(try await process.pipe.readAll() == "")
          #expect(try await process.standardError?.readAll() == "")
          let wasAlive = process.exitStatus == nil
          try process.send(signal: SIGTERM)
          return wasAlive
        })
      #expect(wasAlive)
      #expect(status == .signalled(number: SIGTERM, dumpedCore: false))
    }
  }

  @Test func `a gigabyte goes through in pieces`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let total = 1 << 30
      let (count, status) = try await loop.spawn(
        Command("head", ["-c", "\(total)", "/dev/zero"]),
        Talking { process -> Int in
          var count = 0
          while true {
            let bytes = try await process.pipe.read(upTo: 65_536)
            if bytes.isEmpty { return count }
            #expect(bytes.count <= 65_536)
            count += bytes.count
          }
        })
      #expect(count == total)
      #expect(status.isSuccess)
    }
  }

  @Test func `a child that never reads holds its writer up, not the loop, and both can be ended`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let child = Slot<ChildProcess?>(nil)
      let writer = loop.startTask(name: "writer") {
        _ = try await loop.spawn(
          Command("sleep", ["1000"]),
          Talking { process in
            child.value = process
            try await process.pipe.write([UInt8](repeating: 0, count: 1 << 20))
          })
      }
      func isStuck() -> Bool {
        loop.snapshotTasks().contains { $0.waitingFor?.hasPrefix("room to write") == true }
      }
      while !isStuck() { try await nextRounds() }
      writer.cancel()
      await #expect(throws: CancellationError.self) { try await writer.value }
      #expect(child.value?.exitStatus == .signalled(number: SIGTERM, dumpedCore: false))
      child.value = nil
    }
  }

  @Test func `a writer whose child dies is told, and the child's status is known`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let (_, status) = try await loop.spawn(
        Command("/bin/sh", ["-c", "exit 9"]),
        Talking { process in
          await #expect(throws: EventLoopError.system(call: "write", code: EPIPE)) {
            try await process.pipe.write([UInt8](repeating: 0, count: 1 << 20))
          }
        })
      #expect(status == .exited(code: 9))
    }
  }

  @Test func `a child that is dead before anybody talks to it has an empty output and a status`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let (output, status) = try await loop.spawn(
        Command("/bin/sh", ["-c", "exit 3"]),
        Talking { process -> String in
          while process.exitStatus == nil { try await nextRounds() }
          return try await process.pipe.readAll()
        })
      #expect(output == "")
      #expect(status == .exited(code: 3))
    }
  }

  @Test func `two hundred children at once each get their own answer back`() throws {
    try withOwnDescriptors {
      let before = try openDescriptorCount()
      try EventLoop.run {
        let loop = try #require(EventLoop.current)
        @Sendable func ask(_ number: Int) async throws -> Bool {
          let (answer, status) = try await loop.spawn(
            Command("cat"),
            Talking { process -> String in
              try await process.pipe.write("number \(number)")
              try process.pipe.closeWrite()
              return try await process.pipe.readAll()
            })
          return answer == "number \(number)" && status.isSuccess
        }
        let right = try await withThrowingTaskGroup(of: Bool.self) { group in
          for number in 0..<200 { group.addTask { try await ask(number) } }
          return try await group.reduce(into: 0) { count, isRight in count += isRight ? 1 : 0 }
        }
        #expect(right == 200)
      }
      #expect(try openDescriptorCount() == before)
    }
  }

  @Test func `when the leader of a group ends, what it has left behind ends too`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      var command = Command("/bin/sh", ["-c", "sleep 1000 & echo started"])
      command.ownsGroup = true
      let (output, status) = try await loop.spawn(
        command,
        Talking { process -> String in
          // The sleeper holds the pipe: its end is the sleeper's end.
          try await process.pipe.readAll()
        })
      #expect(output == "started\n")
      #expect(status.isSuccess)
    }
  }
}
