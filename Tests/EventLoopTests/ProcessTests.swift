import EventLoop
import Glibc
import Testing

/// Runs a closure with a child process.
struct Talking<Output>: ProcessProtocol {
  let body: (ChildProcess) async throws -> Output

  func run(_ process: ChildProcess) async throws -> Output { try await body(process) }
}

extension Connection {
  /// Everything up to the end of the stream.
  func readAll() async throws -> String {
    var bytes: [UInt8] = []
    while true {
      let more = try await read(upTo: 4_096)
      if more.isEmpty { return String(decoding: bytes, as: UTF8.self) }
      bytes += more
    }
  }
}

@Suite struct ProcessTests {
  /// What a shell command writes, and how it ends.
  static func shell(_ script: String, _ change: @escaping @Sendable (inout Command) -> Void = { _ in }) throws
    -> (output: String, status: EventLoop.ExitStatus)
  {
    let (output, status) = try EventLoop.run {
      let loop = try #require(EventLoop.current)
      var command = Command("/bin/sh", ["-c", script])
      change(&command)
      return try await loop.spawn(command, Talking { try await $0.pipe.readAll() })
    }
    return (output, status)
  }

  @Test func `a program answers over its pipes until its input ends`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let (answer, status) = try await loop.spawn(
        Command("cat"),
        Talking { process -> [String?] in
          #expect(process.exitStatus == nil)
          try await process.pipe.write("one\n")
          let first = text(try await process.pipe.readLine(limit: 99))
          try await process.pipe.write("two")
          try process.pipe.closeWrite()
          return [first, try await process.pipe.readAll()]
        })
      #expect(answer == ["one", "two"])
      #expect(status == .exited(code: 0))
      #expect(status.isSuccess)
    }
  }

  @Test func `megabytes go through both pipes at once`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let total = 3 << 20
      let (count, status) = try await loop.spawn(
        Command("cat"),
        Talking { process -> Int in
          let pipe = process.pipe
          let writer = loop.startTask(name: "writer") {
            try await pipe.write([UInt8](repeating: 65, count: total))
            try pipe.closeWrite()
          }
          let count = try await pipe.readAll().utf8.count
          try await writer.value
          return count
        })
      #expect(count == total)
      #expect(status.isSuccess)
    }
  }

  @Test func `exit codes and signals are told apart`() throws {
    #expect(try Self.shell("exit 7").status == .exited(code: 7))
    #expect(try Self.shell("kill -KILL $$").status == .signalled(number: SIGKILL, dumpedCore: false))
    #expect(EventLoop.ExitStatus.exited(code: 7).description == "exit status 7")
    #expect(EventLoop.ExitStatus.signalled(number: 9, dumpedCore: false).description == "ended by signal 9")
    #expect(!ExitStatus.exited(code: 7).isSuccess)
  }

  @Test func `directory, arguments and environment are as the command says`() throws {
    let script = "pwd; echo \"$ONE $TWO\"; echo \"${HOME-none}\""
    let result = try Self.shell(script) {
      $0.directory = "/"
      $0.environment = ["ONE": "1", "TWO": "a b"]
      $0.inheritsEnvironment = false
    }
    #expect(result.output == "/\n1 a b\nnone\n")
    let inherited = try Self.shell("echo \"$PATH\"; echo \"$PATH_EXTRA\"") { $0.environment = ["PATH_EXTRA": "x"] }
    #expect(inherited.output == "\(String(cString: getenv("PATH")))\nx\n")
  }

  /// In a process of its own, whose environment nobody reads meanwhile.
  @Test func `an inherited variable keeps its bytes, whatever they are`() async {
    await #expect(processExitsWith: .success) {
      setenv("RAW", [CChar(bitPattern: 0xFF), CChar(bitPattern: 0xC0), 0x41, 0], 1)
      setenv("REPLACED", "before", 1)
      let (output, _) = try ProcessTests.shell("printf %s \"$RAW\" | od -An -tx1; echo \"$REPLACED\"") {
        $0.environment = ["REPLACED": "after"]
      }
      demand(output == " ff c0 41\nafter\n", output)
    }
  }

  @Test func `who has waited for a child in vain is forgotten`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      _ = try await loop.spawn(
        Command("sleep", ["1000"]),
        Talking { process in
          #expect(try await Rows().heldAfterCancelling(loop) { _ = try await process.waitForExit() } <= 130)
          try await process.terminate()
        })
    }
  }

  /// In a process of its own: what it does with SIGCHLD concerns all of it.
  @Test(arguments: [false, true]) func `a process that has inherited an ignored SIGCHLD knows its children's ends`(
    endsWithParent: Bool
  ) async {
    await #expect(processExitsWith: .success) { [endsWithParent] in
      signal(SIGCHLD, SIG_IGN)
      let (output, status) = try ProcessTests.shell("echo said; exit 7") { $0.endsWithParent = endsWithParent }
      demand(output == "said\n" && status == .exited(code: 7), "\(status)")
    }
  }

  @Test func `standard error is a stream of its own, and null is nothing`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      var command = Command("/bin/sh", ["-c", "cat; echo out; echo err >&2"])
      command.standardInput = .null
      command.standardError = .pipe
      let (both, _) = try await loop.spawn(
        command,
        Talking { process -> [String] in
          let standardError = try #require(process.standardError)
          await #expect(throws: EventLoopError.connectionClosed) { try await process.pipe.write("x") }
          return [try await process.pipe.readAll(), try await standardError.readAll()]
        })
      #expect(both == ["out\n", "err\n"])
    }
  }

  @Test func `a child has no descriptor but its three, no blocked and no ignored signal`() throws {
    let loop = try EventLoop()
    let (output, _) = try loop.runUntilComplete {
      _ = try loop.signals(SIGTERM)
      return try await loop.spawn(
        Command("/bin/sh", ["-c", "ls /proc/$$/fd; exec grep -E 'Sig(Blk|Ign)' /proc/self/status"]),
        Talking { try await $0.pipe.readAll() })
    }
    try loop.close()
    let lines = output.split(separator: "\n")
    #expect(lines.filter { $0.allSatisfy(\.isNumber) } == ["0", "1", "2"])
    let masks = lines.filter { $0.hasPrefix("Sig") }.compactMap { UInt64($0.suffix(16), radix: 16) }
    // The C library keeps 32 and 33 for itself.
    #expect(masks.map { $0 & ~(3 << 31) } == [0, 0])
  }

  @Test func `a program that does not exist, or a directory, is said by name`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      await #expect(throws: EventLoopError.programNotFound("no-such-program")) {
        try await loop.spawn(Command("no-such-program"), Talking { _ in })
      }
      var command = Command("cat")
      command.directory = "/no/such/directory"
      await #expect(throws: EventLoopError.system(call: "chdir to /no/such/directory", code: ENOENT)) {
        try await loop.spawn(command, Talking { _ in })
      }
      await #expect(throws: EventLoopError.system(call: "posix_spawn", code: EINVAL)) {
        try await loop.spawn(Command("cat", ["a\0b"]), Talking { _ in })
      }
      #expect(EventLoopError.programNotFound("x").description == "the program x was not found")
    }
  }

  @Test func `a child whose protocol fails or is cancelled is ended by SIGTERM`() throws {
    struct Broken: Error {}
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let child = Slot<ChildProcess?>(nil)
      await #expect(throws: Broken.self) {
        _ = try await loop.spawn(
          Command("sleep", ["1000"]),
          Talking { process in
            child.value = process
            throw Broken()
          })
      }
      #expect(child.value?.exitStatus == .signalled(number: SIGTERM, dumpedCore: false))
      let task = loop.startTask(name: "spawner") {
        _ = try await loop.spawn(
          Command("sleep", ["1000"]),
          Talking { process in
            child.value = process
            _ = try await process.waitForExit()
          })
      }
      while child.value?.exitStatus != nil { try await nextRounds() }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(child.value?.exitStatus == .signalled(number: SIGTERM, dumpedCore: false))
      child.value = nil
    }
  }

  @Test func `a child that ignores SIGTERM is killed after its grace`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      var command = Command("/bin/sh", ["-c", "trap '' TERM; echo ready; exec sleep 1000"])
      command.grace = .milliseconds(5)
      command.ownsGroup = true
      let (status, _) = try await loop.spawn(
        command,
        Talking { process in
          #expect(text(try await process.pipe.readLine(limit: 99)) == "ready")
          return try await process.terminate()
        })
      #expect(status == .signalled(number: SIGKILL, dumpedCore: false))
    }
  }

  @Test(arguments: [false, true])
  func `pipes that end with the child end although others hold them`(isReadBefore: Bool) throws {
    try withSocketPath { path in
      let fifo = path + ".fifo"
      try #require(mkfifo(fifo, 0o600) == 0)
      let opened = open(fifo, O_RDWR)
      defer {
        // What the child has left behind finds its end.
        close(opened)
        unlink(fifo)
      }
      let script = "exec 3<&0; { echo up; exec cat \(fifo) <&3; } & read -r line; echo got $line; exit 3"
      try EventLoop.run {
        let loop = try #require(EventLoop.current)
        var command = Command("/bin/sh", ["-c", script])
        command.pipeEndsWithProcess = true
        let (rest, status) = try await loop.spawn(
          command,
          Talking { process in
            #expect(text(try await process.pipe.readLine(limit: 99)) == "up")
            try await process.pipe.write("it\n")
            // Before the end is known, or after it.
            if !isReadBefore { _ = try await process.waitForExit() }
            let rest = try await loop.withTimeout(.seconds(60)) { try await process.pipe.readAll() }
            await #expect(throws: EventLoopError.connectionClosed) { try await process.pipe.write("x") }
            return rest
          })
        #expect(rest == "got it\n")
        #expect(status == .exited(code: 3))
      }
    }
  }

  @Test func `a child that ends with its parent starts as any other`() throws {
    let script = "ps -o pgid= -p $$ | tr -d ' '; echo $$; pwd; ls /proc/self/fd | wc -l; trap; cat; exit 3"
    let (output, status) = try Self.shell(script) { command in
      command.endsWithParent = true
      command.ownsGroup = true
      command.directory = "/usr"
      command.standardInput = .null
    }
    let lines = output.split(separator: "\n")
    #expect(lines.count == 4 && lines[0] == lines[1] && lines[2] == "/usr" && lines[3] == "4", "\(lines)")
    #expect(status == .exited(code: 3))
    // ThreadSanitizer makes a fork of a vfork, whose parent learns nothing of what went wrong.
    if dlsym(nil, "__tsan_init") != nil { return }
    var missing = Command("/nowhere/program")
    missing.endsWithParent = true
    try EventLoop.run { [missing] in
      let loop = try #require(EventLoop.current)
      await #expect(throws: EventLoopError.programNotFound("/nowhere/program")) {
        try await loop.spawn(missing, Talking { _ in })
      }
    }
  }

  @Test func `a signal reaches the child, and none is sent after its end`() throws {
    try EventLoop.run {
      let loop = try #require(EventLoop.current)
      let (process, status) = try await loop.spawn(
        Command("/bin/sh", ["-c", "trap 'echo caught; exit 3' USR1; echo ready; while :; do sleep 0.01; done"]),
        Talking { process in
          #expect(text(try await process.pipe.readLine(limit: 99)) == "ready")
          try process.send(signal: SIGUSR1)
          #expect(text(try await process.pipe.readLine(limit: 99)) == "caught")
          return process
        })
      #expect(status == .exited(code: 3))
      try process.send(signal: SIGKILL)
      #expect(try await process.waitForExit() == .exited(code: 3))
    }
  }

  @Test func `children leave no descriptor and no zombie behind`() throws {
    try withOwnDescriptors {
      let before = try openDescriptorCount()
      let ids = try EventLoop.run { () -> [Int32] in
        let loop = try #require(EventLoop.current)
        return try await withThrowingTaskGroup(of: Int32.self) { group in
          for _ in 0..<10 {
            group.addTask { try await loop.spawn(Command("true"), Talking { $0.id }).0 }
          }
          return try await group.reduce(into: []) { $0.append($1) }
        }
      }
      #expect(try openDescriptorCount() == before)
      for id in ids { #expect(access("/proc/\(id)", F_OK) != 0) }
    }
  }
}
