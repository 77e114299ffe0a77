import EventLoop

/// Has its lines sorted by the program that it talks to.
struct Sorting: ProcessProtocol {
  let lines: [String]

  func run(_ process: ChildProcess) async throws -> [String] {
    for line in lines { try await process.pipe.write(line + "\n") }
    // The end of the input: without it the program would wait for more.
    try process.pipe.closeWrite()
    var sorted: [String] = []
    while let line = try await process.pipe.readLine(limit: 1_000) {
      sorted.append(String(decoding: line, as: UTF8.self))
    }
    return sorted
  }
}

/// Asks a program to end, and makes it end.
struct Ending: ProcessProtocol {
  func run(_ process: ChildProcess) async throws {
    // Its first line says that it ignores SIGTERM from now on.
    _ = try await process.pipe.readLine(limit: 80)
    // SIGTERM; and when the grace of the command has passed, SIGKILL.
    try await process.terminate()
  }
}

/// Says nothing. When `run` returns, the pipes are closed and the child's end is awaited.
struct Waiting: ProcessProtocol {
  func run(_ process: ChildProcess) async throws {}
}

try EventLoop.run {
  guard let loop = EventLoop.current else { return }

  var sort = Command("sort")
  sort.environment["LC_ALL"] = "C"
  let (sorted, status) = try await loop.spawn(sort, Sorting(lines: ["pear", "apple", "fig"]))
  print("\(sorted.joined(separator: " ")): \(status)")

  // How a program ended is a value, not an error.
  let (_, failed) = try await loop.spawn(Command("sh", ["-c", "exit 3"]), Waiting())
  print(failed)

  var stubborn = Command("sh", ["-c", "trap '' TERM; echo ready; exec sleep 1000"])
  stubborn.grace = .milliseconds(10)
  let (_, killed) = try await loop.spawn(stubborn, Ending())
  print(killed)

  do {
    _ = try await loop.spawn(Command("no-such-program"), Waiting())
  } catch EventLoopError.programNotFound(let name) {
    print("there is no \(name)")
  }
}
