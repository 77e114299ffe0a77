import EventLoop

let loop = try EventLoop()
print("before a run there is a current loop: \(EventLoop.current != nil)")

// A run ends when its coroutine is done, and gives its result. Another run may follow.
let answer = try loop.runUntilComplete {
  print("inside it is the current one: \(EventLoop.current === loop)")
  return 6 * 7
}
print("the first run's result is \(answer)")

// A run inside a run would keep the outer one waiting: it is refused.
try loop.runUntilComplete {
  do {
    try loop.runUntilComplete {}
  } catch EventLoopError.alreadyRunning {
    print("no run inside a run")
  }
}

// `stop` ends the run, not its coroutine.
do {
  try loop.runUntilComplete {
    loop.stop()
    try await loop.sleep(for: .milliseconds(10))
    print("what was stopped goes on in the next run")
  }
} catch EventLoopError.stopped {
  print("stopped")
}
// So the loop can't be closed yet.
do { try loop.close() } catch { print(error) }
try loop.runUntilComplete { try await loop.sleep(for: .milliseconds(20)) }

// Each thread may run a loop of its own. They share nothing; here the threads are those of the first loop's pool.
try loop.runUntilComplete {
  let sums = try await withThrowingTaskGroup(of: Int.self) { group in
    for start in [0, 500] {
      group.addTask {
        try await loop.runInThread {
          try EventLoop.run {
            guard let own = EventLoop.current, own !== loop else { return -1 }
            try await own.sleep(for: .milliseconds(1))
            return (start..<start + 500).reduce(0, +)
          }
        }
      }
    }
    return try await group.reduce(0, +)
  }
  print("two more loops have added up to \(sums)")
}

try loop.close()
do { try loop.runUntilComplete {} } catch { print(error) }
